"""INPUT: what cannot be used is told by file, line and column, with exit code 2, and never by a value."""

from __future__ import annotations

import errno
import getpass
import gzip
import io
import os
from pathlib import Path

import polars as pl
import pytest

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular.read import read_base, read_columns
from avbrott.tabular.spec import Spec
from avbrott.texts import load_messages

SPEC = Spec.model_validate({"count": "freq", "dimensions": {"area": [["county", "place"]], "sex": [["sex"]]}})
HEADER = "county,place,sex,freq\n"
GOOD = HEADER + "c1,p1,k,3\nc1,p2,m,4\n"


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        ("", "INPUT_EMPTY", None, None),
        (HEADER, "INPUT_EMPTY", None, None),
        ("county,place,freq\nc1,p1,3\n", "INPUT_COLUMN_MISSING", None, "sex"),
        ("county,place,sex,sex,freq\nc1,p1,k,k,3\n", "INPUT_COLUMN_TWICE", None, "sex"),
        (GOOD + "c1,,k,9137\n", "INPUT_CODE_EMPTY", "4", "place"),
        (GOOD + "c1,  ,k,9137\n", "INPUT_CODE_EMPTY", "4", "place"),
        (GOOD + "c1,Total,k,9137\n", "INPUT_CODE_SUM", "4", "place"),
        (GOOD + "c1,Samtliga,k,9137\n", "INPUT_CODE_SUM", "4", "place"),
        (GOOD + "c1,p1,totalt,9137\n", "INPUT_CODE_SUM", "4", "sex"),
        (GOOD + "SUMMA,p9137,k,9137\n", "INPUT_CODE_SUM", "4", "county"),
        (GOOD + "c1,p9137 ,k,3\n", "INPUT_CODE_SPACES", "4", "place"),
        (GOOD + "c1,p1,\u00a0k,9137\n", "INPUT_CODE_SPACES", "4", "sex"),
        (GOOD + "c9,c1,k,9137\n", "INPUT_CODE_LEVELS", "4", "place"),
        (GOOD + "c2,p1,k,9137\n", "INPUT_CODE_PARENTS", "4", "place"),
        (GOOD + "c1,p9137,k,-1\n", "INPUT_COUNT", "4", "freq"),
        (GOOD + "c1,p9137,k,1.5\n", "INPUT_COUNT", "4", "freq"),
        (GOOD + "c1,p9137,k,\n", "INPUT_COUNT", "4", "freq"),
        (GOOD + "c1,p9137,k,many\n", "INPUT_COUNT", "4", "freq"),
        (GOOD + 'c1,"p\n9137",k,many\n', "INPUT_COUNT", "4", "freq"),
        (GOOD + "c1,p9137,k\n", "INPUT_ROW_WIDTH", "4", None),
        (GOOD + "c1,p9137,k,999999999999\nc1,p9137,m,999999999999\n", "INPUT_TOO_MANY", None, None),
    ],
)
def test_a_fault_is_told_by_its_place(tmp_path, content, code, line, column):
    """The physical line, also after a line break inside quotation marks."""
    file = tmp_path / "input.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=code) as raised:
        read_base(file, SPEC)
    told = raised.value.parameters
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert told["file"] == str(file)
    assert told.get("column") == column
    assert line is None or told["line"] == line
    assert "9137" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("input.csv", GOOD.encode() + "c1,Malå,k,3\n".encode("latin-1"), "INPUT_ENCODING"),
        ("input.csv", GOOD.encode("utf-16"), "INPUT_ENCODING"),
        ("input.csv.gz", gzip.compress(GOOD.encode(), mtime=0)[:-9], "INPUT_UNREADABLE"),
        ("input.csv.gz", GOOD.encode(), "INPUT_UNREADABLE"),
        ("input.parquet", b"PAR1" + GOOD.encode(), "INPUT_PARQUET"),
        ("input.parquet", b"", "INPUT_EMPTY"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, content, code):
    """Wrong encoding by its line, a broken archive by its name; no traceback."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=code):
        read_base(tmp_path / name, SPEC)
    with pytest.raises(BadInput, match="INPUT_MISSING"):
        read_base(tmp_path / "nowhere.csv", SPEC)
    with pytest.raises(BadInput, match="INPUT_IS_FOLDER"):
        read_base(tmp_path, SPEC)


def parquet() -> bytes:
    content = io.BytesIO()
    pl.read_csv(GOOD.encode()).write_parquet(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("input.csv", parquet(), "is Parquet"),
        ("input.csv.gz", gzip.compress(parquet(), mtime=0), "is Parquet"),
        ("input.csv", gzip.compress(GOOD.encode(), mtime=0), "is gzip"),
        ("input.parquet", GOOD.encode(), "is CSV"),
        ("input.parquet", b"\xef\xbb\xbf" + GOOD.encode(), "is CSV"),
        ("input.csv", b"PK\x03\x04\x14\0\x06\0", "CSV UTF-8 (Comma delimited)"),
        ("input.csv", b"sep=;\r\n" + GOOD.replace(",", ";").encode(), "sep="),
        ("input.csv", "".join(f'"{line}"\r\n' for line in GOOD.splitlines()).encode(), "whole row"),
        ("input.csv", b"\xef\xbb\xbf" + "".join(f'"{line}";;\r\n' for line in GOOD.splitlines()).encode(), "whole row"),
        ("input.csv", GOOD.replace("p1", "Malå").replace(",", ";").encode("cp1252"), "CSV UTF-8 (Comma delimited)"),
    ],
)
def test_a_file_of_another_kind_and_what_a_spreadsheet_makes_of_one_are_told_as_that(tmp_path, name, content, told):
    """What it is, and how to save it; not that it is damaged or is no UTF-8."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as raised:
        read_base(tmp_path / name, SPEC)
    texts, error = load_messages(), raised.value
    said = texts.get(error.code, "en", **error.parameters) + texts.mend(error.code, "en", **error.parameters)
    assert told in said
    assert name in said
    assert "damaged" not in said


