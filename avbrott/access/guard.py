"""Who is let in where: the one door that every route but the public files goes through.

A route says which right it needs, and which part of its address names what the right is of. Whether that exists is not looked
at before, so that a refusal tells nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from avbrott.access import sessions
from avbrott.access.accounts import Person
from avbrott.access.cookies import FORM, SESSION
from avbrott.access.hall import Hall, Visit
from avbrott.access.line import FULL, RETRY_SECONDS
from avbrott.access.sessions import Session
from avbrott.access.settings import Access, Right
from avbrott.errors import BadInput
from avbrott.registry import Contracts

Handler = Callable[[Visit], Awaitable[Response]]

_OUT_OF_ORDER = frozenset({"ACCESS_LOG_UNWRITABLE", "ACCESS_LOG_UNREADABLE", "ACCOUNTS_UNUSABLE", FULL})
_MOST_FIELDS = 8
_LARGEST_FIELD = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """A route: where it is, what it does, and who may."""

    method: Literal["GET", "POST"]
    path: str
    name: str
    """Its text is ``ROUTE_<name>``."""
    handler: Handler
    right: Right | None = None
    is_open: bool = False
    """Open to anybody; otherwise for those who are signed in, with ``right`` where there is one."""
    of: str = ""
    """The part of the path that names what ``right`` is of."""


def may(access: Access, contracts: Contracts, person: Person, right: Right | None, of: str | None) -> bool:
    """Whether a person has a right, to ``of`` where it is of something. A school of two codes is one."""
    role = access.roles.get(person.role)
    if role is None:
        return False
    if right is None:
        return True
    if right not in role.may:
        return False
    if role.of == "nothing":
        return of is None
    return of is not None and of in own_objects(contracts, person.of)


def own_objects(contracts: Contracts, of: str) -> tuple[str, ...]:
    """What is one reader's: the code itself, and those that a policy says are the same school's."""
    rules = [policy.pages for policy in contracts.policies.values() if policy.pages is not None]
    return next((codes for rule in rules for codes in rule.together if of in codes), (of,))


def guarded(entry: Entry, hall: Hall) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a route."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(request, hall, None)
        try:
            token = request.cookies.get(SESSION, "")
            session = await run_in_threadpool(sessions.find, hall.home, hall.access.session, token) if token else None
            visit = Visit(request, hall, session)
            return await _let_in(entry, visit)
        except BadInput as error:
            answer = visit.refused(error, 503 if error.code in _OUT_OF_ORDER else 400)
            if error.code == FULL:
                answer.headers["Retry-After"] = str(RETRY_SECONDS)
            return answer

    return endpoint


async def _let_in(entry: Entry, visit: Visit) -> Response:
    request, hall, session = visit.request, visit.hall, visit.session
    if entry.method == "POST" and not _is_of_this_site(request):
        return visit.refused(BadInput("FORM_FOREIGN"), 403)
    if not entry.is_open:
        if session is None:
            return _to_sign_in(entry, visit)
        of = request.path_params[entry.of] if entry.of else None
        if not may(hall.access, hall.contracts, session.person, entry.right, of):
            await visit.note("view", "refused", what_is_asked(request))
            return visit.refused(BadInput("ACCESS_REFUSED"), 403)
    if entry.method == "GET":
        return await entry.handler(visit)
    if not _is_in_utf8(request):
        raise HTTPException(400)
    form = await request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD)
    try:
        if not _is_own_form(request, session, form):
            return visit.refused(BadInput("FORM_OUTDATED"), 403)
        return await entry.handler(Visit(request, hall, session, form))
    finally:
        await form.close()


def _to_sign_in(entry: Entry, visit: Visit) -> Response:
    if entry.method == "POST":
        return visit.refused(BadInput("ACCESS_NOT_SIGNED_IN"), 403)
    return RedirectResponse(f"/sign-in?next={visit.request.scope['path']}", 303)


def what_is_asked(request: Request) -> str:
    """What was asked for, as the log tells it: of an address no more than its beginning."""
    return str(request.scope["path"])[:200]


def _is_of_this_site(request: Request) -> bool:
    """Whether a form was sent from a page of this server, as far as the browser says where it was."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    return origin is None or (bool(host) and origin.partition("://")[2] == host)


def _is_in_utf8(request: Request) -> bool:
    """Whether a form is in the signs that its page is; others can be such that no text comes of them."""
    _, options = parse_options_header(request.headers.get("content-type"))
    return options.get(b"charset", b"utf-8").lower() in (b"utf-8", b"utf8")


def _is_own_form(request: Request, session: Session | None, form: FormData) -> bool:
    """Whether a form was given to this browser: by the session's secret, or before there is one by a cookie's."""
    said, wanted = form.get("csrf"), session.csrf if session else request.cookies.get(FORM, "")
    return isinstance(said, str) and bool(wanted) and secrets.compare_digest(said.encode(), wanted.encode())
