"""What a person at a terminal sees of a run: a bar while a stage works, and its figures at the end. Counts only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from avbrott.progress import listening
from avbrott.texts import Texts
from pipelines.headless import Ran


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
    """Print a line a stage: its seconds and its figures, in Swedish with English beside it."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for stage, seconds in ran.seconds.items():
        figures = [f"{texts.get(f'FIGURE_{k}', 'sv')} {number(v)}" for k, v in ran.metadata[stage].items() if is_figure(v)]
        english = [f"{texts.get(f'FIGURE_{k}', 'en')} {number(v)}" for k, v in ran.metadata[stage].items() if is_figure(v)]
        table.add_row(texts.get(f"STAGE_{stage}", "sv"), f"{seconds:.1f} s".replace(".", ","), ", ".join(figures))
        table.add_row(f"[dim]{texts.get(f'STAGE_{stage}', 'en')}[/]", "", f"[dim]{', '.join(english)}[/]")
    console.print(table)


def is_figure(value: object) -> bool:
    """Whether a piece of metadata is a count that a person reads."""
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: object) -> str:
    """A whole number with a no-break space between its thousands."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
