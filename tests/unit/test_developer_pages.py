"""What README.md and DEVELOPERS.md point to is there: a guarantee whose module or test has moved is told of in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
_NAMED = re.compile(r"`([^`]+)`")
_TEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


def _named(page: str) -> Iterator[str]:
    """What stands as code in the page's tables, but for commands and places under a home (``store/<table>``)."""
    for line in (ROOT / page).read_text("utf-8").splitlines():
        if line.startswith("|"):
            yield from (name for name in _NAMED.findall(line) if not {" ", "<"} & set(name))


@pytest.mark.parametrize(("page", "least"), [("DEVELOPERS.md", 40), ("README.md", 7)])
def test_every_path_of_the_tables_is_there(page: str, least: int) -> None:
    """From the root of the project, whole."""
    paths = [name for name in _named(page) if not name.startswith("test_")]
    assert len(paths) >= least
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_test_of_the_tables_is_there() -> None:
    """By its name, in one of the test files."""
    there = {name for file in (ROOT / "tests").rglob("test_*.py") for name in _TEST.findall(file.read_text("utf-8"))}
    named = {name for name in _named("DEVELOPERS.md") if name.startswith("test_")}
    assert named
    assert named - there == set()
