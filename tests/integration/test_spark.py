"""Spark counts what DuckDB counts, to the last row: one process with two threads, on Java 17."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest.vault import vault_of
from avbrott.counting import spark
from avbrott.counting.base import count_base
from avbrott.counting.cells import count_cells
from avbrott.counting.engine import engine_named
from avbrott.counting.from_contracts import count_system
from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.errors import BadInput
from avbrott.home import Home
from tests import stored
from tests.histories import History
from tests.servers.ensure import found_java, must_be_there

pytestmark = [
    pytest.mark.xdist_group("spark"),
    # PySpark leaves sockets to its Java process to the collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

AREAS = {"half": ["N", "N", "S"], "kind": ["K1", "K2", "K1"], "area": ["a", "it's", 'c\\ "d"']}
YEARS = ["2012/13", "2013/14", "2014/15"]
SPEC = SystemSpec(
    "small",
    {
        "year": Dimension("year", pl.DataFrame({"year": YEARS}), (("year",),), total=False, window=2),
        "area": Dimension("area", pl.DataFrame(AREAS), (("half", "area"), ("kind", "area"))),
        "cause": Dimension("cause", pl.DataFrame({"cause": ["x", "y"]}), (("cause",),)),
    },
    (
        Table("by_area", {"year": ("year",), "area": ("half", "kind", "area")}, windows=frozenset({"year"})),
        Table("by_cause", {"year": ("year",), "cause": ("cause",)}, where={"area": "it's"}),
    ),
)


@pytest.fixture(scope="module", autouse=True)
def on_java() -> None:
    """Skips where there is no Java, and fails under CI."""
    must_be_there(found_java(), "Java")


def test_spark_counts_any_cells_as_duckdb_does(tmp_path: Path) -> None:
    """Levels, windows, a part of the whole, what was kept, nulls, quotes and backslashes in codes."""
    lots = random.Random(7)  # noqa: S311  a table to test with
    rows = [(lots.choice(YEARS), lots.choice(AREAS["area"]), lots.choice(["x", "y", None])) for _ in range(200)]
    home = Home(tmp_path)
    source = home.linked("rows")
    stored.put_rows(home, source, pl.DataFrame(rows, schema=dict.fromkeys(SPEC.dimensions, pl.String), orient="row"))
    dimensions = {name: name for name in SPEC.dimensions}
    base = count_base(vault_of(home), source, dimensions)
    assert count_base(vault_of(home), source, dimensions, engine="spark").equals(base)
    kept = {"by_cause": pl.DataFrame({"year": ["2012/13"], "area": ["it's"], "cause": ["x"], "count": [5]})}
    cells = count_cells(base, SPEC, kept)
    assert count_cells(base, SPEC, kept, "spark").equals(cells)
    assert cells["count"].sum() > len(rows)


def test_spark_counts_a_county_as_duckdb_does(tmp_path: Path) -> None:
    """The files of the store have the same content, whichever engine counted."""
    history = History(last="HT2016")
    for person in range(40):
        end = f"2013-0{1 + person % 5}-15" if person % 3 else None
        history.enrol(f"p{person}", "2480" if person % 2 else "2482", "NA", "2012-08-20", end)
        if end:
            history.event(f"p{person}", "2480" if person % 2 else "2482", "AVB", end, cause="ARBETE")
    home, _ = history.link(tmp_path)
    written = []
    for engine in ("duckdb", "spark"):
        spec, cells = count_system(home, history.contracts, "pupils", engine_named(engine))
        folder = home.counted("pupils")
        written.append((stored.content(home, folder / "base.parquet"), (folder / "cells.parquet").read_bytes()))
        assert cells["count"].sum() > 40, spec.name
    assert written[0] == written[1]


def test_a_damaged_linked_table_is_named(tmp_path: Path) -> None:
    """As it is where DuckDB counts."""
    home = Home(tmp_path)
    source = home.linked("rows")
    stored.put_rows(home, source, pl.DataFrame({"place": ["x"]}))
    source.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(BadInput, match=r"STORE_FILE_DAMAGED \(file=.*rows"):
        count_base(vault_of(home), source, {"area": "place"}, engine="spark")


def test_without_java_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And how to install it; so is another engine than there are."""
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BadInput, match="SPARK_NEEDS_JAVA"):
        spark._started.__wrapped__()
    with pytest.raises(BadInput, match="ENGINE_UNKNOWN"):
        engine_named("daft")


def test_without_its_extra_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries that are missing are named."""
    monkeypatch.setattr(spark, "find_spec", lambda name: None if name == "pyspark" else name)
    with pytest.raises(BadInput, match=r"SPARK_NOT_INSTALLED \(missing=pyspark"):
        spark.spark_engine()
