"""INPUT: what cannot be used is told by file, line and column, with exit code 2, and never by a value."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular.read import read_base
from avbrott.tabular.spec import Spec

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
        (GOOD + "c1,Total,k,9137\n", "INPUT_CODE_RESERVED", "4", "place"),
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
        ("input.parquet", b"PAR1" + GOOD.encode(), "INPUT_UNREADABLE"),
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


def test_every_form_of_a_file_reads_alike(tmp_path):
    """CSV with a byte order mark, gzipped, and Parquet with numbers as codes."""
    frames = []
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    pl.read_csv(GOOD.encode()).with_columns(pl.col("sex").cast(pl.Categorical)).write_parquet(tmp_path / "c.parquet")
    frames = [read_base(tmp_path / name, SPEC).frame for name in ("a.csv", "b.csv.gz", "c.parquet")]
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])
    assert frames[0]["count"].to_list() == [3, 4]
