"""What a release says that the one before did not: school years that came to, figures filled in, figures revised.

Reckoned from published files alone, so anybody who has both releases can reckon it again. Releases of the same day are not
compared with each other: the same input is then the same release.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from avbrott.home import Home
from avbrott.release import ledger
from avbrott.release.public import PublicRelease, read_public
from avbrott.release.tables import NOT_APPLICABLE
from avbrott.table import WINDOW_SEPARATOR

Json = dict[str, Any]


def release_before(home: Home, day: date) -> PublicRelease | None:
    """The newest release of an earlier day; None for the first."""
    earlier = [name for name in ledger.releases(home) if ledger.day_of(name) < day]
    return read_public(home.release(earlier[-1])) if earlier else None


def changes_since(before: PublicRelease | None, tables: Mapping[str, pl.DataFrame]) -> Json | None:
    """What ``tables`` (as they are published: String columns, ``value`` null where nothing is shown) say beyond ``before``.

    ``added``: by system the periods that ``before`` did not publish. ``filled`` and ``revised``: by table how many figures of
    its periods could not be known then and can now, and how many read otherwise than then, or are gone. ``coverage``: of how
    many extracts it is told otherwise than then how they came in. Left out are tables that are divided otherwise than then.
    None where there is no release before.
    """
    if before is None:
        return None
    added: dict[str, set[str]] = {}
    filled: dict[str, int] = {}
    revised: dict[str, int] = {}
    coverage = 0
    for name, table in sorted(before.tables.items()):
        if name not in tables or table.frame.columns != tables[name].columns:
            continue
        if table.system is None:
            extracts = [key for key in table.frame.columns if key not in {"measure", "value", "status"}]
            coverage += _compared(table.frame, tables[name]).n_unique(extracts)
            continue
        period = before.periods[table.system]
        published = set(table.frame[period])
        new = set(tables[name][period]) - published
        added.setdefault(table.system, set()).update(code for code in new if WINDOW_SEPARATOR not in code)
        compared = _compared(table.frame, tables[name].filter(pl.col(period).is_in(sorted(published))))
        late = compared.filter(pl.col("status") == NOT_APPLICABLE).height
        filled |= {name: late} if late else {}
        revised |= {name: compared.height - late} if compared.height > late else {}
    return {
        "release": before.folder.name,
        "added": {system: sorted(periods) for system, periods in sorted(added.items())},
        "filled": filled,
        "revised": revised,
        "coverage": coverage,
    }


def _compared(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``old`` that read otherwise in ``new``; those that it does not list are ``not_applicable`` there."""
    keys = [name for name in old.columns if name not in {"value", "status"}]
    absent = pl.col("now").fill_null(NOT_APPLICABLE)
    both = old.join(new.select(*keys, told="value", now="status"), on=keys, how="left")
    return both.filter((pl.col("status") != absent) | pl.col("value").ne_missing(pl.col("told")))
