"""What a provider may lay in its folder, with links, pipes, huge files, days and terms to come, and what becomes of it."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from avbrott import clock
from avbrott.delivery import laid, pull
from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.coverage import pulled_terms
from avbrott.delivery.laid import read_laid
from avbrott.delivery.pull import Delivery, offered, pull_many
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.sealing.keys import SigningKey, reception_key
from tests import sealed_case as case

CONTRACTS, TERM = case.CONTRACTS, case.TERM
PLAIN, OTHER, SEALED = "2480", "2401", "2482"
TODAY = date(2026, 2, 1)
LATER = Term.parse("HT2052")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A hub where two providers deliver plain and one sealed; 2401 has delivered events."""
    home = Home(tmp_path / "hub")
    reception_key(home)
    case.register(home, tmp_path)
    case.write_sources(home, {PLAIN: True, OTHER: True, SEALED: False})
    for provider in (PLAIN, OTHER):
        home.outbox(provider, str(TERM)).mkdir(parents=True)
    (home.outbox(OTHER, str(TERM)) / "events.csv").write_bytes(b"others")
    return home


@pytest.fixture
def folder(home: Home) -> Path:
    return home.outbox(PLAIN, str(TERM))


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return case.signing_key(tmp_path)


def pulled(home: Home, provider: str = PLAIN, term: Term = TERM) -> Delivery:
    """Pull it and 2401, which goes on as if it were alone."""
    places = {term: [provider]}
    places.setdefault(TERM, []).append(OTHER)
    first, other = pull_many(home, CONTRACTS, places)
    assert ([one.name for one in other.extracts], other.problem) == (["events"], None)
    assert OTHER in {one.provider for one in offered(home, CONTRACTS)[0]}
    return first


def codes(delivery: Delivery) -> list[tuple[str, str]]:
    return [(one.extract, one.code) for one in delivery.refused]


def checked(home: Home, provider: str, term: Term = TERM) -> Outcome:
    return check_term(home, CONTRACTS, term, [provider])[0]


def _link(place: Path, home: Home) -> None:
    place.symlink_to(home.outbox(OTHER, str(TERM)) / "events.csv")


def _link_to_key(place: Path, home: Home) -> None:
    place.symlink_to(home.reception_key)


def _pipe(place: Path, _: Home) -> None:
    os.mkfifo(place)


def _device(place: Path, _: Home) -> None:
    place.symlink_to("/dev/zero")


def _folder(place: Path, _: Home) -> None:
    place.mkdir()


LAID = pytest.mark.parametrize("lay", [_link, _link_to_key, _pipe, _device, _folder])


@LAID
def test_what_is_no_file_is_refused_alone(home: Home, folder: Path, lay: object) -> None:
    """Nothing of what it leads to is read, the other extract is taken, and the finding says which one was not."""
    (folder / "absence.csv").write_bytes(b"own")
    lay(folder / "events.csv", home)
    delivery = pulled(home)
    assert [one.name for one in delivery.extracts] == ["absence"]
    assert codes(delivery) == [("events", "LAID_NO_FILE")]
    assert ("events", "LAID_NO_FILE") in {(one.extract, one.code) for one in checked(home, PLAIN).findings}
    assert [file.name for file in home.delivered(PLAIN, str(TERM)).glob("*.csv")] == ["absence.csv"]


@LAID
def test_a_package_that_is_no_file_is_none(home: Home, folder: Path, lay: object) -> None:
    """Its provider is told, and nobody else is stopped."""
    (folder / "events.csv").write_bytes(b"own")
    lay(folder / "datapackage.json", home)
    problem = pulled(home).problem
    assert problem is not None
    assert problem.code == "DATAPACKAGE_INVALID"


@LAID
def test_a_sealed_delivery_that_is_no_file_is_refused_alone(home: Home, key: SigningKey, lay: object) -> None:
    """Also where a link leads to a delivery of its own; the one before counts."""
    file = case.lay(home, case.sealed(home, key))
    lay(file.with_name(file.name.replace("0001", "0002")), home)
    file.with_name(file.name.replace("0001", "0003")).symlink_to(file)
    delivery = pulled(home, SEALED)
    assert [one.number for one in delivery.extracts] == [1]
    assert codes(delivery) == [("enrolments", "LAID_NO_FILE")] * 2


@pytest.mark.parametrize("provider", [PLAIN, SEALED])
def test_a_folder_that_is_a_link_is_not_looked_into(home: Home, provider: str) -> None:
    """Else another provider's rows would count as its own."""
    place = home.outbox(provider, str(TERM))
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rmdir()
    place.symlink_to(home.outbox(OTHER, str(TERM)), target_is_directory=True)
    delivery = pulled(home, provider)
    assert delivery.problem is not None
    assert delivery.problem.code == "LAID_FOLDER_LINK"
    assert not delivery.came
    assert [one.code for one in offered(home, CONTRACTS)[1] if str(place) in str(one)] == ["LAID_FOLDER_LINK"]


def test_a_folder_that_becomes_a_link_is_not_read_through(tmp_path: Path) -> None:
    """Between the listing and the reading its owner may exchange it."""
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "events.csv").write_bytes(b"others")
    (tmp_path / "own").symlink_to(tmp_path / "others", target_is_directory=True)
    assert read_laid(tmp_path / "others" / "events.csv", 6) == b"others"
    with pytest.raises(BadInput, match="LAID_"):
        read_laid(tmp_path / "own" / "events.csv", 6)
    with pytest.raises(BadInput, match="LAID_TOO_LARGE"):
        read_laid(tmp_path / "others" / "events.csv", 5)


