"""The words of ``--help``, put on commands and options from ``contracts/texts/commands.yaml``. The options are not here.

A command's text has the key ``COMMAND_<name>``, an option's or an argument's ``OPTION_<name>``: one name means one thing in
every command. What has no text, as a command of somebody else's, keeps what it came with, and stands after the others, which
are told in the order of their texts.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from avbrott.texts import Language, Texts

LANGUAGES: tuple[Language, Language] = ("sv", "en")


def add_help(program: TyperGroup, texts: Texts) -> None:
    """Give ``program``, its commands and their options their help, Swedish with English beside it."""
    program.help = f"{texts.get('PROGRAM', 'sv')}\n\n{texts.get('PROGRAM', 'en')}"
    _add(program, texts)
    _add_commands(program, texts, "")


def _add_commands(group: TyperGroup, texts: Texts, within: str) -> None:
    """Each command of a group; one that is a group itself has commands of its own, called ``<group>_<name>``."""
    group.commands = dict(sorted(group.commands.items(), key=lambda found: texts.place(f"COMMAND_{within}{found[0]}")))
    for short, command in group.commands.items():
        name = f"{within}{short}"
        command.help = _both(texts, f"COMMAND_{name}") or command.help
        command.epilog = f"{_both(texts, 'EXAMPLE')}: {command.epilog}{_details(texts, name)}" if command.epilog else None
        _add(command, texts)
        if isinstance(command, TyperGroup):
            _add_commands(command, texts, f"{name}_")


def _add(command: Any, texts: Texts) -> None:
    """Options and arguments; ``--help`` itself is among them, though no command names it."""
    for parameter in (*command.params, command.get_help_option(typer.Context(command))):
        parameter.help = _both(texts, f"OPTION_{parameter.name}") or parameter.help


def _details(texts: Texts, name: str) -> str:
    """What a command's help says besides, where there is more: a paragraph a line, Swedish and then English."""
    key = f"DETAILS_{name}"
    if key not in texts:
        return ""
    lines = [line for language in LANGUAGES for line in ("", *texts.get(key, language).splitlines())]
    # Typer makes a line of what stands between empty lines, and reads brackets as marks of style.
    return "\n\n" + "\n\n".join(line.replace("[", "\\[") or "\u00a0" for line in lines)


def _both(texts: Texts, key: str) -> str:
    """A text in both languages; empty where there is none."""
    return f"{texts.get(key, 'sv')} / {texts.get(key, 'en')}" if key in texts else ""
