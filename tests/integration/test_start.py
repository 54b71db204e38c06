"""What each command imports is listed here: a library that creeps in is seen before it is felt.

How long a command takes to start is ``bench_start``'s to print.

Every command of the program has its line, and the commands run on a county as small as can be.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup

from avbrott.cli import program
from avbrott.contract_folder import SETTING
from avbrott.home import Home
from avbrott.registry import Contracts
from tests import export_case, receipt_case
from tests.sending_case import Case
from tests.servers.hub import HubServer
from tests.tabular_case import TableCase

pytestmark = pytest.mark.xdist_group("start")

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "tests" / "fixtures" / "delivery"

HEAVY = {
    "argon2", "authlib", "boto3", "cryptography", "dagster", "dagster_dask", "dask", "distributed", "duckdb", "fsspec",
    "great_expectations", "highspy", "hypothesis", "jinja2", "matplotlib", "numpy", "openpyxl", "pandas", "pandera",
    "paramiko", "plotly", "polars", "prometheus_client", "pyarrow", "pydantic", "pyrage", "pyspark", "requests", "scipy",
    "sqlalchemy", "sqlglot", "starlette", "uvicorn",
}  # fmt: skip
"""Libraries whose import is felt, or that not every install has."""

_CHECKS = {"numpy", "polars", "pydantic"}
_KEYS = {*_CHECKS, "cryptography"}
_SEALS = {*_KEYS, "pyrage"}
_FORMS = {*_CHECKS, "openpyxl"}
_ROWS = {*_CHECKS, "duckdb", "pyarrow"}
_ACCOUNTS = {*_CHECKS, "argon2"}
_SETTINGS = {*_ROWS, *_SEALS, "argon2", "jinja2", "plotly", "requests"}
"""What looks through all that a hub is set up by imports."""
_RUNS = {
    *_SETTINGS, "dagster", "fsspec", "highspy", "pandas", "pandera", "scipy", "openpyxl", "sqlalchemy", "hypothesis",
}  # fmt: skip
"""What Dagster and Pandera bring is among it; Pandera imports the last where it is installed."""

IMPORTS: dict[str, set[str]] = {
    "--help": set(),
    "--version": {"pydantic"},
    "check": _CHECKS,
    "check of a workbook": _FORMS,
    "synth": _CHECKS,
    "contracts docs": _CHECKS,
    "contracts export": _CHECKS,
    "contracts diff": _CHECKS,
    "contracts template": _FORMS,
    "contracts questionnaire": _FORMS,
    "contracts answers": _FORMS,
    "keys new": _CHECKS,
    "keys show": _CHECKS,
    "keys signing": _KEYS,
    "keys hub": _SEALS,
    "keys rotate": _CHECKS,
    "keys bridge": _CHECKS,
    "keys store": _KEYS,
    "keys pseudonyms": _CHECKS,
    "prepare": _CHECKS,
    "deliver": _SEALS,
    "receipts": _SEALS,
    "protect": {*_CHECKS, "highspy", "scipy"},
    "run": _RUNS,
    "release": _RUNS,
    "audit": {*_FORMS, "highspy", "scipy"},
    "publish": _FORMS,
    "site": _SETTINGS,
    "retain": _SETTINGS,
    "erase": _SETTINGS,
    "init": {*_ROWS, *_SEALS, "highspy", "scipy"},
    "health": {*_SETTINGS, "prometheus_client"},
    "serve": {*_SETTINGS, "authlib", "highspy", "scipy", "starlette", "uvicorn"},
    "users add": _SETTINGS,
    "users list": _ACCOUNTS,
    "users password": _SETTINGS,
    "users disable": _ACCOUNTS,
    "users sessions": _SETTINGS,
    "log verify": _ACCOUNTS,
}
"""What each command may import of ``HEAVY``; what is new here has its time measured first."""

DEFINITIONS = {*_ROWS, "dagster", "highspy", "jinja2", "plotly", "requests", "scipy"}
"""What loading Dagster's definitions may import."""

TEXT_CHECK = {
    "annotated_doc", "annotated_types", "avbrott", "cython_runtime", "markdown_it", "mdurl", "numpy", "pipelines", "polars",
    "pydantic", "pydantic_core", "pygments", "rich", "shellingham", "typer", "typing_extensions", "typing_inspection", "yaml",
}  # fmt: skip
"""All that a check of a text file imports besides Python itself; what is new here has its time measured first."""

MARK = "\n@imported"
START = f"""
import sys
from avbrott.cli import main
try:
    main()
finally:
    print({MARK!r}, *sorted({{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)))
"""


def imported(*arguments: object, codes: tuple[int, ...] = (0, 1)) -> set[str]:
    """What a command imports in its own process, besides Python's own."""
    command = [sys.executable, "-c", START, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, input="korrekt häst batteri\n")
    assert done.returncode in codes, done.stdout + done.stderr
    return told(done.stdout)


