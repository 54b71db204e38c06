"""What the demonstration says at its end: one summary of its runs, what was refused, and where to look next. Counts only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.started import command
from avbrott.texts import Texts
from pipelines.headless import Ran
from pipelines.screen import Refusal, number, refusals, say, seconds, show_problems

_FIGURES = {
    "deliveries": ("delivered", True),
    "rows_accepted": ("accepted", True),
    "refused": ("accepted", True),
    "missing": ("accepted", True),
    "rows_quarantined": ("accepted", True),
    "shown": ("protected", False),
    "hidden": ("protected", False),
    "witnesses": ("protected", False),
}
"""By figure: the stage that tells it, and whether the runs' figures add up: cells belong to one release each."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was done: the county's seconds, the runs in their order, and the seconds of all of it."""

    county_seconds: float
    runs: Sequence[Ran]
    seconds: float


def show_summary(screen: Console, home: Home, contracts: Contracts, texts: Texts, done: Demonstration) -> None:
    """Print the stages' times and figures, a column a run; refused deliveries; where to look next."""
    say(screen, texts, "SUMMARY_TITLE", runs=len(done.runs))
    screen.print(_table(texts, done))
    say(screen, texts, "SUMMARY_PROVED")
    show_problems(screen, texts, [problem for run in done.runs for problem in run.problems])
    refused = list(refusals(home, contracts, dict.fromkeys(found for run in done.runs for found in run.refused)))
    say(screen, texts, "SUMMARY_REFUSED" if refused else "SUMMARY_NONE_REFUSED")
    for refusal in refused:
        codes = ", ".join(dict.fromkeys(finding.code for finding in refusal.findings))
        screen.print(f"  {refusal.provider} {refusal.name}, {refusal.term}: {codes}", markup=False)
    say(screen, texts, "DEMO_DONE", seconds=f"{done.seconds:.0f}")
    for key, place in _next(home, refused):
        screen.print(Text("  ").append_text(_both(texts, key)).append(f": {place}"), soft_wrap=True)


def _next(home: Home, refused: Sequence[Refusal]) -> Iterator[tuple[str, str]]:
    """Where to look: a text, and a path or a command that can be copied."""
    yield "NEXT_PAGES", f"{home.current}/site/index.html"
    yield "NEXT_DATA", f"{home.current}/tables"
    yield "NEXT_VERIFY", f"{command()} audit current --home {home.root}"
    for refusal in refused[:1]:
        extract = refusal.findings[0].extract if refusal.findings else "*"
        file = next(iter(sorted(refusal.folder.glob(f"{extract}.*"))), refusal.folder)
        yield "NEXT_REFUSED", f"{command()} check {file} --provider {refusal.provider} --term {refusal.term}"


def _table(texts: Texts, done: Demonstration) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("")
    for place in range(len(done.runs)):
        table.add_column(str(place + 1), justify="right")
    table.add_column(_both(texts, "SUMMARY_SUM"), justify="right")
    table.add_row(_both(texts, "STAGE_synth"), *("" for _ in done.runs), seconds(done.county_seconds))
    for stage in dict.fromkeys(stage for run in done.runs for stage in run.seconds):
        times = [run.seconds.get(stage, 0.0) for run in done.runs]
        table.add_row(_both(texts, f"STAGE_{stage}"), *map(seconds, times), seconds(sum(times)))
    for figure, (stage, adds_up) in _FIGURES.items():
        found = [run.metadata.get(stage, {}).get(figure) for run in done.runs]
        counts = [count if isinstance(count, int) else 0 for count in found]
        table.add_row(_both(texts, f"SUMMARY_{figure}"), *map(number, counts), number(sum(counts)) if adds_up else "")
    return table


def _both(texts: Texts, key: str) -> Text:
    """A few words in Swedish, with English beside it."""
    return Text.assemble(texts.get(key, "sv"), (f" / {texts.get(key, 'en')}", "dim"))
