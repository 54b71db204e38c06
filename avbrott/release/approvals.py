"""A release that persons must approve before it is made: what they approve, and who has. How many: ``approvals`` of a policy.

An approval is of what is proposed to the byte: whatever changes it asks for approvals anew. Who may approve is ``access``'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.lock import holding
from avbrott.model import Model
from avbrott.registry import Contracts

_WAIT_SECONDS = 10.0
"""For another who approves: what is proposed is read meanwhile."""


class Approval(Model):
    """That somebody has approved."""

    who: str
    at: str


class _Approvals(Model):
    """The content of ``access/approvals/<digest>.json``."""

    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be released now."""

    digest: str
    """The sum of what the systems show and hide, of what they were made from, and of the contracts."""
    needed: int
    approvals: tuple[Approval, ...]
    """Those that count: of who may approve now."""

    @property
    def lacking(self) -> int:
        """How many persons more must approve."""
        return max(0, self.needed - len(self.approvals))


def proposal(home: Home, contracts: Contracts) -> Proposal:
    """What is proposed; ``BadInput`` where a system is not protected, or the approvals cannot be read."""
    digest = _digest(home, contracts)
    return Proposal(digest, needed(contracts), _counting(home, contracts, _read(_file(home, digest)).approvals))


def needed(contracts: Contracts) -> int:
    """How many persons must approve: as many as the strictest policy of a system says."""
    return max(contracts.policies[system.policy].approvals for system in contracts.systems.values())


def approve(home: Home, contracts: Contracts, digest: str, who: str, noted: Callable[[], None]) -> Proposal:
    """Approve what had the sum ``digest``; ``BadInput`` where something else is proposed by now, or ``who`` did so before.

    ``noted`` is called when nothing of that stands in the way, and where it fails nothing is approved.
    """
    atomic.private_folder(home.approvals.parent)
    atomic.private_folder(home.approvals)
    with holding(home.approvals / ".lock", _WAIT_SECONDS) as is_held:
        if not is_held:
            raise BadInput("APPROVAL_BUSY")
        found = proposal(home, contracts)
        if found.digest != digest:
            raise BadInput("PROPOSAL_CHANGED")
        if who in {one.who for one in found.approvals}:
            raise BadInput("APPROVED_ALREADY", needed=found.needed)
        given = (*found.approvals, Approval(who=who, at=datetime.now(UTC).isoformat(timespec="seconds")))
        noted()
        atomic.write_json(_file(home, digest), _Approvals(approvals=given).model_dump(mode="json"))
    return Proposal(digest, found.needed, given)


def refuse_unapproved(home: Home, contracts: Contracts) -> None:
    """``BadInput`` (RELEASE_UNAPPROVED) where more persons must approve what would be released now."""
    if needed(contracts) and (found := proposal(home, contracts)).lacking:
        raise BadInput("RELEASE_UNAPPROVED", needed=found.needed, given=len(found.approvals), proposal=found.digest[:12])


def _counting(home: Home, contracts: Contracts, given: tuple[Approval, ...]) -> tuple[Approval, ...]:
    """Those of ``given`` whose account is still open and may approve. Who comes by another service is known to that alone."""
    from avbrott.access.accounts import ELSEWHERE, who_may
    from avbrott.access.settings import load_access

    if all(one.who.startswith(ELSEWHERE) for one in given):
        return given
    may = who_may(home, load_access(contracts.folder), "approve")
    return tuple(one for one in given if one.who.startswith(ELSEWHERE) or one.who in may)


def _digest(home: Home, contracts: Contracts) -> str:
    whole = hashlib.sha256()
    for system in sorted(contracts.systems):
        if not (home.protected(system) / "system.json").is_file():
            raise BadInput("NOT_PROTECTED", system=system)
    places = [(home.store, home.protected(system)) for system in sorted(contracts.systems)]
    files = [(root, file) for root, folder in places for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
    files += [(home.store, home.linked_from)] if home.linked_from.is_file() else []
    files += [(contracts.folder, file) for file in sorted(contracts.folder.rglob("*.yaml"))]
    for root, file in files:
        content = file.read_bytes()
        whole.update(f"{file.relative_to(root).as_posix()} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def _file(home: Home, digest: str) -> Path:
    return home.approvals / f"{digest}.json"


def _read(file: Path) -> _Approvals:
    try:
        return _Approvals.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return _Approvals()
    except (OSError, ValueError):
        raise BadInput("APPROVALS_UNREADABLE", file=file) from None
