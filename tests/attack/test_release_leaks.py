"""Attempts to let something out through a release: each is refused, with its code, and nothing becomes visible."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from avbrott.disclosure.protect import Protection
from avbrott.errors import DoesNotHold, ExitCode
from avbrott.release import filled, ledger
from avbrott.release.checks import public_faults
from avbrott.release.filled import write_tables
from avbrott.release.public import read_public
from avbrott.release.writer import open_release, seal
from tests import release_case as case
from tests.release_case import Case

UNSAFE = ("2012/13", "n2", "dropout", "Total")
BESIDE = ("2012/13", "n1", "dropout", "Total")


@pytest.fixture
def made(tmp_path) -> Case:
    return Case(tmp_path)


def refused(made: Case, code: str, **how: object) -> None:
    """The release is refused for ``code``, the text says no value, and nothing is there."""
    with pytest.raises(DoesNotHold, match="RELEASE_REFUSED") as raised:
        made.release(**how)
    assert code in raised.value.parameters["faults"]
    assert raised.value.exit_code == ExitCode.FINDINGS
    assert ledger.releases(made.home) == []
    assert not made.home.current.exists()
    assert [path.name for path in made.home.releases.iterdir()] == [".lock"]
    assert list(made.home.confidential("").iterdir()) == []


def test_an_unsafe_cell_that_the_record_shows_is_not_published(made):
    """Even if the engine were to call it shown."""
    system = case.changed(case.engine(), pl.lit("shown"), "status", *UNSAFE)
    refused(made, "UNSAFE_SHOWN", system=system)


def test_a_cell_that_protects_another_is_not_published(made):
    """With it shown, subtraction inside one table tells the unsafe one."""
    system = case.changed(case.engine(), pl.lit("shown"), "status", *BESIDE)
    refused(made, "UNSAFE_DERIVABLE", system=system)


def test_a_protection_without_its_proof_is_not_published(made):
    """The pattern alone is not enough, though it may be sound."""
    system = case.engine()
    unproved = replace(system, protection=Protection(system.protection.cells, system.protection.witnesses.clear()))
    refused(made, "PROOF_COUNT_BELOW_THRESHOLD", system=unproved)


def test_a_count_that_does_not_add_up_is_not_published(made):
    """One pupil too many in a total."""
    system = case.changed(case.engine(), pl.col("count") + 1, "count", "2012/13", "Total", "Total", "Total")
    refused(made, "SUM_WRONG", system=system)


def test_a_small_rest_of_a_sensitive_group_is_not_published(made):
    """That nearly all of a group dropped out is told by two shown numbers."""
    counts = case.COUNTS | {("2013/14", "s1"): (2, 30, 12)}
    system, policy = case.spec(), case.Policy(complement={"outcome": ("dropout",)})
    told = case.cells(system, counts).with_columns(status=pl.lit("shown"), rule=pl.lit(None, pl.String))
    witnesses = case.engine().protection.witnesses.clear()
    refused(made, "COMPLEMENT_TOLD", system=case.Protected(system, policy, Protection(told, witnesses)))


@pytest.mark.parametrize(
    ("page", "script", "code"),
    [
        ('<table><tr><td class="absent absent-hidden">3</td></tr></table>', "", "VALUE_NOT_EMPTY"),
        ('<p class="tile-value tile-absent">3</p>', "", "VALUE_NOT_EMPTY"),
        ("", 'window.AVBROTT = {"cells": [{"status": "hidden", "value": 3}]};', "VALUE_NOT_EMPTY"),
        ("", 'window.AVBROTT = {"status": ["shown", "hidden"], "value": [10, 3]};', "VALUE_NOT_EMPTY"),
        ("", '{"value": [10, 0], "status": {"1": "hidden"}}', "VALUE_NOT_EMPTY"),
        ("", 'window.AVBROTT = {"cells": [{"count": 3}]};', "CONFIDENTIAL_NAME"),
        ("", 'window.AVBROTT = {"hidden": {"unsafe": 2}};', "CONFIDENTIAL_NAME"),
        (f"<p>{'0f' * 32}</p>", "", "PSEUDONYM_FOUND"),
    ],
)
def test_a_page_that_says_what_is_hidden_is_not_published(made, page, script, code):
    """A figure beside a reason for having none, a word of the record, a pseudonym: in any file of the site."""
    made.page, made.script = page, script
    refused(made, code, system=case.engine())


def test_a_zero_in_the_place_of_a_hidden_value_is_not_published(made, monkeypatch):
    """The leak that others have had: the number is hidden and its share says 0,0."""
    honest = filled.released_table

    def zeros(table, system, lists):
        return honest(table, system, lists).with_columns(
            value=pl.when(pl.col("status") == "hidden").then(pl.lit("0.0000")).otherwise(pl.col("value"))
        )

    monkeypatch.setattr(filled, "released_table", zeros)
    refused(made, "VALUE_NOT_EMPTY", system=case.engine())


def test_a_share_of_a_hidden_cell_is_not_published(made, monkeypatch):
    """A rate of a known base tells the number."""
    honest = filled.released_table

    def shares(table, system, lists):
        found = honest(table, system, lists)
        hit = (pl.col("measure") == "share") & (pl.col("status") == "hidden")
        return found.with_columns(
            value=pl.when(hit).then(pl.lit("0.0448")).otherwise(pl.col("value")),
            status=pl.when(hit).then(pl.lit("shown")).otherwise(pl.col("status")),
        )

    monkeypatch.setattr(filled, "released_table", shares)
    refused(made, "SHARE_OF_UNSHOWN", system=case.engine())


def test_a_table_file_changed_after_it_was_written_is_not_published(made):
    """The seal reads the files as they lie there, not what was meant to be in them."""
    with open_release(made.home, case.DAY) as draft:
        write_tables(draft, made.contracts, {"pupils": case.engine()}, case.deliveries(), {})
        file = draft.folder / "tables" / "returns.csv"
        text = file.read_text("utf-8")
        file.write_text(text.replace("2012/13,back,persons,25,", "2012/13,back,persons,26,"), "utf-8")
        with pytest.raises(DoesNotHold, match="SHOWN_DIFFERS"):
            seal(draft, made.contracts)
    assert ledger.releases(made.home) == []


def test_a_confidential_table_beside_the_public_ones_is_not_published(made):
    """A column of the record in any CSV file of the folder."""
    with open_release(made.home, case.DAY) as draft:
        write_tables(draft, made.contracts, {"pupils": case.engine()}, case.deliveries(), {})
        case.engine().protection.cells.write_csv(draft.folder / "tables" / "cells.csv")
        with pytest.raises(DoesNotHold, match="CONFIDENTIAL_NAME"):
            seal(draft, made.contracts)


def test_a_draft_without_tables_is_not_published(made):
    """Nothing is no release."""
    with open_release(made.home, case.DAY) as draft:
        write_tables(draft, made.contracts, {}, case.deliveries(), {})
        with pytest.raises(DoesNotHold, match="NO_SYSTEM"):
            seal(draft, made.contracts)


def test_what_an_earlier_release_showed_counts_as_known(made):
    """A neighbour that is hidden now and was shown before tells the unsafe cell: the gate reckons with it."""
    public = read_public(made.release(case.engine()).folder)
    assert public_faults(public, {}) == []
    told = case.engine().protection.cells.filter(pl.struct(case.NAMES) == dict(zip(case.NAMES, BESIDE, strict=True)))
    assert told.height == 1
    faults = public_faults(public, {"pupils": told.select(*case.NAMES, "count")})
    assert [(fault.code, fault.count) for fault in faults] == [("UNSAFE_DERIVABLE", 1)]


def test_a_pattern_that_hides_what_was_shown_before_is_not_published(made):
    """The proof does not hold against who remembers the earlier release."""
    made.release(case.by_hand())
    with pytest.raises(DoesNotHold, match="PROOF_"):
        made.release(case.engine(), day=date(2017, 1, 1))
    assert ledger.releases(made.home) == ["2016-02-01"]
