"""The file of pseudonyms that a provider makes and the hub erases by, and what is remembered of it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from avbrott.access import log
from avbrott.at_rest.vault import row_files, vault_of
from avbrott.delivery.record import Extract
from avbrott.delivery.table import Fault, Table
from avbrott.errors import BadInput
from avbrott.first_start.make import make_home
from avbrott.home import Home
from avbrott.identity.bridge import Bridge, write_bridge
from avbrott.identity.keys import new_key
from avbrott.identity.pseudonym import pseudonym
from avbrott.retention.persons import Persons, erased_persons, read_persons, remember
from avbrott.retention.reduced import read_rest, rest_of, write_rest
from tests.unit.conftest import Run

ONE, TWO, THREE = "1a" * 32, "2b" * 32, "3c" * 32
NUMBER = "200801012386"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    make_home(made)
    return made


def test_a_provider_makes_the_file_and_the_hub_reads_it(home: Home, tmp_path: Path, run: Run) -> None:
    """The number stays at home; the pseudonym is the one of deliveries, and nothing of it is printed or noted."""
    key, export, out = tmp_path / "2025.key", tmp_path / "person.csv", tmp_path / "radera.csv"
    secret = new_key(key, "2025").secret
    export.write_text(f"personnummer\n{NUMBER}\n", "utf-8")
    made = run("keys", "pseudonyms", key, "--export", export, "--term", "HT2025", "--out", out)
    assert (made.code, made.err) == (0, "")
    wanted = pseudonym(secret, "2025", NUMBER)
    assert read_persons([out]) == {("2025", wanted)}
    assert out.stat().st_mode & 0o077 == 0
    assert run("keys", "pseudonyms", key, "--export", export, "--term", "HT2025", "--out", out).code == 2
    ended = run("erase", out, "--home", home.root, "--yes")
    assert (ended.code, ended.err) == (0, "")
    line = json.loads(home.access_log.read_text("utf-8"))
    assert (line["event"], line["what"]) == ("erasure", "pseudonyms 1 rows 0")
    assert log.verify(home).lines == 1
    for said in (made.out, ended.out, home.access_log.read_text("utf-8")):
        assert wanted[:12] not in said
        assert NUMBER not in said
    assert erased_persons(home).received == {wanted}
    assert home.erased_persons in row_files(home)
    assert wanted.encode() not in home.erased_persons.read_bytes()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        ("pseudonym\n" + ONE, 1),
        ("epoch,pseudonym\n", 1),
        (f"epoch,pseudonym\n2025,{ONE}\n2025,{NUMBER}\n", 3),
        (f"epoch,pseudonym\n2025,{ONE.upper()}\n", 2),
        (f"epoch,pseudonym\n20 25,{ONE}\n", 2),
    ],
)
def test_what_is_no_such_file_is_told_by_its_line(home: Home, tmp_path: Path, run: Run, content: str, line: int) -> None:
    """And nothing of it is shown, remembered or noted."""
    (tmp_path / "file.csv").write_text(content, "utf-8")
    ended = run("erase", tmp_path / "file.csv", "--home", home.root, "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert f"rad {line}:" in ended.err
    assert NUMBER not in ended.err
    assert not home.erased_persons.exists()
    assert not home.access_log.exists()


def test_a_file_that_is_not_there_is_told_as_that(home: Home, tmp_path: Path, run: Run) -> None:
    """Not as one that is of another kind."""
    ended = run("erase", tmp_path / "file.csv", "--home", home.root, "--yes")
    assert ended.code == 2
    assert "file.csv finns inte" in ended.err
    assert not home.access_log.exists()


def test_she_is_known_by_every_name_that_bridges_join(home: Home) -> None:
    """Also where the bridge came after she was erased."""
    remember(home, frozenset({("2026", TWO)}))
    remember(home, frozenset({("", THREE)}))
    assert erased_persons(home).received == {TWO, THREE}
    write_bridge(home.bridges / "2026.csv", Bridge("2025", "2026", pl.DataFrame({"former": [ONE], "current": [TWO]})))
    assert erased_persons(home).received == {ONE, TWO, THREE}


def test_rows_are_taken_out_by_name_in_whichever_column() -> None:
    """Also where it is written otherwise; rows of others, and without a name, stay as they are."""
    frame = pl.DataFrame({"0": ["a", f" {ONE.upper()} ", None, TWO], "1": [ONE, "b", "c", None], "row": [2, 3, 4, 5]})
    assert Persons(frozenset({ONE})).without(frame)["row"].to_list() == [4, 5]
    assert Persons(frozenset()).without(frame) is frame
    assert Persons(frozenset({ONE})).without(pl.DataFrame()).is_empty()


def test_what_is_left_of_an_extract_keeps_its_lines(home: Home) -> None:
    """And all that its reader said of it but rows; the file that came goes, and what is left of other bytes is not it."""
    folder = home.delivered("2482", "HT2025")
    folder.mkdir(parents=True)
    extract = Extract("enrolments", "enrolments.csv", "ab" * 32, 10)
    (folder / extract.file).write_bytes(b"as it came")
    frame = pl.DataFrame({"0": ["x"], "1": [None], "row": [7]}, {"0": pl.String, "1": pl.String, "row": pl.Int64})
    left = Table(("a", "b"), frame, (Fault("FILE_RAGGED", rows=(3,)),), "cp1252", ";")
    vault = vault_of(home)
    write_rest(vault, folder, extract, left)
    found = read_rest(vault, rest_of(folder, extract))
    assert found.frame.equals(left.frame)
    assert (found.header, found.faults, found.encoding, found.separator) == (left.header, left.faults, "cp1252", ";")
    assert not (folder / extract.file).exists()
    assert not rest_of(folder, Extract("enrolments", "enrolments.csv", "cd" * 32, 10)).exists()
    rest_of(folder, extract).write_bytes(b"damaged")
    with pytest.raises(BadInput):
        read_rest(vault, rest_of(folder, extract))
