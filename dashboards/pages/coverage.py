"""What was delivered: by term, by provider and term, and each extract that is late, refused or missing. No person is here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from avbrott.periods import Term
from dashboards.figures.style import category_axis, figure, wrapped
from dashboards.pages.context import Context, View
from dashboards.released import Table
from dashboards.stills.still import still
from dashboards.words import sort_key

STATES = ("in_time", "late", "refused", "missing")
PATTERNS = dict(zip(STATES, ("", "/", "\\", "x"), strict=True))
"""States differ by pattern as well as by colour."""
SIGNS = dict(zip(STATES, "■▨▧▩", strict=True))
"""The same patterns as letters."""
BAR_HEIGHT = 34


@dataclass(frozen=True, slots=True)
class Extract:
    """One expected extract and how it went."""

    provider: str
    term: Term
    extract: str
    state: str


def coverage_page(context: Context) -> View:
    """Extracts of the release's ``coverage`` table; an empty page where there is none."""
    extracts = _extracts(context)
    words = context.words
    terms = sorted({found.term for found in extracts})
    newest = terms[::-1]
    by_term = Counter((found.term, found.state) for found in extracts)
    by_cell = Counter((found.provider, found.term, found.state) for found in extracts)
    by_provider = Counter((found.provider, found.state) for found in extracts)
    providers = sorted(
        ((_provider(context, found), found) for found in {one.provider for one in extracts}), key=lambda p: sort_key(p[0])
    )
    values: dict[str, Any] = {
        "states": [(state, words(f"coverage.{state}"), SIGNS[state]) for state in STATES],
        "terms": [words.term(term) for term in newest],
        "by_term": [(words.term(term), [by_term[term, state] for state in STATES]) for term in terms],
        "providers": [
            (name, [_cell(context, {s: by_cell[found, term, s] for s in STATES}) for term in newest])
            for name, found in providers
        ],
        "by_provider": [_quality(context, name, {s: by_provider[found, s] for s in STATES}) for name, found in providers],
        "faults": [
            (_provider(context, found.provider), words.term(found.term), _extract(context, found.extract), found.state)
            for found in sorted(extracts, key=lambda e: (-e.term.index, e.provider, e.extract))
            if found.state != "in_time"
        ],
        "summary": words("coverage.summary", expected=words.whole(len(extracts)), **_sums(context, extracts)),
        "source": context.table_file("coverage"),
        "source_title": context.table_title("coverage"),
        "mappings": _mappings(context),
        "package": f"{context.root}../datapackage.json",
    }
    if not terms:
        return View("coverage.html", values)
    figures = {
        "coverage": _figure(context, terms, by_term),
        "providers": _provider_figure(
            context, [(name, {s: by_provider[found, s] for s in STATES}) for name, found in providers]
        ),
    }
    stills = {name: Markup(still(found, name)) for name, found in figures.items()}  # noqa: S704  made here, every text escaped
    return View("coverage.html", values | {"stills": stills}, figures)


def _quality(context: Context, name: str, counts: dict[str, int]) -> tuple[str, str, str, list[str]]:
    """A provider, how many extracts were expected of it, the share that came in time, and the number of each state."""
    words, expected = context.words, sum(counts.values())
    in_time = words.share(str(Decimal(counts["in_time"]) / expected))
    return name, words.whole(expected), in_time, [words.whole(counts[state]) for state in STATES]


def _mappings(context: Context) -> list[tuple[str, str, str, str, str]]:
    """Whose own words are translated: provider, extract, own headers, fields with own codes, and readings that differ."""
    mappings: dict[str, dict[str, Any]] = context.released.package.get("avbrott", {}).get("mappings", {})
    rows = [(_provider(context, provider), name, said) for provider, of in mappings.items() for name, said in of.items()]
    return [
        (
            provider,
            _extract(context, name),
            context.words.whole(said["headers"]),
            ", ".join(_term(context, term) for term in said["codes"]) or context.words("coverage.mapping.none"),
            "; ".join(_reading(context, term, reading) for term, reading in sorted(said["readings"].items()))
            or context.words("coverage.mapping.none"),
        )
        for provider, name, said in sorted(rows, key=lambda row: (sort_key(row[0]), row[1]))
    ]


def _term(context: Context, name: str) -> str:
    term = context.contracts.glossary.terms.get(name)
    return str(getattr(term.name, context.language)) if term else name


