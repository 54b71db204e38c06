"""What was delivered: by term, by provider and term, and each delivery that is late or missing. No persons are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from avbrott.periods import Term
from dashboards.figures.style import category_axis, figure
from dashboards.pages.context import Context, View
from dashboards.words import sort_key

STATES = ("in_time", "late", "missing")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One expected delivery and how it went."""

    provider: str
    term: Term
    extract: str
    state: str


def coverage_page(context: Context) -> View:
    """Deliveries of the release's ``coverage`` table; an empty page where there is none."""
    deliveries = _deliveries(context)
    words = context.words
    terms = sorted({found.term for found in deliveries})
    newest = terms[::-1]
    by_term = Counter((found.term, found.state) for found in deliveries)
    by_cell = Counter((found.provider, found.term, found.state) for found in deliveries)
    providers = sorted(
        ((_provider(context, found), found) for found in {one.provider for one in deliveries}), key=lambda p: sort_key(p[0])
    )
    values: dict[str, Any] = {
        "states": [(state, words(f"coverage.{state}")) for state in STATES],
        "terms": [str(term) for term in newest],
        "by_term": [(str(term), [by_term[term, state] for state in STATES]) for term in terms],
        "providers": [(name, [[by_cell[found, term, s] for s in STATES] for term in newest]) for name, found in providers],
        "faults": [
            (_provider(context, found.provider), str(found.term), _extract(context, found.extract), found.state)
            for found in sorted(deliveries, key=lambda d: (-d.term.index, d.provider, d.extract))
            if found.state != "in_time"
        ],
        "summary": words("coverage.summary", expected=words.whole(len(deliveries)), **_sums(context, deliveries)),
        "source": context.table_file("coverage"),
    }
    return View("coverage.html", values, {"coverage": _figure(context, terms, by_term)} if terms else {})


def _deliveries(context: Context) -> list[Delivery]:
    table = context.released.tables.get("coverage")
    if table is None:
        return []
    found = []
    for (provider, term, extract, measure), cell in table.cells.items():
        if measure != "delivered" or cell.status == "not_applicable":
            continue
        late = table.cells.get((provider, term, extract, "late"))
        state = "missing" if cell.value != "1" else "late" if late and late.value == "1" else "in_time"
        found.append(Delivery(provider, Term.parse(term), extract, state))
    return found


def _sums(context: Context, deliveries: list[Delivery]) -> dict[str, str]:
    sums = Counter(found.state for found in deliveries)
    return {state: context.words.whole(sums[state]) for state in STATES}


def _provider(context: Context, identifier: str) -> str:
    found = context.contracts.suppliers.by_id.get(identifier)
    return found.name if found else identifier


def _extract(context: Context, name: str) -> str:
    found = context.contracts.extracts.get(name)
    return str(getattr(found.title, context.language)) if found else name


def _figure(context: Context, terms: list[Term], by_term: Counter[tuple[Term, str]]) -> dict[str, Any]:
    names = [str(term) for term in terms]
    traces = [
        {
            "type": "bar",
            "name": context.words(f"coverage.{state}"),
            "x": names,
            "y": [by_term[term, state] for term in terms],
            "hovertemplate": "%{x}: %{y} %{fullData.name}<extra></extra>",
            "marker": {"color": f"var(--state-{state})", "pattern": {"shape": pattern, "solidity": 0.35}},
        }
        for state, pattern in zip(STATES, ("", "/", "x"), strict=True)
    ]
    return figure(
        traces,
        context.words,
        height=280,
        barmode="stack",
        bargap=0.2,
        xaxis=category_axis(categoryorder="array", categoryarray=names),
        yaxis={"rangemode": "tozero", "gridcolor": "var(--line)", "fixedrange": True, "automargin": True, "nticks": 5},
    )
