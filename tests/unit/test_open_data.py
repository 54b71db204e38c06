"""Every format of a release by a reader that knows nothing of us: the same cells, words in both languages, the reasons."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import frictionless
import openpyxl
import polars as pl
import pytest
from csvw import CSVW
from jsonstat_validator import validate_jsonstat
from pyaxis import pyaxis
from pyjstat import pyjstat

from avbrott.catalogue import Symbols
from avbrott.contract_folder import packaged_contracts
from avbrott.errors import BadInput
from avbrott.open_data.cube import cubes
from avbrott.open_data.px import matrix, px
from avbrott.registry import load_contracts
from avbrott.release.public import read_public
from avbrott.texts import load_messages
from tests import open_data_case as case
from tests import release_case
from tests.open_data_case import TABLES, Cell, Key, table_cells

DOTS = {'"."': "not_applicable", '".."': "hidden", '"..."': "unreliable", '"...."': "not_delivered"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A release with every status: some cells hidden by hand, a delivery that did not come, a share of too few."""
    made = case.made(tmp_path_factory.mktemp("made"))
    came = release_case.deliveries(("p-n2", "HT2014"))
    return made.release(release_case.by_hand(*release_case.HIDDEN), came=came).folder


def codes(folder: Path, dimension: str, language: str = "sv") -> dict[str, str]:
    """By label its code."""
    with (folder / "codelists" / f"{dimension}.csv").open(encoding="utf-8") as lines:
        return {row[f"label_{language}"]: row["code"] for row in csv.DictReader(lines)}


def full(folder: Path, table: str) -> dict[Key, Cell]:
    """What the table says, and what it does not list as not applicable: formats that are cubes have every combination."""
    cells = table_cells(folder, table)
    axes = [list(dict.fromkeys(key[place] for key in cells)) for place in range(len(next(iter(cells))))]
    every = [()]
    for axis in axes:
        every = [(*before, code) for before in every for code in axis]
    return {key: cells.get(key, (None, "not_applicable")) for key in every}


