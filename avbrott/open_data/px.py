"""PX: SCB's file format specification of 2013 (AXIS-VERSION 2013), in UTF-8, Swedish with English beside it.

Time and measure stand at the head, the other dimensions in the stub. A cell without a figure is dots, as many as its reason
has here; DATASYMBOL says which sign a reader sees for them. A dash is zero, exactly.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from avbrott.catalogue import Catalogue
from avbrott.model import Text
from avbrott.open_data.cube import Axis, Cube
from avbrott.open_data.times import time_of
from avbrott.periods import SchoolYear, Term
from avbrott.release.tables import HIDDEN, NOT_APPLICABLE, NOT_DELIVERED, SHARE, SHOWN, UNRELIABLE
from avbrott.table import TOTAL
from avbrott.texts import Language, Texts

LANGUAGES: tuple[Language, ...] = ("sv", "en")
DOTS = {NOT_APPLICABLE: 1, HIDDEN: 2, UNRELIABLE: 3, NOT_DELIVERED: 4}
"""By reason how many dots: one is what cannot occur, two what is not told, as in SCB's own tables."""
NIL = "-"
_LINE = 200
"""A line of a PX file is 256 characters at most."""
_MATRIX = 20


def px(cube: Cube, catalogue: Catalogue, texts: Texts) -> str:
    """The cube as the text of a PX file."""
    return "".join(f"{line}\n" for line in [*_keywords(cube, catalogue, texts), *_data(cube)])


def _keywords(cube: Cube, catalogue: Catalogue, texts: Texts) -> Iterator[str]:
    """In the order that the specification recommends; a Swedish one at once followed by the English."""
    rows, columns = cube.across()
    measures = cube.measures
    day = f"{cube.day:%Y%m%d} 00:00"
    yield from _one("CHARSET", "ANSI")
    yield from _one("AXIS-VERSION", "2013")
    yield from _one("CODEPAGE", "utf-8")
    yield from _one("LANGUAGE", "sv")
    yield 'LANGUAGES="sv","en";'
    yield from _one("CREATION-DATE", day)
    yield from _one("TABLEID", cube.name)
    most = max(cube.decimals(code) for code in measures.codes)
    yield f"DECIMALS={most};"
    yield "SHOWDECIMALS=0;"
    yield from _one("MATRIX", matrix(cube.name))
    yield "AGGREGALLOWED=NO;"
    yield from _one("SUBJECT-CODE", catalogue.subject.code)
    yield from _both("SUBJECT-AREA", catalogue.subject.area)
    yield "COPYRIGHT=NO;"
    yield from _both("DESCRIPTION", cube.title)
    yield from _both("TITLE", _titled(cube, texts, (*rows, *columns)))
    yield "DESCRIPTIONDEFAULT=YES;"
    yield from _both("CONTENTS", cube.title)
    yield from _both("UNITS", cube.unit)
    for keyword, names in (("STUB", rows), ("HEADING", columns)):
        if names:
            yield from _lists(keyword, [cube.axes[name].title for name in names])
    yield from _both("CONTVARIABLE", measures.title)
    axes = [cube.axes[name] for name in (*rows, *columns)]
    for axis in axes:
        yield from _lists("VALUES", list(axis.labels.values()), axis)
    if cube.time:
        yield from _timeval(cube.axes[cube.time])
    for axis in axes:
        yield from _lists("CODES", [Text(sv=code, en=code) for code in axis.codes], axis)
    for axis in axes:
        if TOTAL in axis.labels:
            yield from _both("ELIMINATION", axis.labels[TOTAL], axis)
    for code, label in measures.labels.items():
        if cube.decimals(code):
            yield from _keyed("PRECISION", (measures.title, label), str(cube.decimals(code)))
    for code, label in measures.labels.items():
        unit = label if code == SHARE else cube.unit
        for language in LANGUAGES:
            yield from _texts(_key("UNITS", language, (getattr(label, language),)), getattr(unit, language))
    for label in measures.labels.values():
        yield from _keyed("LAST-UPDATED", (label,), f'"{day}"')
        for language in LANGUAGES:
            whom = f"{getattr(catalogue.contact.name, language)}, {catalogue.contact.email}"
            yield from _texts(_key("CONTACT", language, (getattr(label, language),)), whom)
    yield from _both("SOURCE", catalogue.publisher.name)
    yield from _one("LINK", catalogue.base)
    yield f"OFFICIAL-STATISTICS={'YES' if catalogue.official else 'NO'};"
    yield from _both("NOTE", _noted(cube, catalogue, texts))
    for axis in axes:
        yield from _both("NOTE", axis.definition, axis)
    for axis in axes:
        for code, notes in axis.notes.items():
            for language in LANGUAGES:
                key = (getattr(axis.title, language), getattr(axis.labels[code], language))
                yield from _texts(_key("VALUENOTE", language, key), "#".join(getattr(note, language) for note in notes))
    for reason, dots in sorted(DOTS.items(), key=lambda pair: pair[1]):
        yield from _one(f"DATASYMBOL{dots}", getattr(catalogue.symbols, reason))
    yield from _one("DATASYMBOLNIL", NIL)


