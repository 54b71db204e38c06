"""Rows at rest: encrypted, authenticated, deterministic; a lost or another key stops before anything is written over."""

from __future__ import annotations

import json
import os
import stat
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avbrott import atomic
from avbrott.at_rest import container, rotation
from avbrott.at_rest.files import copy, read_bytes, read_frame, write_bytes, write_frame
from avbrott.at_rest.tables import Tables, written
from avbrott.at_rest.vault import SETTING, Vault, row_files, vault_of
from avbrott.delivery import package
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.keys import Key
from avbrott.session import fetch, session
from tests.unit.conftest import Run

MARKER = "facade0123456789"
ROWS = pl.DataFrame({"pseudonym": [f"{MARKER}{n:04x}" for n in range(500)], "number": list(range(500))})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "var")


def place(home: Home) -> Path:
    return home.accepted("enrolments", "2480", "HT2025")


def filled(home: Home) -> Path:
    """A home with a delivered, an accepted and a frozen file."""
    vault = vault_of(home)
    write_bytes(vault, home.delivered("2480", "HT2025") / "enrolments.csv", MARKER.encode())
    (home.delivered("2480", "HT2025") / "delivery.json").write_text("{}")
    write_frame(vault, place(home), ROWS)
    copy(vault, place(home), home.frozen("2026-02-15") / "outcomes.parquet")
    (home.frozen("2026-02-15") / "outcomes.parquet").chmod(0o400)
    return place(home)


def test_nothing_can_be_read_without_the_key(home: Home) -> None:
    """Neither as text nor as Parquet; with the key the rows are what they were."""
    file = filled(home)
    for there in (file for file in home.store.rglob("*") if file.is_file()):
        assert MARKER.encode() not in there.read_bytes()
    with pytest.raises(pl.exceptions.ComputeError):
        pl.read_parquet(file)
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"SELECT * FROM read_parquet('{file}')")
    assert read_frame(vault_of(home), file).equals(ROWS)


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no modes")
def test_only_the_owner_may_look(home: Home) -> None:
    """Also into a store that is there already and is open."""
    home.store.mkdir(parents=True)
    home.store.chmod(0o755)
    filled(home)
    folders = [home.store, *(path for path in home.store.rglob("*") if path.is_dir())]
    files = [path for path in home.store.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for file in (*files, home.store_key)} == {0o600, 0o400}


def test_equal_content_in_an_equal_place_is_an_equal_file(home: Home) -> None:
    """So that what is unchanged can be told; elsewhere it is another one."""
    file = filled(home)
    before = file.read_bytes()
    write_frame(vault_of(home), file, ROWS)
    assert file.read_bytes() == before
    frozen = home.frozen("2026-02-15") / "outcomes.parquet"
    assert frozen.read_bytes() != before
    assert read_bytes(vault_of(home), frozen) == read_bytes(vault_of(home), file)
    frozen.parent.rename(home.frozen("2026-02-16"))
    assert read_frame(vault_of(home), home.frozen("2026-02-16") / "outcomes.parquet").equals(ROWS)


SECRET = bytes(range(32))
SIZES = st.sampled_from([0, 1, container.PIECE - 1, container.PIECE, container.PIECE + 1, 2 * container.PIECE])


