"""What a delivery was, remembered without a value of it: keyed digests of it, and of each row, its key and its person.

The provider cannot open what it has sealed to the hub, and a copy of the rows would be one more place to lose them from. The
digests are keyed by what is derived from the provider's signing key, for one extract of one term: who has the record alone
learns how many rows there were, and cannot follow a person from term to term. Who has the signing key too can try a guess.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.identity.source import REPLACED
from avbrott.sealing.keys import SigningKey
from avbrott.sealing.package import Statement

ROWS_SCHEMA = {"person": pl.UInt64(), "key": pl.UInt64(), "row": pl.UInt64()}
"""One row a row, sorted, so that their order tells nothing."""
_BYTES = 8
_EMPTY = "-"
_FIRST = 1000


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows a delivery has more, less and otherwise than another.

    A row is otherwise where its key is the same, and where as many of the same person's have gone as came: a date that was
    mended can be part of the key.
    """

    added: int
    gone: int
    changed: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What makes the digests of one extract and term."""

    secret: bytes
    key: str
    """The public half of the key that they are made with."""

    @classmethod
    def of(cls, key: SigningKey, statement: Statement) -> Memory:
        """The digests of what ``statement`` is a delivery of, whatever its number."""
        about = f"avbrott1-sent|{statement.provider}|{statement.term}|{statement.extract}"
        return cls(hmac.digest(key.secret, about.encode(), "sha256"), key.public.public.hex())

    def content(self, statement: Statement, data: bytes | None) -> str:
        """What tells a delivery from one of another content; its number and day are none."""
        said = f"{statement.kind}|{statement.contract_version}|{statement.key_epoch}|{statement.rows}|"
        said += f"{statement.key_fingerprint}|" if statement.key_fingerprint is not None else ""
        return hmac.digest(self.secret, said.encode() + (data or b""), "sha256").hex()

    def has_any(self, frame: pl.DataFrame, contract: ExtractContract, persons: pl.Series) -> bool:
        """Whether any person of ``frame`` is among ``persons`` (digests of ``rows``); mostly the first rows tell."""
        known, person = {*persons}, _person(contract)
        return any(
            not known.isdisjoint(self._digests(part, person))
            for part in (frame.head(_FIRST), frame.slice(_FIRST))
            if len(part)
        )

    def rows(self, frame: pl.DataFrame, contract: ExtractContract) -> pl.DataFrame:
        """The digests of rows, of ``ROWS_SCHEMA``."""
        by = {"person": _person(contract), "key": contract.key, "row": contract.terms}
        columns = {name: self._digests(frame, columns) for name, columns in by.items()}
        return pl.DataFrame(columns, schema=ROWS_SCHEMA).sort("person", "key", "row")

    def _digests(self, frame: pl.DataFrame, columns: Sequence[str]) -> list[int]:
        joined = frame.select(pl.concat_str([_told_apart(name) for name in columns]))
        kind = f"{len(columns)}|".encode()
        return [
            int.from_bytes(hmac.digest(self.secret, kind + text.encode(), "sha256")[:_BYTES], "big")
            for text in joined.to_series()
        ]


def compared(former: pl.DataFrame, current: pl.DataFrame) -> Changes:
    """How many rows ``current`` has more, less and otherwise than ``former``; both of ``ROWS_SCHEMA``."""
    counts = (frame.group_by("person", "key", "row").len(name) for frame, name in ((former, "former"), (current, "current")))
    both = next(counts).join(next(counts), on=["person", "key", "row"], how="full", coalesce=True).fill_null(0)
    apart = both.select(
        "person",
        "key",
        gone=pl.col("former").cast(pl.Int64) - pl.min_horizontal("former", "current"),
        added=pl.col("current").cast(pl.Int64) - pl.min_horizontal("former", "current"),
    )
    changed = 0
    same = pl.min_horizontal("gone", "added")
    for columns in (["person", "key"], ["person"]):
        apart = apart.group_by(columns).agg(pl.col("gone", "added").sum())
        changed += int(apart.select(same.sum()).item() or 0)
        apart = apart.with_columns(gone=pl.col("gone") - same, added=pl.col("added") - same)
    return Changes(int(apart["added"].sum()), int(apart["gone"].sum()), changed)


def _person(contract: ExtractContract) -> tuple[str, ...]:
    """The columns that say whom a row is about, or of counts what."""
    return (REPLACED,) if REPLACED in contract.terms else contract.key


def _told_apart(name: str) -> pl.Expr:
    """A value with its length before it, so that no two rows are one text."""
    value = pl.col(name)
    return pl.when(value.is_null()).then(pl.lit(_EMPTY)).otherwise(pl.concat_str(value.str.len_bytes(), pl.lit(":"), value))
