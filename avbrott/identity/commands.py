"""The commands ``avbrott prepare`` and ``avbrott keys``: options in, one call, a summary out. Their work is done elsewhere.

What they need is imported when they run, so that ``avbrott --help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avbrott.sealing import commands as sealing_commands

KEY_FILE = "KEYFILE"

keys = typer.Typer(no_args_is_help=True)


def register(application: typer.Typer) -> None:
    """Add the commands to ``avbrott``."""
    application.command(
        epilog="avbrott prepare export.csv --contract enrolments --provider 2482 --term HT2025 --key 2025.key --out HT2025"
    )(prepare)
    sealing_commands.register(keys)
    application.add_typer(keys, name="keys", cls=application.info.cls, epilog="avbrott keys new 2025.key --epoch 2025")


def prepare(
    export: Annotated[Path, typer.Argument(metavar="EXPORT")],
    name: Annotated[str, typer.Option("--contract")],
    provider: Annotated[str, typer.Option("--provider")],
    term: Annotated[str, typer.Option("--term")],
    out: Annotated[Path, typer.Option("--out")],
    key: Annotated[Path | None, typer.Option("--key")] = None,
    alias: Annotated[Path | None, typer.Option("--alias")] = None,
    delivered: Annotated[str | None, typer.Option("--date")] = None,
    new_key: Annotated[bool, typer.Option("--new-key")] = False,
    protected: Annotated[list[Path] | None, typer.Option("--protected")] = None,
    contracts: Annotated[Path | None, typer.Option("--contracts")] = None,
) -> None:
    """Make a delivery of an export: checked, without names, with pseudonyms in place of identities."""
    from avbrott.clock import day_of_delivery
    from avbrott.commands import console
    from avbrott.identity.prepare_command import Wanted, prepare_command
    from avbrott.periods import Term
    from avbrott.registry import load_contracts

    of = Term.said(term)
    day = day_of_delivery(delivered, of)
    wanted = Wanted(export, name, provider, of, out, key, alias, day, new_key, tuple(protected or ()))
    raise typer.Exit(prepare_command(wanted, load_contracts(contracts), console()))


@keys.command(epilog="avbrott keys new 2025.key --epoch 2025")
def new(
    key: Annotated[Path, typer.Argument(metavar=KEY_FILE)],
    epoch: Annotated[str, typer.Option("--epoch")],
) -> None:
    """Make a county's key."""
    from avbrott.commands import console
    from avbrott.identity.keys_command import new_command

    raise typer.Exit(new_command(key, epoch, console()))


@keys.command(
    epilog="avbrott keys rotate 2025.key 2026.key --epoch 2026 --export export.csv --term HT2025 --bridge bridge.csv"
)
def rotate(
    key: Annotated[Path, typer.Argument(metavar=KEY_FILE)],
    successor: Annotated[Path, typer.Argument(metavar="NEWKEYFILE")],
    epoch: Annotated[str, typer.Option("--epoch")],
    exports: Annotated[list[Path] | None, typer.Option("--export")] = None,
    term: Annotated[str | None, typer.Option("--term")] = None,
    bridge: Annotated[Path | None, typer.Option("--bridge")] = None,
    contracts: Annotated[Path | None, typer.Option("--contracts")] = None,
) -> None:
    """Make the key of the next epoch, and with --export and --bridge what joins the two."""
    from avbrott.commands import console
    from avbrott.identity.keys_command import rotate_command
    from avbrott.registry import load_contracts

    raise typer.Exit(rotate_command(key, successor, epoch, exports or [], term, bridge, load_contracts(contracts), console()))


@keys.command("bridge", epilog="avbrott keys bridge 2025.key 2026.key --export export.csv --term HT2025 --out bridge.csv")
def join(
    key: Annotated[Path, typer.Argument(metavar=KEY_FILE)],
    successor: Annotated[Path, typer.Argument(metavar="NEWKEYFILE")],
    term: Annotated[str, typer.Option("--term")],
    bridge: Annotated[Path, typer.Option("--out")],
    exports: Annotated[list[Path] | None, typer.Option("--export")] = None,
    alias: Annotated[Path | None, typer.Option("--alias")] = None,
    contracts: Annotated[Path | None, typer.Option("--contracts")] = None,
) -> None:
    """Join the pseudonyms of two keys, or with --alias those of a person's two numbers."""
    from avbrott.commands import console
    from avbrott.identity.keys_command import bridge_command
    from avbrott.registry import load_contracts

    raise typer.Exit(bridge_command(key, successor, exports or [], alias, term, bridge, load_contracts(contracts), console()))
