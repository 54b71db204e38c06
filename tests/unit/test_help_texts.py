"""``--help``: the words of the contracts on every command and option, in both languages, at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from avbrott.cli import application
from avbrott.help_texts import add_help
from avbrott.registry import packaged_contracts
from avbrott.tabular.spec import PolicySpec, Spec
from avbrott.texts import Texts, load_texts
from tests.unit.conftest import Run


@pytest.fixture
def texts() -> Texts:
    return load_texts(packaged_contracts(), "commands")


@pytest.fixture
def program() -> TyperGroup:
    """The commands of a whole install, as Typer makes them."""
    made = get_command(application())
    assert isinstance(made, TyperGroup)
    return made


def every_command(group: TyperGroup, within: str = "") -> dict[str, Any]:
    """Each command by its name after ``avbrott``, those of groups among them."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        found[f"{within}{name}"] = command
        if isinstance(command, TyperGroup):
            found |= every_command(command, f"{within}{name} ")
    return found


def test_every_command_and_option_has_its_text(program: TyperGroup, texts: Texts) -> None:
    """In both languages, Swedish first; and an example."""
    add_help(program, texts)
    for name, command in every_command(program).items():
        key = f"COMMAND_{name.replace(' ', '_')}"
        assert command.help == f"{texts.get(key, 'sv')} / {texts.get(key, 'en')}"
        assert command.epilog.startswith(f"Exempel / Example: avbrott {name}")
        for parameter in command.params:
            key = f"OPTION_{parameter.name}"
            assert parameter.help == f"{texts.get(key, 'sv')} / {texts.get(key, 'en')}"


def test_commands_are_told_in_the_order_of_their_texts(program: TyperGroup, texts: Texts) -> None:
    """What a data owner does first comes first; a command without a text comes last."""
    program.commands = {"alien": program.commands["demo"], **program.commands}
    add_help(program, texts)
    names = program.list_commands(typer.Context(program))
    assert (
        names.index("contracts") < names.index("check") < names.index("prepare") < names.index("deliver") < names.index("run")
    )
    assert names[-1] == "alien"


def test_no_text_is_left_of_an_option_that_is_gone(program: TyperGroup, texts: Texts) -> None:
    """Each belongs to a command, an option or an argument."""
    commands = every_command(program)
    options = {parameter.name for command in commands.values() for parameter in command.params}
    options |= {parameter.name for parameter in program.params} | {"help"}
    wanted = {f"COMMAND_{name.replace(' ', '_')}" for name in commands} | {f"OPTION_{name}" for name in options}
    keys = texts.keys()
    assert {key for key in keys if key.startswith(("COMMAND_", "OPTION_"))} == wanted


def test_the_help_is_printed_in_both_languages(run: Run, texts: Texts) -> None:
    """Of the program with its commands, and of a command with its options."""
    printed = run("--help").out
    assert texts.get("PROGRAM", "sv") in printed
    assert texts.get("COMMAND_demo", "sv") in printed
    assert texts.get("COMMAND_demo", "en") in printed
    printed = run("synth", "--help").out
    assert texts.get("OPTION_pupils", "sv") in printed
    assert texts.get("OPTION_help", "en") in printed


def test_the_help_of_protect_names_every_key_of_spec(run: Run) -> None:
    """In both languages, so that who has no checkout can write one; lists of lists are printed as they are written."""
    printed = run("protect", "--help").out
    for key in (*Spec.model_fields, *PolicySpec.model_fields):
        assert len(re.findall(rf"\b{key}\b", printed)) >= 2, key
    assert "dimensions: {kommun: [[län, kommun]], status: [[status]]}" in printed
    assert "dimensions: {area: [[county, municipality]], status: [[status]]}" in printed


def test_each_command_of_keys_says_which_key_its_file_is(run: Run) -> None:
    """One word stands for all of them in the usage."""
    said = {name: run("keys", name, "--help").out for name in ("new", "signing", "show")}
    assert "länets nyckel" in said["new"]
    assert "lämnarens egen nyckel" in said["signing"]
    assert "länets nyckel" not in said["signing"]
    assert "länets, lämnarens eller navets" in said["show"]


def test_a_command_of_somebody_elses_keeps_its_help(texts: Texts) -> None:
    """The contracts have no text for it."""
    other = typer.Typer()
    other.callback()(lambda: None)
    other.command("other", help="Does something else.")(lambda: None)
    made = get_command(other)
    assert isinstance(made, TyperGroup)
    add_help(made, texts)
    assert made.commands["other"].help == "Does something else."
