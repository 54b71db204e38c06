"""Earlier releases of one home, in order: what they showed, which periods they froze.

Read from the public files, as an attacker reads them; the frozen rows alone are in the store.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.errors import BadInput, DoesNotHold
from avbrott.home import Home
from avbrott.release.public import PublicRelease, read_public, shown_cells, system_cells
from avbrott.release.tables import NOT_DELIVERED
from avbrott.table import TOTAL, WINDOW_SEPARATOR

_IDENTIFIER = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:-([1-9]\d*))?$")


def releases(home: Home) -> list[str]:
    """The ids of the releases there are, oldest first."""
    if not home.releases.is_dir():
        return []
    found = [entry.name for entry in home.releases.iterdir() if entry.is_dir() and not entry.is_symlink()]
    return sorted(filter(is_identifier, found), key=_order)


def is_identifier(name: str) -> bool:
    """Whether ``name`` has the form of a release's id."""
    return _IDENTIFIER.match(name) is not None


def newest(home: Home) -> str | None:
    """The id of the newest release; None before the first."""
    found = releases(home)
    return found[-1] if found else None


def identifier(day: date, number: int) -> str:
    """The id of the ``number``-th release of ``day``: ``2013-12-13``, ``2013-12-13-2``."""
    return day.isoformat() if number == 1 else f"{day.isoformat()}-{number}"


def day_of(release: str) -> date:
    """The date of a release by its id."""
    return _order(release)[0]


def refuse_older(home: Home, day: date) -> None:
    """``BadInput`` (RELEASE_OLDER) where ``day`` can make no release: a newer one is there, and none of that day."""
    days = {day_of(name): name for name in releases(home)}
    if days and day < max(days) and day not in days:
        raise BadInput("RELEASE_OLDER", date=day, newest=days[max(days)])


def find_release(home: Home, name: str) -> Path:
    """The folder of a release by its id, by ``current``, or by its path; ``BadInput`` where there is none."""
    places = (home.current,) if name == "current" else (home.releases / name, Path(name))
    for place in places:
        if place.is_dir():
            return place.resolve()
    raise BadInput("RELEASE_NOT_FOUND", release=name)


def earlier_shown(home: Home, spec: SystemSpec, cells: pl.DataFrame, among: Sequence[str] | None = None) -> pl.DataFrame:
    """The cells of ``spec`` that any earlier release showed: its dimensions (String) and ``count`` (Int64), each cell once.

    ``among`` names the releases to read (None: all). A zero that ``cells`` do not list is left out: it can be nothing else.

    ``BadInput`` (EARLIER_CODE_UNKNOWN) where an earlier figure cannot be placed in the system as it is now: what was shown is
    known for good, and a release that cannot reckon with it is not made. ``DoesNotHold`` (FIGURE_CHANGED) where two earlier
    releases contradict each other.
    """
    names = list(spec.dimensions)
    schema: dict[str, type[pl.DataType]] = {**dict.fromkeys(names, pl.String), "count": pl.Int64}
    parts = [pl.DataFrame(schema=schema)]
    for release in releases(home) if among is None else among:
        public = read_public(home.release(release))
        if spec.name in public.systems:
            parts.append(placed(spec, shown_cells(public, spec.name), release))
    facts = pl.concat(parts).unique(maintain_order=True)
    twice = facts.height - facts.select(names).n_unique()
    if twice:
        raise DoesNotHold("FIGURE_CHANGED", system=spec.name, cells=twice)
    unlisted = facts.join(cells, on=names, how="anti").filter(pl.col("count") == 0)
    return facts.join(unlisted, on=names, how="anti").sort(names)


def refuse_changed(spec: SystemSpec, cells: pl.DataFrame, earlier: pl.DataFrame) -> None:
    """``DoesNotHold`` (FIGURE_CHANGED) where the count of a cell is not the one that an earlier release showed."""
    names = list(spec.dimensions)
    both = cells.join(earlier.select(*names, told="count"), on=names, how="inner")
    changed = both.filter(pl.col("count") != pl.col("told")).height
    if changed:
        raise DoesNotHold("FIGURE_CHANGED", system=spec.name, cells=changed)


def published_periods(home: Home, system: str, among: Sequence[str] | None = None) -> list[str]:
    """Periods (no windows) that releases ``among`` these (None: all) published for ``system``, sorted; they are frozen."""
    found: set[str] = set()
    for release in releases(home) if among is None else among:
        public = read_public(home.release(release))
        found |= set(periods_of(public, system))
    return sorted(found)


def lacking_when_published(home: Home, system: str, dimension: str) -> dict[str, frozenset[str]]:
    """By period that is published, the codes of ``dimension`` that were not delivered when it was published first.

    A frozen period keeps that status with its rows: what was delivered since is not in them.
    """
    found: dict[str, frozenset[str]] = {}
    for release in releases(home):
        public = read_public(home.release(release))
        first = [period for period in periods_of(public, system) if period not in found]
        if first and dimension in public.systems[system]:
            period = public.periods[system]
            lacking = system_cells(public, system).filter(pl.col("status") == NOT_DELIVERED)
            pairs = set(lacking.select(period, dimension).unique().rows())
            found |= {one: frozenset(code for year, code in pairs if year == one) for one in first}
    return found


def periods_of(public: PublicRelease, system: str) -> list[str]:
    """The periods (no windows) that a release publishes for ``system``, sorted."""
    period = public.periods.get(system, "")
    tables = [table for table in public.tables.values() if table.system == system]
    return sorted({code for table in tables for code in table.codes.get(period, ()) if WINDOW_SEPARATOR not in code})


def frozen_rows(home: Home) -> Path | None:
    """The newest release's folder of frozen rows, ``<table>.parquet`` each; None before the first release.

    ``BadInput`` (FROZEN_MISSING) where a release has none: its figures could change without anybody's seeing it.
    """
    release = newest(home)
    if release is not None and not home.frozen(release).is_dir():
        raise BadInput("FROZEN_MISSING", folder=home.frozen(release), release=release)
    return home.frozen(release) if release else None


def _order(release: str) -> tuple[date, int]:
    found = _IDENTIFIER.match(release)
    assert found is not None
    return date.fromisoformat(found[1]), int(found[2] or 1)


def placed(spec: SystemSpec, shown: pl.DataFrame, release: str) -> pl.DataFrame:
    """``shown`` with the dimensions of ``spec``: a new one stands at its total, one that is gone must have stood there.

    ``BadInput`` (EARLIER_CODE_UNKNOWN) where a figure cannot be placed.
    """
    names = list(spec.dimensions)
    for gone in (name for name in shown.columns if name not in {*names, "count"}):
        _refuse_unplaced(shown.filter(pl.col(gone) != TOTAL), gone, release)
        shown = shown.drop(gone)
    shown = shown.with_columns(pl.lit(TOTAL).alias(name) for name in names if name not in shown.columns)
    for name, dimension in spec.dimensions.items():
        known = {code for level in dimension.levels for code in dimension.members[level].to_list()}
        known |= {*dimension.windows(), *([TOTAL] if dimension.total else [])}
        _refuse_unplaced(shown.filter(~pl.col(name).is_in(sorted(known))), name, release)
    return shown.select(*names, "count")


def _refuse_unplaced(rows: pl.DataFrame, dimension: str, release: str) -> None:
    if not rows.is_empty():
        raise BadInput("EARLIER_CODE_UNKNOWN", dimension=dimension, release=release, cells=rows.height)
