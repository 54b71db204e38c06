"""Pages of words: method, glossary and open data. What they say of a term, a policy or a table is the contracts' own."""

from __future__ import annotations

from typing import Any

from avbrott.glossary import Term
from avbrott.policy import Policy
from dashboards.layout import Page
from dashboards.pages.context import Context, View
from dashboards.pages.statistics import dimension_name
from dashboards.released import STATUSES
from dashboards.words import sort_key


def method_page(context: Context, page: Page) -> View:
    """How the figures are made, what hiding promises and what it does not, the policies' figures, the symbols, the breaks."""
    words, language = context.words, context.language
    return View(
        "method.html",
        {
            "sections": [(key, words(f"{key}.title"), words.paragraphs(f"{key}.text")) for key in page.sections],
            "statuses": STATUSES,
            "policies": [_policy(context, found) for found in context.contracts.policies.values()],
            "breaks": [
                (str(found.school_year), getattr(found.title, language), getattr(found.text, language))
                for found in context.contracts.breaks
            ],
        },
    )


def _policy(context: Context, policy: Policy) -> dict[str, Any]:
    words = context.words
    title = getattr(policy.title, context.language) if policy.title else policy.name
    figures = [("threshold", policy.threshold), ("width", policy.width), ("reliability", policy.reliability)]
    if policy.base:
        figures.insert(1, ("base", policy.base.minimum))
    lines = [(words(f"policy.{name}"), words.whole(value)) for name, value in figures]
    lines.append((words("policy.zeros"), words(f"policy.zeros.{policy.zeros}")))
    for dimension, codes in policy.complement.items():
        names = ", ".join(context.source.label(dimension, code) for code in codes) or dimension_name(context, dimension)
        lines.append((words("policy.complement"), names))
    return {"title": title, "lines": lines}


def glossary_page(context: Context) -> View:
    """Every term in the order of the alphabet; the disputed ones with the readings that compete and the one that is used."""
    terms = sorted(context.contracts.glossary.terms.values(), key=lambda term: sort_key(_name(context, term)))
    return View("glossary.html", {"terms": [_term(context, term) for term in terms]})


def _name(context: Context, term: Term) -> str:
    return str(getattr(term.name, context.language))


def _term(context: Context, term: Term) -> dict[str, Any]:
    language = context.language
    other = "en" if language == "sv" else "sv"
    return {
        "id": term.id,
        "name": _name(context, term),
        "other": getattr(term.name, other),
        "other_language": other,
        "definition": getattr(term.definition, language),
        "source": term.source,
        "disputed": term.status == "disputed",
        "readings": [
            {"text": getattr(reading, language), "source": reading.source, "used": reading.id == term.used}
            for reading in term.readings
        ],
        "codes": [(code.code, getattr(code, language), code.valid_from, code.valid_to) for code in term.codes],
        "sensitive": term.sensitive,
        "first": term.valid_from,
        "last": term.valid_to,
    }


def open_data_page(context: Context) -> View:
    """Every released table: what it holds, by what it is divided, and its file."""
    language = context.language
    listed = []
    for name, table in context.released.tables.items():
        contract = context.contracts.tables.get(name)
        listed.append(
            {
                "name": name,
                "title": getattr(contract.title, language) if contract else name,
                "description": getattr(contract.description, language) if contract else "",
                "dimensions": [
                    (dimension_name(context, dimension), context.codelist_file(dimension)) for dimension in table.dimensions
                ],
                "rows": context.words.whole(len(table.cells)),
                "file": context.table_file(name),
            }
        )
    return View("open_data.html", {"tables": sorted(listed, key=lambda table: sort_key(str(table["title"])))})
