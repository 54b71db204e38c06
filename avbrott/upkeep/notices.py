"""What is to be done about an installation on a day: one notice each, of four kinds. Nothing is changed here.

Late: deliveries that were due. Stuck: what was pulled and not checked, refused, not published, not approved, not handed
over, or cannot be reached, a published release that is not all there, without which none is made, and a log of access
whose chain is broken. Full: the disk. Expiring: rows whose period ends, versions of contracts, the server's certificate.
No row is read, and none is told.

File: ``contracts/upkeep.yaml``.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from avbrott.access import log
from avbrott.contract_files import read_contract
from avbrott.delivery.coverage import last_delivery
from avbrott.delivery.due import due
from avbrott.delivery.pull import offered, stored
from avbrott.delivery.settled import read_mark, waiting
from avbrott.errors import BadInput, DoesNotHold
from avbrott.home import Home
from avbrott.model import Model, Whole
from avbrott.periods import Term
from avbrott.receipts.write import unsent
from avbrott.registry import Contracts
from avbrott.release import approvals, ledger
from avbrott.release.complete import refuse_incomplete
from avbrott.retention import plan
from avbrott.retention.erased import was_accepted

Kind = Literal["late", "stuck", "full", "expiring"]
KINDS: tuple[Kind, ...] = ("late", "stuck", "full", "expiring")
_GIGABYTE = 1_000_000_000


class Upkeep(Model):
    """When something is to be done."""

    free_gigabytes: float = Field(ge=0)
    free_share: float = Field(ge=0, lt=1)
    ahead_days: Whole = Field(ge=0)
    certificate_days: Whole = Field(ge=0)
    late_terms: Whole = Field(ge=1)
    unpublished_days: Whole = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is to be done; its words are the text ``code``, or a mistake's own (``problem``)."""

    kind: Kind
    code: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Health:
    """What is to be done, and the figures that it was seen by."""

    day: date
    notices: tuple[Notice, ...]
    figures: dict[str, int]
    """By the name of a metric, without its prefix (``metrics``)."""


def look(home: Home, contracts: Contracts, day: date, certificate: Path | None = None) -> Health:
    """Look at the whole installation. Distant places are asked what they have. ``BadInput`` where a record is damaged.

    ``certificate``: the file (PEM) that the server shows, be it ``avbrott serve`` or one before it.
    """
    limits = limits_of(contracts)
    notices = [
        *late(home, contracts, day, limits),
        *_stuck(home, contracts, day, limits),
        *_full(home, limits),
        *_expiring(home, contracts, day, limits),
        *_certificate(certificate, day, limits),
    ]
    kinds = Counter(notice.kind for notice in notices)
    free, size = _room(home)
    figures: dict[str, int] = {kind: kinds[kind] for kind in KINDS}
    figures |= {"free_bytes": free, "size_bytes": size}
    figures |= {"deliveries": len(stored(home)), "releases": len(ledger.releases(home))}
    newest = ledger.newest(home)
    if newest is not None:
        figures["release_age_days"] = (day - ledger.day_of(newest)).days
    return Health(day, tuple(notices), figures)


def limits_of(contracts: Contracts) -> Upkeep:
    """When something is to be done."""
    return read_contract(contracts.folder / "upkeep.yaml", Upkeep)


def late(home: Home, contracts: Contracts, day: date, limits: Upkeep) -> Iterator[Notice]:
    """The extracts that were due and have not come, be it since nothing acceptable did."""
    if not stored(home):
        return
    last = Term.holding(day)
    terms = [Term.from_index(last.index - back) for back in range(limits.late_terms + 2)]
    past = [term for term in terms if due(contracts, term) < day][: limits.late_terms]
    first = min(term for _, term in stored(home))
    for term in sorted(term for term in past if term >= first):
        for supplier in contracts.suppliers.members(term):
            missing = [name for name in supplier.extracts if not was_accepted(home, name, supplier.id, term)]
            if missing:
                told = {"extracts": ", ".join(missing), "days": (day - due(contracts, term)).days}
                yield Notice("late", "HEALTH_LATE", {"provider": supplier.id, "term": term, **told})


