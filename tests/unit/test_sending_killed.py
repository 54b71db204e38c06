"""A delivery that is killed can be run again, wherever it ended: the receiver has all of it or nothing, and once.

The program dies at each of its uses of the file system in turn: from there on every one fails, those that would tidy up too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from avbrott.sealing.keys import read_hub_public, read_signing_key
from avbrott.sending.prepared import read_prepared
from avbrott.sending.send import Sender, Sent, ToSend, Went, to_send
from avbrott.transport.folder import FolderTarget
from tests.sending_case import ROWS, Case, row

_USES = {"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.listdir", "os.scandir", "os.truncate"}
FEWEST_USES, MOST_USES = 10, 100


Begin = Callable[[int, int], "Killable"]


class Killed(BaseException):
    """The process is no more."""


class Killer:
    """Lets so many uses of the file system happen, and then none; as good as not there outside ``dying``."""

    def __init__(self) -> None:
        self.left: int | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def dying(self, after: int) -> Iterator[None]:
        """Die at the use after so many."""
        self.left = after
        try:
            yield
        finally:
            self.left = None

    def _hear(self, event: str, _: object) -> None:
        if self.left is None or event not in _USES:
            return
        if self.left == 0:
            raise Killed
        self.left -= 1


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> dict[int, ToSend]:
    """Deliveries of so many rows, checked once: what is killed here is the sending."""
    case = Case(tmp_path_factory.mktemp("parts"), contracts)
    found = {}
    for rows in ([*ROWS, row(8), row(9)], ROWS, ROWS[:4]):
        case.prepare(rows)
        (found[len(rows)],) = to_send(read_prepared(case.prepared, contracts))
    return found


class Killable(Case):
    """A provider whose sending can be killed, and a hub that remembers what it saw."""

    def __init__(self, folder: Path, contracts: Contracts, parts: dict[int, ToSend]) -> None:
        super().__init__(folder, contracts)
        self._parts = parts
        self.seen: dict[int, str] = {}

    def send(self, rows: int) -> Sent:
        """Deliver so many enrolments, as the command does once it has checked them."""
        target = FolderTarget(self.target)
        key, hub = read_signing_key(self.key), read_hub_public(self.home.hub_public)
        return Sender(key, hub, target, self.sent).send(self._parts[rows])

    def is_killed(self, killer: Killer, step: int, rows: int) -> bool:
        """Whether a delivery that dies at a step does not come to its end."""
        try:
            with killer.dying(step):
                self.send(rows)
        except Killed:
            return True
        return False

    def look(self) -> list[int]:
        """The rows of each delivery at the receiver: all can be opened, and no number has had two contents."""
        found = [self.opened(int(name[-12:-8])) for name in self.names if not name.endswith(".part")]
        for one in found:
            assert self.seen.setdefault(one.statement.number, one.digest) == one.digest
        return [one.statement.rows for one in found]

    @property
    def kept(self) -> list[str]:
        """What is remembered."""
        return sorted(file.name for file in self.sent.iterdir())


@pytest.fixture
def begin(tmp_path: Path, contracts: Contracts, parts: dict[int, ToSend]) -> Begin:
    """A provider for each step, which has delivered so many times."""

    def begun(step: int, delivered: int) -> Killable:
        case = Killable(tmp_path / str(step), contracts, parts)
        for _ in range(delivered):
            case.send(5)
        return case

    begun(MOST_USES, 1)  # imports what is imported late, which must not be killed
    return begun


def test_killed_anywhere_the_first_arrives_once(begin: Begin, killer: Killer) -> None:
    """Under number 1, with nothing beside it, whichever step it ended at."""
    step = 0
    while (case := begin(step, 0)).is_killed(killer, step, 5):
        assert case.look() in ([], [5])
        assert case.send(5).went in (Went.SENT, Went.THERE)
        assert (case.look(), case.names) == ([5], ["2482-ht2025-enrolments-0001.zip.age"])
        assert case.send(5).went is Went.THERE
        assert case.kept == ["2482-ht2025-enrolments-0001.rows", "2482-ht2025-enrolments.json"]
        step += 1
    assert case.look() == [5]
    assert FEWEST_USES < step < MOST_USES


def test_killed_anywhere_a_corrected_one_arrives_once(begin: Begin, killer: Killer) -> None:
    """It is number 2, and what it changed is told where it had not arrived before."""
    step = 0
    while (case := begin(step, 1)).is_killed(killer, step, 4):
        assert case.look() in ([5], [5, 4])
        again = case.send(4)
        assert again.went is Went.THERE or (again.changes is not None and again.changes.gone == 1)
        assert case.look() == [5, 4]
        assert len(case.names) == 2
        step += 1
    assert FEWEST_USES < step < MOST_USES


@pytest.mark.parametrize("is_taken", [False, True], ids=["left", "taken in by the hub"])
def test_killed_anywhere_and_prepared_anew(begin: Begin, killer: Killer, *, is_taken: bool) -> None:
    """No number is used for two contents, though what was on its way may have been taken in and away."""
    step = 0
    while (case := begin(step, 1)).is_killed(killer, step, 4):
        case.look()
        if is_taken:
            for name in case.names:
                (case.target / "HT2025" / name).unlink()
        sent = case.send(7)
        assert sent.went is Went.SENT
        assert sent.delivery.number > max(case.seen, default=0)
        assert case.look()[-1] == 7
        assert not [name for name in case.names if name.endswith(".part")]
        step += 1
    assert FEWEST_USES < step < MOST_USES
