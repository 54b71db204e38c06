"""A contract may be named as it is called in Swedish, wherever a command takes one, and errors say both names."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.contract_names import contract_named
from avbrott.delivery.read import guess_contract
from avbrott.errors import BadInput
from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Run


@pytest.mark.parametrize("said", ["enrolments", "Enrolments", "inskrivningar", "INSKRIVNINGAR", " Inskrivningar "])
def test_a_contract_has_its_swedish_name_too(said: str, contracts: Contracts) -> None:
    """In any letters."""
    assert contract_named(said, contracts).name == "enrolments"


def test_every_contract_has_a_name_of_its_own_in_swedish(contracts: Contracts) -> None:
    """No two are called alike."""
    assert {contract_named(one.title.sv, contracts).name for one in contracts.extracts.values()} == set(contracts.extracts)


@pytest.mark.parametrize("code", ["CHECK_CONTRACT_UNKNOWN", "CONTRACT_NAME_UNKNOWN", "DELIVER_CONTRACT_UNKNOWN"])
def test_a_name_that_is_none_is_told_with_both_names_of_each(code: str, contracts: Contracts) -> None:
    """Whichever command it was."""
    with pytest.raises(BadInput, match=code) as caught:
        contract_named("betyg", contracts, code)
    assert "enrolments (Inskrivningar)" in caught.value.parameters["known"]


def test_commands_take_the_swedish_name(run: Run, tmp_path: Path) -> None:
    """The template, the check, the preparation; a file named so needs no option."""
    file = case.export(tmp_path / "export.csv")
    who = ("--provider", "2482", "--term", "HT2025")
    assert run("check", file, "--contract", "inskrivningar", *who).code == 0
    out = ("--key", case.key_file(tmp_path / "county.key"), "--out", tmp_path / "HT2025", "--date", "2026-01-20")
    assert run("prepare", file, "--contract", "Inskrivningar", *who, *out).code == 0
    assert (tmp_path / "HT2025" / "enrolments.csv").is_file()
    assert run("contracts", "template", "händelser", "--out", tmp_path / "t.csv").code == 0
    assert "events (Händelser)" in run("check", file, "--contract", "betyg", *who).err
    assert "events (Händelser)" in run("prepare", file, "--contract", "betyg", *who, *out).err


@pytest.mark.parametrize("name", ["Frånvaro HT2025.csv", "fra\u030anvaro.csv", "absence.csv"])
def test_a_file_is_known_by_the_swedish_name(name: str, contracts: Contracts) -> None:
    """Also as a Mac writes it."""
    found = guess_contract(Path(name), {one: [] for one in contracts.extracts}, contracts.extracts.values())
    assert found is not None
    assert found.name == "absence"


def test_help_of_prepare_says_that_the_contract_is_needed(run: Run) -> None:
    """It is not guessed there."""
    said = " ".join(run("prepare", "--help").out.split())
    assert "annars gissat" not in said
    assert "inskrivningar" in said
