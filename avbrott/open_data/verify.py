"""Whether every format of a release tells the same cells as its table: each file is read back, by what it says of itself.

What a file shows where the table shows nothing is the leak that this looks for, and a zero in that place is one too. A fault
has a number of cells, never a figure. Nothing here knows how the files were written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path

import polars as pl

from avbrott.digests import Found, sum_of
from avbrott.open_data.cube import MEASURE, REASONS
from avbrott.open_data.files import DOWNLOADS, FILES
from avbrott.open_data.px import DOTS, NIL
from avbrott.open_data.workbook import FIGURES, HEADS
from avbrott.release.checks import Fault
from avbrott.release.public import PublicRelease, PublicTable
from avbrott.release.tables import NOT_APPLICABLE, SHOWN
from avbrott.sheets import Limits, NotAWorkbook, TooLarge, read_book

_LIMITS = Limits(unpacked_bytes=2_000_000_000, rows=1_048_576, columns=16_384)
_NIL = f'"{NIL}"'
_FOUND: Found[int | None] = Found(most=10_000)
_REASON_OF = {f'"{"." * dots}"': reason for reason, dots in DOTS.items()}


class _NotRead(Exception):
    """The file does not hold what its format asks for."""


def download_faults(public: PublicRelease) -> list[Fault]:
    """Every fault of the files that the release says it has under ``downloads/``, and of others there, sorted."""
    promised = public.package["avbrott"].get("downloads", {})
    there = {f.relative_to(public.folder).as_posix() for f in (public.folder / DOWNLOADS).rglob("*") if f.is_file()}
    paths = {str(path): (table, form) for table, forms in promised.items() for form, path in forms.items()}
    found = [Fault("DOWNLOAD_UNKNOWN", path) for path in there - paths.keys()]
    found += [Fault("DOWNLOAD_MISSING", path) for path in paths.keys() - there]
    wanted = {name: _wanted(public, name) for name in public.tables}
    for path in sorted(there & paths.keys()):
        table, form = paths[path]
        if table not in public.tables or form not in FILES:
            found.append(Fault("DOWNLOAD_UNKNOWN", path))
        elif (differing := _known_differing(public.folder / path, wanted[table], form)) is None:
            found.append(Fault("DOWNLOAD_UNREADABLE", path))
        elif differing:
            found.append(Fault("DOWNLOAD_DIFFERS", path, differing))
    return sorted(found)


def _known_differing(file: Path, wanted: _Wanted, form: str) -> int | None:
    """What ``_differing`` finds, looked for once in the same bytes: a workbook takes a while to read."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return _FOUND.of((form, sum_of(content), wanted.sum), lambda: _differing(file, wanted, form))


@dataclass(frozen=True)
class _Wanted:
    """A table, and the dimensions that its words in Swedish name."""

    table: PublicTable
    titles: Mapping[str, str]

    @property
    def key(self) -> list[str]:
        return [*self.table.dimensions, MEASURE]

    @cached_property
    def sum(self) -> str:
        """What it is known by."""
        return sum_of(json.dumps([self.key, self.titles]).encode() + self.table.frame.write_csv().encode())


def _wanted(public: PublicRelease, name: str) -> _Wanted:
    resource = next(one for one in public.package["resources"] if one["name"] == name)
    titles = {str(one["title"]): str(one["name"]) for one in resource["schema"]["fields"]}
    return _Wanted(public.tables[name], titles)


def _differing(file: Path, wanted: _Wanted, form: str) -> int | None:
    """How many cells of the file are not the table's, or of the table not in the file; None where it cannot be read."""
    if form not in _READERS:
        return 0
    try:
        told = _READERS[form](file, wanted).select(*wanted.key, told="value", reason="status")
    except _UNREADABLE:
        return None
    cells = wanted.table.frame.with_columns(pl.col("value").cast(pl.Float64, strict=False))
    both = told.join(cells, on=wanted.key, how="full", coalesce=True)
    # What the table does not list may be missing from the file, or stand there without a figure.
    status = pl.col("status").fill_null(NOT_APPLICABLE)
    same = (pl.col("reason") == status) & pl.col("told").eq_missing(pl.col("value"))
    return both.filter(~same.fill_null(value=False)).height + told.height - told.select(wanted.key).n_unique()


def _tidy(frame: pl.DataFrame, wanted: _Wanted) -> pl.DataFrame:
    """Codes, their labels, a value and its status, and no column besides."""
    coded = [*wanted.key, "status"]
    labels = [f"{name}_{language}" for name in coded for language in ("sv", "en")]
    if set(frame.columns) != {*coded, *labels, "value"}:
        raise _NotRead
    return frame.with_columns(pl.col("value").cast(pl.Float64))


