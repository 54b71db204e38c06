"""Published tables in the words of the user's file, as the certificate tells them: names of dimensions and of columns.

Inside the program dimensions are ``d0``, ``d1`` ... and levels ``l0``, ``l1`` ..., which no column of a frame is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from avbrott.disclosure.files import spec_from_json, spec_to_json
from avbrott.tabular.layout import Layout
from avbrott.tabular.spec import file_names


def columns_told(names: Mapping[str, str]) -> dict[str, str]:
    """By dimension its column in ``public.csv``."""
    outside = list(names.values())
    return dict(zip(outside, file_names(outside), strict=True))


def tables_told(layout: Layout, columns: Sequence[str]) -> dict[str, Any]:
    """The tables of ``layout``; ``columns`` has the columns of INPUT by the number of their level."""
    levels = {f"l{place}": column for place, column in enumerate(columns)}
    return _renamed(spec_to_json(layout.system), layout.names, levels)


def tables_read(content: Mapping[str, Any]) -> Layout:
    """The layout that ``tables_told`` told; any error of Python's where it is no such content."""
    names = {str(dimension["name"]): f"d{place}" for place, dimension in enumerate(content["dimensions"])}
    columns = dict.fromkeys(level for d in content["dimensions"] for levels in d["hierarchies"] for level in levels)
    inside = _renamed(content, names, {column: f"l{place}" for place, column in enumerate(columns)})
    return Layout(spec_from_json(inside), {name: outside for outside, name in names.items()})


def _renamed(content: Mapping[str, Any], names: Mapping[str, str], levels: Mapping[str, str]) -> dict[str, Any]:
    dimensions = [
        {
            **dimension,
            "name": names[dimension["name"]],
            "members": {levels[level]: codes for level, codes in dimension["members"].items()},
            "hierarchies": [[levels[level] for level in hierarchy] for hierarchy in dimension["hierarchies"]],
        }
        for dimension in content["dimensions"]
    ]
    tables = [
        {
            **table,
            "levels": {names[name]: [levels[level] for level in chosen] for name, chosen in table["levels"].items()},
            "windows": [names[name] for name in table["windows"]],
        }
        for table in content["tables"]
    ]
    return {**content, "dimensions": dimensions, "tables": tables}
