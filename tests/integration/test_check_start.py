"""``avbrott check`` on a small file answers at once: what it imports is listed here, and nothing slow is among it.

How long it takes is ``bench_check``'s to print.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"
SLOW = {
    "pandas", "pandera", "dagster", "great_expectations", "plotly", "duckdb", "pyarrow", "scipy", "jinja2", "matplotlib",
    "hypothesis", "sqlalchemy", "cryptography",
}  # fmt: skip
"""Libraries that no check needs, whatever is installed."""
EXPECTED = {
    "annotated_doc", "annotated_types", "avbrott", "cython_runtime", "markdown_it", "mdurl", "numpy", "pipelines", "polars",
    "pydantic", "pydantic_core", "pygments", "rich", "shellingham", "typer", "typing_extensions", "typing_inspection", "yaml",
}  # fmt: skip
"""All that a check of a text file imports besides Python itself; what is new here has its time measured first."""


def imported(*arguments: object) -> set[str]:
    """What a check imports besides Python's own."""
    script = (
        "import sys\nfrom avbrott.cli import main\ntry:\n    main()\n"
        "finally:\n    own = sys.stdlib_module_names\n"
        "    print('\\n@', *sorted({n.partition('.')[0] for n in sys.modules} - set(own)))"
    )
    command = [sys.executable, "-c", script, "check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return set(done.stdout.rpartition("@")[2].split())


@pytest.mark.parametrize("name", ["clean.csv", "name_in_sex.csv", "utf_16.csv", "workbook.xlsx"])
def test_a_check_imports_nothing_slow(name: str) -> None:
    """Neither where the file is clean, nor where rules are broken or much is assumed."""
    assert not imported(FIXTURES / name, "--contract", "enrolments", "--term", "HT2012", "--provider", "2480") & SLOW


def test_what_a_check_imports_is_known() -> None:
    """A library that creeps in is seen here, before it is felt."""
    found = imported(FIXTURES / "missing_value.csv", "--contract", "enrolments")
    assert {name for name in found if not name.startswith("_")} <= EXPECTED