def told(output: str) -> set[str]:
    """What a process says at its end that it has imported."""
    return set(output.rpartition(MARK)[2].split())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts, few: Contracts) -> dict[str, set[str]]:
    """What each line of ``IMPORTS`` imports, run in their order: what one makes the next ones use."""
    folder = tmp_path_factory.mktemp("start")
    home = ("--home", folder / "home")
    provider, table, hub = Case(folder / "provider", contracts), TableCase(folder / "table"), Home(folder / "hub")
    provider.prepare()
    place = receipt_case.deliver(hub, receipt_case.ACCEPTED)
    receipt_case.receive(hub, contracts)
    (folder / "place").mkdir()
    old, new, bridge = folder / "2025.key", folder / "2026.key", folder / "bridge.csv"
    export = ("--export", export_case.export(folder / "export.csv"), "--term", "HT2025")
    delivery = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025")
    typed: dict[str, tuple[object, ...]] = {
        "check": (FIXTURES / "clean.csv", "--contract", "enrolments"),
        "check of a workbook": (FIXTURES / "workbook.xlsx", "--contract", "enrolments"),
        "synth": ("--pupils", 60, "--years", 1, "--flaws", "none", *home),
        "contracts docs": ("--out", folder / "docs"),
        "contracts export": ("--out", folder / "odcs"),
        "contracts diff": (ROOT / "contracts", ROOT / "contracts"),
        "contracts template": ("enrolments", "--out", folder / "enrolments.xlsx"),
        "contracts questionnaire": ("--out", folder / "questions.xlsx"),
        "contracts answers": (folder / "questions.xlsx",),
        "keys new": (old, "--epoch", "2025"),
        "keys rotate": (old, new, "--epoch", "2026"),
        "keys bridge": (old, new, *export, "--out", bridge),
        "keys show": (new,),
        "keys pseudonyms": (old, *export, "--out", folder / "erased.csv"),
        "keys signing": (folder / "signing.key", "--provider", "2480"),
        "keys hub": home,
        "prepare": (folder / "export.csv", *delivery, "--key", old, "--out", folder / "prepared"),
        "deliver": (provider.prepared, *provider.options),
        "receipts": ("--from", place, "--hub", hub.hub_public, "--provider", receipt_case.PROVIDER),
        "protect": (table.source, "--spec", table.spec, "--out", table.out),
        "run": home,
        "keys store": home,
        "release": home,
        "publish": ("--to", folder / "place", *home),
        "audit": ("current", *home),
        "site": ("current", *home, "--out", folder / "site"),
        "retain": ("--date", "2030-01-01", "--dry-run", *home),
        "erase": (folder / "erased.csv", "--dry-run", *home),
        "health": ("--date", "2030-01-01", *home),
        "users add": ("anna", "--role", "analyst", *home),
        "users list": home,
        "users sessions": home,
        "users password": ("anna", "--yes", *home),
        "users disable": ("anna", "--yes", *home),
        "log verify": home,
        "init": (folder / "started",),
        "--help": (),
        "--version": (),
    }
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SETTING, str(few.folder))
        for name, arguments in typed.items():
            codes = (2,) if name == "contracts answers" else (0, 1)  # nobody has answered yet
            found[name] = imported(*name.partition(" of ")[0].split(), *arguments, codes=codes)
        server = HubServer(folder / "home", start=START)
        server.start()
        found["serve"] = told(server.stop()[1])
    return found


@pytest.mark.parametrize("name", IMPORTS)
def test_a_command_imports_what_its_line_lists(found: dict[str, set[str]], name: str) -> None:
    """And nothing else that is felt."""
    assert found[name] & HEAVY <= IMPORTS[name]


def test_every_command_has_a_line() -> None:
    """A new command says what it imports; ``demo`` is what ``synth`` and ``run`` do."""
    names = set()
    for name, command in program().commands.items():
        names |= {f"{name} {within}" for within in command.commands} if isinstance(command, TyperGroup) else {name}
    assert names - {"demo"} == {name for name in IMPORTS if " of " not in name and not name.startswith("--")}


def test_what_a_check_imports_is_known() -> None:
    """Every library of it, heavy or not: the command that every data owner runs."""
    found = imported("check", FIXTURES / "missing_value.csv", "--contract", "enrolments")
    assert {name for name in found if not name.startswith("_")} <= TEXT_CHECK


def test_the_definitions_import_no_more_than_a_run() -> None:
    """Dagster loads them in each of its processes; what draws, watches and solves is imported by the step that does."""
    script = f"import sys, pipelines.definitions\nprint({MARK!r}, *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told(done.stdout) & HEAVY <= DEFINITIONS
