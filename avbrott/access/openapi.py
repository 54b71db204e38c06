"""The description of every route in OpenAPI, for programs and for the tests that try it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avbrott import __version__
from avbrott.access.guard import Entry
from avbrott.texts import Texts

_FIELDS: dict[str, dict[str, Any]] = {
    "sign_in": {"name": {"type": "string"}, "password": {"type": "string", "format": "password"}, "next": {"type": "string"}},
    "sign_out": {},
    "password": {name: {"type": "string", "format": "password"} for name in ("password", "new", "again")},
    "approve": {"digest": {"type": "string"}},
    "deliver": {"delivery": {"type": "string", "format": "binary"}},
}
"""By route, the fields of its form, besides ``csrf``."""

_ANSWERS = {
    "200": "ANSWER_OK",
    "302": "ANSWER_ELSEWHERE",
    "303": "ANSWER_ELSEWHERE",
    "400": "ANSWER_WRONG",
    "401": "ANSWER_WRONG",
    "403": "ANSWER_REFUSED",
    "404": "ANSWER_NOT_THERE",
    "408": "ANSWER_TOO_SLOW",
    "413": "ANSWER_TOO_LARGE",
    "429": "ANSWER_TOO_OFTEN",
    "503": "ANSWER_OUT_OF_ORDER",
}


def description(entries: Sequence[Entry], texts: Texts) -> dict[str, Any]:
    """The description, with its texts in English."""
    paths: dict[str, dict[str, Any]] = {}
    for entry in entries:
        way = entry.path.replace(":path}", "}")
        paths.setdefault(way, {})[entry.method.lower()] = _operation(entry, way, texts)
    return {
        "openapi": "3.1.0",
        "info": {"title": "avbrott serve", "version": __version__},
        "paths": paths,
        "components": {"securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "__Host-avbrott"}}},
    }


def _operation(entry: Entry, way: str, texts: Texts) -> dict[str, Any]:
    names = [part.split("}")[0] for part in way.split("{")[1:]]
    told: dict[str, Any] = {
        "operationId": entry.name,
        "summary": texts.get(f"ROUTE_{entry.name}", "en"),
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names],
        "responses": {code: {"description": texts.get(key, "en")} for code, key in _ANSWERS.items()},
        "security": [] if entry.is_open else [{"session": []}],
    }
    if entry.method == "POST":
        fields = {"csrf": {"type": "string"}, **_FIELDS[entry.name]}
        form = "multipart/form-data" if entry.name == "deliver" else "application/x-www-form-urlencoded"
        schema = {"type": "object", "properties": fields, "required": sorted(fields)}
        told["requestBody"] = {"required": True, "content": {form: {"schema": schema}}}
    return told
