"""Pulling copies bytes, keeps what was replaced in its history, and lets one provider's trouble be its own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from avbrott.delivery.pull import delivered, offered, pull, pull_many
from avbrott.delivery.sources import read_sources
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from pipelines import headless
from tests import stored

TERM = Term("HT", 2012)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where 2480 offers one extract and 2482 has an empty outbox."""
    home = Home(tmp_path)
    outbox = home.outbox("2480", str(TERM))
    outbox.mkdir(parents=True)
    home.outbox("2482", str(TERM)).parent.mkdir(parents=True)
    (outbox / "events.csv").write_bytes(b"first")
    (outbox / "datapackage.json").write_text('{"created": "2013-01-20"}')
    home.sources.write_text(
        "sources:\n"
        '  "2480": {folder: providers/2480/outbox, plain: true}\n'
        '  "2482": {folder: providers/2482/outbox, plain: true}\n'
    )
    return home


def test_bytes_and_date_come_through(home: Home, contracts: Contracts) -> None:
    """The store has the very bytes, and the delivery the date of its package."""
    delivery = pull(home, contracts, "2480", TERM)
    assert stored.content(home, home.delivered("2480", "HT2012") / "events.csv") == b"first"
    assert delivery.created == date(2013, 1, 20)
    assert [extract.name for extract in delivery.extracts] == ["events"]
    assert delivery == delivered(home, "2480", TERM)


def test_pulling_again_writes_nothing(home: Home, contracts: Contracts) -> None:
    """Unchanged content keeps its file, to the nanosecond."""
    pull(home, contracts, "2480", TERM)
    files = sorted(home.delivered("2480", "HT2012").iterdir())
    before = [file.stat().st_mtime_ns for file in files]
    pull(home, contracts, "2480", TERM)
    assert [file.stat().st_mtime_ns for file in files] == before


def test_a_correction_replaces_and_is_remembered(home: Home, contracts: Contracts) -> None:
    """New bytes replace the old, whose sum stays in the history."""
    first = pull(home, contracts, "2480", TERM).extracts[0]
    (home.outbox("2480", "HT2012") / "events.csv").write_bytes(b"second")
    (home.outbox("2480", "HT2012") / "absence.csv").write_bytes(b"new")
    delivery = pull(home, contracts, "2480", TERM)
    assert stored.content(home, home.delivered("2480", "HT2012") / "events.csv") == b"second"
    assert delivery.history == (first,)
    (home.outbox("2480", "HT2012") / "absence.csv").unlink()
    assert len(pull(home, contracts, "2480", TERM).history) == 2
    assert not (home.delivered("2480", "HT2012") / "absence.csv").exists()


def test_a_folder_that_is_gone_takes_nothing_back(home: Home, contracts: Contracts) -> None:
    """A provider that empties its outbox has delivered all the same."""
    delivery = pull(home, contracts, "2480", TERM)
    for file in home.outbox("2480", "HT2012").iterdir():
        file.unlink()
    assert pull(home, contracts, "2480", TERM) == delivery
    home.outbox("2480", "HT2012").rmdir()
    assert pull(home, contracts, "2480", TERM) == delivery


def test_a_file_lost_from_the_store_is_pulled_again(home: Home, contracts: Contracts) -> None:
    """The record alone is not the delivery."""
    pull(home, contracts, "2480", TERM)
    (home.delivered("2480", "HT2012") / "events.csv").unlink()
    pull(home, contracts, "2480", TERM)
    assert stored.content(home, home.delivered("2480", "HT2012") / "events.csv") == b"first"


def test_nothing_delivered_is_a_delivery_without_extracts(home: Home, contracts: Contracts) -> None:
    """A member that has not sent anything, or has no source, is no error."""
    assert pull(home, contracts, "2482", TERM).extracts == ()
    assert pull(home, contracts, "2401", TERM).extracts == ()


def test_what_is_offered_is_new_until_it_is_pulled(home: Home, contracts: Contracts) -> None:
    """An offer's digest changes with its bytes and not with time."""
    (offer,), _ = offered(home, contracts)
    assert (offer.provider, offer.term, offer.is_new) == ("2480", TERM, True)
    pull(home, contracts, "2480", TERM)
    (pulled,), _ = offered(home, contracts)
    assert (pulled.is_new, pulled.digest) == (False, offer.digest)
    (home.outbox("2480", "HT2012") / "events.csv").write_bytes(b"second")
    (corrected,), _ = offered(home, contracts)
    assert corrected.is_new
    assert corrected.digest != offer.digest


def test_where_no_place_can_be_read_each_is_told(home: Home, contracts: Contracts) -> None:
    """And not the first alone: the others would be found one run at a time."""
    home.sources.write_text('sources:\n  "2480": {folder: one}\n  "2482": {folder: other}\n', "utf-8")
    with pytest.raises(BadInput, match="SOURCES_ALL_FAILED") as told:
        headless.run(home, contracts)
    for language in ("sv", "en"):
        places = told.value.parameters[f"places_{language}"]
        assert str(home.root / "one") in places
        assert str(home.root / "other") in places
    home.sources.write_text('sources:\n  "2480": {folder: one}\n', "utf-8")
    with pytest.raises(BadInput, match="SOURCE_FOLDER_MISSING"):
        headless.run(home, contracts)


