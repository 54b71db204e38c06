"""What ``make bench`` prints of pages: a line for each under its head, and a page of charts is measured to its last one."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.benchmarks.bench_pages import HEAD, waits

pytestmark = pytest.mark.xdist_group("browser")


def test_pages_are_measured_beside_an_empty_one(browser: Browser, contracts, tmp_path: Path):
    """The script alone first; the tool of trends has a time of its own for a choice."""
    floor, trends, coverage = waits(browser, "county", contracts, tmp_path, ("trender", "leveranser"))
    assert floor.page == "floor"
    assert floor.weight < 1000 < trends.weight
    assert floor.redraw is None is coverage.redraw
    assert trends.redraw > 0
    for one in (trends, coverage):
        assert 0 < one.first <= one.every
        assert len(str(one)) == len(HEAD) <= 100
