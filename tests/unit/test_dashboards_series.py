"""Series that a reader's tool loads: just what the tables say, in a form that the search for leaks reads."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from avbrott.release.leaks import leak_faults
from dashboards.layout import load_layout
from dashboards.released import read_release
from dashboards.series import SHARE_UNITS, table_series
from dashboards.site import build_site
from tests.mini_release import write_mini_release


@pytest.fixture(scope="module")
def folder(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    build_site(folder, contracts, folder / "site")
    return folder


def told(series, at: int, persons: str = "") -> tuple[str | None, str]:
    """Value and status of the year at ``at``, as the tool reads them."""
    value = series["value"][at] if series["value"] else None
    status = series.get("status", {})
    said = status if isinstance(status, str) else status.get(str(at))
    return value, "shown" if value is not None else said or persons or "not_applicable"


def test_series_say_just_what_the_tables_say(contracts, folder):
    """Every cell of every table of the tool is found again, value and status; no series says more."""
    released = read_release(folder)
    explored = [one for page in load_layout(contracts.folder).pages for one in page.explorer]
    assert len(explored) > 10
    for name in {name for one in explored for name in (one.table, one.pooled) if name}:
        table = released.tables[name]
        parts = table_series(table)
        cells = 0
        for key, cell in table.cells.items():
            *codes, measure = (code for at, code in enumerate(key) if at != table.dimensions.index("school_year"))
            part = parts[codes[0]]
            series = part["series"].get(",".join(codes))
            at = part["years"].index(key[table.dimensions.index("school_year")])
            persons = told(series["persons"], at) if series else (None, "not_applicable")
            found = persons if measure == "persons" else told(series["share"], at, persons[1]) if series else persons
            units = SHARE_UNITS if measure == "share" else 1
            assert found == (None if cell.value is None else int(Decimal(cell.value) * units), cell.status), key
            cells += 1
        values = sum(
            sum(value is not None for value in one["value"] or ())
            for part in parts.values() for series in part["series"].values() for one in series.values()
        )  # fmt: skip
        assert cells == len(table.cells)
        assert values == sum(cell.value is not None for cell in table.cells.values())


def test_a_leak_in_a_series_is_found(folder, tmp_path):
    """The files are in the form that the release's own search reads: a value beside its reason is a fault."""
    site = folder / "site" / "data"
    assert [fault for fault in leak_faults(folder) if "series" in fault.where] == []
    (tmp_path / "data").mkdir()
    file = next(one for one in sorted(site.glob("series-*.js")) if '"status":{' in one.read_text("utf-8"))
    head, _, body = file.read_text("utf-8").partition(" = ")
    content = json.loads(body.removesuffix(";\n"))
    one = next(
        part for series in content["series"].values() for part in series.values() if isinstance(part.get("status"), dict)
    )
    one["value"][int(next(iter(one["status"])))] = 3
    (tmp_path / "data" / file.name).write_text(f"{head} = {json.dumps(content)};\n", "utf-8")
    assert [(fault.code, fault.count) for fault in leak_faults(tmp_path)] == [("VALUE_NOT_EMPTY", 1)]


def test_what_the_tool_begins_with_is_in_its_tables(contracts):
    """Each line that is drawn to begin with is of codes that the contracts have, and pooled tables are windows only."""
    for page in load_layout(contracts.folder).pages:
        for one in page.explorer:
            dimensions = {use.dimension for use in contracts.published[one.table].dimensions}
            for at in one.begin:
                assert at.keys() < dimensions, one.table
                for dimension, code in at.items():
                    known = {found.code for found in contracts.glossary.codes(contracts.dimensions[dimension].term)}
                    assert code in known, (one.table, code)
            if one.pooled:
                windows = {use.dimension: use.windows for use in contracts.published[one.pooled].dimensions}
                assert windows["school_year"] == "only"


def test_a_piece_of_the_tools_data_is_small(folder):
    """What is loaded for one line is at most 40 kB, so that a page stays light however many codes a release has."""
    sizes = [file.stat().st_size for file in (folder / "site" / "data").glob("series-*.js")]
    assert len(sizes) > 50
    assert max(sizes) <= 40_000