def matrix(name: str) -> str:
    """The name of a table in the 20 characters that there are; a longer one ends in a sum of itself."""
    if len(name) <= _MATRIX:
        return name
    return f"{name[: _MATRIX - 5]}_{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def _data(cube: Cube) -> Iterator[str]:
    """A line a combination of the stub, each ending in a space; at the last the end of the file."""
    rows, columns = cube.across()
    cells = cube.arranged([*rows, *columns])
    value, status = pl.col("value"), pl.col("status")
    written = pl.when((status == SHOWN) & (value == "0")).then(pl.lit(f'"{NIL}"')).when(status == SHOWN).then(value)
    for reason, dots in DOTS.items():
        written = written.when(status == reason).then(pl.lit(f'"{"." * dots}"'))
    texts = cells.select(written.otherwise(None)).to_series()
    width = len(texts) // max(1, _product(cube, rows))
    yield "DATA="
    found = texts.to_list()
    yield from (f"{' '.join(found[start : start + width])} " for start in range(0, len(found), width))
    yield ";"


def _product(cube: Cube, names: Iterable[str]) -> int:
    number = 1
    for name in names:
        number *= len(cube.axes[name].labels)
    return number


def _titled(cube: Cube, texts: Texts, names: Sequence[str]) -> Text:
    found = {}
    for language in LANGUAGES:
        by = ", ".join(getattr(cube.axes[name].title, language).lower() for name in names)
        found[language] = texts.get("OPEN_DATA_TITLE", language, title=getattr(cube.title, language), by=by)
    return Text(**found)


def _noted(cube: Cube, catalogue: Catalogue, texts: Texts) -> Text:
    """What the table is, its notes, and what each sign means; ``#`` is a new line."""
    found = {}
    for language in LANGUAGES:
        signs = [f"{getattr(catalogue.symbols, reason)} = {getattr(cube.reasons[reason], language)}" for reason in DOTS]
        zero = f"{NIL} = {texts.get('OPEN_DATA_NIL', language)}"
        notes = [getattr(note, language) for note in (cube.description, *cube.notes)]
        found[language] = "#".join([*notes, *signs, zero])
    return Text(**found)


def _timeval(axis: Axis) -> Iterator[str]:
    """School years by the year they begin in, terms as half-years; several years counted together have no such form."""
    times = [time_of(code) for code in axis.codes]
    if all(isinstance(time, SchoolYear) for time in times):
        scale, said = "A1", [str(time.start) for time in times if isinstance(time, SchoolYear)]
    elif all(isinstance(time, Term) for time in times):
        scale, said = "H1", [f"{time.year}{1 if time.season == 'VT' else 2}" for time in times if isinstance(time, Term)]
    else:
        return
    listed = ",".join(f'"{time}"' for time in said)
    for language in LANGUAGES:
        yield from _broken(f"{_key('TIMEVAL', language, (getattr(axis.title, language),))}=TLIST({scale}),{listed};")


def _one(keyword: str, value: str) -> Iterator[str]:
    yield from _texts(keyword, value)


def _both(keyword: str, text: Text, axis: Axis | None = None) -> Iterator[str]:
    for language in LANGUAGES:
        inside = (getattr(axis.title, language),) if axis else ()
        yield from _texts(_key(keyword, language, inside), getattr(text, language))


def _keyed(keyword: str, inside: Sequence[Text], value: str) -> Iterator[str]:
    for language in LANGUAGES:
        yield f"{_key(keyword, language, [getattr(text, language) for text in inside])}={value};"


def _lists(keyword: str, listed: Sequence[Text], axis: Axis | None = None) -> Iterator[str]:
    for language in LANGUAGES:
        inside = (getattr(axis.title, language),) if axis else ()
        values = ",".join(f'"{_plain(getattr(text, language))}"' for text in listed)
        yield from _broken(f"{_key(keyword, language, inside)}={values};")


def _key(keyword: str, language: str, inside: Sequence[str]) -> str:
    """``KEYWORD[en]("variable","value")``; Swedish is the file's own language."""
    of = "[en]" if language == "en" else ""
    quoted = ",".join(f'"{_plain(one)}"' for one in inside)
    return f"{keyword}{of}({quoted})" if inside else f"{keyword}{of}"


def _texts(key: str, text: str) -> Iterator[str]:
    """A text, in pieces over several lines where it is long."""
    plain = _plain(text)
    pieces = [plain[start : start + _LINE] for start in range(0, len(plain), _LINE)] or [""]
    yield f"{key}=" + "\n".join(f'"{piece}"' for piece in pieces) + ";"


def _broken(line: str) -> Iterator[str]:
    """A list, in lines that end after a comma."""
    while len(line) > _LINE and (at := line.rfind('","', 1, _LINE)) > 0:
        yield line[: at + 2]
        line = line[at + 2 :]
    yield line


def _plain(text: str) -> str:
    """A text can hold no quotation mark, and a line ends nowhere in it."""
    return re.sub(r"\s+", " ", text).replace('"', "'").strip()
