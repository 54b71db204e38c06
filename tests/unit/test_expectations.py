"""Counts of deliveries that are out of the ordinary are seen, and only because a suite looks. Never rows of persons."""

import dataclasses
import io
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import polars as pl
import pytest
import yaml
from rich.console import Console

from avbrott.delivery.pull import pull
from avbrott.expectations import counted as counting_of_files
from avbrott.expectations import process
from avbrott.expectations.contract import BESIDE, COLUMNS, KEYS, Expectations
from avbrott.expectations.counted import counted
from avbrott.expectations.frames import count_frames, coverage, moves, rows, shares
from avbrott.expectations.kept import keep_watches, kept_watches
from avbrott.expectations.report import PLACES_SHOWN, print_watches
from avbrott.expectations.suites import Watch, watch
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.texts import load_messages
from tests import stored

PERSON = "c0ffee" * 10 + "beef"
"""A pseudonym that would be recognised wherever it is not meant to be."""

TERMS = [Term.parse(term) for term in ("HT2012", "VT2013", "HT2013")]


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts()


def accept(home: Home, extract: str, provider: str, term: Term, number: int, **columns: list) -> None:
    """Put ``number`` accepted rows in the store; a column that is not given is not there."""
    frame = pl.DataFrame({"provider": [provider] * number, "term": [str(term)] * number, "pseudonym": [PERSON] * number})
    filled = frame.with_columns(pl.Series(name, values) for name, values in columns.items())
    stored.put_rows(home, home.accepted(extract, provider, str(term)), filled)


def deliver(home: Home, contracts: Contracts, provider: str, term: Term) -> None:
    """Leave a file of enrolments in the outbox and pull it."""
    outbox = home.outbox(provider, str(term))
    outbox.mkdir(parents=True)
    (outbox / "enrolments.csv").write_text(f"pseudonym\n{PERSON}\n", "utf-8")
    places = [f"providers/{folder.name}/outbox" for folder in (home.root / "providers").iterdir()]
    listed = {place.split("/")[1]: {"folder": place, "plain": True} for place in places}
    home.sources.write_text(yaml.safe_dump({"sources": listed}), "utf-8")
    pull(home, contracts, provider, term)


def enrol(home: Home, provider: str, term: Term, number: int, cancelled: int = 0) -> None:
    """Accepted enrolments, the first ``cancelled`` of them ended early."""
    accept(home, "enrolments", provider, term, number, cancelled=[index < cancelled for index in range(number)])


def found(watches: list[Watch], code: str) -> Watch:
    return next(entry for entry in watches if entry.code == code)


def test_a_planted_jump_is_caught_and_goes_unnoticed_without_its_suite(tmp_path, contracts):
    """Three times as many enrolments as the term before is told by provider and term; take the suite out, and nobody sees."""
    home = Home(tmp_path)
    for term, number in zip(TERMS, (100, 104, 330), strict=True):
        enrol(home, "2481", term, number)
        enrol(home, "2482", term, 900)
    frames = {"rows": rows(counted(home, contracts, TERMS), contracts)}
    jumped = found(watch(frames, contracts), "ROWS_JUMPED")
    assert not jumped.success
    assert jumped.failing == (("2481", "enrolments", "HT2013"),)
    assert jumped.looked_at == 4
    others = tuple(suite for suite in contracts.expectations.suites if suite.name != "plausibility")
    without = contracts.expectations.model_copy(update={"suites": others})
    assert all(entry.success for entry in watch(frames, dataclasses.replace(contracts, expectations=without)))


def test_a_fall_to_nothing_is_caught_and_small_numbers_are_left_to_chance(tmp_path, contracts):
    """An extract that came empty is told; a village school that goes from 2 to 9 pupils is not."""
    home = Home(tmp_path)
    for term, large, small in zip(TERMS, (100, 0, 0), (2, 9, 9), strict=True):
        enrol(home, "2481", term, large)
        enrol(home, "2401", term, small)
    jumped = found(watch({"rows": rows(counted(home, contracts, TERMS), contracts)}, contracts), "ROWS_JUMPED")
    assert jumped.failing == (("2481", "enrolments", "VT2013"),)


