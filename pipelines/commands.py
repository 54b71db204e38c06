"""The hub's commands: run, demo, release and site. They are registered with ``avbrott`` by an entry point.

Dagster and the contracts are imported when a command runs, never by ``avbrott --help``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.errors import ExitCode
from avbrott.home import DEFAULT_HOME, Home
from avbrott.installed import need_hub
from avbrott.texts import load_messages

P = ParamSpec("P")


def register(application: typer.Typer) -> None:
    """Add the hub's commands to ``avbrott``; where the hub's part is not installed they say so."""
    application.command(epilog="avbrott run --home var --until HT2025")(_of_hub(run))
    application.command(epilog="avbrott demo --pupils 8500 --years 10 --seed 1 --home var")(_of_hub(demo))
    application.command(epilog="avbrott release --home var --date 2026-02-15")(_of_hub(release))
    application.command(epilog="avbrott site current --home var --out pages")(_of_hub(site))


def _of_hub(command: Callable[P, None]) -> Callable[P, None]:
    """``command``, which says that the hub's part is not installed where it is not."""

    @functools.wraps(command)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        need_hub("HUB_NOT_INSTALLED", command=command.__name__)
        command(*args, **kwargs)

    return checked


def run(
    until: str | None = None,
    record: bool = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Pull what is new, check, link, count, protect, publish."""
    from avbrott.periods import Term
    from avbrott.registry import load_contracts
    from pipelines import headless
    from pipelines.screen import say, show_run, show_troubles, show_watches, showing_progress

    place, promised = Home(home), load_contracts(contracts)
    texts, screen = load_messages(promised.folder), console()
    last = Term.said(until) if until else None
    with showing_progress(screen, texts):
        ran = headless.run(place, promised, until=last, record=record)
    if "delivered" not in ran.metadata:
        say(screen, texts, "NOTHING_NEW")
    show_run(screen, texts, ran)
    show_troubles(screen, place, promised, texts, ran)
    show_watches(screen, promised, texts, ran)
    raise typer.Exit(ExitCode.SOME_REFUSED if ran.refused or ran.problems else ExitCode.DONE)


def demo(
    pupils: Annotated[int, typer.Option(min=1)] = 8500,
    years: Annotated[int, typer.Option(min=2)] = 10,
    seed: int = 1,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """An invented county, from deliveries to three releases."""
    from avbrott.registry import load_contracts
    from pipelines.demo import show_demo

    raise typer.Exit(
        show_demo(Home(home), load_contracts(contracts), pupils=pupils, years=years, seed=seed, screen=console())
    )


def release(
    date: str | None = None,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Make a release of what has been accepted."""
    from avbrott.registry import load_contracts
    from pipelines import headless
    from pipelines.screen import show_run, show_watches, showing_progress

    promised, screen = load_contracts(contracts), console()
    texts = load_messages(promised.folder)
    with showing_progress(screen, texts):
        ran = headless.release(Home(home), promised, date=date)
    show_run(screen, texts, ran)
    show_watches(screen, promised, texts, ran)


def site(
    release: Annotated[str, typer.Argument(metavar="RELEASE")],
    out: Annotated[Path, typer.Option()],
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Build the pages of a release."""
    from avbrott.registry import load_contracts
    from avbrott.release.ledger import find_release
    from dashboards import build_site

    build_site(find_release(Home(home), release), load_contracts(contracts), out)
    console().print(out / "index.html")
