"""A run that ends anywhere, by a failure, a signal or a kill: the next one comes to what an undisturbed run comes to."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from avbrott import atomic
from avbrott.delivery import many
from avbrott.errors import AvbrottError
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from pipelines import headless
from tests.integration.running import Ended, avbrott, begun, ended

pytestmark = pytest.mark.xdist_group("interrupted")

TERMS = ("HT2024", "VT2025", "HT2025")
RELEASE = "2026-01-20"


@pytest.fixture(scope="module")
def contracts(few: Contracts) -> Contracts:
    return few


@pytest.fixture(scope="module")
def offers(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Home:
    """A tiny county's deliveries of three terms, none of them pulled, and a seed that all homes share."""
    home = Home(tmp_path_factory.mktemp("offers") / "home")
    assert generate(home, contracts, pupils=300, years=1, seed=3, flaws="none").terms == TERMS
    atomic.write_bytes(home.seed, bytes(range(32)))
    return home


@pytest.fixture(scope="module")
def undisturbed(offers: Home, contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same deliveries after a run that nothing stopped."""
    home = _copy(offers, tmp_path_factory.mktemp("undisturbed"))
    headless.run(home, contracts)
    return home


@pytest.fixture
def home(offers: Home, tmp_path: Path) -> Home:
    return _copy(offers, tmp_path)


def _copy(home: Home, folder: Path) -> Home:
    shutil.copytree(home.root, folder / "home", symlinks=True)
    return Home(folder / "home")


def _is_like(home: Home, undisturbed: Home) -> None:
    """The same release to the byte, and nothing half-written in the store."""
    assert (home.release(RELEASE) / "manifest.json").read_bytes() == (
        undisturbed.release(RELEASE) / "manifest.json"
    ).read_bytes()
    assert [entry.name for entry in home.current.parent.iterdir() if entry.is_dir() and not entry.is_symlink()] == [RELEASE]
    assert list(home.store.rglob("*.part")) == []


@pytest.mark.parametrize("number", [0, 2])
def test_a_check_that_fails_after_some_terms_is_taken_up(
    number: int, home: Home, undisturbed: Home, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything was pulled, so nothing is new: what was not checked is checked all the same."""
    check_term, done = many.check_term, []

    def failing(*given: object) -> object:
        if len(done) == number:
            raise RuntimeError
        done.append(given)
        return check_term(*given)

    with monkeypatch.context() as patch:
        patch.setattr(many, "check_term", failing)
        with pytest.raises(AvbrottError, match="INTERNAL_ERROR"):
            headless.run(home, contracts)
    with pytest.raises(AvbrottError, match="DELIVERIES_UNSETTLED"):
        headless.release(home, contracts)
    assert not home.current.exists()
    headless.run(home, contracts)
    _is_like(home, undisturbed)


def test_what_was_pulled_is_taken_up_whatever_term_is_asked_for(
    home: Home, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--until`` says what is pulled anew. A release is made of all that the store holds, so all of it is checked."""
    with monkeypatch.context() as patch:
        patch.setattr(many, "check_term", None)
        with pytest.raises(AvbrottError, match="INTERNAL_ERROR"):
            headless.run(home, contracts)
    shutil.rmtree(home.delivered("2482", "HT2025"))
    headless.run(home, contracts, until=many.Term.parse("VT2025"))
    assert not home.delivered("2482", "HT2025").exists()
    assert home.accepted("enrolments", "2480", "HT2025").is_file()
    headless.run(home, contracts)
    assert home.accepted("enrolments", "2482", "HT2025").is_file()


@pytest.mark.parametrize("lost", ["one provider's", "every provider's"])
def test_an_accepted_extract_that_is_lost_stops_a_release_and_is_made_anew_by_a_run(
    lost: str, undisturbed: Home, tmp_path: Path, contracts: Contracts
) -> None:
    """It is not published as not delivered: the store's own record says that it was accepted."""
    home = _copy(undisturbed, tmp_path)
    folder = home.accepted("enrolments", "2480", "HT2024").parent
    shutil.rmtree(folder) if lost.startswith("every") else (folder / "2480.parquet").unlink()
    with pytest.raises(AvbrottError, match="DELIVERIES_UNSETTLED") as caught:
        headless.release(home, contracts)
    assert "2480 HT2024" in caught.value.parameters["deliveries"] or lost.startswith("every")
    ran = headless.run(home, contracts)
    assert ran.metadata["released"]["new"] is False
    _is_like(home, undisturbed)


def _some(home: Home, pattern: str) -> bool:
    return next(home.store.glob(pattern), None) is not None


POINTS: dict[str, Callable[[Home], bool]] = {
    "pulling": lambda home: _some(home, "delivered/*/*/delivery.json"),
    "checking": lambda home: _some(home, "settled/*/*.json"),
    "linking": lambda home: _some(home, "linked/*"),
}


def _stopped(home: Home, contracts: Contracts, point: str, by: signal.Signals) -> Ended:
    """``avbrott run`` as it ends when the signal reaches it at ``point``."""
    process = begun("run", "--home", home.root, "--contracts", contracts.folder)
    while not POINTS[point](home) and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(by)
    return ended(process)


@pytest.mark.parametrize(
    ("point", "by"), [("pulling", signal.SIGTERM), ("checking", signal.SIGINT), ("linking", signal.SIGINT)]
)
def test_a_run_that_is_interrupted_says_so(point: str, by: signal.Signals, home: Home, contracts: Contracts) -> None:
    """Ctrl-C and a termination alike, while a stage works: in both languages, with 130 and without a traceback."""
    stopped = _stopped(home, contracts, point, by)
    assert stopped.code == 130, stopped.output
    assert "Avbruten. Inget är halvskrivet." in stopped.output
    assert "Interrupted. Nothing is half-written." in stopped.output
    assert "Traceback" not in stopped.output
    assert not home.current.exists()
    assert list(home.store.rglob("*.part")) == []


@pytest.mark.parametrize("point", POINTS)
def test_a_run_that_is_killed_is_made_good_by_the_next(
    point: str, home: Home, undisturbed: Home, contracts: Contracts
) -> None:
    """By the system, at any point: nothing is published then, and afterwards what would have been."""
    assert _stopped(home, contracts, point, signal.SIGKILL).code == -signal.SIGKILL
    assert not home.current.exists()
    again = avbrott("run", "--home", home.root, "--contracts", contracts.folder)
    assert again.code == 0, again.output
    _is_like(home, undisturbed)
