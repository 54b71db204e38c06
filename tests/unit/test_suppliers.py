"""The packaged suppliers: who is a member when, and that no real school is named."""

import pytest

from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts()


def test_a_supplier_is_a_member_only_within_its_periods(contracts):
    """Malå left for a year, Sorsele joined later, and one independent school closed."""
    mala, sorsele = contracts.suppliers["2418"], contracts.suppliers["2422"]
    member = [mala.is_member(Term.parse(term)) for term in ("VT2016", "HT2016", "VT2017", "HT2017")]
    assert member == [True, False, False, True]
    assert [sorsele.is_member(Term.parse(term)) for term in ("VT2014", "HT2014")] == [False, True]
    closed = contracts.suppliers["fri-midvinter"]
    assert [closed.is_member(Term.parse(term)) for term in ("VT2018", "HT2018")] == [True, False]
    assert closed not in contracts.suppliers.members(Term.parse("HT2018"))


def test_every_municipality_of_the_county_delivers_its_activity_responsibility_once(contracts):
    """``kaa`` comes from the municipality or from its labour-market unit, never from both."""
    senders = [s for s in contracts.suppliers.suppliers if "kaa" in s.extracts]
    places = [sender.municipality for sender in senders]
    county = {code.code for code in contracts.glossary.codes("municipality") if code.code.startswith("24")}
    assert len(county) == 15
    assert sorted(places) == sorted(county)


def test_units_are_invented(contracts):
    """Unit codes start with 99, outside the real range, so that no invented figure is tied to a real school."""
    units = [unit for supplier in contracts.suppliers.suppliers for unit in supplier.units]
    assert len(units) > 10
    assert all(unit.code.startswith("99") for unit in units)


def test_agencies_deliver_counts_only(contracts):
    """An agency's extracts hold no rows of persons."""
    agencies = [s for s in contracts.suppliers.suppliers if s.kind == "agency"]
    assert {agency.id for agency in agencies} == {"arbetsformedlingen", "forsakringskassan"}
    for agency in agencies:
        assert not any(contracts.extracts[name].rows_of_persons for name in agency.extracts)
