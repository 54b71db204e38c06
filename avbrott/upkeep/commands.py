"""The command ``avbrott health``: what is late, stuck, full or about to expire, in words, as JSON or as metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avbrott import logs
from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.home import DEFAULT_HOME, Home


def register(application: typer.Typer) -> None:
    """Add the command to ``avbrott``."""
    application.command(epilog="avbrott health --home var --metrics /var/lib/node_exporter/avbrott.prom")(health)


def health(
    day: Annotated[str | None, typer.Option("--date")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
    metrics: Annotated[Path | None, typer.Option("--metrics")] = None,
    certificate: Annotated[Path | None, typer.Option("--certificate")] = None,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Tell what is late, stuck, full or about to expire."""
    from avbrott.installed import need_hub

    need_hub("HUB_NOT_INSTALLED", command="health")
    from avbrott.upkeep.command import health_command

    logs.begin()
    screen = console(quiet=logs.is_json() and not json)
    raise typer.Exit(health_command(Home(home), contracts, day, metrics, screen, as_json=json, certificate=certificate))