def test_a_new_member_is_held_against_nothing(tmp_path, contracts):
    """The first delivery has no term before it, and is no finding."""
    home = Home(tmp_path)
    enrol(home, "2481", TERMS[0], 100)
    frame = rows(counted(home, contracts, TERMS), contracts)
    assert frame["ratio"].to_list() == [None]
    assert found(watch({"rows": frame}, contracts), "ROWS_JUMPED").looked_at == 0


def test_a_jump_after_a_missing_term_is_caught(tmp_path, contracts):
    """Where the term before was not delivered, the last one that was is what a count is held against."""
    home = Home(tmp_path)
    for term, number in (("HT2012", 100), ("HT2013", 400), ("VT2014", 410)):
        enrol(home, "2481", Term.parse(term), number)
    frame = rows(counted(home, contracts, [Term.parse(term) for term in ("HT2012", "VT2013", "HT2013", "VT2014")]), contracts)
    assert frame.select("term", "rows_before").rows() == [("HT2012", None), ("HT2013", 100), ("VT2014", 400)]
    assert found(watch({"rows": frame}, contracts), "ROWS_JUMPED").failing == (("2481", "enrolments", "HT2013"),)


def test_what_differs_by_season_is_held_against_its_own_season(tmp_path, contracts):
    """Events of an autumn go back to an earlier autumn, never to the spring between, however many autumns are missing."""
    home = Home(tmp_path)
    terms = [Term.parse(term) for term in ("HT2012", "VT2013", "VT2014", "HT2015")]
    for term, number in zip(terms, (100, 900, 950, 120), strict=True):
        accept(home, "events", "2481", term, number, event=["AVB"] * number, cause=["OKAND"] * number)
    frame = rows(counted(home, contracts, terms), contracts)
    before = dict(frame.select("term", "rows_before").rows())
    assert before == {"HT2012": None, "VT2013": None, "VT2014": 900, "HT2015": 100}
    assert found(watch({"rows": frame}, contracts), "ROWS_JUMPED").success
    share = (
        shares(counted(home, contracts, terms), contracts)
        .filter(pl.col("share") == "dropouts")
        .select("term", "change_points")
    )
    assert dict(share.rows()) == {"HT2012": None, "VT2013": None, "VT2014": 0.0, "HT2015": 0.0}


def test_a_share_that_changes_is_caught(tmp_path, contracts):
    """From 5 to 40 per cent of enrolments ended early, autumn against autumn."""
    home = Home(tmp_path)
    enrol(home, "2481", TERMS[0], 100, cancelled=5)
    enrol(home, "2481", TERMS[2], 100, cancelled=40)
    enrol(home, "2482", TERMS[0], 100, cancelled=5)
    enrol(home, "2482", TERMS[2], 100, cancelled=9)
    frame = shares(counted(home, contracts, TERMS), contracts)
    changed = frame.filter(pl.col("share") == "cancelled", pl.col("change_points").is_not_null())
    assert changed.select("provider", "base", "part").rows() == [("2481", 100, 40), ("2482", 100, 9)]
    assert changed["change_points"].to_list() == pytest.approx([35.0, 4.0])
    assert found(watch({"shares": frame}, contracts), "SHARE_CHANGED").failing == (("2481", "cancelled", "HT2013"),)


