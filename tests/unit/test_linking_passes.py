"""Persons are linked some at a time where they are many; what comes of it is the same to the byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest import container
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.check import read_accepted
from avbrott.home import Home
from avbrott.linking import passes
from avbrott.linking.link import LinkSummary, link
from avbrott.linking.rules import load_rules
from avbrott.linking.sources import Source, of_persons
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.retention.erase import unlink_linked
from tests import stored
from tests.histories import History
from tests.linked_county import linked_county

TABLES = ("enrolments", "outcomes", "kaa", "agency", "moved")


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> tuple[Home, list[Term]]:
    """Some hundred persons of a county over two school years, mild flaws among them, and published rows of them."""
    home = Home(tmp_path_factory.mktemp("passes") / "home")
    terms = linked_county(home, contracts, pupils=300, years=2, seed=5)
    for name in ("outcomes", "kaa", "agency"):
        rows = stored.rows(home, home.linked(name))
        first = rows.filter(pl.col("school_year") == rows["school_year"].min())
        # As if they had been published otherwise: some rows fewer, and others of another sex.
        other = first.gather_every(3).with_columns(pl.lit("Kvinna").alias("sex")) if "sex" in first.columns else first
        stored.put_rows(home, frozen(home) / f"{name}.parquet", other)
    return home, terms


def frozen(home: Home) -> Path:
    return home.frozen("2014-01-01")


def linked(home: Home, contracts: Contracts, terms: list[Term], to: Path) -> tuple[dict[str, bytes], LinkSummary]:
    """Link a copy of the home: what is written, by table, and what is told."""
    copy = Home(to / "home")
    shutil.copytree(home.root, copy.root)
    summary = link(copy, contracts, terms, frozen=frozen(copy))
    return {name: stored.content(copy, copy.linked(name)) for name in TABLES}, summary


def test_passes_make_the_same_tables(
    accepted: tuple[Home, list[Term]], contracts: Contracts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row and every count, decisions about published rows among them; whole files, to the byte."""
    home, terms = accepted
    files, whole = linked(home, contracts, terms, tmp_path / "whole")
    assert whole.decisions["rows"].sum() > 10
    assert whole.left_out.height > 0
    assert whole.moved["moved_out_seen"].sum() > 0
    source = Source(home, contracts, load_rules(contracts), tuple(terms))
    size = sum(file.stat().st_size for name in contracts.extracts for file in read_accepted(home, name, terms))
    monkeypatch.setattr(passes, "PASS_BYTES", size // 4 + 1)
    assert len(passes.passes(source)) == 4
    again, told = linked(home, contracts, terms, tmp_path / "passes")
    assert again == files
    assert (told.school_years, told.rows) == (whole.school_years, whole.rows)
    for name in ("left_out", "moved", "decisions"):
        assert getattr(told, name).equals(getattr(whole, name)), name


def test_what_a_killed_run_had_dealt_out_is_gone_after_the_next(
    accepted: tuple[Home, list[Term]], contracts: Contracts, tmp_path: Path
) -> None:
    """Rows of persons lie in no other place than the store's for long; nor when linking has ended well or ill."""
    home = Home(tmp_path / "home")
    shutil.copytree(accepted[0].root, home.root)
    source = Source(home, contracts, load_rules(contracts), tuple(accepted[1]))
    vault, parts = vault_of(home), passes.passes(source, least=3)
    with passes.dealt(vault, source, parts) as files:
        there = [file for file in home.dealt.rglob("*") if file.is_file()]
        assert {file for one in files for name in of_persons() for file in one.get(name, [])} == {*there}
        assert all(file.read_bytes().startswith(container.MAGIC) for file in there)
    assert not home.dealt.exists()
    with pytest.raises(ZeroDivisionError), passes.dealt(vault, source, parts):
        raise ZeroDivisionError
    assert not home.dealt.exists()
    for mend in (lambda: link(home, contracts, accepted[1]), lambda: unlink_linked(home)):
        home.dealt.mkdir()
        (home.dealt / "rows.parquet").write_bytes(b"left")
        mend()
        assert not home.dealt.exists()


def test_every_person_is_in_one_pass(accepted: tuple[Home, list[Term]], contracts: Contracts) -> None:
    """Also one whose pseudonym is none, as in tests; and small stores are linked in one pass."""
    home, terms = accepted
    source = Source(home, contracts, load_rules(contracts), tuple(terms))
    assert len(passes.passes(source)) == 1
    assert passes.passes(source)[0].first is passes.passes(source)[0].end is None
    divided = passes.passes(source, least=7)
    persons = (
        pl.concat(stored.rows(home, file).select("pseudonym") for file in read_accepted(home, "enrolments", terms))
        .unique()["pseudonym"]
        .to_list()
    )
    for person in [*persons, "", "a", "pupil", "0" * 64, "f" * 64]:
        found = [one for one in divided if (one.first or "") <= person and (one.end is None or person < one.end)]
        assert len(found) == 1, person


def test_a_year_that_is_published_of_others_alone_stays_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the pass of whoever is new to it, nobody is frozen; she is no row of that year even so, and counted as added."""
    first = History(last="HT2013")
    first.enrol("a" * 64, "2480", "NA", "2012-08-20")
    home, _ = first.link(tmp_path / "first")
    later = Home(tmp_path / "later")
    stored.put_rows(later, frozen(later) / "outcomes.parquet", stored.rows(home, home.linked("outcomes")))
    both = History(last="HT2013")
    both.enrol("a" * 64, "2480", "NA", "2012-08-20")
    both.enrol("1" * 64, "2480", "NA", "2012-08-20")
    monkeypatch.setattr(passes, "PASS_BYTES", 4000)
    later, summary = both.link(tmp_path / "later", frozen=frozen(later))
    assert stored.rows(later, later.linked("outcomes"))["pseudonym"].unique().to_list() == ["a" * 64]
    assert summary.decisions.rows() == [("outcomes", "2012/13", "added", 1)]