def test_every_status_is_in_the_case(folder):
    """Otherwise the round trips would try nothing."""
    statuses = {status for table in TABLES for _, status in table_cells(folder, table).values()}
    assert statuses == {"shown", "hidden", "unreliable", "not_delivered", "not_applicable"}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_json_stat_is_valid_and_tells_the_same_cells(folder, table, language):
    """By jsonstat-validator and pyjstat; a missing figure is null, and its status says why."""
    text = (folder / "downloads" / f"{table}.{language}.json").read_text("utf-8")
    content = json.loads(text)
    assert validate_jsonstat(content) is True
    expected = full(folder, table)
    names = content["id"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pyjstat.Dataset.read(text).write("dataframe", naming="id")
    status = {int(place): one for place, one in content["status"].items()}
    told = {
        tuple(map(str, row[:-1])): (None if row[-1] != row[-1] else row[-1], status.get(place, "shown"))
        for place, row in enumerate(frame[[*names, "value"]].itertuples(index=False, name=None))
    }
    assert told == expected
    assert set(status.values()) <= content["extension"]["status"]["label"].keys()
    labels = content["dimension"]["measure"]["category"]["label"]
    assert {label: code for code, label in labels.items()}.items() <= codes(folder, "measure", language).items()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_px_tells_the_same_cells(folder, table, language):
    """By pyaxis, in the file's own language and in English: dots by reason, a dash for an exact zero, all else a number."""
    with contextlib.redirect_stdout(io.StringIO()):
        read = pyaxis.parse(
            str(folder / "downloads" / f"{table}.px"),
            encoding="utf-8",
            lang=language,
            null_values="^never$",
            sd_values="never",
        )
    fields = next(one for one in read_public(folder).package["resources"] if one["name"] == table)["schema"]["fields"]
    key = "title" if language == "sv" else "title_en"
    titles = {one[key]: one["name"] for one in fields if one["name"] not in {"value", "status"}}
    frame = read["DATA"].rename(columns=titles)
    for name in titles.values():
        frame[name] = frame[name].map(codes(folder, name, language))
    told = {}
    for *at, token in frame[[*titles.values(), "DATA"]].itertuples(index=False, name=None):
        number = None if token in DOTS else 0.0 if token == '"-"' else float(token)
        told[tuple(at)] = (number, DOTS.get(token, "shown"))
    assert told == full(folder, table)
    assert '"0"' not in set(read["DATA"]["DATA"])


def test_px_says_what_the_specification_asks_for(folder):
    """The keywords of the specification of 2013, with what must stand in them."""
    with contextlib.redirect_stdout(io.StringIO()):
        said = pyaxis.parse(str(folder / "downloads" / "by_area.px"), encoding="utf-8")["METADATA"]
    wanted = {
        "CHARSET": "ANSI",
        "AXIS-VERSION": "2013",
        "CODEPAGE": "utf-8",
        "LANGUAGE": "sv",
        "CREATION-DATE": "20160201 00:00",
    }
    assert {name: said[name][0] for name in wanted} == wanted
    assert said["LAST-UPDATED(Andel)"] == ["20160201 00:00"]
    assert said["LANGUAGES"] == ["sv", "en"]
    assert said["TIMEVAL(year (sv))"] == ["2012", "2013", "2014"]
    assert said["CODES(area (sv))"] == ["Total", "north", "south", "n1", "n2", "s1"]
    assert said["VALUENOTE(year (sv),2013/14)"] == ["Ny 'lag'. Räknas om; ny kod."]
    assert (said["DATASYMBOL1"], said["DATASYMBOL2"], said["DATASYMBOLNIL"]) == (["."], [".."], ["-"])
    assert said["ELIMINATION(area (sv))"] == ["all areas (sv)"]
    assert (said["PRECISION(Mått,Andel)"], said["DECIMALS"], said["SHOWDECIMALS"]) == ("4", "4", "0")
    text = (folder / "downloads" / "by_area.px").read_text("utf-8")
    assert max(map(len, text.splitlines())) <= 256
    assert text.endswith("\n;\n")


@pytest.mark.parametrize(("table", "known"), [("returns", True), ("by_area", False)])
def test_every_format_tells_where_a_series_breaks(folder, table, known):
    """By law, and after the first school year in figures by what is known from the second on; in both languages."""
    swedish = ['Ny "lag". Räknas om; ny kod.', *(["Känt. Okänt före det."] if known else [])]
    english = ['New "law". Counted anew; new code.', *(["Known. Unknown before it."] if known else [])]
    for language, said in (("sv", swedish), ("en", english)):
        content = json.loads((folder / "downloads" / f"{table}.{language}.json").read_text("utf-8"))
        assert content["dimension"]["school_year"]["category"]["note"] == {"2013/14": said}
    px_text = (folder / "downloads" / f"{table}.px").read_text("utf-8")
    csvw_text = (folder / "downloads" / f"{table}.csv-metadata.json").read_text("utf-8")
    notes = [note["@value"] for note in json.loads(csvw_text)["notes"]]
    assert [note for note in notes if note.startswith("2013/14: ")] == [f"2013/14: {one}" for one in (*swedish, *english)]
    book = openpyxl.load_workbook(folder / "downloads" / f"{table}.xlsx", read_only=True)
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if row and row[0] == "2013/14"]
    assert [row[1:3] for row in rows] == list(zip(swedish, english, strict=True))
    assert all((text in px_text.replace('"\n"', "")) == known for text in ("Okänt före det.", "Unknown before it."))


def test_px_of_terms_has_half_years(folder):
    """An autumn is the second half of its year."""
    text = (folder / "downloads" / "coverage.px").read_text("utf-8")
    assert 'TIMEVAL("Termin")=TLIST(H1),"20122","20131","20132"' in text
    assert "TIMEVAL" not in (folder / "downloads" / "pooled.px").read_text("utf-8")


@pytest.mark.parametrize("table", TABLES)
def test_the_workbook_tells_the_same_cells(folder, table):
    """By openpyxl; a share is a fraction that is shown as a percentage, a reason is a sign that the first sheet explains."""
    book = openpyxl.load_workbook(folder / "downloads" / f"{table}.xlsx")
    assert book.sheetnames == ["Om tabellen", "Data", "Koder"]
    rows = list(book["Data"].iter_rows(values_only=True))
    names = rows[2]
    dimensions = read_public(folder).tables[table].dimensions
    time = next(name for name in dimensions if name not in names)
    signs = {".": "not_applicable", "..": "hidden", "~": "unreliable", "×": "not_delivered"}
    told = {}
    for row in rows[3:]:
        at = dict(zip(names, row, strict=True))
        for name, cell in at.items():
            measure, _, when = name.partition(" ")
            if when:
                key = tuple(when if one == time else at[one] for one in dimensions)
                told[(*key, measure)] = (None, signs[cell]) if isinstance(cell, str) else (float(cell), "shown")
    assert told == full(folder, table)
    about = [value for row in book["Om tabellen"].iter_rows(values_only=True) for value in row if value]
    assert {"..", "Uppgiften är skyddad", "The figure is protected", "hidden"} <= set(about)
    kinds = {cell.number_format for cell in book["Data"][4] if isinstance(cell.value, (int, float))}
    assert kinds <= {"#,##0", "0.0%"}
    assert kinds


