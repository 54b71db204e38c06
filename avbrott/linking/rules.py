"""What decides how a status is read: school types, events, bands. The code that reads by them is beside this module.

File: ``contracts/linking.yaml``.
"""

from __future__ import annotations

from avbrott.model import Model
from avbrott.registry import Contracts, read_contract


class EventRoles(Model):
    """The event codes that mean each thing that linking asks about; a role without codes is never seen."""

    diploma: tuple[str, ...] = ()
    certificate: tuple[str, ...] = ()
    dropout: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    emigrated: tuple[str, ...] = ()
    deceased: tuple[str, ...] = ()


class Unlisted(Model):
    """By code list, the code for a value that is empty or not listed; None keeps such rows out, and counts them."""

    programme: str | None = None
    municipality: str | None = None
    cause: str | None = None
    kaa_occupation: str | None = None


class LinkingRules(Model):
    """Everything about linking that is decided and not computed."""

    population: tuple[str, ...]
    """School types whose pupils are the statistics' population."""
    equivalent: tuple[str, ...] = ()
    """School types that a pupil may leave for without having dropped out."""
    national_types: tuple[str, ...] = ()
    introductory_types: tuple[str, ...] = ()
    events: EventRoles
    unlisted: Unlisted = Unlisted()
    return_months: dict[str, int] = {}
    """By code of ``return_time``, up to how many months after leaving it reaches."""
    leaving_months: dict[str, int] = {}
    """By code of ``leaving_time``, up to how many months after the first start it reaches."""
    absence_high_minutes: int = 240
    """Invalid absence a reported month, on average, from which it is high."""
    move_days: int = 123
    """A start at another school unit within so many days after an end is a move."""


def load_rules(contracts: Contracts) -> LinkingRules:
    """Read the rules of this installation; ``BadInput`` names what cannot be used."""
    return read_contract(contracts.folder / "linking.yaml", LinkingRules)
