"""Numbers of accepted rows by delivery, as the watches need them. A file is counted once: its numbers are kept by its sum.

All that is kept of a file is how many rows; one that has changed since is counted again, and one that is gone is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import read_frame, sums_of
from avbrott.at_rest.vault import Vault, vault_of
from avbrott.delivery.check import read_accepted
from avbrott.digests import sum_of
from avbrott.expectations.contract import Expectations, ShareWatched
from avbrott.home import Home
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.registry import Contracts

ROWS = "rows"
"""The column of all rows."""


class _File(Model):
    """Of one accepted file the sum of its bytes, and by column how many rows it has."""

    sum: str
    numbers: dict[str, int]


class _Kept(Model):
    """The content of ``store/watched/counted.json``, by the path of the file in the store."""

    made_by: str = ""
    files: dict[str, _File] = {}


def base_of(share: ShareWatched) -> str:
    """The column of the rows that a share is one of."""
    return f"{share.name} of"


def part_of(share: ShareWatched) -> str:
    """The column of those of them that it counts."""
    return f"{share.name} where"


def counted(home: Home, contracts: Contracts, terms: Iterable[Term]) -> dict[str, pl.DataFrame]:
    """By extract that is watched: provider, term, and a column for each number; a row an accepted file, also an empty one.

    ``BadInput`` of a file that cannot be read.
    """
    wanted = _conditions(contracts.expectations)
    files = {extract: read_accepted(home, extract, terms) for extract in wanted}
    vault, before = vault_of(home), _kept(home)
    made_by = _made_by(contracts.expectations)
    known = before.files if before.made_by == made_by else {}
    now: dict[str, _File] = {}
    for extract, conditions in wanted.items():
        for file, held in zip(files[extract], sums_of(files[extract]), strict=True):
            name = file.relative_to(home.store).as_posix()
            there = known.get(name)
            now[name] = there if there and there.sum == held else _File(sum=held, numbers=_numbers(vault, file, conditions))
    kept = _Kept(made_by=made_by, files=now)
    if kept != before:
        atomic.write_json(home.watched_files, kept.model_dump(mode="json"))
    return {extract: _frame(home, files[extract], list(wanted[extract]), now) for extract in wanted}


def _conditions(watched: Expectations) -> dict[str, dict[str, pl.Expr]]:
    """By extract and column, when a row is counted."""
    found: dict[str, dict[str, pl.Expr]] = {one.extract: {ROWS: _holds({})} for one in watched.rows}
    for share in watched.shares:
        of = _holds(share.of)
        found.setdefault(share.extract, {}).update({base_of(share): of, part_of(share): of & _holds(share.where)})
    return found


def _holds(conditions: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """Whether every field has one of its listed values, written as in the extract; an empty field has none."""
    fields = (pl.col(name).cast(pl.String).is_in(list(values)).fill_null(False) for name, values in conditions.items())
    return pl.all_horizontal(pl.col("provider").is_not_null(), *fields)


def _numbers(vault: Vault, file: Path, conditions: Mapping[str, pl.Expr]) -> dict[str, int]:
    columns = sorted({"provider"}.union(*(condition.meta.root_names() for condition in conditions.values())))
    return read_frame(vault, file, columns).select(**{name: one.sum() for name, one in conditions.items()}).row(0, named=True)


def _frame(home: Home, files: list[Path], columns: list[str], now: Mapping[str, _File]) -> pl.DataFrame:
    numbers = [now[file.relative_to(home.store).as_posix()].numbers for file in files]
    return pl.DataFrame(
        {
            "provider": pl.Series([file.stem for file in files], dtype=pl.String),
            "term": pl.Series([file.parent.name for file in files], dtype=pl.String),
            **{column: pl.Series([one[column] for one in numbers], dtype=pl.Int64) for column in columns},
        }
    )


def _kept(home: Home) -> _Kept:
    """What is kept; nothing where it is not there or cannot be read."""
    try:
        return _Kept.model_validate_json(home.watched_files.read_bytes())
    except (OSError, ValueError):
        return _Kept()


def _made_by(watched: Expectations) -> str:
    """What a file's numbers depend on beside its rows: what is watched, and how it is counted here."""
    rules = [one.model_dump(mode="json") for one in (*watched.rows, *watched.shares)]
    return sum_of(atomic.json_bytes(rules) + Path(__file__).read_bytes())
