"""The page of the release that is proposed: how it would differ from the newest one, who has approved it, a form to do so."""

from __future__ import annotations

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from avbrott.access import log
from avbrott.access.guard import what_is_asked
from avbrott.access.hall import Visit
from avbrott.errors import BadInput
from avbrott.release.approvals import Proposal, approve, proposal
from avbrott.release.proposal import Change, proposed_changes

PROPOSAL = "/proposal"


class Proposing:
    """The two routes. What is proposed is worked out once: as long as its sum is the same, so are its figures."""

    def __init__(self) -> None:
        self._changes: tuple[str, list[Change]] | None = None

    async def page(self, visit: Visit) -> Response:
        """What would be released now, in numbers of figures."""
        hall = visit.hall
        await visit.note("view", "done", what_is_asked(visit.request))
        found = await run_in_threadpool(proposal, hall.home, hall.contracts)
        changes = await run_in_threadpool(self._changes_of, visit, found)
        titles = {name: table.title for name, table in hall.contracts.tables.items()}
        return visit.page(
            "proposal.html",
            proposal=found,
            changes=[(titles[change.table], change) for change in changes],
            is_approved=visit.person.who in {one.who for one in found.approvals},
        )

    async def approve(self, visit: Visit) -> Response:
        """Approve what the form was about, if it still is what is proposed. The log has it before the release does."""
        hall, digest, person = visit.hall, visit.text("digest"), visit.person
        found = await run_in_threadpool(proposal, hall.home, hall.contracts)
        done = log.Done("approval", "done", person.who, person.role, digest, visit.address)
        noted = partial(log.add, hall.home, done)
        try:
            await run_in_threadpool(approve, hall.home, hall.contracts, digest, person.who, noted)
        except (BadInput, OSError):
            await visit.note("approval", "refused", found.digest)
            raise
        return RedirectResponse(PROPOSAL, 303)

    def _changes_of(self, visit: Visit, found: Proposal) -> list[Change]:
        if self._changes is None or self._changes[0] != found.digest:
            self._changes = found.digest, proposed_changes(visit.hall.home, visit.hall.contracts)
        return self._changes[1]
