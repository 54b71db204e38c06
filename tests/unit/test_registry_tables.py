"""Mistakes in tables and systems, suppliers, breaks, expectations and texts: each named with its file and key."""

import pytest

from tests.broken_contracts import Change, is_named

CASES: dict[str, tuple[str, Change, str]] = {
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
    "what is first known later is no dimension": (
        "series_breaks.yaml",
        lambda c: c["first_known"].update(dimension="past"),
        "series_breaks.yaml: first_known.dimension:",
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
def test_a_mistake_is_named_with_its_file_and_key(contracts_folder, file, do, place):
    """Each kind of mistake is found, and said in Swedish and in English where it is."""
    is_named(contracts_folder, file, do, place)
