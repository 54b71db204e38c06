"""What ``avbrott protect`` says of SPEC and INPUT: which key, line or cell is the reason, and what may be a slip."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml

from avbrott.errors import BadInput, CannotProtect
from avbrott.tabular import search
from avbrott.texts import load_messages
from tests.tabular_case import SPEC, TableCase, rows
from tests.unit.conftest import Run

YEARLY = {**SPEC["dimensions"], "year": [["year"]]}


def places(file: Path, rows: list[tuple[str, str, int]]) -> pl.DataFrame:
    """A table of areas and statuses, and a file that keeps the rows of it that are listed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame([row[:2] for row in rows], schema=["area", "status"], orient="row").write_csv(file)
    return pl.DataFrame(rows, schema=["area", "status", "freq"], orient="row")


AREAS = {"area": [["area"]], "status": [["status"]]}


def test_of_kept_cells_those_are_named_that_are_the_reason(tmp_path):
    """The unsafe one alone, though others are hidden for its sake in a pattern without keep; else what is one too many."""
    frame = places(
        tmp_path / "keep.csv",
        [("a", "left", 21), ("a", "stays", 480), ("b", "left", 3), ("b", "stays", 80), ("c", "left", 30), ("c", "stays", 90)],
    )
    case = TableCase(tmp_path, frame, dimensions=AREAS, keep="keep.csv")
    with pytest.raises(CannotProtect, match="KEEP_IMPOSSIBLE") as raised:
        case.protect()
    assert raised.value.parameters["cells"] == "area=b, status=left"
    (tmp_path / "keep.csv").write_text("area,status\na,left\nc,left\nTotal,left\na,Total\n", "utf-8")
    with pytest.raises(CannotProtect, match="KEEP_TOO_MUCH") as raised:
        case.protect()
    assert raised.value.parameters["cells"] in {"area=a, status=left", "area=c, status=left", "status=left"}


def test_an_earlier_output_that_is_the_reason_is_named(tmp_path):
    """Figures that were shown under a lower threshold: a coarser table would not help, and is not advised."""
    counts = {"m": (2, 14), "n": (1, 17), "u": (55, 480), "v": (6, 45)}
    listed = [(area, status, n) for area, both in counts.items() for status, n in zip(("left", "stays"), both, strict=True)]
    frame = places(tmp_path / "unused.csv", listed)
    first = TableCase(tmp_path / "first", frame, dimensions=AREAS)
    first.protect()
    policy = {"threshold": 10, "width": 10}
    second = TableCase(tmp_path / "second", frame, dimensions=AREAS, policy=policy, previous=["../first/out"])
    with pytest.raises(CannotProtect, match="EARLIER_FACTS") as raised:
        second.protect()
    assert raised.value.parameters["folders"] == "../first/out"


def test_a_mistake_that_only_the_input_shows_is_told_by_the_line_of_spec(tmp_path):
    """A window that is too long or has a code's name, a coalition of everybody, a seed that is not there."""
    for keys, code, line in (
        ({"windows": {"sex": 9}}, "WINDOW_TOO_LONG", 13),
        ({"policy": {"providers": {"column": "group", "coalition": 2}}}, "SPEC_PROVIDERS_TOO_FEW", 15),
        ({"seed": "nowhere"}, "SEED_UNREADABLE", 12),
    ):
        case = TableCase(tmp_path)
        found = {**SPEC, **keys}
        case.spec.write_text(yaml.safe_dump(found, sort_keys=False), "utf-8")
        with pytest.raises(BadInput, match=code) as raised:
            case.protect()
        assert raised.value.parameters["file"] == str(case.spec)
        assert raised.value.parameters["line"] == str(line)
    frame = rows(years=2).with_columns(period=pl.lit("2019..2020"))
    dimensions = {**SPEC["dimensions"], "year": [["period", "year"]]}
    case = TableCase(tmp_path, frame, dimensions=dimensions, windows={"year": 2}, additive={"year": False})
    with pytest.raises(BadInput, match="WINDOW_CODE_TAKEN"):
        case.protect()


def test_two_windows_of_one_name_are_refused(tmp_path):
    """One of them would be published in the place of both."""
    frame = pl.DataFrame({"year": ["a", "a..b", "b..c", "c"], "freq": [10, 20, 30, 40]})
    case = TableCase(tmp_path, frame, dimensions={"year": [["year"]]}, windows={"year": 3}, tables=[{"year": "all"}])
    with pytest.raises(BadInput, match="WINDOW_CODE_TAKEN"):
        case.protect()


