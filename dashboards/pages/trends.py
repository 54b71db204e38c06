"""The page of trends: charts of the county, and above them a tool with which a reader draws any released series.

Without a script stills and tables of its blocks are there, and the pages of each municipality and programme hold the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from avbrott.table import TOTAL
from dashboards.figures.lines import MOST
from dashboards.figures.style import STATUS_SYMBOLS
from dashboards.grids import YEAR
from dashboards.layout import Axis, Page, Statistic
from dashboards.pages.beginning import beginning
from dashboards.pages.context import Context, View, file_part
from dashboards.pages.data_tables import dimension_name
from dashboards.pages.series import break_text, first_known, preliminary_years
from dashboards.pages.statistics import statistics_page
from dashboards.released import STATUSES, Table
from dashboards.series import table_series

FILLED = ("year", "series", "first", "first_at", "last", "last_at", "low", "high", "value", "count", "label")
"""What the script fills its texts with."""

TEXTS = (
    "remove", "pooled", "single", "pooled_label", "already", "added", "removed", "interval", "range", "summary",
    "summary_interval", "summary_one", "nothing", "missing", "table", "table_pooled", "scroll",
)  # fmt: skip


def trends_page(context: Context, page: Page) -> View:
    """The page of ``page.blocks`` with the tool above them; without it where none of its tables is released."""
    view = statistics_page(context, page)
    there = [statistic for statistic in page.explorer if statistic.table in context.released.tables]
    if not there:
        return view
    statistics = [(statistic.table, context.table_title(statistic.table)) for statistic in there]
    return replace(
        view,
        template="trends.html",
        values=view.values
        | {
            "statistics": statistics,
            "strip": [(sign, status) for status, (_, sign) in STATUS_SYMBOLS.items()],
            "beginning": beginning(context, there[0]),
        },
        data={"explorer": _explorer(context, there)},
    )


def series_files(context: Context) -> dict[str, dict[str, Any]]:
    """By name under ``data/`` what the tool reads when a series is chosen: codes only, the same in both languages."""
    explored = {name for page in context.layout.pages for one in page.explorer for name in (one.table, one.pooled) if name}
    return {
        _file(name, code): part
        for name in sorted(explored & context.released.tables.keys())
        for code, part in table_series(context.released.tables[name]).items()
    }


def _file(table: str, code: str) -> str:
    return f"series-{table.replace('_', '-')}-{file_part(code)}.js"


def _explorer(context: Context, statistics: list[Statistic]) -> dict[str, Any]:
    words = context.words
    tables = {one.table: _table(context, one) for one in statistics}
    used = sorted({name for one in statistics for name in context.released.tables[one.table].dimensions if name != YEAR})
    return {
        "most": MOST,
        "first": statistics[0].table,
        "tables": tables,
        "lists": _listed_once(tables),
        "labels": {name: _labels(context, name, statistics) for name in used},
        "names": {name: dimension_name(context, name) for name in (*used, YEAR)},
        "texts": {name: words(f"explorer.{name}", **{part: f"{{{part}}}" for part in FILLED}) for name in TEXTS}
        | {
            "preliminary": words("year.preliminary", year="{year}"),
            "break": words("break.mark"),
            "share": words("measure.share"),
            "persons": words("measure.persons"),
        },
        "status": {
            status: {
                "sentence": words(f"status.{status}.sentence"),
                "mark": words(f"status.{status}.mark"),
                "symbol": STATUS_SYMBOLS.get(status, ("", ""))[0],
            }
            for status in STATUSES[1:]
        },
        "decimal": words.separators[0],
        "thousands": words.separators[1],
        "percent": words.percent,
    }


def _listed_once(tables: dict[str, dict[str, Any]]) -> list[Any]:
    """Lists of codes, each once: tables have many in common, long ones where there are many municipalities.

    In ``tables`` the place of its list stands for each.
    """
    lists: list[Any] = []
    for table in tables.values():
        pooled = [table["pooled"]["series"]] if table["pooled"] else []
        for holder in (*table["dimensions"], table["series"], *pooled):
            if holder["codes"] not in lists:
                lists.append(holder["codes"])
            holder["codes"] = lists.index(holder["codes"])
    return lists


def _table(context: Context, statistic: Statistic) -> dict[str, Any]:
    """What the tool must know of a table before it has read it."""
    table, contract = context.released.tables[statistic.table], context.contracts.published.get(statistic.table)
    share = contract.share.dimension if contract and contract.share and "share" in table.measures else None
    return {
        "title": context.table_title(statistic.table),
        "file": context.table_file(statistic.table),
        "series": _series(context, statistic.table),
        "share": share,
        "of": (context.words.maybe(f"share.{share}") if share else "") or context.words("measure.share"),
        "dimensions": [{"name": name, "codes": _codes(context, table, name)} for name in table.dimensions if name != YEAR],
        "begin": [",".join(at.get(name, TOTAL) for name in table.dimensions if name != YEAR) for at in statistic.begin],
        "pooled": _pooled(context, statistic.pooled),
        "preliminary": sorted(preliminary_years(context, contract)) if contract else [],
        "breaks": _breaks(context, statistic.table),
    }


def _series(context: Context, name: str) -> dict[str, Any]:
    """How files of series are called, and by code of the first dimension what stands for ``#`` there; empty: the code."""
    table = context.released.tables[name]
    first = next(dimension for dimension in table.dimensions if dimension != YEAR)
    return {
        "called": f"{context.root}data/{_file(name, '')}".replace(".js", "#.js"),
        "codes": {code: "" if file_part(code) == code else file_part(code) for code in sorted(table.codes[first])},
    }


def _pooled(context: Context, name: str | None) -> dict[str, Any] | None:
    """The table of pooled school years that stands beside another."""
    if name is None or name not in context.released.tables:
        return None
    table, contract = context.released.tables[name], context.contracts.published.get(name)
    return {
        "table": name,
        "title": context.table_title(name),
        "file": context.table_file(name),
        "dimensions": [dimension for dimension in table.dimensions if dimension != YEAR],
        "series": _series(context, name),
        "preliminary": sorted(preliminary_years(context, contract)) if contract else [],
    }


def _codes(context: Context, table: Table, dimension: str) -> list[tuple[str, int]]:
    """Codes in reading order, each with how deep it stands."""
    return [(item.code, item.depth) for item in context.source.items(Axis(dimension=dimension, total=True), table)]


def _labels(context: Context, dimension: str, statistics: list[Statistic]) -> dict[str, str]:
    tables = [context.released.tables[one.table] for one in statistics]
    codes = sorted({code for table in tables for code in table.codes.get(dimension, ())})
    return {code: context.source.label(dimension, code) for code in codes}


def _breaks(context: Context, name: str) -> list[dict[str, Any]]:
    """Each break that concerns the table, and which dimensions or codes a line must have to cross it."""
    contract = context.contracts.published.get(name)
    if contract is None:
        return []
    made = [
        {
            "year": str(found.school_year),
            "text": break_text(context, found),
            "dimensions": found.dimensions,
            "codes": found.codes,
        }
        for found in context.contracts.breaks
        if found.concerns(contract)
    ]
    known = context.contracts.first_known
    if known is not None and known.concerns(contract):
        divided = () if known.dimension in contract.where else (known.dimension,)
        made += [
            {"year": year, "text": text, "dimensions": divided, "codes": ()} for year, text in first_known(context, contract)
        ]
    return sorted(made, key=lambda one: str(one["year"]))
