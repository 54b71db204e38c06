"""How long rows must be kept, by the contracts of what is published; the command that says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts
from avbrott.retention import plan as planning
from avbrott.retention.needs import years_needed
from tests.unit.conftest import Run


def edited(folder: Path, name: str, **changes: object) -> Contracts:
    file = folder / name
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text("utf-8")) | changes, allow_unicode=True), "utf-8")
    return load_contracts(folder)


def test_five_year_cohorts_need_six_years(contracts: Contracts) -> None:
    """Five until the last diploma is known, and the October before; the packaged periods are long enough."""
    assert years_needed(contracts) == (6, "completion")
    assert planning.retention_of(contracts).deliveries >= 6


def test_a_pooled_window_needs_its_years_besides(contracts_folder: Path) -> None:
    """Completion over three school years together: two years more."""
    dimensions = [{"dimension": "school_year", "windows": "also"}, {"dimension": "completion"}]
    changed = edited(contracts_folder, "releases/completion.yaml", dimensions=dimensions)
    assert years_needed(changed) == (8, "completion")


def test_a_table_less_is_years_less(contracts_folder: Path) -> None:
    """What is needed follows from what is published: nothing is hard-coded."""
    (contracts_folder / "releases" / "completion.yaml").unlink()
    (contracts_folder / "releases" / "time_to_leave.yaml").unlink()
    assert years_needed(load_contracts(contracts_folder))[0] == 4


@pytest.mark.parametrize("layer", ["deliveries", "school_years"])
def test_a_period_that_is_too_short_is_an_error(layer: str, contracts_folder: Path, tmp_path: Path, run: Run) -> None:
    """It says which, how long it must be, and which table needs it; nothing is erased."""
    periods = {"deliveries": 8, "quarantine": 1, "school_years": 8, layer: 5}
    changed = edited(contracts_folder, "policies.yaml", retention=periods)
    with pytest.raises(BadInput, match="RETENTION_TOO_SHORT") as told:
        planning.due(Home(tmp_path), changed, date(2040, 1, 1))
    assert told.value.parameters == {"layer": layer, "years": "5", "needed": "6", "table": "completion"}
    ended = run("retain", "--date", "2040-01-01", "--home", tmp_path, "--contracts", contracts_folder, "--yes")
    assert ended.code == 2
    assert "completion" in ended.err


def test_contracts_without_periods_erase_nothing(contracts_folder: Path, tmp_path: Path) -> None:
    """And say so."""
    file = contracts_folder / "policies.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    del content["retention"]
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with pytest.raises(BadInput, match="RETENTION_MISSING"):
        planning.due(Home(tmp_path), load_contracts(contracts_folder), date(2040, 1, 1))


@pytest.mark.parametrize("periods", [{"deliveries": 0, "quarantine": 1, "school_years": 8}, {"deliveries": 8}, [8]])
def test_periods_that_are_none_are_told(periods: object, contracts_folder: Path) -> None:
    """With their file and key, as other mistakes in contracts."""
    with pytest.raises(BadInput, match=r"CONTRACT_INVALID.*policies\.yaml: retention"):
        edited(contracts_folder, "policies.yaml", retention=periods)


def test_another_period_is_a_change_of_the_contracts(contracts: Contracts, contracts_folder: Path, run: Run) -> None:
    """It is told, and breaks nothing for anybody."""
    assert contracts.retention is not None
    edited(contracts_folder, "policies.yaml", retention={"deliveries": 9, "quarantine": 2, "school_years": 8})
    ended = run("contracts", "diff", contracts.folder, contracts_folder)
    assert (ended.code, ended.err) == (0, "")
    assert "policies.retention" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--date", "yesterday"),
        ("--date", "2040-01-01", "--provider", "2482"),
        ("--date", "2040-01-01", "--term", "HT2025"),
        (),
    ],
)
def test_options_that_cannot_be_used_are_told(arguments: tuple[str, ...], tmp_path: Path, run: Run) -> None:
    """Exit code 2, and no traceback."""
    ended = run("retain", "--home", tmp_path, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


def test_an_empty_home_has_nothing_to_erase(tmp_path: Path, run: Run) -> None:
    """And it stays empty."""
    ended = run("retain", "--date", "2040-01-01", "--home", tmp_path / "var")
    assert ended.code == 0, ended.err
    assert not (tmp_path / "var").exists()
