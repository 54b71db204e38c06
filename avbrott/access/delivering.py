"""Deliveries through a page: a sealed file is laid where its provider's are pulled from, and received as any other there.

It is held to the same, by the same code: what the page adds is that it comes from somebody who is signed in for the provider.
"""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from avbrott.access.guard import what_is_asked
from avbrott.access.hall import Hall, Visit
from avbrott.access.line import FULL
from avbrott.delivery.many import alone, check_terms
from avbrott.delivery.pull import pull_many
from avbrott.delivery.sources import read_sources
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.receipt import receipt_names
from avbrott.receipts.write import answer
from avbrott.registry import Contracts
from avbrott.sealing.keys import registered_key
from avbrott.sealing.package import SealedName
from avbrott.transport.folder import FolderTarget

_PATIENCE_SECONDS = 30.0
"""So long who delivers waits for a run that checks deliveries."""


async def form(visit: Visit) -> Response:
    """The form, and the receipts there are."""
    _refuse_unknown(visit)
    return await _page(visit)


async def deliver(visit: Visit) -> Response:
    """Take a delivery in, and show its receipt."""
    _refuse_unknown(visit)
    provider, hall = str(visit.request.path_params["provider"]), visit.hall
    file = visit.form.get("delivery")
    name = file.filename or "" if isinstance(file, UploadFile) else ""
    try:
        called = name_of(name, provider)
        await visit.note("upload", "done", called)
        assert isinstance(file, UploadFile)
        term = await hall.uploads.run(take_in, hall.home, hall.contracts, provider, called, file.file)
    except BadInput as error:
        await visit.note("upload", "refused", f"{provider} {error.code}")
        if error.code == FULL:
            raise
        return await _page(visit, error)
    return RedirectResponse(f"/deliveries/{provider}/{term}/receipt", 303)


async def receipt(visit: Visit) -> Response:
    """The newest receipt of a term, as the hub signed it."""
    provider, said = visit.request.path_params["provider"], visit.request.path_params["term"]
    await visit.note("view", "done", what_is_asked(visit.request))
    try:
        term = Term.parse(said)
    except BadInput:
        raise HTTPException(404) from None
    page, _, _ = receipt_names(provider, term)
    file = visit.hall.home.receipts(str(term)) / page
    if not file.is_file():
        raise HTTPException(404)
    return HTMLResponse(await run_in_threadpool(file.read_bytes), headers={"Cache-Control": "no-store"})


def name_of(name: str, provider: str) -> str:
    """The name of a delivery as it is laid; ``BadInput`` where it is none, or another provider's. It is not repeated."""
    called = SealedName.parse(name)
    if called is None:
        raise BadInput("UPLOAD_NAME", provider=provider)
    if called.provider != provider:
        raise BadInput("UPLOAD_OTHERS", provider=provider)
    return name


def take_in(home: Home, contracts: Contracts, provider: str, name: str, content: BinaryIO) -> Term:
    """Lay a delivery in its provider's place and receive what lies there; its term.

    ``BadInput`` where the provider has no place or no registered key, another file has that number, or a run that
    checks deliveries does not end (UPLOAD_WAITS): the next one checks what was laid.
    """
    called = SealedName.parse(name)
    assert called is not None
    place = read_sources(home, contracts.suppliers).get(provider)
    if place is None or place.target is not None:  # of a distant place the hub has only a copy
        raise BadInput("UPLOAD_NO_PLACE", provider=provider)
    if registered_key(home, provider) is None:
        raise BadInput("UPLOAD_NO_KEY", provider=provider)
    wanted = {called.term: [provider]}
    if not FolderTarget(place.folder).lay(f"{called.term}/{name}", content.read()):
        raise BadInput("UPLOAD_NUMBER_TAKEN", provider=provider, number=called.number)
    pulled = pull_many(home, contracts, wanted)
    problems = [one.problem for one in pulled if one.problem is not None]
    if problems:
        raise problems[0]
    try:
        with alone(home, _PATIENCE_SECONDS):
            check_terms(home, contracts, wanted)
            answer(home, contracts, wanted)
    except BadInput as error:
        raise (BadInput("UPLOAD_WAITS", provider=provider) if error.code == "CHECK_BUSY" else error) from None
    return called.term


def _refuse_unknown(visit: Visit) -> None:
    """A role can be of a provider that the contracts have no longer: nothing is delivered for it."""
    if visit.request.path_params["provider"] not in visit.hall.contracts.suppliers.by_id:
        raise HTTPException(404)


async def _page(visit: Visit, error: BadInput | None = None) -> Response:
    provider = str(visit.request.path_params["provider"])
    terms = await run_in_threadpool(_terms, visit.hall, provider)
    return visit.page(
        "deliver.html",
        status=200 if error is None else 400,
        provider=provider,
        name=visit.hall.contracts.suppliers[provider].name,
        terms=terms,
        said=visit.told(error) if error is not None else None,
        most=visit.hall.access.limits.upload_bytes // 2**20,
    )


def _terms(hall: Hall, provider: str) -> list[Term]:
    """The terms that there are receipts of, newest first."""
    folders = hall.home.receipts("-").parent
    found = []
    for folder in folders.iterdir() if folders.is_dir() else ():
        with suppress(BadInput):  # a folder of something else, such as lost+found
            term = Term.parse(folder.name)
            found += [term] if (folder / receipt_names(provider, term)[0]).is_file() else []
    return sorted(found, reverse=True)
