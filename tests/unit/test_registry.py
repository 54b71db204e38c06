"""Loading contracts: what fits, what may be left out, and that all mistakes are told at once.

Each kind of mistake: ``test_registry_terms`` and ``test_registry_tables``.
"""

import shutil

import pytest

from avbrott.errors import BadInput
from avbrott.registry import load_contracts
from tests.broken_contracts import change, mistakes, term


def test_the_packaged_contracts_fit():
    """What comes with the program loads, with all its parts."""
    contracts = load_contracts()
    assert {"enrolments", "events", "absence", "kaa", "agency_counts"} == set(contracts.extracts)
    assert {table.name for table in contracts.tables_of("pupils")} >= {"dropouts_by_municipality", "completion", "returns"}
    assert [str(found.school_year) for found in contracts.breaks] == sorted(str(b.school_year) for b in contracts.breaks)


def test_all_mistakes_are_told_at_once(contracts_folder):
    """A maker of contracts is not sent back once a mistake: three files, three mistakes, one message."""
    change(contracts_folder, "extracts/kaa.yaml", lambda c: c["terms"].append("shoe_size"))
    change(contracts_folder, "suppliers.yaml", lambda c: c["suppliers"][0]["extracts"].append("grades"))
    change(contracts_folder, "releases/returns.yaml", lambda c: c.update(where={"outcome": "left"}))
    error = mistakes(contracts_folder)
    assert error.parameters["file"] == "extracts/kaa.yaml, releases/returns.yaml, suppliers.yaml"
    assert len(error.parameters["places_sv"].splitlines()) == 3


def test_what_a_file_says_wrong_is_told_with_the_name_of_the_item(contracts_folder):
    """Unknown keys, missing keys and wrong kinds of value in several files, an item called by its own name."""
    change(contracts_folder, "extracts/kaa.yaml", lambda c: (c.pop("title"), c["rules"][0].update(kind="ordr")))
    change(contracts_folder, "glossary/persons.yaml", term("sex", lambda t: t.update(colour="blue")))
    places = mistakes(contracts_folder).parameters["places_en"]
    assert "extracts/kaa.yaml: title: the key is missing" in places
    assert "extracts/kaa.yaml: rules.KAA_CONTACT_BEFORE_REGISTERED.kind: the value must be one of order, requires" in places
    assert "glossary/persons.yaml: terms.sex.colour: the key is not known" in places


@pytest.mark.parametrize("pattern", ["[0-9", "(?=9)[0-9]{8}", r"([0-9])\1{7}"])
def test_a_pattern_that_the_check_cannot_read_is_told(contracts_folder, pattern):
    """That of a unit's code, which suppliers' units are held against as well; some are read by Python and not by polars."""
    change(contracts_folder, "glossary/places.yaml", term("school_unit", lambda t: t.update(pattern=pattern)))
    places = mistakes(contracts_folder).parameters["places_en"]
    assert "school_unit.pattern: the pattern is no regular expression that the check can read" in places
    assert "units" not in places


def test_files_of_texts_need_not_be_repeated(contracts_folder):
    """The packaged ones count then; pages of your own have texts of your own, and none of the others."""
    shutil.rmtree(contracts_folder / "texts")
    load_contracts(contracts_folder)
    (contracts_folder / "texts").mkdir()
    (contracts_folder / "texts" / "site.yaml").write_text("site.title: {sv: Vårt, en: Ours}\n", "utf-8")
    load_contracts(contracts_folder)


def test_a_file_of_texts_that_is_no_yaml_is_told_by_its_line(contracts_folder):
    """As any other file of the contracts; and so is one with a list in it."""
    (contracts_folder / "texts" / "commands.yaml").write_text("NOTHING_NEW: {sv: Inget", "utf-8")
    with pytest.raises(BadInput, match=r"CONTRACT_NOT_YAML .*texts/commands.yaml"):
        load_contracts(contracts_folder)
    (contracts_folder / "texts" / "commands.yaml").write_text("- NOTHING_NEW\n", "utf-8")
    assert "texts/commands.yaml: -:" in mistakes(contracts_folder).parameters["places_en"]


def test_a_break_concerns_tables_divided_by_its_dimensions():
    """The break of 2019 is about programmes: a table without them is comparable across it."""
    contracts = load_contracts()
    found = next(entry for entry in contracts.breaks if entry.id == "im_2019")
    assert found.concerns(contracts.tables["dropouts_by_programme"])
    assert not found.concerns(contracts.tables["dropouts_by_municipality"])
    assert not found.concerns(contracts.tables["kaa_registrations"])


def test_a_file_that_is_not_there_is_named(contracts_folder):
    """A missing file is told as such, by its name."""
    (contracts_folder / "suppliers.yaml").unlink()
    with pytest.raises(BadInput) as caught:
        load_contracts(contracts_folder)
    assert caught.value.code == "CONTRACT_FILE_MISSING"
    assert caught.value.parameters["file"].endswith("suppliers.yaml")


@pytest.mark.parametrize(("content", "line"), [(b"policies:\n  - name: [a\n", "3"), (b"policies: \xff\xfe", "1")])
def test_a_file_that_is_not_yaml_is_named_with_its_line(contracts_folder, content, line):
    """A file that cannot be read at all says at which line, and nothing of its content."""
    (contracts_folder / "policies.yaml").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load_contracts(contracts_folder)
    assert (caught.value.code, caught.value.parameters["line"]) == ("CONTRACT_NOT_YAML", line)


def test_optional_files_may_be_left_out(contracts_folder):
    """Without breaks and expectations the contracts load, with none of either."""
    (contracts_folder / "series_breaks.yaml").unlink()
    (contracts_folder / "expectations.yaml").unlink()
    contracts = load_contracts(contracts_folder)
    assert contracts.breaks == ()
    assert contracts.expectations.suites == ()


def test_a_system_that_nothing_is_published_of_is_told(contracts_folder):
    """It ended in an error of the program when counting, and told a county that drops a table nothing of what to mend."""
    (contracts_folder / "releases" / "agency_counts.yaml").unlink()
    error = mistakes(contracts_folder)
    assert "systems.yaml: agency.name: nothing under releases is of the system" in error.parameters["places_en"]
