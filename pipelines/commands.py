"""The hub's commands: run, demo, release and site. They are registered with ``avbrott`` by an entry point.

Dagster is imported when a command runs, never by ``avbrott --help``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avbrott.cli import ContractsOption, HomeOption, console
from avbrott.errors import ExitCode
from avbrott.home import DEFAULT_HOME, Home
from avbrott.periods import Term
from avbrott.registry import load_contracts
from avbrott.texts import load_messages


def register(application: typer.Typer) -> None:
    """Add the hub's commands to ``avbrott``."""
    application.command(epilog="Exempel / Example: avbrott run --home var --until HT2025")(run)
    application.command(epilog="Exempel / Example: avbrott demo --pupils 8500 --years 10 --seed 1 --home var")(demo)
    application.command(epilog="Exempel / Example: avbrott release --home var --date 2026-02-15")(release)
    application.command(epilog="Exempel / Example: avbrott site current --home var --out pages")(site)


def run(
    until: Annotated[str | None, typer.Option(help="Sista termin att hämta. / Last term to pull.")] = None,
    record: Annotated[bool, typer.Option(help="Spara körningen åt Dagster. / Keep the run for Dagster.")] = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Hämta det nya, pröva, länka, räkna, skydda och publicera. / Pull what is new, check, link, count, protect, publish."""
    from pipelines import headless
    from pipelines.screen import say, show_run, show_troubles, show_watches, showing_progress

    place, promised = Home(home), load_contracts(contracts)
    texts, screen = load_messages(promised.folder), console()
    last = Term.parse(until) if until else None
    with showing_progress(screen, texts):
        ran = headless.run(place, promised, until=last, record=record)
    if "delivered" not in ran.metadata:
        say(screen, texts, "NOTHING_NEW")
    show_run(screen, texts, ran)
    show_troubles(screen, place, promised, texts, ran)
    show_watches(screen, promised, texts, ran)
    raise typer.Exit(ExitCode.SOME_REFUSED if ran.refused or ran.problems else ExitCode.DONE)


def demo(
    pupils: Annotated[int, typer.Option(min=1, help="Elever varje 15 oktober. / Pupils on each 15 October.")] = 8500,
    years: Annotated[int, typer.Option(min=2, help="Läsår med utfall. / School years with an outcome.")] = 10,
    seed: Annotated[int, typer.Option(help="Samma frö, samma län. / Same seed, same county.")] = 1,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Ett påhittat län, från leveranser till tre utgåvor. / An invented county, from deliveries to three releases."""
    from pipelines.demo import show_demo

    raise typer.Exit(show_demo(Home(home), pupils=pupils, years=years, seed=seed, screen=console()))


def release(
    date: Annotated[str | None, typer.Option(help="Utgåvans datum, annars sista leveransens. / Its date.")] = None,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Gör en utgåva av det som är godkänt. / Make a release of what has been accepted."""
    from pipelines import headless
    from pipelines.screen import show_run, show_watches, showing_progress

    promised, texts, screen = load_contracts(contracts), load_messages(), console()
    with showing_progress(screen, texts):
        ran = headless.release(Home(home), promised, date=date)
    show_run(screen, texts, ran)
    show_watches(screen, promised, texts, ran)


def site(
    release: Annotated[str, typer.Argument(help="Utgåva (id, mapp eller current). / Release (id, folder or current).")],
    out: Annotated[Path, typer.Option(help="Mapp för sidorna. / Folder for the pages.")],
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Bygg sidorna ur en utgåva. / Build the pages of a release."""
    from avbrott.release.ledger import find_release
    from dashboards import build_site

    build_site(find_release(Home(home), release), load_contracts(contracts), out)
    console().print(out / "index.html")
