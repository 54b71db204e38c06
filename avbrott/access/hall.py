"""What every page of the server is made with: the home, the contracts, what decides, the texts. Put together once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from avbrott.access import log
from avbrott.access.accounts import Person
from avbrott.access.line import FULL, Line
from avbrott.access.sessions import Session
from avbrott.access.settings import Access
from avbrott.errors import AvbrottError, BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.texts import Texts

if TYPE_CHECKING:
    from avbrott.access.openid import Provider

_TOLD = frozenset(
    {"ACCESS_REFUSED", "ACCESS_NOT_SIGNED_IN", "FORM_FOREIGN", "FORM_OUTDATED", "PAGE_MISSING", "PAGE_METHOD", "PAGE_FAILED",
     "REQUEST_WRONG", "BODY_TOO_LARGE", "BODY_TOO_SLOW", "NO_RELEASE_YET", "OPENID_SILENT", "OPENID_REFUSED",
     "PROPOSAL_CHANGED", "APPROVED_ALREADY", "APPROVAL_BUSY", "NOT_PROTECTED", "UPLOAD_NAME", "UPLOAD_OTHERS",
     "UPLOAD_NO_PLACE", "UPLOAD_NO_KEY", "UPLOAD_NUMBER_TAKEN", "UPLOAD_WAITS",
     "PASSWORD_LENGTH", "PASSWORD_PLAIN", "PASSWORD_OLD_WRONG", "PASSWORD_NEW_DIFFER",
     "PASSWORD_AS_BEFORE", "PASSWORD_TOO_OFTEN", "PASSWORD_ELSEWHERE", FULL}
)  # fmt: skip
"""The errors that whoever is at a page is told as they are; others name files of the hub."""

TEMPLATES = Path(__file__).parent / "templates"


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@dataclass(frozen=True, slots=True)
class Hall:
    """One installation, as the server has it."""

    home: Home
    contracts: Contracts
    access: Access
    texts: Texts
    style: bytes
    """The style sheet of the site and that of these pages."""
    provider: Provider | None = None
    """The provider of OpenID Connect, where there is one."""
    templates: jinja2.Environment = field(default_factory=_environment)
    passwords: Line = field(init=False)
    """Passwords that are tried: each takes much memory and time, which is the point of it."""
    uploads: Line = field(init=False)
    """Deliveries that are taken in: the store is written to by one after another."""

    def __post_init__(self) -> None:
        rules, limits = self.access.password, self.access.limits
        object.__setattr__(self, "passwords", Line(rules.at_once, rules.waiting))
        object.__setattr__(self, "uploads", Line(1, limits.uploads_waiting))


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, whoever made it, after the guard let it in."""

    request: Request
    hall: Hall
    session: Session | None
    form: FormData = field(default_factory=FormData)

    @property
    def person(self) -> Person:
        """Who is signed in; only where the route asks for it."""
        assert self.session is not None
        return self.session.person

    @property
    def is_local(self) -> bool:
        """Whether who is signed in is so by an account of this installation."""
        return self.session is not None and self.session.is_local

    @property
    def address(self) -> str:
        """Where the request came from."""
        return address_of(self.request)

    def text(self, name: str) -> str:
        """A field of the form; empty where it is none, or a file."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    async def note(self, event: log.Event, result: log.Result, what: str, person: Person | None = None) -> None:
        """Write a line of the log, before what it is about is done or shown."""
        who = person or (self.session.person if self.session else None)
        done = log.Done(event, result, who.who if who else "", who.role if who else "", what, self.address)
        await run_in_threadpool(log.add, self.hall.home, done)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page in both languages."""
        hall = self.hall
        html = hall.templates.get_template(template).render(
            sv=lambda key, **of: hall.texts.get(key, "sv", **of),
            en=lambda key, **of: hall.texts.get(key, "en", **of),
            session=self.session,
            **values,
        )
        return HTMLResponse(html, status, {"Cache-Control": "no-store"})

    def refused(self, error: AvbrottError, status: int) -> Response:
        """A page that tells an error, and how to mend it."""
        return self.page("error.html", status=status, said=self.told(error))

    def told(self, error: AvbrottError) -> dict[str, tuple[str, str]]:
        """What is said of an error by language, and how to mend it: of one that names the hub's files, only its code."""
        texts = self.hall.texts
        if error.code not in _TOLD:
            error = BadInput("HUB_ERROR", kind=error.code)
        return {
            "sv": (texts.get(error.code, "sv", **error.parameters), texts.mend(error.code, "sv", **error.parameters)),
            "en": (texts.get(error.code, "en", **error.parameters), texts.mend(error.code, "en", **error.parameters)),
        }


def address_of(request: Request) -> str:
    """The address of who asks, as the server or a proxy that is believed tells it."""
    return request.client.host if request.client else ""
