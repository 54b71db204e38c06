"""The hub accepts the version of a contract that was current on the day of the delivery, and the one before it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from avbrott.delivery.check import Status, check_term, read_accepted
from avbrott.delivery.pull import pull, pull_many
from avbrott.delivery.report import told
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.texts import load_messages
from tests import stored
from tests.broken_contracts import is_named

TERM = Term("HT", 2025)
MARK = "0123456789abcdef" * 4
NEW_HEADER = "pseudonym,school_unit,event,event_date,registered_date,cause\n"
OLD_HEADER = "pseudonym,school_unit,event,event_date\n"
NEW_ROW = f"{MARK},99248001,AVB,2025-10-01,2025-10-02,FEL_VAL\n"
OLD_ROW = f"{MARK},99248001,AVB,2025-10-01\n"


def version(folder: Path, number: str, valid_from: str, **changes: object) -> None:
    """Write an earlier version of events, made of the packaged one."""
    file = folder / "extracts" / "events.yaml"
    content = yaml.safe_load(file.read_text("utf-8")) | {"version": number, "valid_from": date.fromisoformat(valid_from)}
    (folder / "extracts" / "earlier").mkdir(exist_ok=True)
    target = folder / "extracts" / "earlier" / f"events-{number}.yaml"
    target.write_text(yaml.safe_dump(content | changes, allow_unicode=True, sort_keys=False), "utf-8")


def current(folder: Path, number: str, valid_from: str) -> None:
    """Let the current version of events be another."""
    file = folder / "extracts" / "events.yaml"
    text = file.read_text("utf-8").replace('version: "1.0.0"', f'version: "{number}"')
    file.write_text(text.replace("valid_from: 2012-07-01", f"valid_from: {valid_from}"), "utf-8")


@pytest.fixture
def versions(contracts_folder: Path) -> Contracts:
    """Events in three versions: 1.0.0 of 2012, 1.1.0 of 2024 (no cause and no date of registration), 2.0.0 of 2026."""
    version(contracts_folder, "1.0.0", "2012-07-01")
    shorter = {"terms": ["pseudonym", "school_unit", "event", "event_date"], "optional": [], "rules": []}
    version(contracts_folder, "1.1.0", "2024-01-01", **shorter)
    current(contracts_folder, "2.0.0", "2026-01-01")
    return load_contracts(contracts_folder)


def deliver(home: Home, contracts: Contracts, content: str, named: str | None, created: str, provider: str = "2480") -> None:
    """Put a delivery of events where it is pulled from, and pull it."""
    outbox = home.outbox(provider, str(TERM))
    outbox.mkdir(parents=True)
    (outbox / "events.csv").write_text(content)
    resource = {"name": "events"} | ({"contract_version": named} if named else {})
    (outbox / "datapackage.json").write_text(json.dumps({"created": created, "resources": [resource]}))
    known = yaml.safe_load(home.sources.read_text()) if home.sources.is_file() else {"sources": {}}
    known["sources"][provider] = {"folder": f"providers/{provider}/outbox", "plain": True}
    home.sources.write_text(yaml.safe_dump(known))
    pull_many(home, contracts, {TERM: [provider]})


@pytest.mark.parametrize(
    ("named", "created", "content"),
    [
        ("2.0.0", "2026-01-20", NEW_HEADER + NEW_ROW),
        ("1.1.0", "2026-01-20", OLD_HEADER + OLD_ROW),
        (None, "2026-01-20", NEW_HEADER + NEW_ROW),
        (None, "2025-12-20", OLD_HEADER + OLD_ROW),
        ("1.0.0", "2025-12-20", NEW_HEADER + NEW_ROW),
    ],
)
def test_the_current_and_the_one_before_are_accepted(
    tmp_path: Path, versions: Contracts, named: str | None, created: str, content: str
) -> None:
    """Each by its own fields and rules; a delivery that names none follows what is current on its day."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    deliver(home, versions, content, named, created)
    (outcome,) = check_term(home, versions, TERM, ["2480"])
    assert outcome.status is Status.ACCEPTED
    assert dict(outcome.accepted) == {"events": 1}