def test_a_file_that_may_not_be_read_is_told_by_its_name_and_whose_it_is(tmp_path, monkeypatch):
    """Not as one that is damaged."""
    file = tmp_path / "input.csv"
    file.write_text(GOOD, "utf-8")

    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(BadInput, match="FILE_FORBIDDEN") as raised:
        read_base(file, SPEC)
    monkeypatch.undo()
    assert raised.value.parameters == {
        "file": str(file), "place": str(file), "user": getpass.getuser(), "owner": file.owner(),
    }  # fmt: skip


def test_a_column_may_have_a_separator_in_its_name(tmp_path):
    """Where it is the only one, and SPEC asks for it."""
    (tmp_path / "input.csv").write_text('"a,b"\nx\nx\n', "utf-8")
    found = read_base(tmp_path / "input.csv", Spec(dimensions={"a": [["a,b"]]}))
    assert found.frame["count"].to_list() == [2]


def test_every_form_of_a_file_reads_alike(tmp_path):
    """CSV with a byte order mark, with semicolons or tabs, gzipped, and Parquet with numbers as codes or as floats."""
    frame = pl.read_csv(GOOD.encode())
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    (tmp_path / "semicolon.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.replace(",", ";").replace("\n", "\r\n").encode())
    (tmp_path / "tab.csv").write_text(GOOD.replace(",", "\t"), "utf-8")
    frame.with_columns(pl.col("sex").cast(pl.Categorical)).write_parquet(tmp_path / "c.parquet")
    frame.with_columns(pl.col("freq").cast(pl.Float64)).write_parquet(tmp_path / "float.parquet")
    frames = [read_base(file, SPEC).frame for file in sorted(tmp_path.iterdir())]
    assert len(frames) == 6
    assert all(found.equals(frames[0]) for found in frames)
    assert frames[0]["count"].to_list() == [3, 4]


def test_a_code_that_parquet_holds_as_a_float_is_the_whole_number(tmp_path):
    """A year in a column with a gap; what is text stays as it is, and so does a fraction."""
    spec = Spec(dimensions={"year": [["year"]], "step": [["step"]], "level": [["level"]]}, count="freq")
    frame = pl.DataFrame({"year": [2020.0, 2021.0], "step": [1.5, 2.0], "level": ["1.0", "2.0"], "freq": [3, 4]})
    frame.write_parquet(tmp_path / "input.parquet")
    found = read_base(tmp_path / "input.parquet", spec).frame
    assert sorted({code for name in found.columns if name.startswith("l") for code in found[name]}) == [
        "1.0", "1.5", "2", "2.0", "2020", "2021",
    ]  # fmt: skip


def test_a_parquet_file_with_lists_is_told_as_that(tmp_path):
    """It is not said to be damaged alone."""
    pl.DataFrame({"county": [["c1"]], "place": ["p1"], "sex": ["k"], "freq": [3]}).write_parquet(tmp_path / "input.parquet")
    with pytest.raises(BadInput, match="INPUT_PARQUET") as raised:
        read_base(tmp_path / "input.parquet", SPEC)
    assert "lists" in load_messages().get(raised.value.code, "en", **raised.value.parameters)


def test_what_was_read_is_told_and_a_forgotten_column_of_counts_is_found(tmp_path):
    """Rows, unused columns, and one that looks like counts: by its name, or where no combination comes twice."""
    file = tmp_path / "input.csv"
    file.write_text("county,place,sex,freq,year,note\nc1,p1,k,3,2019,x\nc1,p2,m,40,2020,y\n", "utf-8")
    found = read_base(file, SPEC)
    assert (found.rows, found.unused, found.countlike) == (2, ("year", "note"), ())
    persons = SPEC.model_copy(update={"count": None})
    assert read_base(file, persons).countlike == ("freq",)
    file.write_text("county,place,sex,born,id\nc1,p1,k,11,70\nc1,p1,k,12,71\n", "utf-8")
    assert read_base(file, persons).countlike == ()
    file.write_text("county,place,sex,Antal\nc1,p1,k,11\nc1,p1,k,12\n", "utf-8")
    assert read_base(file, persons).countlike == ("Antal",)


@pytest.mark.parametrize("written", ["area;sex;count\np1;k;8\n", "count,sex,hidden,area\n8,k,false,p1\n"])
def test_columns_of_a_file_of_cells_are_found_by_their_names(tmp_path: Path, written: str) -> None:
    """In whatever order they stand."""
    file = tmp_path / "known.csv"
    file.write_text(written, "utf-8")
    found = read_columns(file, ["count"], ["area", "sex"], ["count", "hidden"])
    assert found.select("area", "sex", "count").rows() == [("p1", "k", "8")]


def test_an_unknown_column_in_a_file_of_cells_is_named_with_those_there_are(tmp_path):
    """A mistyped name would otherwise stand at Total; a file without a header line has a row there, which is not told."""
    file = tmp_path / "keep.csv"
    file.write_text("areas;sex\np1;k\n", "utf-8")
    with pytest.raises(BadInput, match="INPUT_COLUMN_UNKNOWN") as raised:
        read_columns(file, [], ["area", "sex"])
    assert (raised.value.parameters["columns"], raised.value.parameters["allowed"]) == ("areas", "area, sex")
    file.write_text("p9137,k\n", "utf-8")
    with pytest.raises(BadInput, match="INPUT_COLUMN_UNKNOWN") as raised:
        read_columns(file, [], ["area", "sex"])
    assert raised.value.parameters["columns"] == "#1, #2"
    file.write_text("area,count,hidden\np1,,true\n", "utf-8")
    assert read_columns(file, [], ["area", "sex"], ("count", "hidden"))["area"].to_list() == ["p1"]
