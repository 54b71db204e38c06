"""What changed between two sets of contracts, and for whom it breaks: each change is told once, and nothing else is."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from avbrott.changes.change import Change as Found
from avbrott.changes.compare import compare
from avbrott.registry import packaged_contracts
from avbrott.texts import load_messages
from tests.broken_contracts import Change, change, code, term
from tests.unit.conftest import Run

HUB, PROVIDER, READER = ("hub",), ("provider",), ("reader",)
EVENTS = "extracts/events.yaml"


def rule(name: str, **said: object) -> Change:
    """A change of one rule of an extract."""
    return lambda content: next(one for one in content["rules"] if one["code"] == name).update(said)


def supplier(identifier: str, **said: object) -> Change:
    """A change of one provider's entry."""
    return lambda content: next(one for one in content["suppliers"] if one["id"] == identifier).update(said)


def without_units(content: dict) -> None:
    next(one for one in content["suppliers"] if one["id"] == "2480")["units"].pop()


CASES: dict[str, tuple[str, Change, str, str, tuple[str, ...]]] = {
    "field gone": (
        "extracts/enrolments.yaml",
        lambda c: (c["terms"].remove("study_year"), c["optional"].remove("study_year")),
        "enrolments",
        "CHANGE_FIELD_GONE",
        PROVIDER + HUB,
    ),
    "field new": (EVENTS, lambda c: c["terms"].append("sex"), "events", "CHANGE_FIELD_NEW", PROVIDER),
    "field required": (EVENTS, lambda c: c["optional"].remove("cause"), "events.cause", "CHANGE_FIELD_REQUIRED", PROVIDER),
    "field optional": (
        EVENTS,
        lambda c: c["optional"].append("registered_date"),
        "events.registered_date",
        "CHANGE_FIELD_OPTIONAL",
        HUB,
    ),
    "key": (EVENTS, lambda c: c["key"].pop(), "events", "CHANGE_KEY", PROVIDER + HUB),
    "dated by": (EVENTS, lambda c: c.update(dated_by="registered_date"), "events", "CHANGE_DATED_BY", ()),
    "persons": (EVENTS, lambda c: c.update(rows_of_persons=False), "events", "CHANGE_PERSONS", PROVIDER + HUB + READER),
    "rule gone": (EVENTS, lambda c: c["rules"].pop(0), "events.EVENT_OUTSIDE_TERM", "CHANGE_RULE_GONE", HUB),
    "rule asks": (EVENTS, rule("EVENT_TOO_LATE", maximum=12), "events.EVENT_TOO_LATE", "CHANGE_RULE_ASKS", PROVIDER + HUB),
    "rule stricter": (
        EVENTS,
        rule("EVENT_TOO_LATE", severity="blocking"),
        "events.EVENT_TOO_LATE",
        "CHANGE_RULE_STRICTER",
        PROVIDER,
    ),
    "rule milder": (EVENTS, rule("EVENT_TOO_LATE", severity="warning"), "events.EVENT_TOO_LATE", "CHANGE_RULE_MILDER", HUB),
    "rule words": (EVENTS, rule("EVENT_TOO_LATE", text={"sv": "a", "en": "b"}), "events.EVENT_TOO_LATE", "CHANGE_WORDS", ()),
    "version": (EVENTS, lambda c: c.update(version="1.0.1"), "events", "CHANGE_VERSION", ()),
    "validity": (EVENTS, lambda c: c.update(valid_to=date(2030, 1, 1)), "events", "CHANGE_VALIDITY", ()),
    "contract words": (EVENTS, lambda c: c["title"].update(en="Incidents"), "events", "CHANGE_WORDS", ()),
    "pattern": (
        "glossary/places.yaml",
        term("school_unit", lambda t: t.update(pattern="^[0-9]{8,9}$")),
        "school_unit",
        "CHANGE_PATTERN",
        PROVIDER,
    ),
    "narrower": (
        "glossary/persons.yaml",
        term("birth_year", lambda t: t.update(maximum=2020)),
        "birth_year",
        "CHANGE_RANGE",
        PROVIDER,
    ),
    "wider": (
        "glossary/persons.yaml",
        term("birth_year", lambda t: t.update(maximum=2030)),
        "birth_year",
        "CHANGE_RANGE",
        HUB,
    ),
    "unit": (
        "glossary/absence.yaml",
        term("offered_minutes", lambda t: t.update(unit="persons")),
        "offered_minutes",
        "CHANGE_UNIT",
        PROVIDER + HUB + READER,
    ),
    "synonym gone": (
        "glossary/programmes.yaml",
        term("study_path", lambda t: t.pop("synonyms")),
        "study_path",
        "CHANGE_HEADER_GONE",
        PROVIDER,
    ),
    "list closed": (
        "glossary/places.yaml",
        term("home_municipality", lambda t: t.pop("open_list")),
        "home_municipality",
        "CHANGE_LIST_CLOSED",
        PROVIDER,
    ),
    "reading": (
        "glossary/statuses.yaml",
        term("return", lambda t: t.update(used=next(r["id"] for r in t["readings"] if r["id"] != t["used"]))),
        "return",
        "CHANGE_READING",
        READER,
    ),
    "term new": (
        "glossary/persons.yaml",
        lambda c: c["terms"].append({**c["terms"][1], "id": "year", "name": {"sv": "År", "en": "A year"}, "synonyms": []}),
        "glossary",
        "CHANGE_TERM_NEW",
        (),
    ),
    "term words": (
        "glossary/statuses.yaml",
        term("leaver", lambda t: t["definition"].update(en="Other words.")),
        "leaver",
        "CHANGE_WORDS",
        (),
    ),
    "code gone": (
        "glossary/events.yaml",
        term("cause", lambda t: t["codes"].pop(1)),
        "cause",
        "CHANGE_CODE_GONE",
        PROVIDER + READER,
    ),
    "code new": (
        "glossary/events.yaml",
        term("cause", lambda t: t["codes"].append({**t["codes"][0], "code": "NY"})),
        "cause",
        "CHANGE_CODE_NEW",
        (),
    ),
    "code elsewhere": (
        "glossary/places.yaml",
        code("municipality", "2401", lambda c: c.update(parent="grp_umea")),
        "municipality.2401",
        "CHANGE_CODE_PLACE",
        READER,
    ),
    "code counts as": (
        "glossary/programmes.yaml",
        code("programme", "BA25", lambda c: c.update(counts_as="BF")),
        "programme.BA25",
        "CHANGE_CODE_COUNTS_AS",
        READER,
    ),
    "code's days": (
        "glossary/programmes.yaml",
        code("programme", "FS", lambda c: c.pop("valid_from")),
        "programme.FS",
        "CHANGE_VALIDITY",
        (),
    ),
    "code's words": (
        "glossary/events.yaml",
        code("cause", "FLYTT", lambda c: c.update(en="Moving")),
        "cause.FLYTT",
        "CHANGE_WORDS",
        (),
    ),
    "level gone": (
        "releases/dropouts_by_programme.yaml",
        lambda c: dimension_used(c, "programme").update(levels=["programme_type"]),
        "dropouts_by_programme.programme",
        "CHANGE_LEVEL_GONE",
        READER,
    ),
    "table words": ("releases/returns.yaml", lambda c: c["title"].update(en="Back"), "returns", "CHANGE_WORDS", ()),
    "policy": (
        "policies.yaml",
        lambda c: c["policies"][0].update(threshold=c["policies"][0]["threshold"] + 1),
        "policies.default",
        "CHANGE_POLICY",
        READER,
    ),
    "supplier gone": (
        "suppliers.yaml",
        lambda c: c["suppliers"].pop(1),
        "suppliers",
        "CHANGE_SUPPLIER_GONE",
        PROVIDER + READER,
    ),
    "to be delivered": (
        "suppliers.yaml",
        supplier("2403", extracts=["kaa", "events"]),
        "suppliers.2403",
        "CHANGE_DELIVERED_NEW",
        PROVIDER,
    ),
    "no longer delivered": (
        "suppliers.yaml",
        supplier("2480", extracts=["enrolments", "events", "absence"]),
        "suppliers.2480",
        "CHANGE_DELIVERED_GONE",
        PROVIDER,
    ),
    "unit gone": ("suppliers.yaml", without_units, "suppliers.2480", "CHANGE_UNIT_GONE", PROVIDER),
    "membership": (
        "suppliers.yaml",
        supplier("2480", member=[{"first": "HT2013"}]),
        "suppliers.2480",
        "CHANGE_MEMBERSHIP",
        PROVIDER,
    ),
}


