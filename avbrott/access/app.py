"""The application: the routes behind their guard, the public files, the errors' pages, and the armour around all of it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from avbrott import logs
from avbrott.access.armour import Armour
from avbrott.access.guard import guarded
from avbrott.access.hall import Hall, Visit
from avbrott.access.public import PublicFiles
from avbrott.access.routes import entries_of
from avbrott.errors import BadInput

PUBLIC = "/releases/{path:path}"

_SAID = {404: "PAGE_MISSING", 405: "PAGE_METHOD", 408: "BODY_TOO_SLOW", 413: "BODY_TOO_LARGE"}


def build(hall: Hall) -> Starlette:
    """The application without its armour, whose routes can be looked through."""
    public = PublicFiles(hall.home, hall.access.limits.cache_bytes)
    routes = [Route(PUBLIC, public)]
    routes += [Route(entry.path, guarded(entry, hall), methods=[entry.method], name=entry.name) for entry in entries_of(hall)]

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _SAID.get(error.status_code, "REQUEST_WRONG")
        response = Visit(request, hall, None).refused(BadInput(code), error.status_code)
        response.headers.update(error.headers or {})
        return response

    async def on_error(request: Request, error: Exception) -> Response:
        logs.write("error", "PAGE_FAILED", about={"kind": type(error).__name__})  # its own text may hold a row's value
        return Visit(request, hall, None).refused(BadInput("PAGE_FAILED"), 500)

    async def on_gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)  # which nobody reads

    handlers = {HTTPException: on_http_error, ClientDisconnect: on_gone, Exception: on_error}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False  # which would send the browser to whatever host it says that this is
    return app


def application(hall: Hall) -> ASGIApp:
    """The whole application."""
    return Armour(build(hall), hall.access.limits)
