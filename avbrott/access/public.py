"""The public files: every release, what lies beside them, and ``current``, as they lie under ``<home>/releases``.

What is hidden there (a release in the making) is not served. Files that were read are kept in memory, and looked at on the
disk each time, so that one that is taken away is gone.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from avbrott.access.paths import INDEX, file_in, parts_of, type_of
from avbrott.home import Home
from avbrott.release.ledger import is_identifier

_LARGEST_KEPT = 1 << 20
_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Open data may be read by any page."""


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int, int, int]
    body: bytes
    etag: str
    media_type: str


class PublicFiles:
    """An application that serves ``<home>/releases``."""

    def __init__(self, home: Home, cache_bytes: int) -> None:
        self._home, self._room, self._taken = home, cache_bytes, 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        path = self._of_current(str(scope["path_params"]["path"]))
        response = self._from_memory(path, scope) or await self._from_disk(path)
        await response(scope, receive, send)

    def _of_current(self, path: str) -> str:
        """``path`` with the newest release in place of ``current``."""
        first, stroke, rest = path.partition("/")
        if first != self._home.current.name:
            return path
        try:
            return f"{self._home.current.readlink().name}{stroke}{rest}"
        except OSError:
            raise HTTPException(404) from None

    def _from_memory(self, path: str, scope: Scope) -> Response | None:
        kept = self._kept.get(path)
        if kept is None:
            return None
        file = self._home.releases / (path + INDEX if path.endswith("/") or not path else path)
        if _stamp(file) != kept.stamp:
            self._forget(path)
            return None
        self._kept.move_to_end(path)
        headers = {"ETag": kept.etag, **_HEADERS}
        if (b"if-none-match", kept.etag.encode()) in scope["headers"]:
            return Response(None, 304, headers)
        return Response(kept.body, 200, headers, kept.media_type)

    async def _from_disk(self, path: str) -> Response:
        first = path.partition("/")[0]
        if "/" in path and not is_identifier(first):
            raise HTTPException(404)
        file = await run_in_threadpool(file_in, self._home.releases, path)
        if file is None:
            if parts_of(path) and (self._home.releases / path / INDEX).is_file():
                return RedirectResponse(f"/releases/{path}/", 301)
            raise HTTPException(404)
        stamp = _stamp(file)
        if stamp is None:
            raise HTTPException(404)
        if stamp[1] > min(_LARGEST_KEPT, self._room):
            return FileResponse(file, headers=_HEADERS, media_type=type_of(file))
        body = await run_in_threadpool(file.read_bytes)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        kept = _Kept(stamp, body, etag, type_of(file))
        self._keep(path, kept)
        return Response(body, 200, {"ETag": etag, **_HEADERS}, kept.media_type)

    def _keep(self, path: str, kept: _Kept) -> None:
        self._forget(path)
        self._kept[path] = kept
        self._taken += len(kept.body)
        while self._taken > self._room:
            self._forget(next(iter(self._kept)))

    def _forget(self, path: str) -> None:
        kept = self._kept.pop(path, None)
        self._taken -= len(kept.body) if kept else 0


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """By what a file on the disk is told from another of its name; None where it is gone."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
