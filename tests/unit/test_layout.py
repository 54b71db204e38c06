"""The house stands as it is drawn: the packages are ours, and both of Dagster's entrances lead to the same module."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("package", ["avbrott", "assets", "pipelines", "dashboards"])
def test_packages_lie_under_the_root(package: str) -> None:
    """A stray installed package of the same name would load an empty asset graph without an error."""
    assert Path(str(importlib.import_module(package).__file__)).is_relative_to(ROOT)


def test_dg_and_workspace_name_the_same_module() -> None:
    """``dg dev`` reads pyproject.toml and ``dagster dev`` reads workspace.yaml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["dg"]["project"]
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text("utf-8"))
    assert workspace == {"load_from": [{"python_module": project["code_location_target_module"]}]}


def test_make_check_holds_the_layout() -> None:
    """A workspace that differs stops ``make check``, not only the tests."""
    recipe = (ROOT / "Makefile").read_text("utf-8").split("\ncheck:")[1].split("\n\n")[0]
    assert "pytest -q tests/unit/test_layout.py" in recipe
    assert "dg check defs" in recipe


def test_the_lock_names_no_host() -> None:
    """A lock with addresses would tie the project to one registry."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]


def test_contracts_are_yaml_only() -> None:
    """People who do not program read them."""
    assert {file.suffix for file in (ROOT / "contracts").rglob("*") if file.is_file()} == {".yaml"}


@pytest.mark.xdist_group("together")
def test_tests_that_share_what_is_dear_are_dealt_to_one_process(request: pytest.FixtureRequest) -> None:
    """A pytest that pytest-xdist does not know ignores the groups without a word, and each process makes all anew."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@together")