@settings(max_examples=25, deadline=None)
@given(SIZES, st.data())
def test_a_file_that_was_changed_anywhere_does_not_open(size: int, data: st.DataObject) -> None:
    """A byte changed, cut off or added, a piece left out or moved, another place: none of it is read as anything."""
    written = _sealed(b"x" * size, "accepted/a")
    assert container.opened(written, container.cipher(SECRET, "accepted/a")) == b"x" * size
    at = data.draw(st.integers(0, len(written) - 1))
    piece = container.PIECE + 16
    damaged = {
        "changed": written[:at] + bytes([written[at] ^ 1]) + written[at + 1 :],
        "cut": written[:at],
        "added": written + b"\0",
        "first piece gone": written[: container.HEAD] + written[container.HEAD + piece :],
        "last piece gone": written[: container.HEAD + (len(written) - container.HEAD - 1) // piece * piece],
    }
    for name, content in damaged.items():
        assert not _opens(content), name
    with pytest.raises(container.Damaged):
        container.opened(written, container.cipher(SECRET, "accepted/b"))


def _opens(content: bytes) -> bool:
    try:
        container.opened(content, container.cipher(SECRET, "accepted/a"))
    except container.Damaged:
        return False
    return True


def _sealed(content: bytes, where: str) -> bytes:
    vault = Vault.under(Path(), Key("store", "", SECRET))

    class Kept(list):
        def write(self, part: bytes) -> None:
            self.append(part)

    sink = Kept()
    stream = container.Sealing(sink, container.cipher(SECRET, where), vault.head)
    for start in range(0, len(content), 700_000):
        stream.write(content[start : start + 700_000])
    stream.close()
    return b"".join(sink)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda held: held[:-1], "STORE_FILE_DAMAGED"),
        (lambda held: held[:5], "STORE_FILE_DAMAGED"),
        (lambda held: held[:30] + bytes([held[30] ^ 1]) + held[31:], "STORE_FILE_DAMAGED"),
        (lambda held: held[:9] + bytes([held[9] ^ 1]) + held[10:], "STORE_FILE_KEY_OTHER"),
        (lambda held: b"pseudonym,number\n" + held, "STORE_FILE_PLAIN"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(home: Home, change, code: str) -> None:
    """By name; to a query of DuckDB as to whoever reads it."""
    file = filled(home)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(BadInput, match=code) as told:
        read_frame(vault_of(home), file)
    assert told.value.parameters == {"file": str(file)}
    with pytest.raises(BadInput, match=code):
        _summed(home, file)


def _summed(home: Home, file: Path) -> None:
    with session() as connection, Tables(vault_of(home), connection) as stored:
        stored.open("rows", [file], {"number": "BIGINT"})
        fetch(connection, "SELECT sum(number) FROM rows")


def test_duckdb_reads_files_one_after_the_other_and_again(home: Home) -> None:
    """A column that a file lacks is null there; a view that is read twice has its rows twice."""
    vault = vault_of(home)
    files = [home.accepted("events", name, "HT2025") for name in ("a", "b")]
    write_frame(vault, files[0], pl.DataFrame({"pseudonym": ["p"], "number": [1]}))
    write_frame(vault, files[1], pl.DataFrame({"pseudonym": ["q", "p"]}))
    with session() as connection, Tables(vault, connection) as stored:
        stored.open("rows", files, {"pseudonym": "VARCHAR", "number": "BIGINT"})
        joined = "SELECT a.pseudonym, b.number FROM rows AS a JOIN rows AS b USING (pseudonym) ORDER BY ALL"
        assert fetch(connection, joined).rows() == [("p", 1), ("p", 1), ("p", None), ("p", None), ("q", None)]
        with written(vault, home.linked("x")) as file:
            file.add(stored.found("SELECT * FROM rows ORDER BY pseudonym, number"))
    assert file.rows == 3
    assert read_frame(vault, home.linked("x")).rows() == [("p", 1), ("p", None), ("q", None)]


def test_many_rows_are_written_in_the_same_groups_whatever_came_first(home: Home) -> None:
    """More than a group: all of them, in their order, and the same bytes again, by one query or by several."""
    vault, query = vault_of(home), "SELECT range AS n, md5(range::VARCHAR) AS p FROM range({}, {}) ORDER BY n"
    made = []
    for threads, ends in ((1, (0, 300_000)), (2, (0, 300_000)), (2, (0, 7, 7, 130_001, 299_000, 300_000))):
        with session(threads=threads) as connection, Tables(vault, connection) as stored:
            with written(vault, home.linked("x")) as file:
                for first, end in pairwise(ends):
                    file.add(stored.found(query.format(first, end)))
            assert file.rows == 300_000
        made.append(home.linked("x").read_bytes())
    assert made[0] == made[1] == made[2]
    assert read_frame(vault, home.linked("x"))["n"].to_list() == list(range(300_000))


def test_a_lost_or_another_key_stops_before_anything_is_written(home: Home) -> None:
    """The store knows its key; nothing is made in place of one that is lost."""
    file = filled(home)
    before, key = file.read_bytes(), home.store_key.read_bytes()
    home.store_key.unlink()
    with pytest.raises(BadInput, match="STORE_KEY_MISSING"):
        vault_of(home)
    assert not home.store_key.exists()
    other = Home(home.root.parent / "other")
    vault_of(other)
    home.store_key.write_bytes(other.store_key.read_bytes())
    with pytest.raises(BadInput, match="STORE_KEY_OTHER"):
        vault_of(home)
    home.store_key.write_bytes(key)
    assert read_frame(vault_of(home), file).equals(ROWS)
    assert file.read_bytes() == before


def test_the_key_may_lie_elsewhere(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a setting says; it is made there too."""
    elsewhere = tmp_path / "keys" / "hub-store.key"
    monkeypatch.setenv(SETTING, str(elsewhere))
    filled(home)
    assert elsewhere.is_file()
    assert not home.store_key.exists()
    assert json.loads(elsewhere.read_bytes())["avbrott_key"] == "store"


def test_another_key_for_the_whole_store(home: Home) -> None:
    """Every file is encrypted anew and holds what it held; the former key opens none, and frozen rows stay read-only."""
    file = filled(home)
    atomic.write_text(home.linked_from, "a sum, and no row\n")
    former, before = vault_of(home), file.read_bytes()
    assert rotation.rotate(home) == 3
    assert home.linked_from.read_text("utf-8") == "a sum, and no row\n"
    assert read_frame(vault_of(home), file).equals(ROWS)
    assert file.read_bytes() != before
    with pytest.raises(BadInput, match="STORE_FILE_KEY_OTHER"):
        read_frame(former, file)
    assert stat.S_IMODE((home.frozen("2026-02-15") / "outcomes.parquet").stat().st_mode) == 0o400
    assert [path.name for path in home.root.iterdir() if path.is_file()] == ["store.key"]


class Killed(BaseException):
    """The run ends here."""


@pytest.mark.parametrize("number", range(1, 7))
def test_a_change_of_key_that_was_killed_is_gone_on_with(home: Home, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any file, before the store says so, and before the key has its name."""
    filled(home)
    taken = []

    def dying(real):
        def step(*arguments: object) -> object:
            taken.append(real)
            if len(taken) == number:
                raise Killed
            return real(*arguments)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "rewrite", dying(rotation.rewrite))
        patch.setattr(rotation.atomic, "write_text", dying(rotation.atomic.write_text))
        patch.setattr(rotation, "_finish", dying(rotation._finish))
        with pytest.raises(Killed):
            rotation.rotate(home)
    assert rotation.rotate(home) == 3
    assert not rotation._waiting(home).exists()
    vault = vault_of(home)
    assert all(file.read_bytes().startswith(vault.head) for file in row_files(home))
    assert read_frame(vault, place(home)).equals(ROWS)


def test_a_store_of_an_earlier_version_is_told_and_encrypted(home: Home, run: Run) -> None:
    """Nothing is read or written before; afterwards every file is, and its owner's alone."""
    place(home).parent.mkdir(parents=True)
    ROWS.write_parquet(place(home))
    with pytest.raises(BadInput, match="STORE_PLAIN"):
        vault_of(home)
    assert not home.store_key.exists()
    ended = run("keys", "store", "--encrypt", "--home", home.root, "--yes")
    assert ended.code == 0, ended.err
    assert "1 fil" in ended.out
    assert read_frame(vault_of(home), place(home)).equals(ROWS)
    assert stat.S_IMODE(place(home).parent.stat().st_mode) == 0o700


def test_the_command_tells_a_fingerprint_and_never_the_key(home: Home, run: Run) -> None:
    """Nor does it make a store where there is none."""
    assert run("keys", "store", "--home", home.root).code == 2
    assert not home.root.exists()
    filled(home)
    ended = run("keys", "store", "--home", home.root, "--rotate", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(home.store_key.read_bytes())["key"] not in ended.out
    assert home.sealed_by.read_text().strip() in ended.out
    assert run("keys", "store", "--home", home.root, "--rotate", "--encrypt").code == 2


ROOT = Path(package.__file__).parents[2]
DOORS = {"avbrott/at_rest/files.py", "avbrott/at_rest/tables.py"}
NO_ROWS_OF_PERSONS = {
    "avbrott/atomic.py",  # findings, watches, counted cells, records
    "avbrott/findings.py",
    "avbrott/delivery/parquet.py",  # a file as it is delivered, in a process of its own
    "avbrott/disclosure/files.py",  # the record: cells and witnesses
    "avbrott/release/record.py",
    "avbrott/release/stage.py",  # counted cells
    "avbrott/expectations/kept.py",  # watches
    "avbrott/synthetic/correct.py",  # what the invented county knows
    "avbrott/synthetic/outbox.py",  # what the invented county delivers
    "avbrott/retention/reduced.py",  # bytes that the door encrypts
    "avbrott/sealing/seal.py",  # a provider's delivery, which is encrypted before it is a file
    "avbrott/sending/record.py",  # what a provider sent, at the provider
    "avbrott/open_data/tidy.py",  # what is public
    "avbrott/open_data/verify.py",
}


def test_parquet_is_read_and_written_by_the_door_or_holds_no_row_of_a_person() -> None:
    """A new place that reads or writes Parquet is one of the listed ones or goes by ``at_rest``."""
    found = set()
    for folder in ("avbrott", "assets", "pipelines", "dashboards"):
        for file in (ROOT / folder).rglob("*.py"):
            name, text = file.relative_to(ROOT).as_posix(), file.read_text("utf-8")
            calls = (
                "pl.read_parquet(",
                "scan_parquet(",
                ".write_parquet(",
                "sink_parquet(",
                "ParquetWriter(",
                "ParquetFile(",
            )
            if any(call in text for call in calls) and not name.startswith("avbrott/tabular/"):
                found.add(name)
    assert found == DOORS | NO_ROWS_OF_PERSONS