def test_a_sparse_file_costs_nothing(home: Home, folder: Path) -> None:
    """Thirty gigabytes of nothing, as an extract, a package that is none of ours and a sealed file."""
    for name in ("events.csv", "20070304-2391.zip.age"):
        with (folder / name).open("wb") as stream:
            stream.truncate(30 * 1024**3)
    assert codes(pulled(home)) == [("", "SEALED_NAME"), ("events", "LAID_TOO_LARGE")]


def test_a_file_that_is_no_delivery_is_not_read(home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, and of whatever size; a folder of too many is not looked into at all."""
    for number in range(3):
        (folder / f"{number}.zip.age").write_bytes(b"junk")
    assert [(one.code, one.file, one.sha256) for one in pulled(home).refused] == [("SEALED_NAME", "", "")] * 3
    monkeypatch.setattr(laid, "MOST_FILES", 2)
    problem = pulled(home).problem
    assert problem is not None
    assert problem.code == "LAID_TOO_MANY"


@pytest.mark.parametrize("error", [OSError(5, "input"), MemoryError()])
def test_an_error_at_one_provider_is_its_own(home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """In a run and in what the sensor asks."""
    real = pull.receive_plain

    def failing(contracts: object, known: Delivery, *more: object) -> object:
        if known.provider == PLAIN:
            raise error
        return real(contracts, known, *more)

    monkeypatch.setattr(pull, "receive_plain", failing)
    (home.outbox(PLAIN, str(TERM)) / "events.csv").write_bytes(b"own")
    problem = pulled(home).problem
    assert problem is not None
    assert (problem.code, problem.parameters["provider"]) == ("SOURCE_UNREADABLE", PLAIN)
    offers, problems = offered(home, CONTRACTS)
    assert [one.provider for one in offers] == [OTHER]
    assert "SOURCE_UNREADABLE" in {one.code for one in problems}


@pytest.mark.parametrize(("created", "is_taken"), [("2026-02-02", True), ("2026-02-03", False), ("9999-12-31", False)])
def test_a_plain_delivery_of_a_day_to_come_is_refused(home: Home, folder: Path, created: str, *, is_taken: bool) -> None:
    """A day is lent to clocks; what was accepted before keeps its day, and the day comes when it may be taken."""
    (folder / "events.csv").write_bytes(b"own")
    (folder / "datapackage.json").write_text(json.dumps({"created": created}))
    delivery = pulled(home)
    assert [one.name for one in delivery.extracts] == (["events"] if is_taken else [])
    assert codes(delivery) == ([] if is_taken else [("", "DELIVERY_FROM_THE_FUTURE")])
    if not is_taken:
        assert delivery.created == TERM.last_day
        outcome = checked(home, PLAIN)
        assert outcome.status is Status.REFUSED
        assert "DELIVERY_FROM_THE_FUTURE" in {one.code for one in outcome.findings}


@pytest.mark.parametrize("created", [date(2026, 2, 3), date.max])
def test_a_sealed_delivery_of_a_day_to_come_is_refused(
    home: Home, key: SigningKey, created: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is not used up: the same file is taken when its day has come."""
    case.lay(home, case.sealed(home, key, created=created))
    delivery = pulled(home, SEALED)
    assert codes(delivery) == [("enrolments", "DELIVERY_FROM_THE_FUTURE")]
    assert delivery.extracts == ()
    monkeypatch.setattr(clock, "today", lambda: created)
    assert [one.created for one in pulled(home, SEALED).extracts] == [created]


@pytest.mark.parametrize("provider", [PLAIN, SEALED])
def test_a_term_that_has_not_begun_is_not_looked_into(home: Home, key: SigningKey, provider: str) -> None:
    """It is told, with whose it is, and makes no years of what nobody delivered."""
    if provider == SEALED:
        case.lay(home, case.sealed(home, key, term=LATER), term=LATER)
    else:
        home.outbox(provider, str(LATER)).mkdir(parents=True)
        (home.outbox(provider, str(LATER)) / "events.csv").write_bytes(b"own")
    assert [one.is_new for one in offered(home, CONTRACTS)[0] if one.term == LATER] == [True]
    delivery = pulled(home, provider, LATER)
    assert (codes(delivery), delivery.extracts) == ([("", "TERM_NOT_BEGUN")], ())
    assert [one.is_new for one in offered(home, CONTRACTS)[0] if one.term == LATER] == [False]
    outcome = checked(home, provider, LATER)
    assert outcome.status is Status.REFUSED
    assert ("TERM_NOT_BEGUN", provider) in {(one.code, one.provider) for one in outcome.findings}
    assert pulled_terms(home) == [TERM]


@pytest.mark.parametrize("said", ["\x1b[2J\x1b[31m", "1.0.0\n", "1.0", "<b>1.0.0</b>", 1, ["1.0.0"]])
def test_what_is_no_version_is_kept_nowhere(home: Home, folder: Path, said: object) -> None:
    """It would be shown in a receipt and on a screen; the delivery is refused as of a version that is not known."""
    (folder / "events.csv").write_bytes(b"own")
    package = {"created": "2026-01-20", "resources": [{"name": "events", "contract_version": said}]}
    (folder / "datapackage.json").write_text(json.dumps(package))
    assert [one.version for one in pulled(home).extracts] == [""]
    assert ("CONTRACT_VERSION", "events") in {(one.code, one.extract) for one in checked(home, PLAIN).findings}
