"""The pages to sign in and out with an account of this installation, and the page that one comes to."""

from __future__ import annotations

import re
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from avbrott.access import accounts, attempts, log, sessions
from avbrott.access.accounts import NAME, Person
from avbrott.access.attempts import Way
from avbrott.access.cookies import FORM, SESSION, give, take
from avbrott.access.hall import Visit
from avbrott.errors import BadInput
from avbrott.release import ledger

MINE = "/mine"
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?")
_LONGEST_PATH = 400


def safe_next(path: str) -> str:
    """Where to go on to: a path of this server in plain letters, or the page that one comes to. Never another server's."""
    return path if len(path) <= _LONGEST_PATH and _OWN_PATH.fullmatch(path) else MINE


async def sign_in_page(visit: Visit) -> Response:
    """The form, given to this browser alone."""
    return sign_in_form(visit, safe_next(visit.request.query_params.get("next", MINE)))


async def sign_in(visit: Visit) -> Response:
    """Try a name and a password; every refusal says the same."""
    hall = visit.hall
    name, password, onward = visit.text("name").strip().lower(), visit.text("password"), safe_next(visit.text("next"))
    limited = await limited_at(visit, "address", onward, name)
    if limited is not None:
        return limited
    known = name if NAME.fullmatch(name) else ""
    tried = await hall.passwords.run(accounts.try_password, hall.home, hall.access, known, password)
    begun = await signed_in(visit, tried.person, onward, tried.kept) if tried.person else None
    if begun is not None:
        return begun
    done = log.Done("sign_in", "locked" if tried.locked else "refused", tried.known, address=visit.address)
    await run_in_threadpool(log.add, hall.home, done)
    return sign_in_form(visit, onward, "SIGN_IN_REFUSED", status=401)


async def limited_at(visit: Visit, way: Way, onward: str, name: str | None = None) -> Response | None:
    """The answer where somebody came too often of late to sign in; None where not."""
    hall = visit.hall
    found = await run_in_threadpool(attempts.too_often, hall.home, hall.access.sign_in, visit.address, name, way)
    if found is None:
        return None
    if found.is_first:
        await visit.note("sign_in", "limited", "" if way == "address" else "openid")
    response = sign_in_form(visit, onward, "SIGN_IN_TOO_OFTEN", status=429)
    response.headers["Retry-After"] = str(60 * hall.access.sign_in.window_minutes)
    return response


async def signed_in(visit: Visit, person: Person, onward: str, verified: str | None) -> Response | None:
    """Begin a session (``sessions.begin``), ending the one that this browser had; None where it may not begin."""
    hall = visit.hall
    token = await run_in_threadpool(sessions.begin, hall.home, hall.access.session, person, verified)
    if token is None:
        return None
    await visit.note("sign_in", "done", "openid" if verified is None else "", person)  # the token is nobody's before
    old = visit.request.cookies.get(SESSION)
    if old:
        await run_in_threadpool(sessions.end, hall.home, old)
    response = RedirectResponse(onward, 303)
    give(response, SESSION, token)
    take(response, FORM)
    return response


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    await visit.note("sign_out", "done", "")
    await run_in_threadpool(sessions.end, visit.hall.home, visit.request.cookies[SESSION])
    response = RedirectResponse("/", 303)
    take(response, SESSION)
    return response


async def mine(visit: Visit) -> Response:
    """Where one comes to: what the role may do."""
    hall, person = visit.hall, visit.person
    role = hall.access.roles[person.role]
    releases = list(reversed(await run_in_threadpool(ledger.releases, hall.home)))
    units = {unit.code: unit.name for one in hall.contracts.suppliers.suppliers for unit in one.units}
    known = hall.contracts.suppliers.by_id
    return visit.page(
        "mine.html",
        rights=role.may,
        releases=releases,
        name=units.get(person.of) or (known[person.of].name if person.of in known else ""),
        there=lambda release, kind: (hall.home.private(release) / kind / person.of / "index.html").is_file(),
    )


async def start(visit: Visit) -> Response:
    """The newest release, or that there is none yet."""
    if await run_in_threadpool(ledger.newest, visit.hall.home) is None:
        return visit.refused(BadInput("NO_RELEASE_YET"), 404)
    return RedirectResponse("/releases/current/site/", 302)


def sign_in_form(visit: Visit, onward: str, said: str = "", *, status: int = 200) -> Response:
    """The form to sign in, for this browser alone, with the text ``said`` above it."""
    secret = visit.session.csrf if visit.session else secrets.token_urlsafe(32)
    response = visit.page(
        "sign_in.html", status=status, csrf=secret, onward=onward, said=said, openid=visit.hall.provider is not None
    )
    if visit.session is None:
        give(response, FORM, secret)
    return response
