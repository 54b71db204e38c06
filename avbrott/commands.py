"""What commands share: groups of them, their options, where they print. What a command does is not here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from avbrott.errors import BadInput


class Commands(TyperGroup):
    """The commands; one that is not there is told with those that are."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name; ``BadInput`` where there is none."""
        found = super().get_command(ctx, cmd_name)
        if found is None and not cmd_name.startswith("-"):
            raise BadInput("USAGE_COMMAND_UNKNOWN", name=cmd_name, commands=", ".join(self.list_commands(ctx)))
        return found


def folder(home: Path) -> Path:
    """``home``, unless something else than a folder is there."""
    if home.exists() and not home.is_dir():
        raise BadInput("HOME_IS_FILE", home=home)
    return home


HomeOption = Annotated[Path, typer.Option("--home", callback=folder)]
ContractsOption = Annotated[Path | None, typer.Option("--contracts")]


def console(*, quiet: bool = False) -> Console:
    """Where commands print; errors go to standard error. ``quiet``: nowhere, as what there is to tell is told in lines."""
    return Console(highlight=False, quiet=quiet)
