"""Pages of words: text, method, glossary, open data. What they say of terms, policies and tables is the contracts' own."""

from __future__ import annotations

from typing import Any

from avbrott.glossary import Term
from avbrott.policy import Policy
from dashboards.layout import Page
from dashboards.pages.context import Context, View
from dashboards.pages.data_tables import dimension_name
from dashboards.pages.series import first_known
from dashboards.released import STATUSES
from dashboards.words import sort_key

CONTACT = "accessibility.contact"
"""The section under which the contracts' contact stands, where they have one."""


def words_page(context: Context, page: Page) -> View:
    """Running text under headings, and whom to write to."""
    catalogue = context.contracts.catalogue
    contact = (getattr(catalogue.contact.name, context.language), catalogue.contact.email) if catalogue else None
    return View("words.html", {"sections": _sections(context, page), "contact": contact, "contact_section": CONTACT})


def _sections(context: Context, page: Page) -> list[tuple[str, str, list[str]]]:
    words = context.words
    return [(key, words(f"{key}.title"), words.paragraphs(f"{key}.text")) for key in page.sections]


def method_page(context: Context, page: Page) -> View:
    """How the figures are made, what hiding promises and what it does not, the policies' figures, the symbols, the breaks."""
    return View(
        "method.html",
        {
            "sections": _sections(context, page),
            "statuses": STATUSES,
            "policies": [_policy(context, found) for found in context.contracts.policies.values()],
            "breaks": _breaks(context),
        },
    )


def _breaks(context: Context) -> list[tuple[str, str, str]]:
    """First school year, name and meaning of each break in the series, oldest first."""
    contracts, language = context.contracts, context.language
    told = [(str(one.school_year), one.title, one.text) for one in contracts.breaks]
    if contracts.first_known is not None:
        concerned = [one for one in contracts.published.values() if contracts.first_known.concerns(one)]
        years = sorted({year for table in concerned for year, _ in first_known(context, table)})
        told += [(year, contracts.first_known.title, contracts.first_known.text) for year in years[:1]]
    return [
        (year, getattr(title, language), getattr(text, language))
        for year, title, text in sorted(told, key=lambda one: one[0])
    ]


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


FORMATS = {
    "csv": "open_data.csv",
    "csvw": "open_data.csvw",
    "parquet": "open_data.parquet",
    "jsonstat_sv": "open_data.jsonstat_sv",
    "jsonstat_en": "open_data.jsonstat_en",
    "px": "open_data.px",
    "xlsx": "open_data.xlsx",
}
"""By format of a download the text that it is called by, in the order of the page."""


def _listed(context: Context) -> dict[str, dict[str, str]]:
    """By table and format the path of each download; empty for a release that has none, and then no index lies beside it."""
    listed: dict[str, dict[str, str]] = context.released.package.get("avbrott", {}).get("downloads", {})
    return listed


def _downloads(context: Context, table: str) -> list[tuple[str, str, str]]:
    """Of each file of a table its name for a reader, the way there, and how large it is in kB, at least 1."""
    listed = _listed(context).get(table, {})
    found = []
    for form, key in FORMATS.items():
        if form in listed:
            size = (context.released.folder / listed[form]).stat().st_size
            found.append((context.words(key), f"{context.root}../{listed[form]}", context.words.whole(max(1, size // 1000))))
    return found


def open_data_page(context: Context) -> View:
    """Every released table: what it holds, by what it is divided, and its files."""
    language = context.language
    listed = []
    for name, table in context.released.tables.items():
        contract = context.contracts.published.get(name)
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
                "downloads": _downloads(context, name),
            }
        )
    return View(
        "open_data.html",
        {
            "tables": sorted(listed, key=lambda table: sort_key(str(table["title"]))),
            "catalogue": context.contracts.catalogue if _listed(context) else None,
        },
    )
