"""What is held of deliveries as such: the last day in time, which may not replace another unasked, and whose it is.

File: ``contracts/delivery.yaml``.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from avbrott.model import Model, Whole
from avbrott.periods import Term
from avbrott.registry import Contracts, read_contract

FILE = "delivery.yaml"


class Replacing(Model):
    """Which delivery does not take an earlier one's place before somebody has said that it is meant."""

    rows: Whole = Field(ge=1)
    """Earlier ones of fewer rows are replaced unasked."""
    share: float = Field(gt=0, le=1, strict=True)
    """One of a smaller share of the earlier one's rows is asked about; one with nobody in common with it always is."""


class OfAnother(Model):
    """The field that tells whose an extract's rows are, by extract; nothing is refused of one that is in neither."""

    rows: Whole = Field(ge=1, default=1)
    """Of fewer rows nothing is refused."""
    units: dict[str, str] = {}
    """A school unit, which is one of the provider's own."""
    municipality: dict[str, str] = {}
    """A municipality, which is the provider's own."""


class Spell(Model):
    """The fields of an extract that say where a person is, and when."""

    place: str
    begins: str
    ends: str
    """Empty: it goes on."""
    within: tuple[str, ...] = ()
    """Rows that differ in these may be at once."""


class OfPerson(Model):
    """What rows of one person are held against each other for; a provider is told, and every row counts."""

    same: tuple[str, ...] = ()
    """A person has one value of each."""
    spells: dict[str, Spell] = {}
    """By extract."""


class DeliveryContract(Model):
    """File: ``contracts/delivery.yaml``."""

    due: dict[str, str]
    """By season, the month and day on which its delivery is due."""
    replacing: Replacing | None = None
    """None: only a delivery without rows is asked about."""
    of_another: OfAnother = OfAnother()
    of_person: OfPerson = OfPerson()


def replacing(contracts: Contracts) -> Replacing | None:
    """Which delivery is asked about before it replaces another."""
    return read_contract(contracts.folder / FILE, DeliveryContract).replacing


def tells_whose(contracts: Contracts) -> OfAnother:
    """The fields by which a delivery is known to be another provider's."""
    return read_contract(contracts.folder / FILE, DeliveryContract).of_another


def tells_of_person(contracts: Contracts) -> OfPerson:
    """What rows of one person are held against each other for."""
    return read_contract(contracts.folder / FILE, DeliveryContract).of_person


def due(contracts: Contracts, term: Term) -> date:
    """The last day on which a delivery of the term is in time."""
    contract = read_contract(contracts.folder / FILE, DeliveryContract)
    day = date.fromisoformat(f"{term.last_day.year}-{contract.due[term.season]}")
    return day if day > term.last_day else day.replace(year=day.year + 1)


def told_due(contracts: Contracts, term: Term, created: date) -> tuple[str, dict[str, object]]:
    """The text that tells of a delivery made on the day ``created`` when it is due, and what fills it."""
    latest = due(contracts, term)
    return "DELIVERY_LATE" if created > latest else "DELIVERY_DUE", {"term": term, "due": latest, "created": created}
