"""SS 12000 as JSON (the public OpenAPI, version 2) as tables: enrolments out of persons, absence out of attendances.

A file holds what one endpoint answers (a list, or ``{"data": [...]}``), or several under their names. Persons carry their
enrolments; school units are known by the organisations. Names, addresses and all else that no contract asks for stay unread.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from avbrott.delivery.table import Assumed, Table, of_cells, unusable
from avbrott.headers import normal_header

IDENTITY, PROTECTED = "civicNo", "securityMarking"
"""The columns of a table that no delivery has: who it is, and whether she is protected."""
_OF_PERSON = (IDENTITY, PROTECTED, "birth_year", "sex", "home_municipality")
_ENROLMENT = ("school_unit", "school_type", "study_path", "study_year", "start_date", "end_date", "cancelled")
_SUMS = {
    "offered_minutes": "offeredSum",
    "valid_absence_minutes": "validAbsenceSum",
    "invalid_absence_minutes": "invalidAbsenceSum",
    "reported_minutes": "reportedSum",
}
_KINDS = {
    "persons": ("enrolments", "civicNo", "norEduPersonNIN", "givenName"),
    "organisations": ("organisationType", "schoolUnitCode"),
    "aggregatedAttendances": ("offeredSum", "invalidAbsenceSum", "student"),
}
"""By endpoint, the keys that tell its objects."""
_ENCODING = "SS 12000"
_BORN = re.compile("([0-9]{4})-?[0-9]{2}-?[0-9]{2}(?![0-9])")

_LARGEST = 10**18
"""A number beyond it, or below it on the other side, is told as that: no field has such, and it may have a million digits."""

_MARK = normal_header(PROTECTED)

Objects = list[dict[str, Any]]
Spells = tuple[list[str], list[tuple[str, str]]]
"""Days of beginning, rising; and beside each the day of ending and the school unit."""


def read_ss12000(contents: Iterable[bytes]) -> dict[str, Table]:
    """The tables that files of one provider make together, by the contract they are for; ``""`` holds why there is none."""
    found: dict[str, Objects] = {kind: [] for kind in _KINDS}
    for content in contents:
        try:
            document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
        except (ValueError, RecursionError):
            return {"": unusable("FILE_UNREADABLE", encoding=_ENCODING)}
        for kind, objects in _objects(document):
            found[kind] += objects
    tables: dict[str, Table] = {}
    units = {_text(o.get("id")): _text(o.get("schoolUnitCode")) for o in found["organisations"]}
    if found["persons"]:
        tables["enrolments"] = _enrolments(found["persons"], units)
    if found["aggregatedAttendances"]:
        tables["absence"] = _absence(found["aggregatedAttendances"], found["persons"], units)
    return tables or {"": unusable("FILE_NOT_SS12000", encoding=_ENCODING)}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; its key of protection is known however it is written. ``ValueError``: it says that, or who it is, twice."""
    told = [(PROTECTED if normal_header(key) == _MARK else key, value) for key, value in pairs]
    if any(sum(key == once for key, _ in told) > 1 for once in (PROTECTED, IDENTITY)):
        raise ValueError
    return dict(told)


