"""Many who want the same at once: few are served, few wait, the rest come again later, and every other page is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from avbrott.access import accounts, delivering
from avbrott.access.line import FULL, Line
from avbrott.errors import BadInput
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests.access_case import Server, access_of, csrf_of, server, sign_in

_ROOM = 3
_SECONDS = 20.0


@pytest.fixture
def hub(tmp_path: Path, contracts: Contracts) -> Server:
    """A hub where two passwords are tried at once and one more waits, and two deliveries wait."""
    access = access_of(contracts)
    password = access.password.model_copy(update={"at_once": 2, "waiting": 1})
    limits = access.limits.model_copy(update={"uploads_waiting": 2})
    return server(tmp_path / "home", contracts, access.model_copy(update={"password": password, "limits": limits}))


def test_so_many_work_so_many_wait_and_the_rest_are_turned_away() -> None:
    """There is room again when one is done."""
    line, go = Line(2, 1), Event()

    async def crowd() -> None:
        working = [asyncio.create_task(line.run(go.wait, _SECONDS)) for _ in range(_ROOM)]
        await asyncio.sleep(0)
        with pytest.raises(BadInput, match=FULL):
            await line.run(go.wait, _SECONDS)
        go.set()
        assert await asyncio.gather(*working) == [True] * _ROOM
        assert await line.run(sum, [2, 3]) == 5

    asyncio.run(crowd())


def turned_away(hub: Server, go: Event, asked: Callable[[], Any], answered: int) -> None:
    """One more asks than there is room for: that one is told to come again, and the rest are answered in their turn."""
    with ThreadPoolExecutor(_ROOM + 1) as readers:
        answers: list[Future[Any]] = [readers.submit(asked) for _ in range(_ROOM + 1)]
        try:
            done, others = wait(answers, timeout=_SECONDS / 2, return_when=FIRST_COMPLETED)
            assert len(done) == 1
            answer = done.pop().result()
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "Försök igen om en stund" in answer.text
            since = time.monotonic()
            assert hub.browser().get("/").status_code == 302
            assert time.monotonic() - since < _SECONDS / 4
        finally:
            go.set()
        assert [one.result().status_code for one in others] == [answered] * _ROOM


def test_many_who_sign_in_do_not_stop_the_pages(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor each other for long."""
    go, try_password = Event(), accounts.try_password

    def slow(*of: Any) -> accounts.Tried:
        go.wait(_SECONDS)
        return try_password(*of)

    monkeypatch.setattr(accounts, "try_password", slow)
    turned_away(hub, go, lambda: sign_in(hub.browser(), "ada"), 303)


def test_many_who_deliver_do_not_stop_the_pages(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """One delivery is taken in after another."""
    go, working = Event(), []

    def slow(*_: Any) -> Term:
        working.append(1)
        assert len(working) == 1
        go.wait(_SECONDS)
        working.pop()
        return Term.parse("VT2026")

    monkeypatch.setattr(delivering, "take_in", slow)
    browser = hub.signed_in("dora")
    form, files = {"csrf": csrf_of(browser.get("/mine").text)}, {"delivery": ("2482-vt2026-enrolments-0001.zip.age", b"x")}
    turned_away(hub, go, lambda: browser.post("/deliveries/2482", data=form, files=files), 303)
