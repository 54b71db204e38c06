"""Someone searches all that is written outside the row store for a pupil: releases, records, Dagster's files, output.

Planted are pseudonyms, a cause text and a personnummer that occur nowhere else; a run with ``--record`` takes them in, and
another one fails inside a stage on such a value. Searched is every file under the home but the store's and the providers'
own, and every file that a process of these runs had in the folder for temporary files, one that it removed again as well
where that was there for some hundredths of a second. The search itself is tried where the values must be found.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import polars as pl
import pytest

from avbrott.at_rest.container import MAGIC
from avbrott.home import Home
from avbrott.identity.pseudonym import at_hub
from avbrott.identity.rekey import place_key
from tests import stored
from tests.integration.running import avbrott, write_sources

pytestmark = pytest.mark.xdist_group("no_values_leave")

PSEUDONYM = "facade" * 10 + "{:04x}"
PERSONNUMMER = "20070304-2391"
CAUSE = "Fosterhemsplacering"
POISON = "Hemlighetsfull"
HUB_SECRET = bytes(range(100, 132))
AT_HUB = tuple(at_hub(HUB_SECRET, pl.Series([PSEUDONYM.format(number) for number in (0, 9, 39)])))
"""What the hub calls three of the pupils."""
NEEDLES = ("facadefacade", *AT_HUB, PERSONNUMMER, CAUSE, POISON)
PROVIDER, TERMS = "2480", {"HT2019": "2019-12-31", "VT2020": "2020-06-30", "HT2020": "2020-12-31"}


@dataclass(frozen=True)
class Searched:
    home: Home
    temporary: Path
    """What was in the folder for temporary files, at the end or on the way."""
    first: str
    """What the run that went through printed."""
    failed: str
    """What the run that failed inside a stage printed."""
    debugged: str
    """The same with --debug."""
    logged: str
    """What a run over the same deliveries told to who collects logs, and one that failed."""


@contextmanager
def keeping(folder: Path, kept: Path) -> Iterator[None]:
    """Link to each file of ``folder`` from ``kept``, as soon as it is there: its content then outlives its removal."""
    seen: set[int] = set()
    done = Event()

    def look() -> None:
        for file in folder.rglob("*"):
            with suppress(OSError):
                if file.is_file() and file.stat().st_ino not in seen:
                    os.link(file, kept / f"{len(seen)}-{file.name}")
                    seen.add(file.stat().st_ino)

    def watch() -> None:
        while not done.wait(0.01):
            with suppress(OSError):
                look()

    watching = Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
        look()


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """A home after a run that was recorded, and after one that failed inside a stage on a value of a row."""
    home = Home(tmp_path_factory.mktemp("searched") / "home")
    temporary, kept = tmp_path_factory.mktemp("temporary"), tmp_path_factory.mktemp("kept")
    with keeping(temporary, kept):
        return _ran(home, temporary, kept)


def _ran(home: Home, temporary: Path, kept: Path) -> Searched:
    write_sources(home.root, [PROVIDER])
    place_key(home, HUB_SECRET)
    for term, last in TERMS.items():
        _deliver(home.outbox(PROVIDER, term), last)
    bad = home.outbox(PROVIDER, "VT2019")
    _deliver(bad, "2019-06-30")
    events = (bad / "events.csv").read_text("utf-8")
    (bad / "events.csv").write_text(events.replace("EJ_ANGIVET", CAUSE).replace("SKOLSITUATION", PERSONNUMMER), "utf-8")
    elsewhere = Home(home.root.with_name("logged"))
    shutil.copytree(home.root, elsewhere.root)
    lines = avbrott("run", "--home", elsewhere.root, AVBROTT_LOG_FORMAT="json", PYTHONWARNINGS="ignore")
    assert lines.code == 4, lines.output
    ran = avbrott("run", "--record", "--home", home.root, temporary=temporary)
    assert ran.code == 4, ran.output
    accepted = home.accepted("enrolments", PROVIDER, "HT2020")
    frame = stored.rows(home, accepted).with_columns(pl.lit(f"{POISON} {PSEUDONYM.format(1)}").alias("start_date"))
    stored.put_rows(home, accepted, frame)
    (home.outbox(PROVIDER, "VT2020") / "datapackage.json").write_text('{"created": "2021-05-01"}')
    failed = avbrott("run", "--record", "--home", home.root, temporary=temporary)
    assert failed.code == 70, failed.output
    (home.outbox(PROVIDER, "VT2020") / "datapackage.json").write_text('{"created": "2021-05-02"}')
    debugged = avbrott("--debug", "run", "--record", "--home", home.root, temporary=temporary)
    (home.outbox(PROVIDER, "VT2020") / "datapackage.json").write_text('{"created": "2021-05-03"}')
    more = avbrott("run", "--home", home.root, AVBROTT_LOG_FORMAT="json", PYTHONWARNINGS="ignore")
    return Searched(home, kept, ran.output, failed.output, debugged.output, lines.output + more.output)


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
    """Every file under the home that is not in the row store, nor the provider's own."""
    for file in sorted(path for path in home.root.rglob("*") if path.is_file()):
        if file.relative_to(home.root).parts[0] not in ("store", "providers"):
            yield file


