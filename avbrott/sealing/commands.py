"""The commands of ``avbrott keys`` about deliveries' keys, and ``show``, which knows every kind. No work is done here.

What they need is imported when they run, so that ``avbrott --help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avbrott.commands import HomeOption
from avbrott.home import DEFAULT_HOME, Home

KEY_FILE = "KEYFILE"


def register(keys: typer.Typer) -> None:
    """Add the commands to ``avbrott keys``."""
    keys.command(epilog="avbrott keys signing 2482.key --provider 2482")(signing)
    keys.command(epilog="avbrott keys hub --home var")(hub)
    keys.command(epilog="avbrott keys show 2025.key")(show)


def signing(
    own_key: Annotated[Path, typer.Argument(metavar=KEY_FILE)],
    provider: Annotated[str, typer.Option("--provider")],
    contracts: Annotated[Path | None, typer.Option("--contracts")] = None,
) -> None:
    """Make the key that a provider signs its deliveries with."""
    from avbrott.commands import console
    from avbrott.registry import load_contracts
    from avbrott.sealing.keys_command import signing_command

    raise typer.Exit(signing_command(own_key, provider, load_contracts(contracts), console()))


def hub(home: HomeOption = DEFAULT_HOME) -> None:
    """Make the hub's key for deliveries and receipts where there is none, and tell where its public half lies."""
    from avbrott.commands import console
    from avbrott.sealing.keys_command import hub_command

    raise typer.Exit(hub_command(Home(home), console()))


def show(any_key: Annotated[Path, typer.Argument(metavar=KEY_FILE)]) -> None:
    """Show what a key is and its fingerprint, never the key."""
    from avbrott.commands import console
    from avbrott.sealing.keys_command import show_command

    raise typer.Exit(show_command(any_key, console()))