@pytest.mark.parametrize("table", TABLES)
def test_csv_on_the_web_describes_the_file(folder, table):
    """By csvw, and by frictionless on the plain file: columns, types, languages; labels beside each code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        described = CSVW(str(folder / "downloads" / f"{table}.csv-metadata.json"), validate=True)
        assert described.is_valid, described.warnings
        rows = described.to_json()["tables"][0]["row"]
    names = [*read_public(folder).tables[table].dimensions, "measure"]
    told = {}
    for row in rows:
        (cells,) = row["describes"]
        told[tuple(cells[name] for name in names)] = (cells.get("value"), cells["status"])
        assert ("status_sv" in cells) == (cells["status"] != "shown") == ("value" not in cells)
        assert cells["measure_en"] != cells["measure_sv"]
    assert told == table_cells(folder, table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert frictionless.Resource(f"{table}.csv", basepath=str(folder / "downloads")).validate().valid


@pytest.mark.parametrize("table", TABLES)
def test_parquet_tells_the_same_cells(folder, table):
    """With a number for the value, and what CSVW says of the columns in its metadata."""
    file = folder / "downloads" / f"{table}.parquet"
    frame = pl.read_parquet(file)
    names = [*read_public(folder).tables[table].dimensions, "measure"]
    assert frame.schema["value"] == pl.Float64
    told = {tuple(row[:-2]): (row[-2], row[-1]) for row in frame.select(*names, "value", "status").rows()}
    assert told == table_cells(folder, table)
    about = json.loads(pl.read_parquet_metadata(file)["csvw"])
    assert about == json.loads((folder / "downloads" / f"{table}.csv-metadata.json").read_text("utf-8"))


def test_the_same_input_gives_the_same_bytes(folder, tmp_path):
    """Workbooks too: nothing of the clock or the folder is in a file."""
    came = release_case.deliveries(("p-n2", "HT2014"))
    again = case.made(tmp_path).release(release_case.by_hand(*release_case.HIDDEN), came=came).folder
    read = [{f.name: f.read_bytes() for f in (one / "downloads").iterdir()} for one in (folder, again)]
    assert len(read[0]) == 7 * len(TABLES)
    assert read[0] == read[1]


def test_without_a_catalogue_there_are_no_downloads(tmp_path):
    """A folder of contracts of before makes releases as before."""
    folder = release_case.Case(tmp_path).release(release_case.by_hand()).folder
    assert not (folder / "downloads").exists()
    assert "downloads" not in read_public(folder).package["avbrott"]


def test_a_long_name_has_a_matrix_of_its_own(contracts):
    """PX has room for twenty characters, and two tables whose names begin alike differ."""
    names = [matrix(name) for name in contracts.published]
    assert max(map(len, names)) <= 20
    assert len(set(names)) == len(contracts.published)
    assert matrix("returns") == "returns"


def test_no_two_dimensions_of_a_table_are_called_alike(contracts):
    """PX knows a dimension by its name alone, in each language."""
    for table in contracts.published.values():
        terms = [contracts.glossary.terms[contracts.dimensions[use.dimension].term] for use in table.dimensions]
        for language in ("sv", "en"):
            assert len({getattr(term.name, language) for term in terms}) == len(terms)


def test_a_text_with_quotation_marks_and_lines_is_one_px_text(folder):
    """PX has no way to write either."""
    made = case.made(folder.parent.parent.parent / "again")
    cube = next(cubes(read_public(folder), made.contracts, load_messages()))
    told = cube.title.model_copy(update={"sv": 'En "tabell"\nav många'})
    text = px(replace(cube, title=told), case.CATALOGUE, load_messages())
    assert "CONTENTS=\"En 'tabell' av många\";" in text


@pytest.mark.parametrize("sign", ["0", "5", "-", "a b", '"'])
def test_a_sign_is_never_a_figure(sign):
    """A dash is PX's zero, and a digit a figure."""
    with pytest.raises(ValueError, match="pattern"):
        Symbols(hidden=sign, unreliable="~", not_delivered="×", not_applicable=".")


def test_an_address_that_cannot_be_used_is_named(tmp_path):
    """What is wrong, in which file."""
    shutil.copytree(packaged_contracts(), tmp_path / "contracts")
    file = tmp_path / "contracts" / "catalogue.yaml"
    file.write_text(file.read_text("utf-8").replace("base: https://", "base: "), "utf-8")
    with pytest.raises(BadInput, match=r"catalogue\.yaml: base"):
        load_contracts(tmp_path / "contracts")
