"""The hub's commands: run, demo, release, site and those of ``access``, registered with ``avbrott`` by an entry point.

Dagster and the contracts are imported when a command runs, never by ``avbrott --help``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer

from avbrott import logs
from avbrott.access import commands as access_commands
from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.configuration.files import READ_LATER
from avbrott.errors import ExitCode
from avbrott.home import DEFAULT_HOME, Home
from avbrott.installed import need_hub
from avbrott.texts import load_messages

P = ParamSpec("P")
EngineOption = Annotated[Literal["duckdb", "spark"], typer.Option("--engine")]


def register(application: typer.Typer) -> None:
    """Add the hub's commands to ``avbrott``; where the hub's part is not installed they say so."""
    application.command(epilog="avbrott run --home var --until HT2025")(_of_hub(run))
    application.command(epilog="avbrott demo --pupils 8500 --years 10 --seed 1 --home var")(_of_hub(demo))
    application.command(epilog="avbrott release --home var --date 2026-02-15")(_of_hub(release))
    application.command(epilog="avbrott site current --home var --out pages")(_of_hub(site))
    access_commands.register(application, _styles)
    READ_LATER.update({"map.yaml": "dashboards.places:Places", "site.yaml": "dashboards.layout:Layout"})


def _styles() -> Path:
    """Where the style sheet of the site is; imported when it is asked for, with all that draws."""
    from dashboards.site import STATIC, STYLE

    return STATIC / STYLE


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
    engine: EngineOption = "duckdb",
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Pull what is new, check, link, count, protect, publish."""
    from avbrott.configuration.look import configured
    from avbrott.delivery.pull import stored
    from avbrott.errors import BadInput
    from avbrott.periods import Term
    from avbrott.screen import showing_progress
    from pipelines import headless
    from pipelines.logged import log_run
    from pipelines.screen import say, show_problems, show_refusals, show_run, show_troubles, show_watches

    run_id = logs.begin()
    logs.write("info", "RUN_BEGUN")
    place = Home(home)
    promised = configured(place, contracts)
    texts, screen = load_messages(promised.folder), console(quiet=logs.is_json())
    last = Term.said(until) if until else None
    try:
        with showing_progress(screen, texts):
            ran = headless.run(place, promised, until=last, record=record, run_id=run_id, engine=engine)
    except BadInput as error:
        if error.code == "NOTHING_ACCEPTED":
            checked = [(provider, term) for provider, term in stored(place) if place.findings(provider, str(term)).is_file()]
            show_refusals(screen, place, promised, texts, checked)
        if error.code == "RELEASE_UNAPPROVED":  # all is done that is the run's: it is somebody's turn
            logs.write("warning", error.code, about=error.parameters)
            show_problems(screen, texts, [error])
            raise typer.Exit(ExitCode.SOME_REFUSED) from None
        raise
    if "delivered" not in ran.metadata:
        say(screen, texts, "NOTHING_NEW")
    show_run(screen, texts, ran)
    show_troubles(screen, place, promised, texts, ran)
    show_watches(screen, promised, texts, ran)
    log_run(place, promised, ran)
    raise typer.Exit(ExitCode.SOME_REFUSED if ran.refused or ran.problems else ExitCode.DONE)


def demo(
    pupils: Annotated[int, typer.Option(min=1)] = 8500,
    years: Annotated[int, typer.Option(min=2)] = 10,
    seed: int = 1,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """An invented county, from deliveries to three releases."""
    from avbrott.configuration.look import configured
    from pipelines.demo import show_demo

    raise typer.Exit(
        show_demo(Home(home), configured(Home(home), contracts), pupils=pupils, years=years, seed=seed, screen=console())
    )


def release(
    date: str | None = None,
    diff: Annotated[bool, typer.Option()] = False,
    threshold: Annotated[int | None, typer.Option(min=2)] = None,
    engine: EngineOption = "duckdb",
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Make a release of what has been accepted."""
    from avbrott.configuration.look import configured
    from avbrott.errors import BadInput
    from avbrott.screen import showing_progress
    from pipelines import headless
    from pipelines.logged import log_run
    from pipelines.screen import show_changes, show_run, show_watches

    run_id = logs.begin()
    promised, screen = configured(Home(home), contracts), console(quiet=logs.is_json() and not diff)
    texts = load_messages(promised.folder)
    if threshold is not None and not diff:
        raise BadInput("THRESHOLD_WITHOUT_DIFF")
    if diff:
        from avbrott.progress import report
        from avbrott.release.proposal import proposed_changes

        with showing_progress(screen, texts):
            ran = headless.propose(Home(home), promised, engine=engine)
            found = proposed_changes(Home(home), promised, threshold, lambda done, of: report("protected", done, of))
        show_changes(screen, promised, texts, found, threshold)
        show_watches(screen, promised, texts, ran)
        return
    with showing_progress(screen, texts):
        ran = headless.release(Home(home), promised, date=date, run_id=run_id, engine=engine)
    show_run(screen, texts, ran)
    show_watches(screen, promised, texts, ran)
    log_run(Home(home), promised, ran)


def site(
    release: Annotated[str, typer.Argument(metavar="RELEASE")],
    out: Annotated[Path | None, typer.Option()] = None,
    pdf: Annotated[Path | None, typer.Option()] = None,
    english: Annotated[bool, typer.Option()] = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Build the pages of a release, or its report."""
    from avbrott.configuration.look import configured
    from avbrott.errors import BadInput
    from avbrott.release.ledger import find_release
    from dashboards import build_site, write_report

    if out is None and pdf is None:
        raise BadInput("SITE_NOWHERE")
    promised = configured(Home(home), contracts)
    folder = find_release(Home(home), release)
    if out is not None:
        build_site(folder, promised, out)
        console().print(out / "index.html")
    if pdf is not None:
        write_report(folder, promised, pdf, "en" if english else "sv")
        console().print(pdf)