@pytest.mark.parametrize("text", ["", "# nothing\n", "a table of dropouts\n", "- dimensions\n"])
def test_a_spec_without_keys_is_told_as_that(tmp_path, text):
    """Nothing is said of indentation."""
    case = TableCase(tmp_path)
    case.spec.write_text(text, "utf-8")
    with pytest.raises(BadInput, match="SPEC_WITHOUT_KEYS"):
        case.protect()


def test_a_list_with_a_mistake_in_it_is_not_called_empty(tmp_path):
    """Only what is wrong is told."""
    case = TableCase(tmp_path, tables=["municipality"])
    with pytest.raises(BadInput, match="SPEC_INVALID") as raised:
        case.protect()
    assert raised.value.parameters["places_en"].count("\n") == 0
    assert "tables.1: " in raised.value.parameters["places_en"]
    case.write_spec(tables=[])
    with pytest.raises(BadInput, match="SPEC_INVALID") as raised:
        case.protect()
    assert "tables: the value is empty" in raised.value.parameters["places_en"]


def test_windows_over_terms_follow_time(tmp_path):
    """Autumn 2018, spring 2019, autumn 2019."""
    frame = rows(years=3).with_columns(year=pl.col("year").replace({"2019": "HT2018", "2020": "VT2019", "2021": "HT2019"}))
    case = TableCase(tmp_path, frame, dimensions=YEARLY, windows={"year": 2}, additive={"year": False})
    case.protect()
    windows = {code for code in case.public()["year"] if ".." in code}
    assert windows == {"HT2018..VT2019", "VT2019..HT2019"}


def test_what_was_read_is_said_and_what_may_be_a_slip(tmp_path):
    """Rows and persons; a column of counts that SPEC does not name; nobody; windows in an unknown order or over a gap."""

    def noted(case: TableCase) -> dict[str, dict[str, object]]:
        return {note.code: note.parameters for note in case.protect().notes}

    frame = rows()
    case = TableCase(tmp_path, frame)
    said = noted(case)
    assert set(said) == {"INPUT_READ", "INPUT_UNUSED"}
    assert (said["INPUT_READ"]["rows"], said["INPUT_READ"]["persons"]) == (frame.height, frame["freq"].sum())
    assert said["INPUT_UNUSED"]["columns"] == "year"
    case = TableCase(tmp_path / "uncounted", frame, count=None)
    assert noted(case)["INPUT_COUNTLIKE"]["columns"] == "freq"
    case = TableCase(tmp_path / "zero", frame.with_columns(freq=pl.lit(0)))
    assert "INPUT_NOBODY" in noted(case)
    assert case.public().is_empty()
    keys = {"dimensions": YEARLY, "windows": {"year": 2}, "additive": {"year": False}}
    case = TableCase(tmp_path / "gap", rows(years=3).with_columns(year=pl.col("year").replace("2021", "2022")), **keys)
    assert noted(case)["WINDOW_GAP"] == {"dimension": "year", "missing": "2021"}
    case = TableCase(tmp_path / "words", rows(years=2).with_columns(year=pl.col("year").replace("2019", "before")), **keys)
    assert noted(case)["WINDOW_ORDER"] == {"dimension": "year"}


def test_known_figures_are_named_where_they_are_the_reason(tmp_path):
    """Two codes and a complement rule: a total less the one is the known other."""
    frame = rows().filter(pl.col("status") != "stays")
    small = frame.filter((pl.col("freq") == 2) & (pl.col("status") == "left")).row(0, named=True)
    case = TableCase(tmp_path, frame, policy={"complement": ["status"]}, known=["known.csv"])
    place = {"area": small["municipality"], "sex": small["sex"], "status": "left", "count": 2}
    pl.DataFrame([place]).write_csv(tmp_path / "known.csv")
    with pytest.raises(CannotProtect, match="KNOWN_FACTS") as raised:
        case.protect()
    assert raised.value.parameters["files"] == "known.csv"
    assert not case.out.exists()


def test_tables_that_no_pattern_protects_are_told_with_where_to_make_them_coarser(tmp_path: Path, monkeypatch) -> None:
    """The words are those of SPEC; what the engine calls a system is none of them."""

    def nothing(system, *_args, **_more):
        raise CannotProtect("CANNOT_PROTECT", system=system.name, tables=system.tables[0].name, items=1)

    case = TableCase(tmp_path)
    monkeypatch.setattr(search, "protect", nothing)
    with pytest.raises(CannotProtect, match="TABLES_UNPROTECTED") as raised:
        case.protect()
    told = load_messages().get("TABLES_UNPROTECTED", "en", **raised.value.parameters)
    assert told.startswith(f"These tables of {case.spec} cannot be protected")
    assert told.endswith(": 1. area: all x sex: all x status: all.")
    assert "coarser under tables" in load_messages().mend("TABLES_UNPROTECTED", "en")