@pytest.mark.parametrize(
    ("named", "created"),
    [
        ("1.0.0", "2026-01-20"),
        ("2.0.0", "2025-12-20"),
        ("3.0.0", "2026-01-20"),
        ("new\n", "2026-01-20"),
        ("1.1.0", "2023-02-01"),
    ],
)
def test_other_versions_are_refused(tmp_path: Path, versions: Contracts, named: str, created: str) -> None:
    """Older ones, those that are not valid yet, and what is no version; the finding says which are accepted."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    deliver(home, versions, NEW_HEADER + NEW_ROW, named, created)
    (outcome,) = check_term(home, versions, TERM, ["2480"])
    assert outcome.status is Status.REFUSED
    found = [finding for finding in outcome.findings if finding.code == "CONTRACT_VERSION"]
    assert [finding.extract for finding in found] == ["events"]
    (said,) = told(found, versions, load_messages())
    assert "2.0.0, 1.1.0" in said.mend["sv"]
    assert "2.0.0, 1.1.0" in said.mend["en"]
    assert "avbrott contracts template events" in said.mend["sv"]


def test_a_version_is_not_accepted_after_its_last_day(contracts_folder: Path) -> None:
    """The one before is accepted until then."""
    version(contracts_folder, "1.0.0", "2012-07-01", valid_to=date(2026, 1, 31))
    current(contracts_folder, "1.1.0", "2026-01-01")
    promised = load_contracts(contracts_folder)
    assert [one.version for one in promised.accepted_versions("events", date(2026, 1, 31))] == ["1.1.0", "1.0.0"]
    assert [one.version for one in promised.accepted_versions("events", date(2026, 2, 1))] == ["1.1.0"]


def test_accepted_rows_have_the_current_columns_whatever_they_followed(tmp_path: Path, versions: Contracts) -> None:
    """A term that the older version lacks is empty, and the files of two providers fit together."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    deliver(home, versions, OLD_HEADER + OLD_ROW, "1.1.0", "2026-01-20")
    deliver(home, versions, NEW_HEADER + NEW_ROW.replace("99248001", "99248201"), "2.0.0", "2026-01-20", provider="2482")
    outcomes = check_term(home, versions, TERM, ["2480", "2482"])
    assert [outcome.status for outcome in outcomes] == [Status.ACCEPTED, Status.ACCEPTED]
    files = read_accepted(home, "events", [TERM])
    rows = pl.concat(stored.rows(home, file) for file in files)
    assert rows["cause"].to_list() == [None, "FEL_VAL"]
    assert rows["registered_date"].to_list() == [None, date(2025, 10, 2)]


def test_the_store_remembers_the_version(tmp_path: Path, versions: Contracts) -> None:
    """Naming another version of the same bytes is another delivery."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    deliver(home, versions, NEW_HEADER + NEW_ROW, "1.0.0", "2026-01-20")
    assert pull(home, versions, "2480", TERM).extracts[0].version == "1.0.0"
    package = home.outbox("2480", str(TERM)) / "datapackage.json"
    package.write_text(package.read_text().replace("1.0.0", "2.0.0"))
    assert pull(home, versions, "2480", TERM).extracts[0].version == "2.0.0"


@pytest.mark.parametrize("resources", ['"events"', "[1]", '[{"contract_version": "1.0.0"}]', "7"])
def test_a_package_with_other_resources_cannot_be_read(tmp_path: Path, contracts: Contracts, resources: str) -> None:
    """It is told with its file, as one without a date is."""
    home = Home(tmp_path)
    outbox = home.outbox("2480", str(TERM))
    outbox.mkdir(parents=True)
    home.sources.write_text('sources:\n  "2480": {folder: providers/2480/outbox, plain: true}\n')
    (outbox / "datapackage.json").write_text(f'{{"created": "2026-01-20", "resources": {resources}}}')
    with pytest.raises(BadInput) as caught:
        pull(home, contracts, "2480", TERM)
    assert caught.value.code == "DATAPACKAGE_INVALID"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"version": "1.0"}, "extracts/events.yaml: version:"),
        ({"valid_to": "2012-01-01"}, "extracts/events.yaml: valid_to:"),
        ({"version": "0.9.0"}, "extracts/earlier/events-1.0.0.yaml: version:"),
        ({"valid_from": "2012-01-01"}, "extracts/earlier/events-1.0.0.yaml: valid_from:"),
    ],
)
def test_versions_that_do_not_follow_each_other_are_told(contracts_folder: Path, change: dict[str, str], place: str) -> None:
    """With the file and key."""
    version(contracts_folder, "1.0.0", "2012-07-01")
    current(contracts_folder, "1.1.0", "2026-01-01")
    is_named(contracts_folder, "extracts/events.yaml", lambda content: content.update(change), place)
