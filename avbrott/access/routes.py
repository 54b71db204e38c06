"""Every route of the server but the public files, and what each asks for. A route that is not here is not served."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from avbrott.access import delivering, own_password, private, signing_in
from avbrott.access.guard import Entry
from avbrott.access.hall import Hall, Visit
from avbrott.access.openapi import description
from avbrott.access.openid import CALLBACK
from avbrott.access.proposing import PROPOSAL, Proposing


def entries_of(hall: Hall) -> tuple[Entry, ...]:
    """The routes, in the order in which they are tried."""
    proposing = Proposing()
    school, provider = private.pages_of("schools", "unit"), private.pages_of("providers", "provider")
    entries = [
        Entry("GET", "/", "start", signing_in.start, is_open=True),
        Entry("GET", "/style.css", "style", _style, is_open=True),
        Entry("GET", "/sign-in", "sign_in_page", signing_in.sign_in_page, is_open=True),
        Entry("POST", "/sign-in", "sign_in", signing_in.sign_in, is_open=True),
        Entry("POST", "/sign-out", "sign_out", signing_in.sign_out),
        Entry("GET", signing_in.MINE, "mine", signing_in.mine),
        Entry("GET", own_password.OWN_PASSWORD, "password_page", own_password.page),
        Entry("POST", own_password.OWN_PASSWORD, "password", own_password.change),
        Entry("GET", "/schools/{release}/{unit}/{file:path}", "school_page", school, "school_pages", of="unit"),
        Entry(
            "GET", "/providers/{release}/{provider}/{file:path}", "provider_page", provider, "provider_pages", of="provider"
        ),
        Entry("GET", "/coverage", "coverage", private.coverage_page, "coverage"),
        Entry("GET", PROPOSAL, "proposal", proposing.page, "proposal"),
        Entry("POST", "/proposal/approve", "approve", proposing.approve, "approve"),
        Entry("GET", "/deliveries/{provider}", "deliver_page", delivering.form, "deliver", of="provider"),
        Entry("POST", "/deliveries/{provider}", "deliver", delivering.deliver, "deliver", of="provider"),
        Entry("GET", "/deliveries/{provider}/{term}/receipt", "receipt", delivering.receipt, "deliver", of="provider"),
    ]
    if hall.provider is not None:
        entries += [
            Entry("GET", "/sign-in/openid", "openid_begin", hall.provider.begin, is_open=True),
            Entry("GET", CALLBACK, "openid_back", hall.provider.back, is_open=True),
        ]

    async def openapi(visit: Visit) -> Response:
        return JSONResponse(description(entries, visit.hall.texts))

    entries.append(Entry("GET", "/openapi.json", "openapi", openapi, is_open=True))
    return tuple(entries)


async def _style(visit: Visit) -> Response:
    return Response(visit.hall.style, headers={"Cache-Control": "public, max-age=300"}, media_type="text/css")
