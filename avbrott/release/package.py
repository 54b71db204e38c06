"""``datapackage.json``: what every file, table, field and code of a release is, by Frictionless Data Package version 1.

Words come from the contracts and the text catalogue, Swedish first with English beside it. What a program needs to check the
tables (systems, fixed codes, listed codes, sums, policies) stands under the key ``avbrott``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from avbrott import __version__
from avbrott.model import Text
from avbrott.open_data.files import listed_downloads
from avbrott.registry import Contracts
from avbrott.release.codes import COLUMNS, CodeList, table_codes
from avbrott.release.mappings import published_mappings
from avbrott.release.public import CODELISTS, TABLES
from avbrott.release.tables import MEASURE_COLUMNS, Protected
from avbrott.table import TableContract
from avbrott.texts import Texts

Json = dict[str, Any]

CODED = ("measure", "status")
"""Columns of every table that have a code list of their own."""


def data_package(
    contracts: Contracts,
    texts: Texts,
    systems: Mapping[str, Protected],
    lists: Mapping[str, CodeList],
    deliveries: pl.DataFrame,
    day: date,
    since: Json | None,
) -> Json:
    """The package of a release of ``day`` that holds the tables of ``systems`` and the code lists ``lists``.

    ``deliveries``: a frame of ``delivery.coverage.COVERAGE``. ``since``: what ``since.changes_since`` says.
    """
    tables = [
        _table(contracts, texts, table, systems[str(table.system)], lists)
        for table in contracts.published.values()
        if table.system in systems
    ]
    coverage = [_coverage(table, texts, lists) for table in contracts.published.values() if table.system is None]
    return {
        "profile": "tabular-data-package",
        "name": "avbrott",
        **_both("title", contracts.catalogue.title if contracts.catalogue else _text(texts, "PACKAGE_TITLE")),
        **_both("description", _text(texts, "PACKAGE_DESCRIPTION")),
        "created": f"{day.isoformat()}T00:00:00Z",
        "version": day.isoformat(),
        "resources": sorted(tables + coverage, key=lambda one: str(one["name"]))
        + [_code_list(contracts, texts, listed) for listed in lists.values()],
        "avbrott": {
            "program": __version__,
            "systems": {
                name: {
                    "dimensions": list(system.spec.dimensions),
                    "period": contracts.systems[name].period,
                    "unit": contracts.systems[name].unit.model_dump(),
                    "policy": system.policy.model_dump(mode="json"),
                }
                for name, system in sorted(systems.items())
            },
            "incomplete": {name: list(listed.incomplete) for name, listed in lists.items() if listed.incomplete},
            "sums": {
                name: {code: list(parts) for code, parts in listed.sums.items()}
                for name, listed in lists.items()
                if listed.sums
            },
            "mappings": published_mappings(contracts, deliveries),
            **({"downloads": listed_downloads(_with_rows(tables + coverage))} if contracts.catalogue else {}),
            "since": since,
        },
    }


def table_resource(
    name: str, title: Text, description: Text, fields: Sequence[Json], foreign: Sequence[str], about: Json
) -> Json:
    """A resource for ``tables/<name>.csv`` whose columns ``foreign`` are codes of the code lists of the same name."""
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{TABLES}/{name}.csv",
        **_both("title", title),
        **_both("description", description),
        **_FILE,
        "schema": {
            "fields": list(fields),
            "missingValues": [""],
            "primaryKey": [one["name"] for one in fields if one["name"] not in {"value", "status"}],
            "foreignKeys": [
                {"fields": column, "reference": {"resource": f"codelist_{column}", "fields": "code"}} for column in foreign
            ],
        },
        "avbrott": about,
    }


def dimension_text(contracts: Contracts, dimension: str) -> tuple[Text, Text]:
    """Name and definition of a dimension: those of its glossary term."""
    term = contracts.glossary.terms[contracts.dimensions[dimension].term]
    return term.name, term.definition


_FILE = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "dialect": {"delimiter": ",", "header": True}}


def _table(
    contracts: Contracts, texts: Texts, table: TableContract, system: Protected, lists: Mapping[str, CodeList]
) -> Json:
    names = [use.dimension for use in table.dimensions]
    fields = [_field(name, *dimension_text(contracts, name)) for name in names]
    codes = {
        use.dimension: table_codes(use, system.spec.dimensions[use.dimension], lists[use.dimension])
        for use in table.dimensions
    }
    share = {"dimension": table.share.dimension, "codes": list(table.share.codes)} if table.share else None
    about = {"system": table.system, "where": dict(table.where), "share": share, "codes": codes}
    resource = table_resource(
        table.name, table.title, table.description, [*fields, *_measures(texts)], [*names, *CODED], about
    )
    if table.notes:
        resource["notes"] = [note.model_dump() for note in table.notes]
    return resource


def _coverage(table: TableContract, texts: Texts, lists: Mapping[str, CodeList]) -> Json:
    """The table of deliveries: no persons, and its dimensions are those of a delivery."""
    names = ("provider", "term", "extract")
    fields = [_field(name, *_worded(texts, f"FIELD_{name.upper()}")) for name in names]
    codes = {name: lists[name].frame["code"].to_list() for name in names}
    about = {"system": None, "where": {}, "share": None, "codes": codes}
    return table_resource(table.name, table.title, table.description, [*fields, *_measures(texts)], [*names, *CODED], about)


def _code_list(contracts: Contracts, texts: Texts, listed: CodeList) -> Json:
    if listed.dimension in contracts.dimensions:
        title, description = dimension_text(contracts, listed.dimension)
    else:
        title, description = _worded(texts, f"FIELD_{listed.dimension.upper()}")
    return {
        "profile": "tabular-data-resource",
        "name": f"codelist_{listed.dimension}",
        "path": f"{CODELISTS}/{listed.dimension}.csv",
        **_both("title", title),
        **_both("description", description),
        **_FILE,
        "schema": {
            "fields": [_field(name, *_worded(texts, f"FIELD_{name.upper()}")) for name in COLUMNS],
            "missingValues": [""],
            "primaryKey": ["code"],
            "foreignKeys": [{"fields": "parent", "reference": {"resource": "", "fields": "code"}}],
        },
    }


def _with_rows(tables: Sequence[Json]) -> list[str]:
    """The names of tables that have a row: several years counted together have none before there are as many."""
    return [str(one["name"]) for one in tables if all(one["avbrott"]["codes"].values())]


def _measures(texts: Texts) -> list[Json]:
    kinds = {"measure": "string", "value": "number", "status": "string"}
    found = [_field(name, *_worded(texts, f"FIELD_{name.upper()}"), kinds[name]) for name in MEASURE_COLUMNS]
    for field in found:
        if field["name"] != "value":
            field["constraints"] = {"required": True}
    return found


def _field(name: str, title: Text, description: Text, kind: str = "string") -> Json:
    return {"name": name, "type": kind, **_both("title", title), **_both("description", description)}


def _both(key: str, text: Text) -> Json:
    return {key: text.sv, f"{key}_en": text.en}


def _worded(texts: Texts, key: str) -> tuple[Text, Text]:
    return _text(texts, key), _text(texts, f"{key}_MEANS")


def _text(texts: Texts, key: str) -> Text:
    return Text(sv=texts.get(key, "sv"), en=texts.get(key, "en"))