def test_a_file_is_counted_once(tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """And again when it is another; also where what was kept cannot be read, or other things are watched."""
    home = Home(tmp_path)
    enrol(home, "2481", TERMS[0], 10)
    enrol(home, "2482", TERMS[0], 5)
    first = counted(home, contracts, TERMS)
    read: list[str] = []
    real = counting_of_files.read_frame
    monkeypatch.setattr(counting_of_files, "read_frame", lambda *given: read.append(given[1].stem) or real(*given))
    assert all(frame.equals(first[name]) for name, frame in counted(home, contracts, TERMS).items())
    assert read == []
    enrol(home, "2482", TERMS[0], 6)
    assert counted(home, contracts, TERMS)["enrolments"]["rows"].to_list() == [10, 6]
    assert read == ["2482"]
    home.accepted("enrolments", "2481", str(TERMS[0])).unlink()
    assert counted(home, contracts, TERMS)["enrolments"]["rows"].to_list() == [6]
    assert "2481" not in home.watched_files.read_text("utf-8")
    read.clear()
    home.watched_files.write_text("{", "utf-8")
    counted(home, contracts, TERMS)
    watched = contracts.expectations.model_copy(update={"shares": contracts.expectations.shares[:1]})
    counted(home, dataclasses.replace(contracts, expectations=watched), TERMS)
    assert read == ["2482", "2482"]


def test_the_base_of_a_share_is_the_rows_it_is_of(tmp_path, contracts):
    """Causes not given are a share of dropouts, not of all events; an empty cause is none of the listed."""
    home = Home(tmp_path)
    events = ["AVB"] * 4 + ["EXA"] * 6
    causes = ["OKAND", "FEL_VAL", "EJ_ANGIVET", None, *[None] * 6]
    accept(home, "events", "2481", TERMS[0], 10, event=events, cause=causes)
    found_shares = shares(counted(home, contracts, TERMS), contracts)
    bases = {share: (base, part) for _, share, _, base, part, *_ in found_shares.rows()}
    assert bases == {"dropouts": (10, 4), "cause_not_given": (4, 2)}


def test_coverage_counts_what_was_expected_delivered_and_accepted(tmp_path, contracts):
    """A missing delivery lowers coverage, a refused one what was accepted; both are told by term and extract."""
    home = Home(tmp_path)
    members = [s.id for s in contracts.suppliers.members(TERMS[0]) if "enrolments" in s.extracts]
    for provider in members[: len(members) // 2]:
        deliver(home, contracts, provider, TERMS[0])
    for provider in members[:3]:
        enrol(home, provider, TERMS[0], 5)
    frame = coverage(home, contracts, TERMS[:1]).filter(pl.col("extract") == "enrolments")
    assert frame.select("expected", "delivered", "accepted").rows() == [(len(members), len(members) // 2, 3)]
    watches = watch({"coverage": frame}, contracts)
    assert found(watches, "COVERAGE_LOW").failing == (("HT2012", "enrolments"),)
    assert found(watches, "ACCEPTED_LOW").failing == (("HT2012", "enrolments"),)
    assert found(watches, "DELIVERED_TWICE").success


def test_both_sides_view_of_moves_is_held_together(tmp_path, contracts):
    """A provider whose pupils turn up elsewhere without being reported as moved is told, and so is the opposite."""
    home = Home(tmp_path)
    table = [("2480", "HT2012", 40, 35), ("2481", "HT2012", 2, 30), ("2482", "HT2012", 30, 0), ("2401", "HT2012", 0, 2)]
    columns = ["provider", "term", "moved_out_reported", "moved_out_seen"]
    stored.put_rows(home, home.linked("moved"), pl.DataFrame(table, schema=columns, orient="row"))
    disagree = found(watch({"moves": moves(home, contracts, TERMS)}, contracts), "MOVES_DISAGREE")
    assert disagree.failing == (("2481", "HT2012"), ("2482", "HT2012"))
    assert disagree.looked_at == 3


def test_frames_and_results_hold_counts_alone(tmp_path, contracts, capfd):
    """No pseudonym gets from the store into a frame, a result, or what is printed."""
    home = Home(tmp_path)
    for term, number in zip(TERMS, (100, 400, 100), strict=True):
        enrol(home, "2481", term, number)
        deliver(home, contracts, "2481", term)
    frames = count_frames(home, contracts, TERMS)
    for name, frame in frames.items():
        assert tuple(frame.columns) in ((*KEYS[name], *COLUMNS[name]), (*KEYS[name], *COLUMNS[name], BESIDE))
    told = f"{frames}{watch(frames, contracts)}"
    printed = capfd.readouterr()
    assert "ROWS_JUMPED" in told
    assert PERSON not in told + printed.out + printed.err
    assert printed.out == ""


def test_the_other_process_says_the_same_and_its_death_is_an_error(tmp_path, contracts):
    """Nothing that is out of the ordinary is lost on the way, and a process that dies is no silence."""
    enrol(Home(tmp_path), "2401", TERMS[0], 100)
    enrol(Home(tmp_path), "2401", TERMS[1], 20)
    frames = {"rows": rows(counted(Home(tmp_path), contracts, TERMS), contracts)}
    process.start()
    assert not found(process.watch_apart(frames, contracts), "ROWS_JUMPED").success
    assert process.watch_apart(frames, contracts) == watch(frames, contracts)
    with pytest.raises(BrokenProcessPool):
        process.submit(os._exit, 1).result()
    assert process.submit(len, "new").result() == 3


def test_the_store_gives_back_what_was_put_there(tmp_path):
    """Those that hold and those that do not, in order; the next time replaces them, and equal watches are equal bytes."""
    home = Home(tmp_path)
    holds = Watch("coverage", "DELIVERED_TWICE", ("term", "extract"), (), 12)
    fails = Watch("shares", "SHARE_CHANGED", ("provider", "share", "term"), (("1", "a", "HT2012"), ("2", "a", "VT2013")), 7)
    assert kept_watches(home) == []
    keep_watches(home, [fails, holds])
    assert kept_watches(home) == [fails, holds]
    written = home.watched.read_bytes()
    keep_watches(home, [fails, holds])
    assert home.watched.read_bytes() == written
    keep_watches(home, [])
    assert kept_watches(home) == []


def test_only_what_fails_is_told_and_the_newest_terms_first(contracts):
    """Nothing where all hold; a long list is cut, and says how long it is."""
    texts = load_messages()

    def told(*watches: Watch) -> str:
        out = io.StringIO()
        print_watches(watches, contracts, texts, Console(file=out, width=2000))
        return out.getvalue()

    keys = ("provider", "extract", "term")
    holds = Watch("plausibility", "ROWS_JUMPED", keys, (), 12)
    assert told(holds) == ""
    terms = [f"{season}{year}" for year in range(2012, 2024) for season in ("VT", "HT")]
    several = told(dataclasses.replace(holds, failing=tuple(("2480", "kaa", term) for term in terms)))
    assert "2480 kaa HT2023, 2480 kaa VT2023, 2480 kaa HT2022" in several
    assert f"(de {PLACES_SHOWN} senaste av 24)" in several
    assert f"(the latest {PLACES_SHOWN} of 24)" in several
    assert "VT2013" not in several


def test_contracts_without_expectations_watch_nothing(tmp_path, contracts):
    """Nothing is promised, nothing is counted, nothing is told."""
    silent = dataclasses.replace(contracts, expectations=Expectations())
    frames = count_frames(Home(tmp_path), silent, TERMS)
    assert frames["rows"].is_empty()
    assert watch(frames, silent) == []


def test_the_library_alone_does_not_load_great_expectations():
    """It takes ten seconds to import: neither the command line nor the contracts may pay for it."""
    root = Path(__file__).parents[2]
    code = "import sys, avbrott.cli, avbrott.registry, avbrott.expectations.frames; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert "avbrott.expectations.frames" in done.stdout.split()
    assert "great_expectations" not in done.stdout.split()


def test_a_process_that_counted_with_spark_can_watch_and_accept():
    """PySpark's client of a remote Spark ends a process whose main module has no file, as a worker's has none."""
    pytest.importorskip("pyspark", reason="the extra of Spark is not installed")
    code = (
        "import polars, pyspark.sql\n"
        "from avbrott.delivery.gate import gate\n"
        "from avbrott.expectations.suites import ephemeral\n"
        "from avbrott.registry import load_contracts\n"
        "promised = load_contracts().extracts['enrolments']\n"
        "gate(promised, polars.DataFrame({name: ['1'] for name in promised.terms}), [])\n"
        "print(type(ephemeral()).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout == "EphemeralDataContext\n", done.stderr