def _objects(document: Any) -> Iterator[tuple[str, Objects]]:
    """What a document holds, by endpoint."""
    if isinstance(document, dict) and not any(isinstance(document.get(kind), (list, dict)) for kind in _KINDS):
        document = document.get("data", [document])
    if isinstance(document, dict):
        for kind in _KINDS:
            inside = document.get(kind)
            listed = inside.get("data") if isinstance(inside, dict) else inside
            yield kind, [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    elif isinstance(document, list):
        for one in document:
            if isinstance(one, dict):
                yield from ((kind, [one]) for kind, keys in _KINDS.items() if any(key in one for key in keys))


def _enrolments(persons: Objects, units: dict[str, str]) -> Table:
    header = (*_OF_PERSON, *_ENROLMENT)
    rows, places, unknown = [], [], []
    for place, person in enumerate(persons, start=1):
        for enrolment in _dicts(person.get("enrolments")):
            unit = _unit(enrolment, units)
            if not unit:
                unknown.append(place)
            own = [_text(enrolment.get(key)) for key in ("schoolType", "educationCode", "schoolYear", "startDate", "endDate")]
            cancelled = _text(enrolment.get("cancelled", False))
            rows.append([*_of_person(person), unit, *own, cancelled])
            places.append(place)
    return _made(header, rows, places, unknown, marked=_says(persons))


def _absence(attendances: Objects, persons: Objects, units: dict[str, str]) -> Table:
    """One row for each pupil, school unit and month, over all activities."""
    header = (IDENTITY, PROTECTED, "school_unit", "month", *_SUMS)
    by_id = {_text(person.get("id")): person for person in persons}
    spells = {student: _spells(person, units) for student, person in by_id.items()}
    sums: dict[tuple[str, str, str], list[int | None]] = {}
    first: dict[tuple[str, str, str], int] = {}
    unknown = []
    for place, attendance in enumerate(attendances, start=1):
        student, start, end = (
            _id(attendance.get("student")),
            _text(attendance.get("startDate")),
            _text(attendance.get("endDate")),
        )
        month = start[:7] if start[:7] == end[:7] else ""
        unit = _unit_on(spells.get(student), start[:10])
        key = (student, unit, month)
        if key not in first and not (unit and student in by_id):
            unknown.append(place)
        first.setdefault(key, place)
        minutes = [attendance.get(name) for name in _SUMS.values()]
        before = sums.get(key, [None] * len(minutes))
        sums[key] = [_plus(one, other) for one, other in zip(before, minutes, strict=True)]
    rows = [
        [*_of_person(by_id.get(student, {}))[:2], unit, month, *map(_text, found)]
        for (student, unit, month), found in sums.items()
    ]
    summed = len(attendances) - len(rows)
    table = _made(header, rows, list(first.values()), unknown, marked=_says(persons))
    more = (Assumed("READ_ACTIVITIES_SUMMED", count=summed),) if summed else ()
    return Table(table.header, table.frame, (), _ENCODING, "", (*table.assumed, *more))


def _says(persons: Objects) -> bool:
    """Whether anything is said of who is protected."""
    return any(PROTECTED in person for person in persons)


def _made(header: tuple[str, ...], rows: list[list[str]], places: list[int], unknown: list[int], *, marked: bool) -> Table:
    """``marked``: without it the table has no column of protection, as none was told."""
    if not marked:
        at = header.index(PROTECTED)
        header, rows = (*header[:at], *header[at + 1 :]), [[*row[:at], *row[at + 1 :]] for row in rows]
    assumed = [Assumed("READ_SS12000", count=len(rows))]
    if unknown:
        assumed.append(Assumed("READ_REFERENCE_UNKNOWN", rows=tuple(unknown), count=len(unknown), doubtful=True))
    return Table(header, of_cells(header, rows, places), (), _ENCODING, "", tuple(assumed))


def _of_person(person: dict[str, Any]) -> list[str]:
    """The columns of ``_OF_PERSON``; a year that the date of birth does not give is left to whoever reads the number."""
    number = person.get(IDENTITY) or person.get("norEduPersonNIN")
    identity = _text(number.get("value")) if isinstance(number, dict) else _text(number)
    born = _BORN.match(_text(person.get("birthDate")))
    homes = [
        _text(address.get("municipalityCode"))
        for address in _dicts(person.get("addresses")) + _dicts(person.get("personAddresses"))
        if _text(address.get("type")).startswith("Folkbokföring")
    ]
    home = _text(person.get("municipalityCode")) or next(filter(None, homes), "")
    return [identity, _marking(person.get(PROTECTED)), born[1] if born else "", _text(person.get("sex")), home]


def _marking(found: Any) -> str:
    """A marking of protection; what is of another shape than the standard's is one all the same."""
    return _text(found) if found is None or isinstance(found, str) else "marked"


def _unit(enrolment: dict[str, Any], units: dict[str, str]) -> str:
    place = enrolment.get("enroledAt")
    own = _text(place.get("schoolUnitCode")) if isinstance(place, dict) else ""
    return own or units.get(_id(place), "")


def _spells(person: dict[str, Any], units: dict[str, str]) -> Spells:
    """When and at which school units a person was enrolled."""
    found = sorted(
        (_text(enrolment.get("startDate")), _unit(enrolment, units), _text(enrolment.get("endDate"))[:10] or "9999")
        for enrolment in _dicts(person.get("enrolments"))
    )
    return [start[:10] for start, _, _ in found], [(end, unit) for _, unit, end in found]


def _unit_on(spells: Spells | None, day: str) -> str:
    """The school unit at which a person was enrolled on a day; the last begun where there are several."""
    starts, ends = spells or ([], [])
    return next((unit for end, unit in reversed(ends[: bisect_right(starts, day)]) if day <= end), "")


def _id(reference: Any) -> str:
    """What a reference points to: ``{"id": ...}``, or the bare identifier of older versions."""
    return _text(reference.get("id")) if isinstance(reference, dict) else _text(reference)


def _plus(one: int | None, other: Any) -> int | None:
    if isinstance(other, bool) or not isinstance(other, int):
        return one
    return other if one is None else one + other


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, str):
        return found.encode("utf-8", "replace").decode("utf-8")  # JSON can escape halves of a sign, which no text holds
    if isinstance(found, int):
        return str(max(-_LARGEST, min(found, _LARGEST)))
    return str(found) if isinstance(found, float) else ""
