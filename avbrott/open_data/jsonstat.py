"""JSON-stat 2.0: one file a language. ``value`` is null where ``status`` says why."""

from __future__ import annotations

from typing import Any

from avbrott.catalogue import Catalogue
from avbrott.model import Text
from avbrott.open_data.cube import MEASURE, Axis, Cube
from avbrott.release.tables import SHARE, SHOWN
from avbrott.texts import Language


def jsonstat(cube: Cube, catalogue: Catalogue, language: Language) -> dict[str, Any]:
    """The cube as a JSON-stat dataset; figures in the order of ``id``, the last fastest."""

    def said(text: Text) -> str:
        return str(getattr(text, language))

    cells = cube.arranged(list(cube.axes))
    values = [_number(value) for value in cells["value"]]
    status = {str(place): one for place, one in enumerate(cells["status"]) if one != SHOWN}
    role = {"metric": [MEASURE], "time": [cube.time] if cube.time else [], "geo": list(cube.places)}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": said(cube.title),
        "source": said(catalogue.publisher.name),
        "updated": f"{cube.day.isoformat()}T00:00:00Z",
        "note": [said(cube.description), *map(said, cube.notes)],
        "id": list(cube.axes),
        "size": list(cube.size),
        "role": {name: names for name, names in role.items() if names},
        "dimension": {name: _dimension(cube, axis, language) for name, axis in cube.axes.items()},
        "value": values,
        "status": status,
        "extension": {
            "status": {"label": {name: said(reason) for name, reason in cube.reasons.items()}},
            "definition": {name: said(axis.definition) for name, axis in cube.axes.items()},
            "table": cube.name,
            "language": language,
            "contact": catalogue.contact.email,
            "licence": catalogue.licence.address,
        },
    }


def _dimension(cube: Cube, axis: Axis, language: Language) -> dict[str, Any]:
    category: dict[str, Any] = {
        "index": list(axis.codes),
        "label": {code: getattr(text, language) for code, text in axis.labels.items()},
    }
    children: dict[str, list[str]] = {}
    for code, parent in axis.parents.items():
        children.setdefault(parent, []).append(code)
    if children:
        category["child"] = children
    if axis.notes:
        category["note"] = {code: [getattr(note, language) for note in notes] for code, notes in axis.notes.items()}
    if axis.name == MEASURE:
        category["unit"] = {
            code: {"decimals": cube.decimals(code), "label": getattr(label if code == SHARE else cube.unit, language)}
            for code, label in axis.labels.items()
        }
    return {"label": getattr(axis.title, language), "category": category}


def _number(value: str | None) -> int | float | None:
    """The figure of a cell as the file of the table has it: a whole number, or a share."""
    if value is None:
        return None
    return float(value) if "." in value else int(value)
