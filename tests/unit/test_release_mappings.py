"""A release says whose words are translated and what reads otherwise, of what was agreed alone: no row's value changes it."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.coverage import COVERAGE
from avbrott.mapping import ProviderMapping
from avbrott.registry import Contracts
from avbrott.release import mappings
from avbrott.release.mappings import published_mappings
from dashboards.site import build_site
from tests.mini_release import write_mini_release


@pytest.fixture
def own(contracts: Contracts) -> Contracts:
    """Two providers with words of their own."""
    term = contracts.glossary.terms["dropout"]
    reading = next(one.id for one in term.readings if one.id != term.used)
    assert term.used is not None
    return replace(
        contracts,
        mappings={
            "2480": ProviderMapping(
                provider="2480",
                headers={"enrolments": {"Kön?": "sex", "Enhet": "school_unit"}, "events": {"Vad": "event"}},
                codes={"sex": {"F": "Kvinna"}},
                readings={"dropout": reading},
            ),
            "2481": ProviderMapping(provider="2481", codes={"sex": {"F": "Kvinna"}}, readings={"dropout": term.used}),
        },
    )


def deliveries(*rows: tuple[str, str, bool]) -> pl.DataFrame:
    """What was expected of providers and extracts, and whether it came."""
    return pl.DataFrame([(p, "HT2013", e, came, False, False) for p, e, came in rows], schema=COVERAGE, orient="row")


def test_what_was_agreed_is_published_of_what_was_delivered(own: Contracts) -> None:
    """By provider and extract: own headers in number, terms with own codes, readings that differ from the statistics'."""
    reading = own.mappings["2480"].readings["dropout"]
    came = deliveries(("2480", "enrolments", True), ("2480", "events", False), ("2481", "enrolments", True))
    assert published_mappings(own, came) == {
        "2480": {"enrolments": {"headers": 2, "codes": ["sex"], "readings": {"dropout": reading}}},
        "2481": {"enrolments": {"headers": 0, "codes": ["sex"], "readings": {}}},
    }


def test_a_provider_that_speaks_as_the_glossary_does_is_not_there(own: Contracts) -> None:
    """Without a mapping, or with none for what was delivered."""
    assert published_mappings(own, deliveries(("2482", "enrolments", True), ("2481", "absence", True))) == {}


def test_no_own_word_is_published(own: Contracts) -> None:
    """A provider's headers and codes stay in its mapping."""
    said = str(published_mappings(own, deliveries(("2480", "enrolments", True))))
    assert "F" not in said.replace("False", "")
    assert "Enhet" not in said


def test_what_rows_hold_has_no_way_in() -> None:
    """The function is given contracts and which deliveries came: no findings, no rows, no store."""
    assert list(inspect.signature(published_mappings).parameters) == ["contracts", "deliveries"]
    assert "findings" not in inspect.getsource(mappings)


def test_the_page_of_deliveries_shows_them(contracts: Contracts, tmp_path: Path) -> None:
    """In both languages, with terms by their names and readings in words; a release that says nothing has no such part."""
    write_mini_release(tmp_path, contracts)
    build_site(tmp_path, contracts, tmp_path / "site")
    swedish = (tmp_path / "site" / "leveranser.html").read_text("utf-8")
    english = (tmp_path / "site" / "en" / "deliveries.html").read_text("utf-8")
    term = contracts.glossary.terms["dropout"]
    reading = next(one for one in term.readings if one.id != term.used)
    assert "Lämnare vars egna ord översätts" in swedish
    assert reading.sv in swedish
    assert "Providers whose own words are translated" in english
    assert contracts.glossary.terms["sex"].name.en in english
    (tmp_path / "datapackage.json").write_text('{"name": "mini", "version": "2020-12-31"}')
    build_site(tmp_path, contracts, tmp_path / "again")
    assert "Lämnare vars egna ord" not in (tmp_path / "again" / "leveranser.html").read_text("utf-8")
