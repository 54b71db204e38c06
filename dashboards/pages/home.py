"""The first page of a release: headline figures, and its date, coverage, what is preliminary and what changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from avbrott.table import WINDOW_SEPARATOR
from dashboards.grids import YEAR
from dashboards.layout import Page
from dashboards.pages.context import Context, View
from dashboards.pages.series import preliminary_years
from dashboards.pages.statistics import statistics_page
from dashboards.words import sort_key

Fact = tuple[str, list[str]]
"""The name of a fact and what is said of it."""


def home_page(context: Context, page: Page) -> View:
    """A page of figures with the facts of the release between its tiles and its blocks."""
    view = statistics_page(context, page)
    return replace(view, template="home.html", values=view.values | {"facts": _facts(context)})


def _facts(context: Context) -> list[Fact]:
    """What the release's own files say of it; what they do not say is left out."""
    words = context.words
    day = str(context.released.package.get("version") or context.released.identifier)
    return [(words("home.released"), [day]), *_years(context), *_coverage(context), *_since(context)]


def _years(context: Context) -> list[Fact]:
    """By system the school years that the release covers, and those that are preliminary."""
    words = context.words
    covered: dict[str, set[str]] = {}
    late: dict[str, set[str]] = {}
    for name, table in context.contracts.published.items():
        if table.system and name in context.released.tables:
            years = {code for code in context.released.tables[name].codes.get(YEAR, ()) if WINDOW_SEPARATOR not in code}
            covered.setdefault(table.system, set()).update(years)
            late.setdefault(table.system, set()).update(years & preliminary_years(context, table))
    spans = {system: f"{min(years)}\u2013{max(years)}" for system, years in covered.items() if years}
    facts = [(words("home.years"), _by_years(context, "home.years.text", spans))] if spans else []
    if "coverage" in context.released.tables:
        said = {system: ", ".join(sorted(years)) for system, years in late.items() if years}
        text = _by_years(context, "home.preliminary.text", said) or [words("home.preliminary.none")]
        facts.append((words("home.preliminary"), text))
    return facts


def _by_years(context: Context, key: str, years: dict[str, str]) -> list[str]:
    """The text ``key`` for each span of ``years``, with the systems that it is true of."""
    units: dict[str, list[str]] = {}
    for system, said in sorted(years.items()):
        found = context.contracts.systems.get(system)
        units.setdefault(said, []).append(str(getattr(found.unit, context.language)) if found else system)
    return [
        context.words(key, years=said, units=", ".join(dict.fromkeys(named)))
        for said, named in sorted(units.items(), reverse=True)
    ]


def _coverage(context: Context) -> list[Fact]:
    table = context.released.tables.get("coverage")
    if table is None:
        return []
    said = {
        key[:-1]: cell.value == "1"
        for key, cell in table.cells.items()
        if key[-1] == "delivered" and cell.status != "not_applicable"
    }
    words = context.words
    text = words(
        "home.coverage.text",
        came=words.whole(sum(said.values())),
        expected=words.whole(len(said)),
        providers=words.whole(len({provider for provider, _, _ in said})),
    )
    return [(words("home.coverage"), [text])]


def _since(context: Context) -> list[Fact]:
    """What came to, was filled in and was revised since the release before; nothing where the package does not say it."""
    words, told = context.words, context.released.package.get("avbrott", {})
    if "since" not in told:
        return []
    since: dict[str, Any] | None = told["since"]
    if since is None:
        return [(words("home.since.before"), [words("home.since.first")])]
    added = {system: ", ".join(years) for system, years in since["added"].items() if years}
    return [
        (
            words("home.since", release=since["release"]),
            [
                *(_by_years(context, "home.added", added) or [words("home.added.none")]),
                *([_cells(context, "home.filled", since["filled"])] if since["filled"] else []),
                _cells(context, "home.revised", since["revised"]) if since["revised"] else words("home.revised.none"),
                *_deliveries_changed(context, since),
            ],
        )
    ]


def _deliveries_changed(context: Context, since: dict[str, Any]) -> list[str]:
    """Of how many extracts it is told otherwise how they came in: no figure on persons, but a published one all the same."""
    count = since.get("coverage", 0)
    return [context.words("home.coverage.changed", count=context.words.whole(count))] if count else []


def _cells(context: Context, key: str, by_table: dict[str, int]) -> str:
    words = context.words
    titles = {name: context.contracts.published[name].title for name in by_table if name in context.contracts.published}
    named = {name: str(getattr(titles[name], words.language)) if name in titles else name for name in by_table}
    tables = sorted((sort_key(named[name]), f"{named[name]} ({words.whole(cells)})") for name, cells in by_table.items())
    return words(key, cells=words.whole(sum(by_table.values())), tables="; ".join(text for _, text in tables))
