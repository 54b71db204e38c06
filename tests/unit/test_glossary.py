"""What the packaged glossary promises to everyone who reads codes and definitions from it."""

import re
from datetime import date, timedelta

import pytest

from avbrott.registry import Contracts, load_contracts


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts()


def test_every_term_is_defined_and_named_in_both_languages(contracts):
    """A term without words in Swedish or English does not load; those that do have both, each in its own language."""
    for term in contracts.glossary.terms.values():
        assert len(term.definition.sv) > 20, term.id
        assert term.definition.sv != term.definition.en, term.id
        assert term.source, term.id


def test_disputes_are_shown_with_the_reading_that_is_used(contracts):
    """The words that the first meeting stumbled on are disputed, with at least two readings and the one in use."""
    disputed = {term.id: term for term in contracts.glossary.terms.values() if term.status == "disputed"}
    assert {"dropout", "pause", "return", "completed_education", "kaa", "municipality_of_statistics"} <= set(disputed)
    for term in disputed.values():
        assert term.used in {reading.id for reading in term.readings}
        assert all(reading.source for reading in term.readings)


def test_programmes_that_were_replaced_lead_to_a_programme_of_today(contracts):
    """A code with an end date leads to one that is still valid, and is on no level that a table shows."""
    codes = {code.code: code for code in contracts.glossary.codes("programme")}
    replaced = [code for code in codes.values() if code.replaced_by]
    assert {code.code for code in replaced} >= {"HA", "IMPRE", "IMPRO", "IMYRK", "IMIND", "IMSPR", "SP", "NV", "OP", "EC"}
    for code in replaced:
        assert codes[code.replaced_by].valid_to is None
        assert code.valid_to is not None
        assert codes[code.replaced_by].valid_from == code.valid_to + timedelta(days=1)
        assert code.level not in contracts.dimensions["programme"].levels


def test_the_programmes_of_2025_are_listed_and_count_as_those_of_the_same_name(contracts):
    """All 18 national programmes with the suffix 25, from autumn 2025 on; introductory programmes have none."""
    codes = {code.code: code for code in contracts.glossary.codes("programme")}
    national = {code.code for code in codes.values() if code.parent in {"vocational", "preparatory"}}
    new = {code.code: code.counts_as for code in codes.values() if code.counts_as}
    assert new == {f"{code}25": code for code in national}
    assert len(national) == 18
    for code in new:
        assert codes[code].valid_from == date(2025, 7, 1)
        assert codes[code].level not in contracts.dimensions["programme"].levels


def test_what_a_law_or_a_register_brought_is_dated(contracts):
    """Reasons of registration since July 2017, activity since 2015; the activity responsibility and what it replaced."""
    reasons = {code.code: code.valid_from for code in contracts.glossary.codes("kaa_reason")}
    assert reasons.pop("unknown") is None
    assert set(reasons.values()) == {date(2017, 7, 1)}
    occupations = {code.code: code.valid_from for code in contracts.glossary.codes("kaa_occupation")}
    assert {code for code, first in occupations.items() if first} == {"activity"}
    kia, kaa = contracts.glossary.terms["kia"], contracts.glossary.terms["kaa"]
    assert kia.valid_to is not None
    assert kaa.valid_from == kia.valid_to + timedelta(days=1) == date(2015, 1, 1)


def test_codes_share_a_list_where_a_term_says_so(contracts):
    """Home municipality has the codes of municipality, not a copy of them."""
    assert contracts.glossary.terms["home_municipality"].codes == ()
    assert contracts.glossary.codes("home_municipality") is contracts.glossary.terms["municipality"].codes


def test_examples_keep_the_form_of_their_term(contracts):
    """An example in the documentation would be accepted in an extract."""
    seen = 0
    for term in contracts.glossary.terms.values():
        if term.example is None:
            continue
        listed = {code.code for code in contracts.glossary.codes(term.id)}
        assert not listed or term.example in listed, term.id
        assert term.pattern is None or re.fullmatch(term.pattern, term.example), term.id
        if term.type in {"integer", "year"}:
            assert (term.minimum or 0) <= int(term.example) <= (term.maximum or 9999), term.id
        seen += 1
    assert seen > 25


def test_what_must_never_be_delivered_is_in_no_extract(contracts):
    """Names, personnummer, health, free text and the rest are terms marked sensitive, and no contract lists one."""
    sensitive = {term.id for term in contracts.glossary.terms.values() if term.sensitive}
    assert {
        "person_name",
        "personnummer",
        "address",
        "email",
        "phone",
        "free_text",
        "health",
        "exact_birth_date",
    } <= sensitive
    for extract in contracts.extracts.values():
        assert sensitive.isdisjoint(extract.terms)
