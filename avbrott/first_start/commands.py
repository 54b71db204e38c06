"""The command ``avbrott init``: a home is made, and the next commands are told as they can be typed."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from avbrott.commands import console, folder
from avbrott.home import DEFAULT_HOME, Home

QUESTIONS = "fragor.xlsx"


def register(application: typer.Typer) -> None:
    """Add the command to ``avbrott``."""
    application.command(epilog="avbrott init var")(init)


def init(home: Annotated[Path, typer.Argument(metavar="HOME", callback=folder)] = DEFAULT_HOME) -> None:
    """Make a home for the hub on an empty machine."""
    from avbrott.installed import need_hub

    need_hub("HUB_NOT_INSTALLED", command="init")
    from avbrott.first_start.make import make_home
    from avbrott.identity.keys_command import say
    from avbrott.texts import load_messages

    place, texts, screen = Home(home), load_messages(), console()
    made = make_home(place)
    say(screen, texts, "INIT_ALONE", home=home)
    if made.made:
        say(screen, texts, "INIT_MADE", names=", ".join(made.made))
    if made.kept:
        say(screen, texts, "INIT_KEPT", names=", ".join(made.kept))
    say(screen, texts, "INIT_KEYS", keys=", ".join(made.keys))
    say(screen, texts, "INIT_NEXT")
    for arguments in (("keys", "hub"), ("contracts", "questionnaire"), ("health",)):
        screen.print(f"  {_typed(arguments, home)}", markup=False, soft_wrap=True)
    say(screen, texts, "INIT_THEN", sources=place.sources, run=_typed(("run",), home))


def _typed(arguments: tuple[str, ...], home: Path) -> str:
    """A command as it is typed, in the folder that this one was typed in."""
    from avbrott.started import command

    where = ("--out", str(home / QUESTIONS)) if arguments[0] == "contracts" else ("--home", str(home))
    words = [command(), *arguments, *where]
    return " ".join(f'"{word}"' if " " in word else word for word in words) if os.name == "nt" else shlex.join(words)
