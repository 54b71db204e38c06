"""Reading a release folder: what is not a release, or not what it should be, is told and not drawn."""

from pathlib import Path

import pytest

from avbrott.errors import BadInput
from dashboards.released import Cell, read_release

HEAD = "school_year,sex,measure,value,status\n"


def release(folder: Path, rows: str) -> Path:
    (folder / "tables").mkdir()
    (folder / "tables" / "one.csv").write_text(HEAD + rows, "utf-8")
    (folder / "datapackage.json").write_text("{}", "utf-8")
    return folder


def test_a_hidden_cell_has_no_value(tmp_path):
    """A hidden cell is None with its status; a zero is a zero."""
    table = read_release(release(tmp_path, "2012/13,Man,persons,,hidden\n2012/13,Kvinna,persons,0,shown\n")).tables["one"]
    assert table.cell({"school_year": "2012/13", "sex": "Man"}, "persons") == Cell(None, "hidden")
    assert table.cell({"school_year": "2012/13", "sex": "Kvinna"}, "persons") == Cell("0", "shown")


def test_an_unlisted_combination_cannot_occur(tmp_path):
    """What a table does not list is not applicable; it is no zero."""
    table = read_release(release(tmp_path, "2012/13,Man,persons,7,shown\n")).tables["one"]
    assert table.cell({"school_year": "1999/00"}, "share") == Cell(None, "not_applicable")


@pytest.mark.parametrize(
    "row", ["2012/13,Man,persons,3,hidden\n", "2012/13,Man,persons,,shown\n", "2012/13,Man,persons,3,odd\n", "2012/13,Man\n"]
)
def test_a_value_that_contradicts_its_status_is_refused(tmp_path, row):
    """A hidden cell that holds a value, a shown one without, an unknown status and a short row all stop the site."""
    with pytest.raises(BadInput) as found:
        read_release(release(tmp_path, row))
    assert found.value.code == "RELEASE_FILE_UNREADABLE"
    assert "3" not in str(found.value).replace(str(tmp_path), "")


def test_a_folder_without_datapackage_is_no_release(tmp_path):
    """The error names the folder."""
    with pytest.raises(BadInput) as found:
        read_release(tmp_path)
    assert found.value.code == "RELEASE_NOT_FOUND"


@pytest.mark.parametrize("content", ["", "[]", "[" * 200_000, '{"a": ' + "1" * 5000 + "}"])
def test_a_package_that_is_none_is_named(tmp_path, content):
    """Empty, a list, deeper than can be read, a number longer than can be read."""
    folder = release(tmp_path, "")
    (folder / "datapackage.json").write_text(content)
    with pytest.raises(BadInput) as found:
        read_release(folder)
    assert (found.value.code, found.value.parameters["file"]) == (
        "RELEASE_FILE_UNREADABLE",
        str(folder / "datapackage.json"),
    )


def test_a_file_in_another_encoding_is_named(tmp_path):
    """A table that is not UTF-8 is BadInput with its file, no traceback."""
    folder = release(tmp_path, "")
    (folder / "tables" / "one.csv").write_bytes(HEAD.encode() + "2012/13,Män,persons,7,shown\n".encode("latin-1"))
    with pytest.raises(BadInput) as found:
        read_release(folder)
    assert found.value.parameters["file"].endswith("one.csv")
