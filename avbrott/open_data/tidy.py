"""A row a figure, with codes and with labels in both languages: CSV, the CSVW beside it, and Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from avbrott import atomic
from avbrott.catalogue import Catalogue
from avbrott.model import Text
from avbrott.open_data.cube import MEASURE, Cube

LANGUAGES = ("sv", "en")


def tidy(cube: Cube) -> pl.DataFrame:
    """The rows of a table as they are released; each code followed by its labels, each reason by its words. All String."""
    columns: list[pl.Expr] = []
    for name, axis in cube.axes.items():
        columns += [pl.col(name), *_labelled(name, axis.labels)]
    columns += [pl.col("value"), pl.col("status"), *_labelled("status", cube.reasons)]
    return cube.frame.select(columns)


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with ``value`` as a number."""
    return frame.with_columns(pl.col("value").cast(pl.Float64))


def write_csv(file: Path, cube: Cube) -> None:
    """Write UTF-8 with a comma between columns; an empty value is none, and never zero."""
    atomic.write_bytes(file, tidy(cube).write_csv(line_terminator="\n").encode(), lasting=False)


def write_parquet(file: Path, cube: Cube, catalogue: Catalogue) -> None:
    """Write Parquet; what CSVW says of the columns stands in its metadata, under ``csvw``."""
    about = json.dumps(csvw(cube, catalogue, f"{cube.name}.csv"), ensure_ascii=False, sort_keys=True)
    with atomic.replacing(file, lasting=False) as temporary:
        typed(tidy(cube)).write_parquet(temporary, compression="zstd", statistics=True, metadata={"csvw": about})


def csvw(cube: Cube, catalogue: Catalogue, url: str) -> dict[str, Any]:
    """CSV on the Web: what the file ``url`` and each of its columns hold."""
    columns: list[dict[str, Any]] = []
    for name, axis in cube.axes.items():
        columns += _columns(name, axis.title, axis.definition)
    status = Text(sv="; ".join(_listed(cube, "sv")), en="; ".join(_listed(cube, "en")))
    value = {"name": "value", "titles": "value", "datatype": {"base": "decimal"}, "dc:description": _tagged(cube.unit)}
    columns += [value, *_columns("status", cube.title, status, required=False)]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "sv"}],
        "url": url,
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": ["\n"]},
        "dc:title": _tagged(cube.title),
        "dc:description": _tagged(cube.description),
        "dc:publisher": _tagged(catalogue.publisher.name),
        "dc:license": {"@id": catalogue.licence.address},
        "dc:issued": {"@value": cube.day.isoformat(), "@type": "xsd:date"},
        "notes": [{"@value": said, "@language": one} for one in LANGUAGES for said in _notes(cube, one)],
        "tableSchema": {"columns": columns, "primaryKey": [*cube.dimensions, MEASURE]},
    }


def _notes(cube: Cube, language: str) -> list[str]:
    """What is noted of the table, and of single codes, which these then stand before: where a series breaks."""
    of_codes = [
        f"{getattr(axis.labels[code], language)}: {getattr(note, language)}"
        for axis in cube.axes.values()
        for code, notes in axis.notes.items()
        for note in notes
    ]
    return [*(getattr(note, language) for note in cube.notes), *of_codes]


def _labelled(name: str, labels: dict[str, Text]) -> list[pl.Expr]:
    return [
        pl.col(name)
        .replace_strict({code: getattr(text, one) for code, text in labels.items()}, default=None, return_dtype=pl.String)
        .alias(f"{name}_{one}")
        for one in LANGUAGES
    ]


def _columns(name: str, title: Text, definition: Text, *, required: bool = True) -> list[dict[str, Any]]:
    """The column of a code and those of its labels; a reason has labels only where there is one."""
    coded = {"name": name, "titles": name, "datatype": "string", "required": True, "dc:description": _tagged(definition)}
    coded["dc:title"] = _tagged(title)
    return [coded] + [
        {
            "name": f"{name}_{one}",
            "titles": f"{name}_{one}",
            "datatype": "string",
            "lang": one,
            "required": required,
            "dc:title": {"@value": getattr(title, one), "@language": one},
        }
        for one in LANGUAGES
    ]


def _listed(cube: Cube, language: str) -> list[str]:
    return [f"{status}: {getattr(reason, language)}" for status, reason in cube.reasons.items()]


def _tagged(text: Text) -> list[dict[str, str]]:
    return [{"@value": getattr(text, one), "@language": one} for one in LANGUAGES]