def _holds(file: Path, home: Home | None = None) -> list[str]:
    """The needles in a file: in its name and bytes; in a database also what is compressed; in Parquet what is encoded.

    With ``home``, also what is encrypted with the key of its store.
    """
    held = file.read_bytes()
    if home is not None and held.startswith(MAGIC):
        held = stored.content(home, file)
    found = [needle for needle in NEEDLES if needle in str(file) or _in(needle, held)]
    if held.startswith(b"PAR1"):
        text = pl.read_parquet(io.BytesIO(held)).write_ndjson()
        found += [needle for needle in NEEDLES if needle in text]
    if held.startswith(b"SQLite format 3"):
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
    """Who has the key finds each kind of needle in the row store: in text and in Parquet."""
    home = searched.home
    inside = [file for file in home.store.rglob("*") if file.is_file()]
    found = {needle for file in inside for needle in _holds(file, home)}
    assert found == set(NEEDLES)
    assert any(_holds(file, home) for file in inside if file.suffix == ".parquet")
    frozen = _holds(next(home.frozen("").glob("*/outcomes.parquet")), home)
    assert {*frozen} == {*AT_HUB}


def test_without_its_key_the_store_gives_nothing_away(searched: Searched) -> None:
    """No needle in any file of it, after all stages of a run and one that failed on a value; nor is the key in it."""
    inside = [file for file in searched.home.store.rglob("*") if file.is_file()]
    folders = {file.relative_to(searched.home.store).parts[0] for file in inside}
    assert folders >= {"delivered", "accepted", "linked", "counted", "frozen", "protected"}
    assert {str(file): _holds(file) for file in inside if _holds(file)} == {}
    secret = json.loads(searched.home.store_key.read_bytes())["key"]
    assert [file for file in inside if _in(secret, file.read_bytes()) or bytes.fromhex(secret) in file.read_bytes()] == []


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no modes")
def test_the_store_is_its_owner_s_alone(searched: Searched) -> None:
    """Every folder 0700 and every file 0600, or 0400 where it must not change; the key and the records too."""
    home = searched.home
    kept = [home.store, home.confidential(""), *home.store.rglob("*"), *home.confidential("").glob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in kept}
    assert modes == {(True, 0o700), (False, 0o600), (False, 0o400)}
    assert stat.S_IMODE(home.store_key.stat().st_mode) == 0o600


def test_the_search_sees_what_is_there_for_a_moment(tmp_path: Path) -> None:
    """A file that is written and removed while a run lasts is kept and searched, in a folder of its own as well."""
    folder, kept = tmp_path / "folder", tmp_path / "kept"
    (folder / "inside").mkdir(parents=True)
    kept.mkdir()
    with keeping(folder, kept):
        (folder / "inside" / "spilled").write_text(POISON)
        until = time.monotonic() + 10
        while not list(kept.iterdir()) and time.monotonic() < until:
            time.sleep(0.01)
        (folder / "inside" / "spilled").unlink()
    assert [_holds(file) for file in kept.iterdir()] == [[POISON]]


