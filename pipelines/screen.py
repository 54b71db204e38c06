"""What a person at a terminal sees of a run: a bar while a stage works, and its figures at the end. Counts only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from avbrott.delivery.report import print_findings, told
from avbrott.expectations.report import print_watches
from avbrott.findings import Severity, from_frame
from avbrott.home import Home
from avbrott.progress import listening
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts
from pipelines.headless import Ran

LANGUAGES: tuple[Language, Language] = ("sv", "en")


@contextmanager
def showing_progress(console: Console, texts: Texts) -> Iterator[None]:
    """Show one bar a stage for as long as the block runs; nothing where the output is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bars = {}

        def hear(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(f"{texts.get(f'STAGE_{stage}', 'sv')}", total=of)
            progress.update(bars[stage], completed=done, total=of)

        with listening(hear):
            yield


def say(console: Console, texts: Texts, key: str, /, **parameters: object) -> None:
    """Print a text in Swedish, and in English below it."""
    console.print(texts.get(key, "sv", **parameters), markup=False)
    console.print(texts.get(key, "en", **parameters), markup=False, style="dim")


def show_run(console: Console, texts: Texts, ran: Ran) -> None:
    """Print a line a stage: its seconds and its figures, in Swedish with English beside it; and which release there is."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for stage, seconds in ran.seconds.items():
        figures = [f"{texts.get(f'FIGURE_{k}', 'sv')} {number(v)}" for k, v in ran.metadata[stage].items() if is_figure(v)]
        english = [f"{texts.get(f'FIGURE_{k}', 'en')} {number(v)}" for k, v in ran.metadata[stage].items() if is_figure(v)]
        table.add_row(texts.get(f"STAGE_{stage}", "sv"), f"{seconds:.1f} s".replace(".", ","), ", ".join(figures))
        table.add_row(f"[dim]{texts.get(f'STAGE_{stage}', 'en')}[/]", "", f"[dim]{', '.join(english)}[/]")
    console.print(table)
    made = ran.metadata["released"]
    key = "RELEASED_AS" if made["new"] else "ALREADY_RELEASED"
    say(console, texts, key, identifier=made["release"], folder=made["folder"])


def show_troubles(console: Console, home: Home, contracts: Contracts, texts: Texts, ran: Ran) -> None:
    """Print what stopped a delivery: folders that could not be read, and the findings of each delivery that was refused."""
    for problem in ran.problems:
        for language in LANGUAGES:
            console.print(texts.get(problem.code, language, **problem.parameters), markup=False, style=dim(language))
            console.print(texts.mend(problem.code, language, **problem.parameters), markup=False, style=dim(language))
    for provider, term in ran.refused:
        supplier = contracts.suppliers.by_id.get(provider)
        name, folder = supplier.name if supplier else "?", home.delivered(provider, str(term))
        say(console, texts, "RUN_REFUSED", provider=provider, name=name, term=term, folder=folder)
        findings = from_frame(pl.read_parquet(home.findings(provider, str(term))))
        blocking = [finding for finding in findings if finding.severity is Severity.BLOCKING]
        print_findings(told(blocking, contracts, texts), texts, console)
    rows = ran.metadata.get("accepted", {}).get("rows_quarantined", 0)
    if rows:
        say(console, texts, "RUN_QUARANTINED", rows=number(rows))


def show_watches(console: Console, contracts: Contracts, texts: Texts, ran: Ran) -> None:
    """Print the counts that are out of the ordinary, with what to do about each. They are warnings, and stop nothing."""
    print_watches(ran.watches, contracts, texts, console)


def dim(language: Language) -> str:
    """Swedish comes first; English beside it is dimmed."""
    return "dim" if language == "en" else ""


def is_figure(value: object) -> bool:
    """Whether a piece of metadata is a count that a person reads."""
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: object) -> str:
    """A whole number with a no-break space between its thousands."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