def test_changed_figures_are_named_where_they_may_be_the_reason(tmp_path, monkeypatch):
    """Counts that differ from those of an earlier output, and a search that finds no pattern even without its facts."""

    def nothing(system, *_args, **_more):
        raise CannotProtect("CANNOT_PROTECT", system=system.name, tables="1. area", items=1)

    first = pl.DataFrame({"area": ["a", "b"], "freq": [20, 30]})
    keys = {"dimensions": {"area": [["area"]]}}
    TableCase(tmp_path / "1", first, **keys).protect()
    second = TableCase(tmp_path / "2", first.with_columns(freq=pl.Series([21, 30])), previous=["../1/out"], **keys)
    monkeypatch.setattr(search, "protect", nothing)
    with pytest.raises(CannotProtect, match="CHANGED_FIGURES") as raised:
        second.protect()
    assert raised.value.parameters["folders"] == "../1/out"


@pytest.mark.parametrize("keys", [{"seed": "a\0b"}, {"keep": "k" * 300}, {"previous": ["a\0b"]}])
def test_what_can_be_no_file_name_is_told(tmp_path, keys):
    with pytest.raises(BadInput, match="SPEC_PATH"):
        TableCase(tmp_path, **keys).protect()


def test_two_dimensions_whose_columns_would_have_one_name_are_refused(tmp_path):
    """In a file of the record ``status`` is called ``status_`` beside the record's own."""
    dimensions = {"status": [["status"]], "status_": [["sex"]]}
    with pytest.raises(BadInput, match="SPEC_INVALID"):
        TableCase(tmp_path, dimensions=dimensions).protect()


def test_a_provider_with_a_space_after_it_is_no_provider_of_its_own(tmp_path):
    """As a code of a dimension: two where there is one would make a cell look as if two stood behind it."""
    frame = rows().with_columns(principal=pl.when(pl.col("sex") == "k").then(pl.lit("P")).otherwise(pl.lit("P ")))
    case = TableCase(tmp_path, frame, policy={"providers": {"column": "principal"}})
    with pytest.raises(BadInput, match="INPUT_CODE_SPACES"):
        case.protect()


def test_one_of_a_kind_is_told_as_one(tmp_path: Path, run: Run) -> None:
    """By a run and by audits: no "1 cells", in either language."""
    frame = pl.DataFrame([("a", 3), ("b", 10)], schema=["area", "freq"], orient="row")
    terms = {"dimensions": {"area": [["area"]]}, "additive": {"area": False}}
    first = TableCase(tmp_path / "first", frame, policy={"threshold": 3}, **terms)
    later = TableCase(tmp_path / "later", frame, previous=["../first/out"], **terms)
    alone = TableCase(tmp_path / "alone", frame, **terms)
    told = []
    for case in (first, later, alone):
        made = run("protect", case.source, "--spec", case.spec, "--out", case.out)
        audited = run("audit", case.out, "--attack")
        told += [made.out, audited.out]
    shutil.rmtree(alone.out / "confidential")
    told.append(run("audit", alone.out, "--attack").out)
    (alone.out / "public.csv").write_text("area,count,hidden\na,3,true\nb,,false\nb,10,false\n", "utf-8")
    told.append(run("audit", alone.out).out)
    assert "1 visat tal är mindre än tröskeln 5" in " ".join(told)
    assert "VALUE_NOT_EMPTY" in told[-1]
    several = "rader|celler|personer|vittnen|visade|dolda|rows|cells|persons|witnesses|figures|systems|cases"
    assert re.findall(rf"\b1 (?:\w+ )?(?:{several})\b", " ".join(told)) == []


def test_which_cells_can_be_computed_is_told_by_the_file_that_has_them(tmp_path: Path, run: Run) -> None:
    """They have one count in all public systems; those that do not have two."""
    frame = places(tmp_path / "unused.csv", [("a", "left", 2), ("a", "stays", 3), ("b", "left", 40), ("b", "stays", 80)])
    base = {"dimension": "status", "minimum": 30, "known": True}
    case = TableCase(tmp_path, frame, dimensions=AREAS, policy={"base": base})
    made = run("protect", case.source, "--spec", case.spec, "--out", case.out)
    said = json.loads((case.out / "certificate.json").read_text("utf-8"))["public_witnesses"]
    assert said["one_value"] > said["undecided"] == 0
    systems = pl.read_parquet(case.out / "public_witnesses.parquet")
    constant = systems.group_by("area", "status").agg(pl.col("count").n_unique()).filter(pl.col("count") == 1)
    assert constant.height == said["one_value"]
    for told in (made.out, run("audit", case.out).out):
        assert "samma antal i alla tabeller i public_witnesses.parquet" in told
        assert "the same count in all tables of public_witnesses.parquet" in told