def dimension_used(content: dict, name: str) -> dict:
    return next(one for one in content["dimensions"] if one["dimension"] == name)


def found(folder: Path) -> list[Found]:
    """The changes from the packaged contracts, without what is said of a version that should be raised."""
    return [one for one in compare(packaged_contracts(), folder) if one.code != "CHANGE_NEEDS_MAJOR"]


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_told_once_with_whom_it_breaks_for(contracts_folder: Path, case: str) -> None:
    """And in both languages."""
    file, do, place, told, breaks = CASES[case]
    change(contracts_folder, file, do)
    changes = [(one.place, one.code, one.breaks) for one in found(contracts_folder)]
    assert (place, told, breaks) in changes
    assert {one[1] for one in changes} == {told}
    texts = load_messages()
    for one in found(contracts_folder):
        assert texts.get(one.code, "sv", **one.parameters) != texts.get(one.code, "en", **one.parameters)


def test_the_same_contracts_have_no_changes(run: Run, contracts_folder: Path) -> None:
    """Exit code 0, and JSON of the same shape."""
    ended = run("contracts", "diff", packaged_contracts(), contracts_folder)
    assert (ended.code, ended.err) == (0, "")
    assert "Ingenting har ändrats." in ended.out
    told = json.loads(run("contracts", "diff", packaged_contracts(), contracts_folder, "--json").out)
    assert told == {"changes": [], "breaks": {"provider": 0, "hub": 0, "reader": 0}}


