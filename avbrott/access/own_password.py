"""The page where somebody changes her own password: the one she has is asked for, and all her sessions end."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from avbrott.access import accounts, attempts, log, passwords
from avbrott.access.cookies import SESSION, take
from avbrott.access.hall import Visit
from avbrott.access.signing_in import MINE, sign_in_form
from avbrott.errors import BadInput

OWN_PASSWORD = f"{MINE}/password"
_WHAT = "password"


async def page(visit: Visit) -> Response:
    """The form; who is signed in by another service is told that her password is not here."""
    return _form(visit)


async def change(visit: Visit) -> Response:
    """Try the password that she has, and put the new one in its place. What is wrong is told on the form."""
    hall, person = visit.hall, visit.person
    old, new = visit.text("password"), visit.text("new")
    try:
        _refuse_unfit(visit, old, new)
    except BadInput as error:
        return _form(visit, error)
    limited = await run_in_threadpool(attempts.too_often, hall.home, hall.access.sign_in, visit.address, person.who)
    if limited is not None:
        if limited.is_first:
            await visit.note("account", "limited", _WHAT)
        response = _form(visit, BadInput("PASSWORD_TOO_OFTEN"), status=429)
        response.headers["Retry-After"] = str(60 * hall.access.sign_in.window_minutes)
        return response
    tried = await hall.passwords.run(accounts.try_password, hall.home, hall.access, person.who, old)
    done = log.Done("account", "done", person.who, person.role, _WHAT, visit.address)
    noted = partial(log.add, hall.home, done)
    change = partial(accounts.change_password, hall.home, hall.access, person.who, tried.kept, new, noted)
    if tried.person is None or not await hall.passwords.run(change):
        await visit.note("account", "locked" if tried.locked else "refused", _WHAT)
        return _form(visit, BadInput("PASSWORD_OLD_WRONG"))
    response = sign_in_form(replace(visit, session=None), MINE, "PASSWORD_CHANGED")
    take(response, SESSION)
    return response


def _refuse_unfit(visit: Visit, old: str, new: str) -> None:
    """``BadInput`` where there is no password to change here, or the new one cannot be."""
    if not visit.is_local:
        raise BadInput("PASSWORD_ELSEWHERE")
    if new != visit.text("again"):
        raise BadInput("PASSWORD_NEW_DIFFER")
    passwords.refuse_unfit(new, visit.person.who, visit.hall.access.password)
    if new == old:
        raise BadInput("PASSWORD_AS_BEFORE")


def _form(visit: Visit, error: BadInput | None = None, *, status: int = 400) -> Response:
    if error is None:
        status, error = 200, None if visit.is_local else BadInput("PASSWORD_ELSEWHERE")
    said = None if error is None else visit.told(error)
    shortest = visit.hall.access.password.shortest
    return visit.page("password.html", status=status, said=said, shortest=shortest, is_local=visit.is_local)