def _stuck(home: Home, contracts: Contracts, day: date, limits: Upkeep) -> Iterator[Notice]:
    offers, problems = offered(home, contracts)
    for problem in problems:
        yield Notice("stuck", problem.code, dict(problem.parameters))
    taken_up = waiting(home, offers)
    if new := [one for one in taken_up if not one.is_pulled]:
        yield Notice("stuck", "HEALTH_NEW", {"count": len(new)})
    if unchecked := [one for one in taken_up if one.is_pulled]:
        yield Notice("stuck", "HEALTH_UNCHECKED", {"count": len(unchecked)})
    for provider, term in stored(home):
        mark = read_mark(home, provider, term)
        if mark is not None and mark.status == "refused":
            yield Notice("stuck", "HEALTH_REFUSED", {"provider": provider, "term": term})
    if count := unsent(home, contracts):
        yield Notice("stuck", "HEALTH_RECEIPTS", {"count": count})
    yield from _broken_log(home)
    yield from _unapproved(home, contracts)
    try:
        refuse_incomplete(home)
    except BadInput as problem:
        yield Notice("stuck", problem.code, dict(problem.parameters))
        return
    yield from _unpublished(home, contracts, day, limits)


def _broken_log(home: Home) -> Iterator[Notice]:
    """That somebody has changed the log of access, or it cannot be read: nothing private is shown then."""
    try:
        log.verify(home)
    except (BadInput, DoesNotHold) as problem:
        yield Notice("stuck", problem.code, dict(problem.parameters))


def _unapproved(home: Home, contracts: Contracts) -> Iterator[Notice]:
    """That a release waits for persons to approve it; nothing where none is proposed yet."""
    if not approvals.needed(contracts):
        return
    try:
        found = approvals.proposal(home, contracts)
    except BadInput as problem:
        if problem.code != "NOT_PROTECTED":
            yield Notice("stuck", problem.code, dict(problem.parameters))
        return
    if found.lacking:
        yield Notice("stuck", "HEALTH_UNAPPROVED", {"needed": found.needed, "given": len(found.approvals)})


def _unpublished(home: Home, contracts: Contracts, day: date, limits: Upkeep) -> Iterator[Notice]:
    """That what was accepted has waited for a release; nothing where nothing is accepted yet."""
    try:
        came = last_delivery(home, contracts)
    except BadInput:
        return
    newest = ledger.newest(home)
    days = (day - came).days
    if days > limits.unpublished_days and (newest is None or ledger.day_of(newest) < came):
        yield Notice("stuck", "HEALTH_UNPUBLISHED", {"days": days})


def _full(home: Home, limits: Upkeep) -> Iterator[Notice]:
    free, size = _room(home)
    if free < limits.free_gigabytes * _GIGABYTE or free < limits.free_share * size:
        told = {"gigabytes": f"{free / _GIGABYTE:.1f}".replace(".", ","), "percent": round(100 * free / size)}
        yield Notice("full", "HEALTH_DISK", {"home": home.root, **told})


def _expiring(home: Home, contracts: Contracts, day: date, limits: Upkeep) -> Iterator[Notice]:
    soon = day + timedelta(days=limits.ahead_days)
    for when, code in ((day, "HEALTH_RETENTION_DUE"), (soon, "HEALTH_RETENTION_SOON")):
        try:
            ends = plan.due(home, contracts, when)
        except BadInput as problem:
            yield Notice("stuck", problem.code, dict(problem.parameters))
            break
        if count := len(ends.deliveries) + len(ends.school_years):
            yield Notice("expiring", code, {"count": count, "days": limits.ahead_days, "day": when})
            break
    for contract in (*contracts.extracts.values(), *contracts.earlier):
        if contract.valid_to is not None and day <= contract.valid_to <= soon:
            told = {"extract": contract.name, "version": contract.version, "day": contract.valid_to}
            yield Notice("expiring", "HEALTH_VERSION", told)


def _certificate(file: Path | None, day: date, limits: Upkeep) -> Iterator[Notice]:
    """That the first certificate of a file ends soon, or has ended. ``BadInput`` where it is none."""
    if file is None:
        return
    from cryptography.x509 import load_pem_x509_certificate

    try:
        ends = load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc.date()
    except (OSError, ValueError):
        raise BadInput("CERTIFICATE_UNREADABLE", file=file) from None
    if ends <= day + timedelta(days=limits.certificate_days):
        yield Notice("expiring", "HEALTH_CERTIFICATE", {"file": file, "day": ends})


def _room(home: Home) -> tuple[int, int]:
    """Bytes that are free on the disk of the home, and how many it has."""
    there = home.root if home.root.exists() else home.root.parent
    usage = shutil.disk_usage(there)
    return usage.free, usage.total
