"""Contracts that do not fit: each mistake named with its file and key, all of them at once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from avbrott.errors import BadInput
from avbrott.registry import load_contracts, packaged_contracts
from avbrott.table import TOTAL

Change = Callable[[dict], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged contracts to break."""
    return Path(shutil.copytree(packaged_contracts(), tmp_path / "contracts"))


def change(folder: Path, file: str, do: Change) -> None:
    content = yaml.load((folder / file).read_text("utf-8"), Loader=yaml.CSafeLoader)
    do(content)
    text = yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    (folder / file).write_text(text, "utf-8")


def mistakes(folder: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load_contracts(folder)
    assert caught.value.code == "CONTRACT_INVALID"
    return caught.value


def term(identifier: str, do: Change) -> Change:
    """A change of one term of a glossary file."""

    def changed(content: dict) -> None:
        do(next(found for found in content["terms"] if found["id"] == identifier))

    return changed


def code(identifier: str, name: str, do: Change) -> Change:
    """A change of one code of one term."""
    return term(identifier, lambda content: do(next(found for found in content["codes"] if found["code"] == name)))


def dimension(content: dict, name: str) -> dict:
    return next(found for found in content["dimensions"] if found["name"] == name)


CASES: dict[str, tuple[str, Change, str]] = {
    "an extract lists a term that is not there": (
        "extracts/kaa.yaml",
        lambda c: c["terms"].append("shoe_size"),
        "extracts/kaa.yaml: terms.shoe_size:",
    ),
    "an extract lists a concept": (
        "extracts/kaa.yaml",
        lambda c: c["terms"].append("dropout"),
        "extracts/kaa.yaml: terms.dropout:",
    ),
    "an extract lists what must never be delivered": (
        "extracts/kaa.yaml",
        lambda c: c["terms"].append("health"),
        "extracts/kaa.yaml: terms.health:",
    ),
    "part of the key is optional": (
        "extracts/events.yaml",
        lambda c: c["optional"].append("event"),
        "extracts/events.yaml: optional.event:",
    ),
    "codes are dated by what is no date": (
        "extracts/events.yaml",
        lambda c: c.update(dated_by="cause"),
        "extracts/events.yaml: dated_by.cause:",
    ),
    "a rule asks for a beginning that the glossary does not know": (
        "extracts/enrolments.yaml",
        lambda c: next(r for r in c["rules"] if r["kind"] == "begins_with_code").update(fields=["school_unit"]),
        "extracts/enrolments.yaml: rules.PROGRAMME_UNKNOWN.fields.school_unit:",
    ),
    "a value begins with a code of a term that is not there": (
        "glossary/programmes.yaml",
        term("study_path", lambda t: t.update(begins_with="course")),
        "glossary/programmes.yaml: study_path.begins_with:",
    ),
    "a code counts as one that is not there": (
        "glossary/programmes.yaml",
        term("programme", lambda t: next(c for c in t["codes"] if c["code"] == "BA25").update(counts_as="BB")),
        "glossary/programmes.yaml: programme.codes.BA25.counts_as:",
    ),
    "a term ends before it begins": (
        "glossary/kaa.yaml",
        term("kia", lambda t: t.update(valid_from="2016-01-01")),
        "glossary/kaa.yaml: kia.valid_to:",
    ),
    "a rule names a field of another contract": (
        "extracts/events.yaml",
        lambda c: c["rules"][0].update(fields=["start_date"]),
        "extracts/events.yaml: rules.EVENT_OUTSIDE_TERM.fields.start_date:",
    ),
    "a rule asks for a code that no row can have": (
        "extracts/events.yaml",
        lambda c: next(r for r in c["rules"] if r["code"] == "CAUSE_MISSING").update(when={"event": ["AVBROTT"]}),
        "extracts/events.yaml: rules.CAUSE_MISSING.when.event:",
    ),
    "a rule lacks what its kind needs": (
        "extracts/events.yaml",
        lambda c: next(r for r in c["rules"] if r["code"] == "EVENT_TOO_LATE").pop("maximum"),
        "extracts/events.yaml: rules.EVENT_TOO_LATE.maximum:",
    ),
    "a definition is empty in one language": (
        "glossary/persons.yaml",
        term("sex", lambda t: t["definition"].update(en=" ")),
        "glossary/persons.yaml: sex.definition:",
    ),
    "a code has no label in one language": (
        "glossary/events.yaml",
        term("cause", lambda t: t["codes"][0].update(en="")),
        "glossary/events.yaml: cause.codes.FEL_VAL:",
    ),
    "a code is there twice": (
        "glossary/events.yaml",
        term("cause", lambda t: t["codes"].append(dict(t["codes"][0]))),
        "glossary/events.yaml: cause.codes.FEL_VAL:",
    ),
    "the total's code is used": (
        "glossary/events.yaml",
        term("cause", lambda t: t["codes"].append({**t["codes"][0], "code": TOTAL})),
        "glossary/events.yaml: cause.codes.Total:",
    ),
    "a parent is not there": (
        "glossary/statuses.yaml",
        term("outcome", lambda t: t["codes"][-1].update(parent="gone")),
        "glossary/statuses.yaml: outcome.codes.equivalent.parent:",
    ),
    "a sum counts somebody twice": (
        "glossary/statuses.yaml",
        code("completion", "within_5", lambda c: c.update(sum_of=["within_4", "within_3"])),
        "glossary/statuses.yaml: completion.codes.within_5.sum_of:",
    ),
    "two sums of one level have somebody in common": (
        "glossary/statuses.yaml",
        code("completion", "within_5", lambda c: c.update(level="completed_within_4")),
        "glossary/statuses.yaml: completion.codes.within_5.sum_of:",
    ),
    "a sum adds up what comes after it": (
        "glossary/statuses.yaml",
        code("completion", "within_4", lambda c: c.update(sum_of=["within_3", "within_5"])),
        "glossary/statuses.yaml: completion.codes.within_4.sum_of:",
    ),
    "a sum is said to be known before its parts": (
        "glossary/statuses.yaml",
        code("completion", "within_4", lambda c: c.update(horizon=3)),
        "glossary/statuses.yaml: completion.codes.within_4.sum_of:",
    ),
    "a sum is also a part": (
        "glossary/statuses.yaml",
        code("completion", "within_4", lambda c: c.update(parent="not_3")),
        "glossary/statuses.yaml: completion.codes.within_4.sum_of:",
    ),
    "a level of sums stands in the hierarchy": (
        "dimensions.yaml",
        lambda c: dimension(c, "completion").update(levels=["completed_within_4", "completion_5"], sums=[]),
        "dimensions.yaml: completion.codes.within_4.level:",
    ),
    "a level of the hierarchy stands among the sums": (
        "dimensions.yaml",
        lambda c: dimension(c, "completion")["sums"].append("completion_4"),
        "dimensions.yaml: completion.codes.year_4.level:",
    ),
    "a disputed term says not which reading is used": (
        "glossary/statuses.yaml",
        term("dropout", lambda t: t.pop("used")),
        "glossary/statuses.yaml: dropout.used:",
    ),
    "a disputed term has one reading": (
        "glossary/statuses.yaml",
        term("dropout", lambda t: t.update(readings=t["readings"][:1])),
        "glossary/statuses.yaml: dropout.readings:",
    ),
    "a dimension has a level that its codes have not": (
        "dimensions.yaml",
        lambda c: c["dimensions"][1].update(levels=["county", "municipality"]),
        "dimensions.yaml: home_municipality.levels.county:",
    ),
    "a dimension's levels go from fine to coarse": (
        "dimensions.yaml",
        lambda c: c["dimensions"][1].update(levels=["municipality", "group"]),
        "dimensions.yaml: home_municipality.codes.2480.parent:",
    ),
    "a table is about a code that is not there": (
        "releases/returns.yaml",
        lambda c: c.update(where={"outcome": "left"}),
        "releases/returns.yaml: where.outcome:",
    ),
    "a table divides by a dimension of another system": (
        "releases/returns.yaml",
        lambda c: c["dimensions"].append({"dimension": "kaa_reason"}),
        "releases/returns.yaml: dimensions.kaa_reason:",
    ),
    "a share is of a dimension that the table has not": (
        "releases/returns.yaml",
        lambda c: c.update(share={"dimension": "sex"}),
        "releases/returns.yaml: share.dimension:",
    ),
    "a table is called otherwise than its file": (
        "releases/returns.yaml",
        lambda c: c.update(name="comebacks"),
        "releases/returns.yaml: name:",
    ),
    "a system has a policy that is not there": (
        "systems.yaml",
        lambda c: c["systems"][0].update(policy="strict"),
        "systems.yaml: pupils.policy:",
    ),
    "a policy speaks of a code that is not there": (
        "policies.yaml",
        lambda c: c["policies"][0].update(complement={"outcome": ["vanished"]}),
        "systems.yaml: pupils.policy.default.complement.outcome:",
    ),
    "a supplier is there twice": (
        "suppliers.yaml",
        lambda c: c["suppliers"].append(c["suppliers"][0]),
        "suppliers.yaml: suppliers.2401:",
    ),
    "a unit has another form": (
        "suppliers.yaml",
        lambda c: c["suppliers"][0]["units"][0].update(code="9924"),
        "suppliers.yaml: suppliers.2401.units.9924:",
    ),
    "a supplier delivers what no contract is for": (
        "suppliers.yaml",
        lambda c: c["suppliers"][0]["extracts"].append("grades"),
        "suppliers.yaml: suppliers.2401.extracts:",
    ),
    "a membership is no term": (
        "suppliers.yaml",
        lambda c: c["suppliers"][0].update(member=[{"first": "2012"}]),
        "suppliers.yaml: suppliers.2401.member.first:",
    ),
    "a membership ends before it begins": (
        "suppliers.yaml",
        lambda c: c["suppliers"][0].update(member=[{"first": "HT2014", "last": "VT2014"}]),
        "suppliers.yaml: suppliers.2401.member.last:",
    ),
    "a break concerns a system that is not there": (
        "series_breaks.yaml",
        lambda c: c["breaks"][0].update(systems=["grades"]),
        "series_breaks.yaml: kaa_2015.systems.grades:",
    ),
    "a break concerns a code that is not there": (
        "series_breaks.yaml",
        lambda c: next(b for b in c["breaks"] if b["id"] == "im_2019").update(codes=["XX"]),
        "series_breaks.yaml: im_2019.codes.XX:",
    ),
    "an expectation looks at a column that is not counted": (
        "expectations.yaml",
        lambda c: c["suites"][1]["expectations"][0].update(column="pseudonym"),
        "expectations.yaml: suites.plausibility.ROWS_JUMPED.column:",
    ),
    "a text is not there": (
        "texts/commands.yaml",
        lambda c: c.pop("NOTHING_NEW"),
        "texts/commands.yaml: NOTHING_NEW:",
    ),
    "a text is not there in English": (
        "texts/commands.yaml",
        lambda c: c["NOTHING_NEW"].pop("en"),
        "texts/commands.yaml: NOTHING_NEW.en:",
    ),
    "a text does not say how to mend it": (
        "texts/messages_release.yaml",
        lambda c: c["RELEASE_NOT_FOUND"].update(mend_sv=" "),
        "texts/messages_release.yaml: RELEASE_NOT_FOUND.mend_sv:",
    ),
    "a text names what is not filled in": (
        "texts/commands.yaml",
        lambda c: c["RELEASED_AS"].update(sv="Utgåva {release}"),
        "texts/commands.yaml: RELEASED_AS.sv:",
    ),
    "a text has a brace without its pair": (
        "texts/commands.yaml",
        lambda c: c["RELEASED_AS"].update(sv="Utgåva {identifier"),
        "texts/commands.yaml: RELEASED_AS.sv:",
    ),
    "a text is a list": (
        "texts/commands.yaml",
        lambda c: c.update(NOTHING_NEW=["Inget nytt"]),
        "texts/commands.yaml: NOTHING_NEW:",
    ),
    "a text of the pages is not there in Swedish": (
        "texts/site.yaml",
        lambda c: c["site.title"].pop("sv"),
        "texts/site.yaml: site.title.sv:",
    ),
}


@pytest.mark.parametrize(("file", "do", "place"), CASES.values(), ids=list(CASES))
def test_a_mistake_is_named_with_its_file_and_key(folder, file, do, place):
    """Each kind of mistake is found, and said in Swedish and in English where it is."""
    change(folder, file, do)
    error = mistakes(folder)
    assert place in error.parameters["places_sv"]
    assert place in error.parameters["places_en"]
    assert error.parameters["places_sv"] != error.parameters["places_en"]


def test_the_packaged_contracts_fit():
    """What comes with the program loads, with all its parts."""
    contracts = load_contracts()
    assert {"enrolments", "events", "absence", "kaa", "agency_counts"} == set(contracts.extracts)
    assert {table.name for table in contracts.tables_of("pupils")} >= {"dropouts_by_municipality", "completion", "returns"}
    assert [str(found.school_year) for found in contracts.breaks] == sorted(str(b.school_year) for b in contracts.breaks)


def test_all_mistakes_are_told_at_once(folder):
    """A maker of contracts is not sent back once a mistake: three files, three mistakes, one message."""
    change(folder, "extracts/kaa.yaml", lambda c: c["terms"].append("shoe_size"))
    change(folder, "suppliers.yaml", lambda c: c["suppliers"][0]["extracts"].append("grades"))
    change(folder, "releases/returns.yaml", lambda c: c.update(where={"outcome": "left"}))
    error = mistakes(folder)
    assert error.parameters["file"] == "extracts/kaa.yaml, releases/returns.yaml, suppliers.yaml"
    assert len(error.parameters["places_sv"].splitlines()) == 3


def test_what_a_file_says_wrong_is_told_with_the_name_of_the_item(folder):
    """Unknown keys, missing keys and wrong kinds of value in several files, an item called by its own name."""
    change(folder, "extracts/kaa.yaml", lambda c: (c.pop("title"), c["rules"][0].update(kind="ordr")))
    change(folder, "glossary/persons.yaml", term("sex", lambda t: t.update(colour="blue")))
    places = mistakes(folder).parameters["places_en"]
    assert "extracts/kaa.yaml: title: the key is missing" in places
    assert "extracts/kaa.yaml: rules.KAA_CONTACT_BEFORE_REGISTERED.kind: the value must be one of order, requires" in places
    assert "glossary/persons.yaml: terms.sex.colour: the key is not known" in places


def test_files_of_texts_need_not_be_repeated(folder):
    """The packaged ones count then; pages of your own have texts of your own, and none of the others."""
    shutil.rmtree(folder / "texts")
    load_contracts(folder)
    (folder / "texts").mkdir()
    (folder / "texts" / "site.yaml").write_text("site.title: {sv: Vårt, en: Ours}\n", "utf-8")
    load_contracts(folder)


def test_a_file_of_texts_that_is_no_yaml_is_told_by_its_line(folder):
    """As any other file of the contracts; and so is one with a list in it."""
    (folder / "texts" / "commands.yaml").write_text("NOTHING_NEW: {sv: Inget", "utf-8")
    with pytest.raises(BadInput, match=r"CONTRACT_NOT_YAML .*texts/commands.yaml"):
        load_contracts(folder)
    (folder / "texts" / "commands.yaml").write_text("- NOTHING_NEW\n", "utf-8")
    assert "texts/commands.yaml: -:" in mistakes(folder).parameters["places_en"]


def test_a_break_concerns_tables_divided_by_its_dimensions():
    """The break of 2019 is about programmes: a table without them is comparable across it."""
    contracts = load_contracts()
    found = next(entry for entry in contracts.breaks if entry.id == "im_2019")
    assert found.concerns(contracts.tables["dropouts_by_programme"])
    assert not found.concerns(contracts.tables["dropouts_by_municipality"])
    assert not found.concerns(contracts.tables["kaa_registrations"])


def test_a_file_that_is_not_there_is_named(folder):
    """A missing file is told as such, by its name."""
    (folder / "suppliers.yaml").unlink()
    with pytest.raises(BadInput) as caught:
        load_contracts(folder)
    assert caught.value.code == "CONTRACT_FILE_MISSING"
    assert caught.value.parameters["file"].endswith("suppliers.yaml")


@pytest.mark.parametrize(("content", "line"), [(b"policies:\n  - name: [a\n", "3"), (b"policies: \xff\xfe", "1")])
def test_a_file_that_is_not_yaml_is_named_with_its_line(folder, content, line):
    """A file that cannot be read at all says at which line, and nothing of its content."""
    (folder / "policies.yaml").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load_contracts(folder)
    assert (caught.value.code, caught.value.parameters["line"]) == ("CONTRACT_NOT_YAML", line)


def test_optional_files_may_be_left_out(folder):
    """Without breaks and expectations the contracts load, with none of either."""
    (folder / "series_breaks.yaml").unlink()
    (folder / "expectations.yaml").unlink()
    contracts = load_contracts(folder)
    assert contracts.breaks == ()
    assert contracts.expectations.suites == ()