def test_one_unreadable_provider_does_not_stop_the_others(home: Home, contracts: Contracts) -> None:
    """Its problem is named; what it delivered before stands."""
    home.sources.write_text(home.sources.read_text().replace("providers/2482", "nowhere/2482"))
    faulty, good = pull_many(home, contracts, {TERM: ["2482", "2480"]})
    assert faulty.problem is not None
    assert faulty.problem.code == "SOURCE_FOLDER_MISSING"
    assert good.problem is None
    assert len(good.extracts) == 1


def test_files_that_no_contract_knows_stay_where_they_are(home: Home, contracts: Contracts) -> None:
    """They are counted, and neither copied nor named."""
    (home.outbox("2480", "HT2012") / "Anna Andersson.xlsx").write_bytes(b"x")
    delivery = pull(home, contracts, "2480", TERM)
    assert delivery.unexpected == 1
    assert "Anna" not in (home.delivered("2480", "HT2012") / "delivery.json").read_text()
    assert len(list(home.delivered("2480", "HT2012").iterdir())) == 2


def test_an_extract_in_two_forms_is_ambiguous(home: Home, contracts: Contracts) -> None:
    """CSV and Parquet of one extract, or the same in capital letters: the provider must say which."""
    for name in ("events.parquet", "events.CSV"):
        other = home.outbox("2480", "HT2012") / name
        other.write_bytes(b"x")
        with pytest.raises(BadInput, match="SOURCE_TWICE"):
            pull(home, contracts, "2480", TERM)
        other.unlink()


@pytest.mark.parametrize("folder", ["in/a", "in/a/", "in/x/../a", "in/A", "in/a/b", "in", "in/link", "{root}/in/a"])
def test_no_two_providers_share_a_folder(folder: str, home: Home, contracts: Contracts) -> None:
    """However it is written, nor does one lie in the other's; beside it is well."""
    (home.root / "in" / "a").mkdir(parents=True)
    (home.root / "in" / "link").symlink_to("a", target_is_directory=True)
    folder = folder.format(root=home.root)
    home.sources.write_text(
        f'sources:\n  "2480": {{folder: in/a}}\n  "2401": {{folder: in/ab}}\n  "2482": {{folder: {folder}}}\n'
    )
    with pytest.raises(BadInput, match="SOURCES_SHARED") as told:
        read_sources(home, contracts.suppliers)
    assert (told.value.parameters["line"], told.value.parameters["key"]) == ("4", "sources.2482")
    home.sources.write_text('sources:\n  "2480": {folder: in/a}\n  "2482": {folder: in/a-b}\n')
    assert read_sources(home, contracts.suppliers)["2482"].folder == home.root / "in" / "a-b"


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"created": "yesterday"}', '{"created": 5}'])
def test_a_package_without_a_date_is_an_error(content: str, home: Home, contracts: Contracts) -> None:
    """A date of delivery that cannot be read is not guessed."""
    (home.outbox("2480", "HT2012") / "datapackage.json").write_text(content)
    with pytest.raises(BadInput, match="DATAPACKAGE_INVALID"):
        pull(home, contracts, "2480", TERM)


def test_without_a_package_the_term_s_last_day_counts(home: Home, contracts: Contracts) -> None:
    """So that a bare file is a delivery too."""
    (home.outbox("2480", "HT2012") / "datapackage.json").unlink()
    assert pull(home, contracts, "2480", TERM).created == date(2012, 12, 31)


@pytest.mark.parametrize(
    ("content", "code", "line", "key"),
    [
        ("sources: [", "SOURCES_NOT_YAML", "2", None),
        ('sources:\n  "2480": {folder: a}\n  "2482": {path: b}\n', "SOURCES_INVALID", "3", "sources.2482.path"),
        ('sources:\n  "2480": here\n', "SOURCES_INVALID", "2", "sources.2480"),
        ("", "SOURCES_INVALID", "1", "sources"),
        ('sources:\n  "2480": {folder: a}\n  nobody: {folder: b}\n', "SOURCES_PROVIDER_UNKNOWN", "3", "sources.nobody"),
    ],
)
def test_a_mistake_in_sources_is_named_by_line_and_key(content, code, line, key, home, contracts) -> None:
    """The hub's own file is checked like a provider's."""
    home.sources.write_text(content)
    with pytest.raises(BadInput) as caught:
        pull(home, contracts, "2480", TERM)
    assert caught.value.code == code
    assert caught.value.parameters["line"] == line
    assert key is None or caught.value.parameters["key"] == key


def test_the_record_is_plain_json(home: Home, contracts: Contracts) -> None:
    """Provider, term, date, extracts with sum and size, what was replaced."""
    pull(home, contracts, "2480", TERM)
    record = json.loads((home.delivered("2480", "HT2012") / "delivery.json").read_text())
    assert set(record) == {"provider", "term", "created", "extracts", "unexpected", "history"}
    assert set(record["extracts"][0]) == {"name", "file", "sha256", "bytes"}
