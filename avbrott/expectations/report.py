"""Watches in the words of the one who has to look: what was expected, where it is not so, what to do. Swedish then English.

Providers, extracts and terms; never a value of a row. The words of each expectation are the contracts'.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding

from avbrott.expectations.contract import Expectation
from avbrott.expectations.suites import Watch
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts

PLACES_SHOWN = 20

_LANGUAGES: tuple[Language, Language] = ("sv", "en")


def print_watches(watches: Iterable[Watch], contracts: Contracts, texts: Texts, console: Console) -> None:
    """Print a paragraph for each expectation that does not hold, its newest terms first; nothing where all hold."""
    failed = [entry for entry in watches if not entry.success]
    if not failed:
        return
    expectations = {found.code: found for suite in contracts.expectations.suites for found in suite.expectations}
    for language in _LANGUAGES:
        console.print(texts.get("RUN_WATCHED", language), style=_dim(language), markup=False)
    heading = f"{texts.get('REPORT_WARNING', 'sv')} / {texts.get('REPORT_WARNING', 'en')}"
    for entry in failed:
        console.print(heading, style="bold", markup=False, end="  ")
        console.print(entry.code, markup=False)
        for language in _LANGUAGES:
            paragraph = _paragraph(entry, expectations[entry.code], language, texts)
            console.print(Padding(paragraph, (0, 0, 0, 2)), style=_dim(language), markup=False)
        console.print()


def places(entry: Watch) -> list[str]:
    """Where an expectation does not hold (``2480 enrolments HT2024``), the newest term first."""
    term = entry.keys.index("term")
    newest = sorted(entry.failing, key=lambda key: (-Term.parse(key[term]).index, key))
    return [" ".join(key) for key in newest]


def _paragraph(entry: Watch, expectation: Expectation, language: Language, texts: Texts) -> str:
    text, mend = (getattr(found, language) for found in (expectation.text, expectation.mend))
    found = places(entry)
    shown = ", ".join(found[:PLACES_SHOWN])
    key = "REPORT_PLACES" if len(found) <= PLACES_SHOWN else "REPORT_PLACES_FIRST"
    return "\n".join(
        (
            texts.get("REPORT_EXPECTED", language, text=text),
            texts.get(key, language, places=shown, shown=PLACES_SHOWN, count=len(found)),
            texts.get("REPORT_MEND", language, mend=mend),
        )
    )


def _dim(language: Language) -> str:
    return "dim" if language == "en" else ""
