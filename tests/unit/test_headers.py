"""Headers as people and systems write them name the terms of the glossary, and never two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.headers import header_terms, normal_header, shared_headers, term_of_header
from avbrott.registry import Contracts
from tests.broken_contracts import is_named, term


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("study_path", "study_path"),
        ("Studievägskod", "study_path"),
        ("STUDIEVAGSKOD", "study_path"),
        ("Stkod", "study_path"),
        ("Study path code", "study_path"),
        ("Skolkod", "school_unit"),
        ("schoolUnitCode", "school_unit"),
        (" Start datum ", "start_date"),
        ("startDate", "start_date"),
        ("Födelsea\u030ar", "birth_year"),  # å in two parts, as a Mac may write it
        ("PNR", "personnummer"),
        ("Pers.nr", "personnummer"),
        ("Personnr", "personnummer"),
        ("Efternamn", "person_name"),
        ("Skostorlek", None),
        ("", None),
    ],
)
def test_a_header_names_its_term(contracts: Contracts, header: str, expected: str | None) -> None:
    """Its id, its names, what other systems call it; capitals, spaces and strokes do not count."""
    assert term_of_header(header, header_terms(contracts.glossary)) == expected


def test_the_labels_of_a_contract_name_its_own_terms(contracts: Contracts) -> None:
    """Every Swedish and English header of every extract is read as the field that it stands for."""
    for contract in contracts.extracts.values():
        known = header_terms(contracts.glossary, contract.terms)
        for name in contract.terms:
            label = contracts.glossary.terms[name].name
            assert [term_of_header(header, known) for header in (name, label.sv, label.en)] == [name] * 3


def test_terms_that_are_not_asked_for_have_no_header(contracts: Contracts) -> None:
    """A concept is no column, and a contract's columns are its own."""
    assert "dropout" not in header_terms(contracts.glossary).values()
    assert term_of_header("Orsak", header_terms(contracts.glossary, ["sex"])) is None


def test_no_header_names_two_terms(contracts: Contracts, contracts_folder: Path) -> None:
    """The packaged glossary has none, and one that has is told with its file and term."""
    assert list(shared_headers(contracts.glossary)) == []
    broken = term("sex", lambda found: found.update(synonyms=["Stkod"]))
    is_named(contracts_folder, "glossary/persons.yaml", broken, "study_path.synonyms.stkod:")


def test_a_header_is_its_letters_and_digits() -> None:
    """Nothing else is compared."""
    assert normal_header("  Åk.-1_B ") == "åk1b"
