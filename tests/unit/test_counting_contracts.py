"""From contracts to specs and cells: levels, horizons, windows, and what is listed and what is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from avbrott.at_rest.vault import vault_of
from avbrott.counting.base import count_base
from avbrott.counting.cells import count_cells
from avbrott.counting.from_contracts import count_system, system_spec
from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure.system import build_system
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from tests import stored
from tests.histories import History

PUPILS = ("school_year", "home_municipality", "sex", "programme", "outcome", "origin", "cause", "leaving_month",
          "return_time", "completion", "leaving_time", "absence_band", "school")  # fmt: skip


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Contracts, SystemSpec, pl.DataFrame]:
    """Two pupils over four school years: one drops out and returns, one stays."""
    history = History(last="HT2016")
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-04-01")
    history.event("p", "2480", "AVB", "2013-04-01", cause="ARBETE")
    history.enrol("q", "2482", "BA", "2012-08-20", home="2482", sex="Man")
    home, _ = history.link(tmp_path_factory.mktemp("counted"))
    spec, cells = count_system(home, history.contracts, "pupils")
    return home, history.contracts, spec, cells


def cell(cells: pl.DataFrame, **codes: str) -> int | None:
    """The count of one cell; None where it is not listed."""
    wanted = {name: codes.get(name, TOTAL) for name in PUPILS}
    found = cells.filter(pl.all_horizontal(pl.col(name) == code for name, code in wanted.items()))
    return found["count"].item() if found.height else None


def test_cells_hold_counts_zeros_and_groups(counted: tuple[Home, Contracts, SystemSpec, pl.DataFrame]) -> None:
    """A municipality, its group, the county, and a municipality without anybody are all listed."""
    _, _, _, cells = counted
    assert cell(cells, school_year="2012/13") == 2
    assert cell(cells, school_year="2012/13", outcome="dropout") == 1
    assert cell(cells, school_year="2012/13", home_municipality="grp_umea", outcome="dropout") == 1
    assert cell(cells, school_year="2012/13", home_municipality="2480", sex="Kvinna", outcome="dropout") == 1
    assert cell(cells, school_year="2012/13", home_municipality="2425", outcome="dropout") == 0
    assert cell(cells, school_year="2012/13", cause="ARBETE", outcome="dropout") == 1
    assert cell(cells, school_year="2012/13", cause="FEL_VAL", outcome="dropout") == 0


def test_a_cell_outside_where_is_not_listed(counted: tuple[Home, Contracts, SystemSpec, pl.DataFrame]) -> None:
    """A cause is only that of a dropout."""
    _, _, _, cells = counted
    assert cell(cells, school_year="2012/13", cause="ARBETE") is None
    assert cell(cells, school_year="2012/13", cause="ARBETE", outcome="stayed") is None


def test_codes_before_their_horizon_are_not_listed(counted: tuple[Home, Contracts, SystemSpec, pl.DataFrame]) -> None:
    """With data to October 2016 the entrants of 2012 are known for four years, those of 2014 for none."""
    _, _, _, cells = counted
    by_year = {
        year: {
            code
            for code in ("within_3", "not_3", "unknown_3", "year_4", "not_4", "unknown_4", "year_5", "unknown_5")
            if cell(cells, school_year=year, origin="entrant", completion=code) is not None
        }
        for year in ("2012/13", "2013/14", "2014/15")
    }
    assert by_year == {
        "2012/13": {"within_3", "not_3", "year_4", "not_4", "unknown_5"},
        "2013/14": {"within_3", "not_3", "unknown_4"},
        "2014/15": {"unknown_3"},
    }


def test_windows_add_up_three_school_years(counted: tuple[Home, Contracts, SystemSpec, pl.DataFrame]) -> None:
    """A window is the sum of its years, in the tables that are pooled and in no other."""
    _, _, _, cells = counted
    assert cell(cells, school_year="2012/13..2014/15") == 4
    assert cell(cells, school_year="2012/13..2014/15", outcome="dropout") == 1
    assert cell(cells, school_year="2012/13..2014/15", home_municipality="2482", outcome="no_dropout") == 3
    assert cell(cells, school_year="2012/13..2014/15", sex="Man") is None


def test_coordinates_stand_once_with_their_tables(counted: tuple[Home, Contracts, SystemSpec, pl.DataFrame]) -> None:
    """A cell that several tables show is one row that names them."""
    home, _, spec, cells = counted
    assert cells.select(PUPILS).is_duplicated().sum() == 0
    shared = cells.filter(pl.all_horizontal(pl.col(n) == TOTAL for n in PUPILS[1:]), school_year="2012/13")
    assert "transitions" in shared["tables"].item().to_list()
    assert "dropouts_by_programme" in shared["tables"].item().to_list()
    assert cells.columns == [*PUPILS, "count", "tables"]
    assert cells.equals(pl.read_parquet(home.counted("pupils") / "cells.parquet"))
    assert {"completion": frozenset({"unknown_3", "unknown_4", "unknown_5"})} in spec.unpublished


def test_a_missing_school_year_makes_no_window(contracts: Contracts) -> None:
    """2012/13 to 2015/16 without 2013/14 is not three years in a row."""
    years = ["2012/13", "2014/15", "2015/16", "2016/17"]
    base = pl.DataFrame(
        [{**dict.fromkeys(PUPILS, None), "school_year": year, "count": 1} for year in years],
        schema={**dict.fromkeys(PUPILS, pl.String), "count": pl.Int64},
    )
    spec = system_spec(contracts, "pupils", base)
    assert list(spec.dimensions["school_year"].windows()) == ["2014/15..2016/17"]


def test_replaced_codes_are_no_members(counted: tuple[Home, Contracts, SystemSpec, pl.DataFrame]) -> None:
    """HA counts as FS and IMPRE as IMV; a code without a finer division stands for itself below."""
    _, _, spec, _ = counted
    programmes = spec.dimensions["programme"].members
    assert not {"HA", "IMPRE"} & set(programmes["programme"])
    assert spec.dimensions["outcome"].members.filter(outcome="stayed").row(0) == ("no_dropout", "stayed", "stayed")
    within_3 = spec.dimensions["completion"].members.filter(completion_5="within_3")
    assert within_3.select("completion_3", "completion_4").row(0) == ("within_3", "within_3")


DIPLOMAS = {"2015-06-12": 3, "2016-06-12": 2, "2017-06-12": 1}
"""Of six entrants of 2012, how many have a diploma in the third, fourth and fifth year; the others have none."""


def completed(folder: Path, last: str) -> tuple[SystemSpec, pl.DataFrame]:
    """Six entrants of 2012 and what is known of them at the end of ``last``."""
    history = History(last=last)
    for place, day in enumerate(day for day, number in DIPLOMAS.items() for _ in range(number)):
        history.enrol(f"p{place}", "2480", "NA", "2012-08-20", day)
        history.event(f"p{place}", "2480", "EXA", day)
    home, _ = history.link(folder)
    return count_system(home, history.contracts, "pupils")


def test_a_diploma_within_more_years_counts_those_within_fewer(tmp_path: Path) -> None:
    """Three within three years, five within four, six within five: sums in the system, each of all that came before."""
    spec, cells = completed(tmp_path, "HT2017")
    within = [cell(cells, school_year="2012/13", origin="entrant", completion=f"within_{years}") for years in (3, 4, 5)]
    assert within == [3, 5, 6]
    assert [
        cell(cells, school_year="2012/13", origin="entrant", completion=code) for code in ("year_4", "not_4", "year_5")
    ] == [2, 1, 1]
    assert spec.dimensions["completion"].hierarchies == (
        ("completion_3", "completion_4", "completion_5"),
        ("completed_within_5", "completed_within_4", "completion_5"),
    )


def test_the_engine_knows_what_a_sum_adds_up(tmp_path: Path) -> None:
    """Within four years is a relation of the system, of within three and the fourth year; within five in the same way."""
    system = build_system(*completed(tmp_path, "HT2017"))
    at = dict.fromkeys(PUPILS, TOTAL) | {"school_year": "2012/13", "origin": "entrant"}
    del at["completion"]
    places = system.lattice.places(np.arange(len(system.lattice))).with_columns(variable=pl.Series(system.variable))
    here = places.filter(pl.all_horizontal(pl.col(name) == code for name, code in at.items()))
    variable = dict(here.select("completion", "variable").rows())
    relations = [dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in system.relations]
    for total, *parts in (("within_4", "within_3", "year_4"), ("within_5", "within_4", "year_5")):
        assert {variable[total]: -1} | {variable[part]: 1 for part in parts} in relations


def test_a_sum_whose_horizon_is_not_reached_is_counted_and_not_published(tmp_path: Path) -> None:
    """With data to October 2016 nobody knows who has a diploma within five years, though five have one already."""
    spec, cells = completed(tmp_path, "HT2016")
    early = cells.filter(spec.is_unpublished(), origin="entrant").filter(pl.col("completion").str.starts_with("within"))
    assert set(early.select("school_year", "completion").rows()) == {
        ("2012/13", "within_5"), ("2013/14", "within_4"), ("2013/14", "within_5"),
    }  # fmt: skip
    assert cell(cells, school_year="2012/13", origin="entrant", completion="within_5") == 5
    assert cell(cells, school_year="2014/15", origin="entrant", completion="within_4") is None


def small(**more: object) -> SystemSpec:
    members = pl.DataFrame({"area": ["a", "b"]})
    return SystemSpec("small", {"area": Dimension("area", members, (("area",),))}, (Table("t", {"area": ("area",)}),), **more)


def test_a_code_that_is_not_listed_is_an_error() -> None:
    """Persons with an unknown code are not silently lost from the total; the message counts them and names no code."""
    base = pl.DataFrame({"area": ["a", "secret"], "count": [3, 2]})
    with pytest.raises(BadInput, match="CODE_NOT_COUNTED") as caught:
        count_cells(base, small())
    assert caught.value.parameters == {"system": "small", "dimension": "area", "rows": "2"}


def test_nobody_gives_zeros() -> None:
    """An empty base has every cell, all of them zero."""
    base = pl.DataFrame(schema={"area": pl.String, "count": pl.Int64})
    assert count_cells(base, small()).select("area", "count").rows() == [("Total", 0), ("a", 0), ("b", 0)]


def test_dimensions_and_codes_may_be_called_anything() -> None:
    """Words of SQL, quotes and spaces in a file's own spec are names like others."""
    group = Dimension("group by", pl.DataFrame({"select": ["it's", 'a "b"']}), (("select",),))
    spec = SystemSpec("odd", {"group by": group}, (Table("t", {}, where={"group by": "it's"}),))
    cells = count_cells(pl.DataFrame({"group by": ["it's", 'a "b"'], "count": [3, 2]}), spec)
    assert cells.rows() == [("it's", 3, ["t"])]


def test_base_cells_sum_a_column_of_counts(tmp_path: Path) -> None:
    """A table of counts is summed, a table of persons is counted, and null is a group of its own."""
    home = Home(tmp_path)
    source = home.linked("rows")
    stored.put_rows(home, source, pl.DataFrame({"place": ["x", "x", None], "persons": [2, 3, 4]}))
    assert count_base(vault_of(home), source, {"area": "place"}, "persons").rows() == [(None, 4), ("x", 5)]
    assert count_base(vault_of(home), source, {"area": "place"}).rows() == [(None, 1), ("x", 2)]


def test_a_damaged_linked_table_is_named(tmp_path: Path) -> None:
    """The error says what is wrong and names the file, be it DuckDB that reads it."""
    home = Home(tmp_path)
    source = home.linked("rows")
    stored.put_rows(home, source, pl.DataFrame({"place": ["x"]}))
    source.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(BadInput, match=r"STORE_FILE_DAMAGED \(file=.*rows"):
        count_base(vault_of(home), source, {"area": "place"})