def test_the_search_reads_databases(tmp_path: Path) -> None:
    """Also a value that is compressed in one."""
    file = tmp_path / "events.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE logs (body BLOB)")
        database.execute("INSERT INTO logs VALUES (?)", (zlib.compress(f"was {POISON}".encode()),))
    assert _holds(file) == [POISON]


def test_nothing_written_outside_the_store_holds_a_row(searched: Searched) -> None:
    """Releases, private pages and Data Docs, confidential records, Dagster's runs and events, logs: not a needle."""
    files = list(_outside(searched.home))
    top = {file.relative_to(searched.home.root).parts[0] for file in files}
    assert top >= {"releases", "confidential", "private", "dagster"}
    told = {file.name for file in searched.home.private("").glob(f"*/providers/{PROVIDER}/*")}
    assert told == {"avbrott.css", "data_docs.html", "data_docs_en.html", "en.html", "figures.json", "index.html"}
    assert sum(file.read_bytes().startswith(b"SQLite format 3") for file in files) >= 2
    assert {str(file): _holds(file) for file in files if _holds(file)} == {}
    assert [file for file in files if _in(HUB_SECRET.hex(), file.read_bytes())] == [searched.home.hub_key]


def test_what_is_accepted_has_no_delivered_pseudonym(searched: Searched) -> None:
    """Nor has anything else of the store but the deliveries as they came."""
    kept = [file for file in searched.home.store.rglob("*") if file.is_file() and "delivered" not in file.parts]
    poisoned = searched.home.accepted("enrolments", PROVIDER, "HT2020")
    assert [str(file) for file in kept if "facadefacade" in _holds(file, searched.home) and file != poisoned] == []


def test_the_confidential_record_has_no_rows_of_persons(searched: Searched) -> None:
    """It holds cells, by no pseudonym: what a release was counted from is in the store."""
    record = list(searched.home.confidential("").rglob("*.parquet"))
    assert {file.stem for file in record} == {"cells", "witnesses", "earlier", "decisions"}
    assert [file.name for file in record if "pseudonym" in pl.read_parquet_schema(file)] == []


def test_nothing_in_the_temporary_folder_holds_a_row(searched: Searched) -> None:
    """Not a file of the runs, nor of the process of Great Expectations that they start."""
    assert {file.name: _holds(file) for file in searched.temporary.iterdir() if _holds(file)} == {}


def test_nothing_printed_holds_a_row(searched: Searched) -> None:
    """Neither a run that refuses a delivery, nor one that fails inside a stage, nor its traceback."""
    assert "IDENTITY_CONTENT" in searched.first
    assert "InvalidInputException" in searched.failed
    assert "Traceback" not in searched.failed
    assert "Traceback" in searched.debugged
    for output in (searched.first, searched.failed, searched.debugged):
        assert [needle for needle in NEEDLES if needle in output] == []


def test_nothing_logged_holds_a_row(searched: Searched) -> None:
    """Lines of JSON of a run that refuses a delivery, and of one that fails inside a stage: codes, names and counts."""
    told = [json.loads(line) for line in searched.logged.splitlines()]
    codes = {code for line in told for code in (line["code"], *line["about"].get("codes", []))}
    assert codes >= {"STAGE_DONE", "DELIVERY_REFUSED", "IDENTITY_CONTENT", "RELEASED", "STAGE_FAILED", "INTERNAL_ERROR"}
    assert [needle for needle in NEEDLES if needle in searched.logged] == []


def test_the_failed_run_left_the_release_as_it_was(searched: Searched) -> None:
    """It is there, and it passes its audit."""
    audited = avbrott("audit", "current", "--home", searched.home.root)
    assert audited.code == 0, audited.output
