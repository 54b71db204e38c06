"""The command ``avbrott receipts``: it reads its options and calls one function, imported when it is called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from avbrott.commands import ContractsOption, console
from avbrott.transport.options import HostKeyOption, KnownHostsOption


def register(application: typer.Typer) -> None:
    """Add the command to ``avbrott``."""
    application.command(epilog="avbrott receipts --from sftp://k2482@nav.example.se/in --hub hub.pub --key 2482.key")(
        receipts
    )


def receipts(
    place: Annotated[str, typer.Option("--from")],
    hub_key: Annotated[Path, typer.Option("--hub")],
    term: str | None = None,
    provider: str | None = None,
    signing_key: Annotated[Path | None, typer.Option("--key")] = None,
    sent: Annotated[Path | None, typer.Option("--sent")] = None,
    places: Annotated[Path | None, typer.Option("--rows")] = None,
    out: Annotated[Path | None, typer.Option("--out")] = None,
    known_hosts: KnownHostsOption = None,
    host_key: HostKeyOption = None,
    contracts: ContractsOption = None,
) -> None:
    """Fetch a provider's receipts, verify that they are the hub's, and show them."""
    from avbrott.periods import Term
    from avbrott.receipts.command import Wanted, receipts_command
    from avbrott.registry import load_contracts
    from avbrott.transport.target import Access

    today = datetime.now().astimezone().date()
    wanted = Wanted(place, hub_key, Term.said(term) if term else None, provider, out, today, signing_key, sent, places)
    raise typer.Exit(receipts_command(wanted, load_contracts(contracts), console(), Access(known_hosts, host_key)))
