"""What all tests share: the contracts, and the folder of real and benchmark data where it is there."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from avbrott.registry import Contracts, load_contracts

ROOT = Path(__file__).parent.parent
COUNTED = "promise: "
"""A property of a test that starts with this is a number of cases; those of all tests are added up and printed."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases of the promise had each feature, however the tests were shared out."""
    counted: Counter[str] = Counter()
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        if report.when == "call":
            counted.update({name: number for name, number in report.user_properties if name.startswith(COUNTED)})
    if counted:
        terminalreporter.section("cases of the promise, beside brute force")
        for name, number in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
            terminalreporter.write_line(f"{number:7}  {name.removeprefix(COUNTED)}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a module that make something once for all of them run in one process: in two it would be made twice."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("xdist_group") is None:
            made = [fixtures[-1] for fixtures in item._fixtureinfo.name2fixturedefs.values()]
            if any(one.scope == "module" for one in made):
                item.add_marker(pytest.mark.xdist_group(item.module.__name__))


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The packaged contracts."""
    return load_contracts()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real and benchmark data: the setting AVBROTT_SHARED_DATA, else ``../shared/data``; skips where there is none."""
    folder = Path(os.environ.get("AVBROTT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no benchmark data at {folder}; set AVBROTT_SHARED_DATA")
    return folder