def _reading(context: Context, name: str, reading: str) -> str:
    """A disputed term, and how a provider reads it."""
    term = context.contracts.glossary.terms.get(name)
    said = {one.id: str(getattr(one, context.language)) for one in term.readings} if term else {}
    return f"{_term(context, name)}: {said.get(reading, reading)}"


def _extracts(context: Context) -> list[Extract]:
    table = context.released.tables.get("coverage")
    if table is None:
        return []
    found = []
    for (provider, term, extract, measure), cell in table.cells.items():
        if measure != "delivered" or cell.status == "not_applicable":
            continue
        late, refused = (_is(table, provider, term, extract, other) for other in ("late", "refused"))
        state = ("late" if late else "in_time") if cell.value == "1" else "refused" if refused else "missing"
        found.append(Extract(provider, Term.parse(term), extract, state))
    return found


def _is(table: Table, *key: str) -> bool:
    """Whether a measure says so; one that a release made before it came in does not hold says nothing."""
    cell = table.cells.get(key)
    return cell is not None and cell.value == "1"


def _sums(context: Context, extracts: list[Extract]) -> dict[str, str]:
    sums = Counter(found.state for found in extracts)
    return {state: context.words.whole(sums[state]) for state in STATES}


def _cell(context: Context, counts: dict[str, int]) -> tuple[str, str] | None:
    """What a provider's term says, and its worst state; None where nothing was expected."""
    expected = sum(counts.values())
    if not expected:
        return None
    words = context.words
    said = words("coverage.cell", came=counts["in_time"] + counts["late"], expected=expected)
    more = [words(f"coverage.cell_{state}", count=counts[state]) for state in ("late", "refused") if counts[state]]
    worst = next((state for state in ("missing", "refused", "late") if counts[state]), "")
    return (words("coverage.cell_more", cell=said, more=", ".join(more)) if more else said), worst


def _provider(context: Context, identifier: str) -> str:
    found = context.contracts.suppliers.by_id.get(identifier)
    return found.name if found else identifier


def _extract(context: Context, name: str) -> str:
    found = context.contracts.extracts.get(name)
    return str(getattr(found.title, context.language)) if found else name


def _figure(context: Context, terms: list[Term], by_term: Counter[tuple[Term, str]]) -> dict[str, Any]:
    names = [context.words.term(term) for term in terms]
    traces = [
        {
            "type": "bar",
            "name": context.words(f"coverage.{state}"),
            "x": names,
            "y": [by_term[term, state] or None for term in terms],
            "hovertemplate": "%{x}: %{y} %{fullData.name}<extra></extra>",
            "marker": {"color": f"var(--state-{state})", "pattern": {"shape": pattern, "solidity": 0.35}},
        }
        for state, pattern in PATTERNS.items()
    ]
    return figure(
        traces,
        context.words,
        height=280,
        barmode="stack",
        bargap=0.2,
        xaxis=category_axis(categoryorder="array", categoryarray=names, autotickangles=[0, 90]),
        yaxis={"rangemode": "tozero", "gridcolor": "var(--line)", "fixedrange": True, "automargin": True, "nticks": 5},
    )


def _provider_figure(context: Context, providers: list[tuple[str, dict[str, int]]]) -> dict[str, Any]:
    """How the extracts of each provider went, as shares of those that were expected of it."""
    names = [wrapped(name) for name, _ in providers]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": context.words(f"coverage.{state}"),
            "y": names,
            "x": [round(100 * counts[state] / sum(counts.values()), 1) or None for _, counts in providers],
            "customdata": [counts[state] for _, counts in providers],
            "hovertemplate": "%{y}: %{customdata} %{fullData.name}<extra></extra>",
            "marker": {"color": f"var(--state-{state})", "pattern": {"shape": pattern, "solidity": 0.35}},
        }
        for state, pattern in PATTERNS.items()
    ]
    return figure(
        traces,
        context.words,
        height=BAR_HEIGHT * len(providers) + 48,
        margin={"l": 8, "r": 28, "t": 12, "b": 8, "pad": 4},
        barmode="stack",
        bargap=0.25,
        xaxis={
            "range": [0, 100],
            "ticklabeloverflow": "allow",
            "ticksuffix": context.words.percent,
            "fixedrange": True,
            "automargin": True,
            "gridcolor": "var(--line)",
            "nticks": 5,
        },
        yaxis=category_axis(categoryorder="array", categoryarray=names, autorange="reversed", tickfont={"size": 12}),
    )
