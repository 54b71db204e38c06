"""A folder that a web server shows the content of, as a place to fetch from: its page of links, and the files behind them.

As Apache's and nginx' own pages of a folder are. Nothing is laid there; a server that sends elsewhere is not followed. Who
asks is told by a bearer's token, which is of the environment or of a file, or by ``.netrc``.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin

import requests

from avbrott.errors import BadInput
from avbrott.transport.address import HttpsAddress
from avbrott.transport.target import Access, Listing, is_whole, refuse_many
from avbrott.transport.watch import Watch
from avbrott.transport.web import LOST, WebSession, body

TOKEN_FILE = "AVBROTT_HTTPS_TOKEN_FILE"  # noqa: S105  the setting's name
_PAGE = 4 << 20
"""A page of links is no larger."""
_EACH_SECONDS = 2.0
"""So long on average may it take to be told of a file."""
_LENGTH = re.compile("[0-9]{1,18}")
_REFUSED = {401, 403, 407}
_MISSING = {404, 410}
_OK = 200


class HttpsTarget:
    """Asks anew for each file; a request that fails is made again as often as there is patience."""

    def __init__(self, address: HttpsAddress, access: Access) -> None:
        self._address, self._patience = address, access.patience
        self._session = WebSession()
        named = access.token or os.environ.get(TOKEN_FILE)
        if named:
            self._session.headers["Authorization"] = f"Bearer {_token(str(named))}"

    @property
    def where(self) -> str:
        return str(self._address)

    def names(self, folder: str) -> list[str]:
        return list(self.listing(folder).files)

    def listing(self, folder: str, most: int | None = None) -> Listing:
        url = self._url(folder).rstrip("/") + "/"
        page = self._content(url, _PAGE + 1)
        if page is None:
            if folder:
                return Listing((), {})
            raise BadInput("TARGET_MISSING", target=self.where)
        if len(page) > _PAGE:
            raise BadInput("TARGET_FAILED", target=self.where, kind="listing")
        try:
            names = _linked(url, page.decode("utf-8", "replace"))
        except (AssertionError, ValueError):  # of a page that is no HTML
            raise BadInput("TARGET_FAILED", target=self.where, kind="listing") from None
        refuse_many(len(names), most, self.where, folder)
        folders = sorted(name[:-1] for name in names if name.endswith("/") and is_whole(name[:-1]))
        files = sorted(name for name in names if not name.endswith("/") and is_whole(name))
        return Listing(tuple(folders), dict(self._stamped(folder, files)))

    def size(self, name: str) -> int | None:
        with self._asked("HEAD", self._url(name)) as (answer, _):
            length = answer.headers.get("Content-Length", "") if answer is not None else ""
            return int(length) if _LENGTH.fullmatch(length) else None

    def read(self, name: str, most: int | None = None) -> bytes:
        found = self._content(self._url(name), most)
        if found is None:
            raise BadInput("TARGET_FILE_MISSING", target=self.where, file=name)
        return found

    def write(self, name: str, content: bytes) -> None:  # noqa: ARG002  every place's form
        raise BadInput("TARGET_READ_ONLY", target=self.where)

    def lay(self, name: str, content: bytes) -> bool:  # noqa: ARG002  every place's form
        raise BadInput("TARGET_READ_ONLY", target=self.where)

    def give_up(self, name: str, content_sum: str) -> None:
        """Nothing of an upload is ever there."""

    def _url(self, name: str) -> str:
        return self._address.url + quote(name)

    def _stamped(self, folder: str, files: list[str]) -> Iterator[tuple[str, str]]:
        """Each file of a folder with what the server says of it."""
        until = time.monotonic() + self._patience.answer_seconds + len(files) * _EACH_SECONDS
        for name in files:
            if time.monotonic() > until:
                raise BadInput("TARGET_LOST", target=self.where, attempts=1, kind="Timeout")
            with self._asked("HEAD", self._url(f"{folder}/{name}" if folder else name)) as (answer, _):
                headers = answer.headers if answer is not None else {}
                yield name, " ".join(headers.get(one, "") for one in ("Content-Length", "Last-Modified", "ETag"))

    def _content(self, url: str, most: int | None) -> bytes | None:
        """What a URL holds, of which at most the first ``most`` bytes are fetched; None where nothing is there."""
        for left in reversed(range(len(self._patience.pauses) + 1)):
            try:
                with self._asked("GET", url) as (answer, watch):
                    return None if answer is None else body(answer, watch, most)
            except BadInput as error:
                if error.code != "TARGET_LOST" or not left:
                    raise
            time.sleep(self._patience.pauses[-left])
        raise AssertionError  # the last attempt returns or raises

    @contextmanager
    def _asked(self, method: str, url: str) -> Iterator[tuple[requests.Response | None, Watch]]:
        """A server's answer that has what was asked for, None where it says that nothing is there; else ``BadInput``."""
        try:
            with self._session.asked(method, url, self._patience) as (answer, watch):
                if answer.status_code in _REFUSED:
                    raise BadInput("TARGET_FORBIDDEN", target=self.where)
                if answer.status_code not in {_OK, *_MISSING}:
                    raise BadInput("TARGET_FAILED", target=self.where, kind=f"HTTP {answer.status_code}")
                if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise BadInput("TARGET_FAILED", target=self.where, kind="Content-Encoding")
                yield None if answer.status_code in _MISSING else answer, watch
        except LOST as error:
            attempts = len(self._patience.pauses) + 1
            raise BadInput("TARGET_LOST", target=self.where, attempts=attempts, kind=type(error).__name__) from None


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _linked(url: str, page: str) -> set[str]:
    """What a page of links has right below it: names, of which a folder's ends with a slash."""
    links = _Links()
    links.feed(page)
    found = set()
    for link in links.found:
        try:
            whole = urljoin(url, link)
        except ValueError:
            continue
        name = unquote(whole[len(url) :]) if whole.startswith(url) else ""
        if name and "/" not in name[:-1] and not {"?", "#"} & set(name):
            found.add(name)
    return found


def _token(file: str) -> str:
    try:
        with open(file, encoding="ascii") as stream:  # noqa: PTH123  a setting's text
            token = stream.read().strip()
    except (OSError, UnicodeDecodeError):
        token = ""
    if not token.isprintable() or not token or " " in token:
        raise BadInput("HTTPS_TOKEN_UNREADABLE", file=file)
    return token
