"""Any SPEC and any code that can be protected is: nothing ends with a proof that the checker refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from avbrott.errors import BadInput
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase

PLACES = {"u": ("coast", "large"), "v": ("coast", "small"), "w": ("inland", "large"), "x": ("inland", "small")}
TERMS = {"p": "P", "q": "P", "r": "Q", "t": "Q"}
DIMENSIONS = {"place": [["area", "place"], ["kind", "place"]], "term": [["year", "term"]]}


def counts() -> pl.DataFrame:
    """Places in areas and, by another hierarchy, of kinds; terms in years."""
    found = [
        (*over, place, year, term, 7 * (4 * at + n) % 13)
        for at, (place, over) in enumerate(PLACES.items())
        for n, (term, year) in enumerate(TERMS.items(), start=1)
    ]
    return pl.DataFrame(found, schema=["area", "kind", "place", "year", "term", "freq"], orient="row")


def holds(case: TableCase, **keys: Any) -> bool:
    """Whether the output can be made, and its audit has no fault."""
    case.write_spec(**{"dimensions": DIMENSIONS, **keys})
    case.protect()
    return audit_output(read_output(case.out)).faults == ()


@pytest.mark.parametrize(
    "tables",
    [
        [{"place": ["area"], "term": ["year"]}, {"place": ["kind"], "term": ["term"]}],
        [{"place": ["area"]}, {"place": ["kind"], "term": ["term"]}],
        [{"place": ["area"], "term": ["year"]}, {"place": ["kind"], "term": ["term"]}, {"place": ["area"], "term": ["term"]}],
        [{"place": ["area", "kind"], "term": ["year"]}, {"place": ["kind"], "term": ["term"]}],
    ],
)
def test_hierarchies_that_meet_at_a_total_alone_are_joined(tmp_path, tables):
    """Two tables by levels of two hierarchies have the totals of the other dimension in common, whatever its levels."""
    assert holds(TableCase(tmp_path, counts()), tables=tables)


def test_hierarchies_of_what_was_known_or_published_before_are_joined(tmp_path):
    """One hierarchy in the tables of now, the other in a file under ``known`` or in an earlier output."""
    case = TableCase(tmp_path, counts())
    large = counts().filter(pl.col("kind") == "large")["freq"].sum()
    (tmp_path / "known.csv").write_text(f"place,count\nlarge,{large}\n", "utf-8")
    assert holds(case, tables=[{"place": ["area"]}], known=["known.csv"])
    case.out = tmp_path / "second"
    assert holds(case, tables=[{"place": ["kind"], "term": ["year"]}], previous=["out"])


@pytest.mark.parametrize("keys", [{"windows": {"year": 2}}, {"dimensions": {"year": [["half", "year"]]}}, {}])
def test_a_complement_of_which_everybody_is_a_part(tmp_path, keys):
    """One code alone holds anybody: it, its total, the window over it and the group that it is in are the same persons."""
    rows = [("k0", "h", "1", "p", 0), ("k1", "h", "2", "q", 12), ("k1", "h", "2", "p", 9), ("k2", "h", "2", "q", 14)]
    frame = pl.DataFrame(rows, schema=["place", "half", "year", "sex", "freq"], orient="row")
    dimensions = {"place": [["place"]], "year": [["year"]], **keys.get("dimensions", {}), "sex": [["sex"]]}
    case = TableCase(tmp_path, frame)
    assert holds(case, **{**keys, "dimensions": dimensions, "policy": {"complement": ["year"]}})


@pytest.mark.parametrize(
    "code", ["\\0", "\\1", "\\\\0", "Total\\v", "a,b", 'a"b', "a;b", "a\nb", "..", "-", "null", "{x}", "*"]
)
def test_any_code_can_be_used(tmp_path, code):
    """Also one that looks like what stands for codes that no table shows; its hidden cells have public witnesses too."""
    numbers = iter([3, 7, 20, 9, 4, 11, 30, 1, 8])
    rows = [(place, f"{place}'", term, next(numbers)) for place in (code, "v", "w") for term in (code, "q", "r")]
    case = TableCase(tmp_path, pl.DataFrame(rows, schema=["area", "place", "term", "freq"], orient="row"))
    dimensions = {"place": [["area", "place"]], "term": [["term"]]}
    assert holds(case, dimensions=dimensions, tables=[{"place": ["area"], "term": "all"}])
    public = case.public()
    assert {code, "Total"} <= set(public["place"])
    assert audit_output(read_output(case.out)).two_values == public.filter(pl.col("hidden") == "true").height > 0


def test_a_table_of_more_crossings_than_can_be_counted_is_refused(tmp_path: Path) -> None:
    """Thirty dimensions have a thousand million, which no memory holds."""
    columns = [f"c{place}" for place in range(30)]
    frame = pl.DataFrame({column: [f"{column}a", f"{column}b"] for column in columns} | {"freq": [20, 30]})
    case = TableCase(tmp_path, frame, dimensions={column: [[column]] for column in columns})
    with pytest.raises(BadInput, match="TABLE_TOO_WIDE") as raised:
        case.protect()
    assert raised.value.parameters["crossings"] == str(2**30)
    case.write_spec(
        dimensions={column: [[column]] for column in columns}, tables=[{"c0": "all", "c1": "all"}, {"c29": "all"}]
    )
    case.protect()
