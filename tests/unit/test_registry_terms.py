"""Mistakes in glossary, extracts and dimensions: each named with its file and key."""

import pytest

from avbrott.table import TOTAL
from tests.broken_contracts import Change, code, dimension, is_named, term

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
    "codes are known of a term that is not there": (
        "glossary/places.yaml",
        term("home_municipality", lambda t: t.update(known_beside="land")),
        "glossary/places.yaml: home_municipality.known_beside:",
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
}


@pytest.mark.parametrize(("file", "do", "place"), CASES.values(), ids=list(CASES))
def test_a_mistake_is_named_with_its_file_and_key(contracts_folder, file, do, place):
    """Each kind of mistake is found, and said in Swedish and in English where it is."""
    is_named(contracts_folder, file, do, place)