def _jsonstat(file: Path, _: _Wanted) -> pl.DataFrame:
    content = json.loads(file.read_text("utf-8"))
    index = {name: content["dimension"][name]["category"]["index"] for name in content["id"]}
    values, status = content["value"], content["status"]
    if not all(one is None or type(one) in {int, float} for one in values):
        raise _NotRead
    reasons = [status.get(str(place), SHOWN) for place in range(len(values))]
    return _crossed(index, [None if one is None else float(one) for one in values], reasons)


def _px(file: Path, wanted: _Wanted) -> pl.DataFrame:
    """By the file's own keywords in Swedish; a cell is a number, a dash, or dots."""
    head, _, data = file.read_text("utf-8").partition("\nDATA=\n")
    said = dict(_keywords(head))
    titles = [*said.get(("STUB",), []), *said.get(("HEADING",), [])]
    index = {wanted.titles[title]: said["CODES", title] for title in titles}
    tokens = data.removesuffix(";\n").split()
    reasons = [_REASON_OF.get(token, SHOWN) for token in tokens]
    numbers = [None if token in _REASON_OF else 0.0 if token == _NIL else float(token) for token in tokens]
    return _crossed(index, numbers, reasons)


def _keywords(head: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Of each Swedish entry its keyword with the names in its parentheses, and its texts. What stands in quotes is text."""
    outside, key, texts = "", None, []
    for place, piece in enumerate(head.split('"')):
        if place % 2:
            texts.append(piece)
            continue
        *ended, begun = piece.split(";")
        for part in ended:
            outside += part
            if key is not None and "[" not in outside:
                yield (outside.split("=")[0].partition("(")[0].strip(), *key), texts
            outside, key, texts = "", None, []
        outside += begun
        if key is None and "=" in outside:
            key, texts = tuple(texts), []


def _xlsx(file: Path, wanted: _Wanted) -> pl.DataFrame:
    """By the names in the last row of the head; a cell is a number or a sign that the first sheet explains."""
    book = read_book(file.read_bytes(), _LIMITS, first=2)
    signs = {row[0]: row[3] for row in book.sheets[0].rows if len(row) > 3 and row[3] in REASONS}
    rows = next(sheet.rows for sheet in book.sheets if sheet.title == FIGURES)
    places = {str(name): place for place, name in enumerate(rows[HEADS - 1])}
    stub = {name: places[name] for name in wanted.table.dimensions if name in places}
    time = next((name for name in wanted.table.dimensions if name not in places), None)
    beside = 3 * len(stub)
    codes = {name: [row[place] for row in rows[HEADS:]] for name, place in stub.items()}
    parts = []
    for name, place in list(places.items())[beside:]:
        measure, _, at = name.partition(" ")
        cells = [row[place] for row in rows[HEADS:]]
        told = {
            **codes,
            MEASURE: [measure] * len(cells),
            **({time: [at] * len(cells)} if time else {}),
            "status": [signs[cell] if isinstance(cell, str) else SHOWN for cell in cells],
        }
        numbers = [None if isinstance(cell, str) else _number(cell) for cell in cells]
        parts.append(
            pl.DataFrame(told, schema=dict.fromkeys(told, pl.String)).with_columns(value=pl.Series(numbers, dtype=pl.Float64))
        )
    return pl.concat(parts)


def _number(cell: object) -> float:
    if type(cell) not in {int, float}:
        raise _NotRead
    return float(cell)  # type: ignore[arg-type]  # a cell of a number


def _crossed(index: Mapping[str, Sequence[str]], values: Sequence[float | None], reasons: Sequence[str]) -> pl.DataFrame:
    """The combinations of ``index``, the last fastest, each with its figure and its reason."""
    if not math.prod(map(len, index.values())) == len(values) == len(reasons):
        raise _NotRead
    axes = [pl.DataFrame({name: list(codes)}, schema={name: pl.String}) for name, codes in index.items()]
    every = reduce(lambda left, right: left.join(right, how="cross", maintain_order="left_right"), axes)
    return every.with_columns(pl.Series("value", values, pl.Float64), pl.Series("status", reasons, pl.String))


_UNREADABLE = (
    _NotRead, NotAWorkbook, TooLarge, OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, StopIteration,
    RecursionError, pl.exceptions.PolarsError,
)  # fmt: skip
_READERS: dict[str, Callable[[Path, _Wanted], pl.DataFrame]] = {
    "csv": lambda file, wanted: _tidy(pl.read_csv(file, infer_schema=False, glob=False), wanted),
    "parquet": lambda file, wanted: _tidy(pl.read_parquet(file, glob=False), wanted),
    "jsonstat_sv": _jsonstat,
    "jsonstat_en": _jsonstat,
    "px": _px,
    "xlsx": _xlsx,
}
"""By format what reads its figures; the description of the CSV has none."""
