"""What a person sees while files are carried: a bar, once it has taken longer than one waits without a word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from avbrott.progress import listening
from avbrott.texts import Texts
from avbrott.transport.target import STAGE_SENT

QUIET_SECONDS = 2.0


@contextmanager
def showing_transport(console: Console, texts: Texts) -> Iterator[None]:
    """Show how far each file has come, from the third second on; nothing where the output is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    progress = Progress(*columns, console=console, transient=True)
    bar: TaskID | None = None
    began = time.monotonic()

    def hear(stage: str, done: int, of: int) -> None:
        nonlocal bar
        if stage != STAGE_SENT or time.monotonic() - began < QUIET_SECONDS:
            return
        if bar is None:
            progress.start()
            said = " / ".join(texts.get("STAGE_sent", language) for language in ("sv", "en"))
            bar = progress.add_task(said, total=of)
        progress.update(bar, completed=done, total=of)

    if not console.is_terminal:
        yield
        return
    try:
        with listening(hear):
            yield
    finally:
        progress.stop()
