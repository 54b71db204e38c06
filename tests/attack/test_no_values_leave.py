"""Someone searches all that is written outside the row store for a pupil: releases, records, Dagster's files, output.

Planted are pseudonyms, a cause text and a personnummer that occur nowhere else; a run with ``--record`` takes them in, and
another one fails inside a stage on such a value. The search itself is tried where the values must be found.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from avbrott.home import Home
from tests.integration.running import avbrott, write_sources

pytestmark = pytest.mark.xdist_group("no_values_leave")

PSEUDONYM = "facade" * 10 + "{:04x}"
PERSONNUMMER = "20070304-2391"
CAUSE = "Fosterhemsplacering"
POISON = "Hemlighetsfull"
NEEDLES = ("facadefacade", PERSONNUMMER, CAUSE, POISON)
PROVIDER, TERMS = "2480", {"HT2019": "2019-12-31", "VT2020": "2020-06-30", "HT2020": "2020-12-31"}


@dataclass(frozen=True)
class Searched:
    home: Home
    first: str
    """What the run that went through printed."""
    failed: str
    """What the run that failed inside a stage printed."""
    debugged: str
    """The same with --debug."""


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """A home after a run that was recorded, and after one that failed inside a stage on a value of a row."""
    home = Home(tmp_path_factory.mktemp("searched") / "home")
    write_sources(home.root, [PROVIDER])
    for term, last in TERMS.items():
        _deliver(home.outbox(PROVIDER, term), last)
    bad = home.outbox(PROVIDER, "VT2019")
    _deliver(bad, "2019-06-30")
    events = (bad / "events.csv").read_text("utf-8")
    (bad / "events.csv").write_text(events.replace("EJ_ANGIVET", CAUSE).replace("SKOLSITUATION", PERSONNUMMER), "utf-8")
    ran = avbrott("run", "--record", "--home", home.root)
    assert ran.code == 4, ran.output
    accepted = home.accepted("enrolments", PROVIDER, "HT2020")
    frame = pl.read_parquet(accepted)
    frame.with_columns(pl.lit(f"{POISON} {PSEUDONYM.format(1)}").alias("start_date")).write_parquet(accepted)
    (home.outbox(PROVIDER, "VT2020") / "datapackage.json").write_text('{"created": "2021-05-01"}')
    failed = avbrott("run", "--record", "--home", home.root)
    assert failed.code == 70, failed.output
    (home.outbox(PROVIDER, "VT2020") / "datapackage.json").write_text('{"created": "2021-05-02"}')
    debugged = avbrott("--debug", "run", "--record", "--home", home.root)
    return Searched(home, ran.output, failed.output, debugged.output)


def _deliver(outbox: Path, last: str) -> None:
    """Forty pupils of one school, some of whom leave."""
    outbox.mkdir(parents=True)
    pupils = [PSEUDONYM.format(number) for number in range(40)]
    enrolments = pl.DataFrame({"pseudonym": pupils}).with_columns(
        birth_year=pl.lit(2003),
        sex=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("Man")).otherwise(pl.lit("Kvinna")),
        home_municipality=pl.lit(PROVIDER),
        school_unit=pl.lit("99248001"),
        school_type=pl.lit("GY"),
        study_path=pl.lit("NA"),
        study_year=pl.lit("1"),
        start_date=pl.lit("2019-01-10"),
        end_date=pl.lit(None, pl.String),
        cancelled=pl.lit("false"),
    )
    enrolments.write_csv(outbox / "enrolments.csv")
    events = pl.DataFrame({"pseudonym": pupils[:8]}).with_columns(
        school_unit=pl.lit("99248001"),
        event=pl.lit("AVB"),
        event_date=pl.lit(last),
        registered_date=pl.lit(last),
        cause=pl.when(pl.int_range(pl.len()) < 4).then(pl.lit("EJ_ANGIVET")).otherwise(pl.lit("SKOLSITUATION")),
    )
    events.write_csv(outbox / "events.csv")


def _outside(home: Home) -> Iterator[Path]:
    """Every file under the home that is not in the row store, nor a frozen copy of it, nor the provider's own."""
    for file in sorted(path for path in home.root.rglob("*") if path.is_file()):
        parts = file.relative_to(home.root).parts
        frozen = parts[0] == "confidential" and "frozen" in parts
        if parts[0] not in ("store", "providers", "truth") and not frozen:
            yield file


def _holds(file: Path) -> list[str]:
    """The needles in a file: in its name and bytes; in a database also what is compressed; in Parquet what is encoded."""
    found = [needle for needle in NEEDLES if needle in str(file) or _in(needle, file.read_bytes())]
    if file.suffix == ".parquet":
        text = pl.read_parquet(file).write_ndjson()
        found += [needle for needle in NEEDLES if needle in text]
    if file.read_bytes().startswith(b"SQLite format 3"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    found += [needle for needle in NEEDLES if any(_in(needle, value) for value in row)]
    return found


def _in(needle: str, value: object) -> bool:
    """Whether a value holds the needle, as text, as UTF-16, or compressed."""
    if isinstance(value, str):
        return needle in value
    if not isinstance(value, bytes):
        return False
    if needle.encode() in value or needle.encode("utf-16-le") in value:
        return True
    try:
        return needle.encode() in zlib.decompress(value)
    except zlib.error:
        return False


def test_the_search_finds_what_is_there(searched: Searched) -> None:
    """In the row store each kind of needle is found: in text, in Parquet, and in a database."""
    inside = [file for file in searched.home.store.rglob("*") if file.is_file()]
    found = {needle for file in inside for needle in _holds(file)}
    assert found == set(NEEDLES)
    assert any(_holds(file) for file in inside if file.suffix == ".parquet")
    release = next(searched.home.root.glob("confidential/*/frozen/outcomes.parquet"))
    assert "facadefacade" in _holds(release)


def test_the_search_reads_databases(tmp_path: Path) -> None:
    """Also a value that is compressed in one."""
    file = tmp_path / "events.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE logs (body BLOB)")
        database.execute("INSERT INTO logs VALUES (?)", (zlib.compress(f"was {POISON}".encode()),))
    assert _holds(file) == [POISON]


def test_nothing_written_outside_the_store_holds_a_row(searched: Searched) -> None:
    """Releases, confidential records, Dagster's runs and events, compute logs: not a needle in any file."""
    files = list(_outside(searched.home))
    top = {file.relative_to(searched.home.root).parts[0] for file in files}
    assert top >= {"releases", "confidential", "dagster"}
    assert sum(file.read_bytes().startswith(b"SQLite format 3") for file in files) >= 2
    assert {str(file): _holds(file) for file in files if _holds(file)} == {}


def test_nothing_printed_holds_a_row(searched: Searched) -> None:
    """Neither a run that refuses a delivery, nor one that fails inside a stage, nor its traceback."""
    assert "IDENTITY_CONTENT" in searched.first
    assert "ConversionException" in searched.failed
    assert "Traceback" not in searched.failed
    assert "Traceback" in searched.debugged
    for output in (searched.first, searched.failed, searched.debugged):
        assert [needle for needle in NEEDLES if needle in output] == []


def test_the_failed_run_left_the_release_as_it_was(searched: Searched) -> None:
    """It is there, and it passes its audit."""
    audited = avbrott("audit", "current", "--home", searched.home.root)
    assert audited.code == 0, audited.output
