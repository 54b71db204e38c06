"""What a person at a terminal sees of a run: its figures at the end. Counts only; bars are ``avbrott.screen``'s."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.table import Table

from avbrott.delivery.record import delivered
from avbrott.delivery.report import print_findings, told
from avbrott.delivery.sources import read_sources
from avbrott.errors import BadInput
from avbrott.expectations.report import print_watches
from avbrott.findings import Finding, Severity, read_findings
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.release.proposal import Change
from avbrott.texts import Language, Texts, grouped
from pipelines.headless import Ran

LANGUAGES: tuple[Language, Language] = ("sv", "en")


def say(console: Console, texts: Texts, key: str, /, **parameters: object) -> None:
    """Print a text in Swedish, and in English below it."""
    for language in LANGUAGES:
        text = flowed(texts.get(key, language, **grouped(parameters, language)), console.width)
        console.print(text, markup=False, style=dim(language), soft_wrap=True)


def flowed(text: str, width: int) -> str:
    """``text`` in lines of at most ``width``, broken at plain spaces alone: never inside a number, as the screen would."""
    lines = text.split("\n")
    return "\n".join(textwrap.fill(line, max(width, 1), break_long_words=False, break_on_hyphens=False) for line in lines)


def show_changes(
    console: Console, contracts: Contracts, texts: Texts, changes: Iterable[Change], threshold: int | None
) -> None:
    """Print a block a table: its title and how it would differ, in Swedish with English below; hidden values are not read."""
    for change in changes:
        for language in LANGUAGES:
            told = grouped({**asdict(change), "threshold": threshold}, language)
            title = getattr(contracts.tables[change.table].title, language)
            words = texts.get("DIFF_TABLE", language, **told)
            if change.fewer is not None:
                words += " " + texts.get("DIFF_FEWER", language, **told)
            console.print(flowed(f"{title}: {words}", console.width), markup=False, style=dim(language), soft_wrap=True)
    say(console, texts, "DIFF_NOTHING_WRITTEN")


def show_run(console: Console, texts: Texts, ran: Ran) -> None:
    """Print a line a stage: its seconds and its figures, in Swedish with English beside it; and which release there is."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column()
    table.add_column(no_wrap=True, overflow="ignore")
    stages = {stage: [texts.get(f"STAGE_{stage}", language) for language in LANGUAGES] for stage in ran.seconds}
    times = {stage: seconds(took) for stage, took in ran.seconds.items()}
    taken = (
        max((len(name) for names in stages.values() for name in names), default=0)
        + max(map(len, times.values()), default=0)
        + 4
    )
    for stage, names in stages.items():
        for language, name in zip(LANGUAGES, names, strict=True):
            told = ran.metadata[stage].items()
            figures = ", ".join(f"{texts.get(f'FIGURE_{k}', language)} {number(v)}" for k, v in told if is_figure(v))
            time = times[stage] if language == "sv" else ""
            table.add_row(name, time, flowed(figures, console.width - taken - 2), style=dim(language))
    console.print(table)
    show_release(console, texts, ran)


def show_release(console: Console, texts: Texts, ran: Ran) -> None:
    """Print which release there is after a run, and whether it is a new one."""
    made = ran.metadata["released"]
    key = "RELEASED_AS" if made["new"] else "ALREADY_RELEASED"
    say(console, texts, key, identifier=made["release"], folder=made["folder"])


def show_troubles(console: Console, home: Home, contracts: Contracts, texts: Texts, ran: Ran) -> None:
    """Print what stopped a delivery: folders that could not be read, and the findings of each delivery that was refused."""
    show_problems(console, texts, ran.problems)
    show_refusals(console, home, contracts, texts, ran.refused)
    checked = ran.metadata.get("accepted", ran.receipts)
    if rows := checked.get("rows_quarantined", 0):
        say(console, texts, "RUN_QUARANTINED", rows=number(rows))
    if unsent := checked.get("receipts_unsent", 0):
        problems = "; ".join(map(str, cast("list[object]", checked["receipt_problems"])))
        say(console, texts, "RUN_RECEIPTS_UNSENT", count=number(unsent), problems=problems)


def show_refusals(
    console: Console, home: Home, contracts: Contracts, texts: Texts, refused: Iterable[tuple[str, Term]]
) -> None:
    """Print the findings of each delivery that was refused, or of which files were."""
    for refusal in refusals(home, contracts, refused):
        told_of = {"provider": refusal.provider, "name": refusal.name, "term": refusal.term, "folder": refusal.folder}
        say(console, texts, "RUN_REFUSED" if refusal.is_whole else "RUN_FILES_REFUSED", **told_of, log=home.reception_log)
        print_findings(told(refusal.findings, contracts, texts), texts, console)


def show_problems(console: Console, texts: Texts, problems: Iterable[BadInput]) -> None:
    """Print the providers' folders that could not be read, each once."""
    for problem in {str(problem): problem for problem in problems}.values():
        for language in LANGUAGES:
            console.print(texts.get(problem.code, language, **problem.parameters), markup=False, style=dim(language))
            console.print(texts.mend(problem.code, language, **problem.parameters), markup=False, style=dim(language))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A delivery that was refused, or a file of one: whose, for which term, where its files are, and what stopped it."""

    provider: str
    name: str
    term: Term
    folder: Path
    findings: tuple[Finding, ...]
    is_whole: bool
    """Whether all of it was refused, and not some files beside what was accepted."""


def refusals(home: Home, contracts: Contracts, refused: Iterable[tuple[str, Term]]) -> Iterator[Refusal]:
    """What is known of each delivery that was refused."""
    sources = read_sources(home, contracts.suppliers)
    for provider, term in refused:
        supplier = contracts.suppliers.by_id.get(provider)
        findings = read_findings(home.findings(provider, str(term)))
        files = {(one.extract, one.code) for one in delivered(home, provider, term).refused}
        stopped = tuple(f for f in findings if f.severity is Severity.BLOCKING or (f.extract, f.code) in files)
        whole = any(finding.severity is Severity.BLOCKING for finding in stopped)
        folder = sources[provider].folder / str(term) if provider in sources else home.delivered(provider, str(term))
        yield Refusal(provider, supplier.name if supplier else "?", term, folder, stopped, whole)


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


def seconds(took: float) -> str:
    """A duration with a tenth of a second."""
    return f"{took:.1f} s".replace(".", ",")
