"""The log of erased deliveries: which, when, by which rule, and how many rows; no value of any row.

``store/erased/<term>/<provider>.json`` is written before anything is removed: it says what is erased, and keeps it from
being pulled in again. Not here: what is due (``plan``), and removing it (``erase``).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.model import Model
from avbrott.periods import Term

Layer = Literal["delivered", "accepted", "quarantine"]
Rule = Literal["period", "asked"]


class Erasure(Model):
    """What was erased of a delivery at one time."""

    date: date
    """The day that the command was given; never the clock's."""
    rule: Rule
    """The period in ``contracts/policies.yaml``, or the provider asked."""
    years: int | None
    """The period."""
    layers: tuple[Layer, ...]
    accepted: dict[str, int] = {}
    """Rows by extract."""
    quarantined: dict[str, int] = {}
    counted: bool = False
    """Whether every school year that rests on it was published: its figures stand."""


class Erased(Model):
    """The content of a record."""

    provider: str
    term: str
    erasures: tuple[Erasure, ...]

    @property
    def whole(self) -> Erasure | None:
        """The erasure that took the delivery itself; None where only its quarantine is gone."""
        return next((one for one in self.erasures if "delivered" in one.layers), None)


def erased(home: Home, provider: str, term: Term) -> Erased | None:
    """The record of what was erased of a provider's term; ``BadInput`` where it is damaged."""
    file = home.erased(provider, str(term))
    if not file.is_file():
        return None
    try:
        return Erased.model_validate_json(file.read_bytes())
    except (OSError, ValueError):
        raise BadInput("ERASED_UNREADABLE", file=file) from None


def is_erased(home: Home, provider: str, term: Term) -> bool:
    """Whether the delivery itself is gone, for good."""
    found = erased(home, provider, term)
    return found is not None and found.whole is not None


def was_accepted(home: Home, extract: str, provider: str, term: Term) -> bool:
    """Whether the extract is accepted, or was and its figures stand though its rows are erased."""
    if home.accepted(extract, provider, str(term)).is_file():
        return True
    found = erased(home, provider, term)
    return found is not None and found.whole is not None and found.whole.counted and extract in found.whole.accepted


def all_erased(home: Home) -> list[Erased]:
    """Every record, by term and provider."""
    folder = home.erased("-", "-").parents[1]
    names = sorted((Term.parse(file.parent.name), file.stem) for file in folder.glob("*/*.json"))
    found = (erased(home, provider, term) for term, provider in names)
    return [one for one in found if one is not None]


def erased_terms(home: Home) -> set[Term]:
    """The terms of which a delivery is gone."""
    return {Term.parse(record.term) for record in all_erased(home) if record.whole}


def log(home: Home, provider: str, term: Term, erasure: Erasure) -> None:
    """Add to the record of a delivery, unless a run of the same day that was killed has said so already."""
    before = erased(home, provider, term)
    said = before.erasures if before else ()
    if said and (said[-1].date, said[-1].rule, said[-1].layers) == (erasure.date, erasure.rule, erasure.layers):
        return
    whole = Erased(provider=provider, term=str(term), erasures=(*said, erasure))
    file = home.erased(provider, str(term))
    atomic.remove_parts(file.parent, [file.name])
    atomic.write_json(file, whole.model_dump(mode="json"))
