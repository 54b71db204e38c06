"""What the files of open data are called: those under ``downloads/`` of a release, and those beside all releases."""

from __future__ import annotations

from collections.abc import Iterable

DOWNLOADS = "downloads"

FILES = {
    "csv": "{table}.csv",
    "csvw": "{table}.csv-metadata.json",
    "parquet": "{table}.parquet",
    "jsonstat_sv": "{table}.sv.json",
    "jsonstat_en": "{table}.en.json",
    "px": "{table}.px",
    "xlsx": "{table}.xlsx",
}
"""By format the name of a table's file. ``verify`` reads all but the description of the CSV, which has no figures."""

MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "jsonstat_sv": "application/json",
    "jsonstat_en": "application/json",
    "px": "text/x-pcaxis",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By format what it is, of those that are a table's figures."""

INDEX = {"sv": "index.html", "en": "index.en.html"}
JSON_INDEX = "index.json"
ATOM = {"sv": "atom.xml", "en": "atom.en.xml"}
CATALOGUE = "catalogue.rdf"
"""The one address that a data portal harvests."""


def listed_downloads(tables: Iterable[str]) -> dict[str, dict[str, str]]:
    """By table and format the path of each file in the release."""
    return {
        table: {form: f"{DOWNLOADS}/{name.format(table=table)}" for form, name in FILES.items()} for table in sorted(tables)
    }
