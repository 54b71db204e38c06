"""The command ``avbrott synth``: an invented county, or an invented country."""

from __future__ import annotations

from typing import Annotated

import typer

from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.errors import BadInput
from avbrott.home import DEFAULT_HOME, Home

_PUPILS = 8500
"""As many as a school year of the county has."""


def register(application: typer.Typer) -> None:
    """Add the command to ``avbrott``."""
    application.command(epilog="avbrott synth --pupils 8500 --years 10 --seed 1 --home var")(synth)


def synth(
    pupils: Annotated[int | None, typer.Option(min=1)] = None,
    years: Annotated[int, typer.Option(min=1)] = 10,
    seed: int = 1,
    flaws: str = "mild",
    nation: Annotated[bool, typer.Option("--nation")] = False,
    counties: Annotated[int | None, typer.Option(min=1)] = None,
    processes: Annotated[int | None, typer.Option(min=1)] = None,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Invent a county, or a country, and put its deliveries in the outboxes."""
    from avbrott.registry import load_contracts
    from avbrott.synthetic.command import synth_command, synth_nation_command

    promised, screen = load_contracts(contracts), console()
    if nation or counties is not None:
        raise typer.Exit(
            synth_nation_command(
                Home(home),
                promised,
                counties=counties,
                pupils=pupils,
                years=years,
                seed=seed,
                flaws=flaws,
                processes=processes,
                console=screen,
            )
        )
    if processes is not None:
        raise BadInput("SYNTH_PROCESSES")
    raise typer.Exit(
        synth_command(Home(home), promised, pupils=pupils or _PUPILS, years=years, seed=seed, flaws=flaws, console=screen)
    )
