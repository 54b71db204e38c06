"""Pages of one reader each, as they lie under ``<home>/private``, and what every provider has delivered. Views are noted."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from avbrott.access.guard import Handler, what_is_asked
from avbrott.access.hall import Visit
from avbrott.access.paths import INDEX, file_in, parts_of, type_of
from avbrott.delivery.coverage import coverage
from avbrott.release import ledger

_TERMS_SHOWN = 4
CURRENT = "current"


def pages_of(kind: str, of: str) -> Handler:
    """The handler of pages that lie in ``private/<release>/<kind>/<of>/``; ``of`` is a part of the route's path."""

    async def page(visit: Visit) -> Response:
        asked = visit.request.path_params
        await visit.note("view", "done", what_is_asked(visit.request))
        file = await run_in_threadpool(_file, visit, asked["release"], kind, asked[of], asked["file"])
        if file is None:
            raise HTTPException(404)
        return FileResponse(file, headers={"Cache-Control": "no-store"}, media_type=type_of(file))

    return page


def _file(visit: Visit, release: str, kind: str, code: str, path: str) -> Path | None:
    home = visit.hall.home
    name = ledger.newest(home) if release == CURRENT else release
    if name not in ledger.releases(home) or parts_of(code) is None:
        return None
    return file_in(home.private(name) / kind / code, path or INDEX)


async def coverage_page(visit: Visit) -> Response:
    """By provider and extract, what came of the last terms: in time, late, refused or missing."""
    await visit.note("view", "done", what_is_asked(visit.request))
    hall = visit.hall
    rows = (await run_in_threadpool(coverage, hall.home, hall.contracts)).rows(named=True)
    terms = list(dict.fromkeys(sorted((row["term"] for row in rows), key=lambda term: (term[2:], term[:2] == "HT"))))
    shown = terms[-_TERMS_SHOWN:]
    states = {(row["provider"], row["extract"], row["term"]): _state(row) for row in rows}
    names = {one.id: one.name for one in hall.contracts.suppliers.suppliers}
    lines = dict.fromkeys((row["provider"], row["extract"]) for row in rows if row["term"] in shown)
    titles = {name: contract.title for name, contract in hall.contracts.extracts.items()}
    return visit.page(
        "coverage.html",
        terms=shown,
        lines=[(names[who], titles[extract], [states.get((who, extract, term)) for term in shown]) for who, extract in lines],
    )


def _state(row: dict[str, object]) -> str:
    if row["refused"]:
        return "REFUSED"
    if not row["delivered"]:
        return "MISSING"
    return "LATE" if row["late"] else "IN_TIME"