def test_a_version_raised_too_little_is_told(contracts_folder: Path) -> None:
    """Where a file that kept the contract breaks the new one; a major version says so itself."""
    change(contracts_folder, EVENTS, lambda c: (c["optional"].remove("cause"), c.update(version="1.1.0")))
    (needed,) = [one for one in compare(packaged_contracts(), contracts_folder) if one.code == "CHANGE_NEEDS_MAJOR"]
    assert needed.parameters == {"version": "2.0.0"}
    change(contracts_folder, EVENTS, lambda c: c.update(version="2.0.0"))
    assert "CHANGE_NEEDS_MAJOR" not in {one.code for one in compare(packaged_contracts(), contracts_folder)}


def test_two_versions_of_one_contract_are_compared(run: Run, tmp_path: Path, contracts_folder: Path) -> None:
    """By their files; what breaks gives exit code 1, grouped by whom it breaks for."""
    old = shutil.copy(contracts_folder / EVENTS, tmp_path / "events-1.0.0.yaml")
    change(contracts_folder, EVENTS, lambda c: (c["optional"].remove("cause"), c["rules"].pop(0), c.update(version="2.0.0")))
    ended = run("contracts", "diff", old, contracts_folder / EVENTS)
    assert ended.code == 1
    said = ended.out[: ended.out.index("Breaks for")]
    assert re.findall(r"Bryter för (\w+)", said) == ["lämnare", "navet", "ingen"]
    assert said.index("events.cause: får inte längre vara tomt") < said.index("Bryter för navet")
    told = json.loads(run("contracts", "diff", old, contracts_folder / EVENTS, "--json").out)
    assert told["breaks"] == {"provider": 1, "hub": 1, "reader": 0}
    assert {"place", "code", "breaks", "sv", "en"} == set(told["changes"][0])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("extracts/events.yaml", "nowhere.yaml", "nowhere.yaml finns inte"),
        (".", "extracts/events.yaml", "den ena en mapp"),
        ("extracts/events.yaml", "extracts/kaa.yaml", "olika utdrag"),
        ("extracts/events.yaml", "policies.yaml", "Kontrakten går inte att använda"),
    ],
)
def test_what_cannot_be_compared_is_told(run: Run, contracts_folder: Path, old: str, new: str, said: str) -> None:
    """Exit code 2, with how to mend it."""
    ended = run("contracts", "diff", contracts_folder / old, contracts_folder / new)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
