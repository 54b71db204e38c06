"""What a person sees of a long command: a bar a stage. What the stages tell is ``progress``'s."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from avbrott.progress import listening
from avbrott.texts import Texts


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
