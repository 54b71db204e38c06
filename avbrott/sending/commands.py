"""The command ``avbrott deliver``: options in, one call, a summary out. Its work is done elsewhere.

What it needs is imported when it runs, so that ``avbrott --help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avbrott.asking import DryRunOption, YesOption
from avbrott.commands import ContractsOption
from avbrott.errors import BadInput
from avbrott.transport.options import HostKeyOption, KnownHostsOption

if TYPE_CHECKING:
    from avbrott.sending.command import Without


def register(application: typer.Typer) -> None:
    """Add the command to ``avbrott``."""
    application.command(epilog="avbrott deliver HT2025 --to sftp://k2482@server/in --key 2482.key --hub hub.pub")(deliver)


def deliver(
    target: Annotated[str, typer.Option("--to")],
    signing_key: Annotated[Path, typer.Option("--key")],
    hub_key: Annotated[Path, typer.Option("--hub")],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR")] = None,
    nil: Annotated[str | None, typer.Option("--nil", metavar="CONTRACT")] = None,
    withdraw: Annotated[str | None, typer.Option("--withdraw", metavar="CONTRACT")] = None,
    provider: Annotated[str | None, typer.Option("--provider")] = None,
    term: Annotated[str | None, typer.Option("--term")] = None,
    delivered: Annotated[str | None, typer.Option("--date")] = None,
    sent: Annotated[Path | None, typer.Option("--sent")] = None,
    replace: Annotated[bool, typer.Option("--replace")] = False,
    new_hub: Annotated[bool, typer.Option("--new-hub")] = False,
    new_key: Annotated[bool, typer.Option("--new-key")] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    known_hosts: KnownHostsOption = None,
    host_key: HostKeyOption = None,
    contracts: ContractsOption = None,
) -> None:
    """Check, sign, seal and send what was prepared."""
    from avbrott.commands import console
    from avbrott.registry import load_contracts
    from avbrott.sending.command import Wanted, deliver_command
    from avbrott.transport.target import Access

    what = _what(folder, nil, withdraw, provider, term, delivered)
    access = Access(known_hosts, host_key)
    wanted = Wanted(what, target, signing_key, hub_key, sent, access, replace, new_hub, new_key, dry_run, yes)
    raise typer.Exit(deliver_command(wanted, load_contracts(contracts), console()))


def _what(
    folder: Path | None, nil: str | None, withdraw: str | None, provider: str | None, term: str | None, delivered: str | None
) -> Path | Without:
    """A folder, or one of the deliveries without rows, which a folder would say of itself: whose, and of which term."""
    from avbrott.clock import day_of_delivery
    from avbrott.periods import Term
    from avbrott.sending.command import Without

    if sum(one is not None for one in (folder, nil, withdraw)) != 1:
        raise BadInput("DELIVER_WHAT")
    if folder is not None:
        if provider is not None or term is not None or delivered is not None:
            raise BadInput("DELIVER_SAYS_ITSELF", folder=folder)
        return folder
    if provider is None or term is None:
        raise BadInput("DELIVER_WHOSE")
    of = Term.said(term)
    day = day_of_delivery(delivered, of)
    if nil is not None:
        return Without("nil", nil, provider, of, day)
    assert withdraw is not None
    return Without("withdrawal", withdraw, provider, of, day)
