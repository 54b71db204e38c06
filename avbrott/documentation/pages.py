"""All generated pages by their path under ``docs/``."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.documentation.extracts import extract_page
from avbrott.documentation.glossary import both, glossary_page
from avbrott.documentation.markdown import code, page, table
from avbrott.documentation.providers import PAGE, providers_page
from avbrott.documentation.tables import table_page
from avbrott.documentation.words import Words
from avbrott.registry import Contracts

README = "contracts/README.md"
"""The index of the contracts."""


def pages(contracts: Contracts) -> dict[str, str]:
    """The text of every page, sorted by path. The same contracts give the same bytes."""
    words = Words(contracts.folder)
    made = {"glossary.md": glossary_page(contracts.glossary, words), README: _index(contracts, words)}
    made[f"contracts/{PAGE}"] = providers_page(contracts, words)
    for extract in contracts.extracts.values():
        made[f"contracts/extracts/{extract.name}.md"] = extract_page(extract, contracts, words)
    for published in contracts.tables.values():
        made[f"contracts/releases/{published.name}.md"] = table_page(published, contracts, words)
    return dict(sorted(made.items()))


def _index(contracts: Contracts, words: Words) -> str:
    return page(
        [
            f"# {words.both('DOC_INDEX_TITLE')}",
            words.beside("DOC_GENERATED"),
            f"## {words.both('DOC_EXTRACTS')}",
            "\n".join(f"- [{both(found.title)}](extracts/{found.name}.md)" for found in contracts.extracts.values()),
            f"{words.both('DOC_WHO_DELIVERS')}: [{words.both('DOC_PROVIDERS_TITLE')}]({PAGE}).",
            f"## {words.both('DOC_TABLES')}",
            "\n".join(f"- [{both(found.title)}](releases/{found.name}.md)" for found in contracts.tables.values()),
            *_watched(contracts, words),
        ]
    )


def _watched(contracts: Contracts, words: Words) -> Iterator[str]:
    """The expectations, with what to do about each."""
    expectations = [found for suite in contracts.expectations.suites for found in suite.expectations]
    if not expectations:
        return
    yield f"## {words.both('DOC_WATCHED_TITLE')}"
    yield words.beside("DOC_WATCHED_INTRO")
    yield table(
        [words.both("DOC_CODE"), words.both("DOC_EXPECTATION"), words.both("DOC_MEND")],
        ([code(found.code), both(found.text), both(found.mend)] for found in expectations),
    )
