"""Whoever is marked as protected in another export of the same pupils: left out of every extract, marked there or not.

Identities stay in memory; what cannot be read is told by its rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from avbrott.delivery.check import scanner_of
from avbrott.delivery.read import read_table
from avbrott.delivery.table import Table
from avbrott.delivery.translate import with_own_headers
from avbrott.errors import BadInput
from avbrott.findings import ROWS_KEPT
from avbrott.identity.numbers import read_numbers
from avbrott.identity.source import REPLACED, columns_of, is_unclear, marks_protection, read_source_contract
from avbrott.periods import Term
from avbrott.registry import Contracts


def protected_in(files: Iterable[Path], contracts: Contracts, provider: str, term: Term) -> pl.Series:
    """The identities (String) that the exports ``files`` mark as protected.

    ``BadInput`` where one has no such mark or no identities, or where a mark or a marked number cannot be read.
    """
    found = [_marked(file, read_table(file), contracts, provider, term) for file in files]
    return pl.concat([pl.Series("identity", [], pl.String), *found]).unique().sort()


def _marked(file: Path, table: Table, contracts: Contracts, provider: str, term: Term) -> pl.Series:
    rows = marked_rows(table, contracts, provider, term)
    if rows is None:
        raise BadInput("PROTECTED_NO_MARK", file=file)
    for code, wrong in (("PROTECTED_UNCLEAR", "unclear"), ("PROTECTED_UNREADABLE", "unread")):
        at = rows.filter(wrong)["row"].sort()
        if at.len():
            raise BadInput(code, file=file, count=at.len(), rows=", ".join(map(str, at.head(ROWS_KEPT))))
    return rows.filter("marked")["identity"]


def marked_rows(table: Table, contracts: Contracts, provider: str, term: Term) -> pl.DataFrame | None:
    """By ``row`` the ``identity``, whether it is ``marked``, and whether the mark is ``unclear`` or a marked one ``unread``.

    None where the table lacks identities or a column that marks them.
    """
    source, scanner = read_source_contract(contracts), scanner_of(contracts, term)
    identity, mark = source.identity.term, source.protected.term
    for contract in contracts.extracts.values():
        if REPLACED in contract.terms:
            held = columns_of(with_own_headers(table, contract, contracts, provider), source, scanner.contract)
            if identity in held and mark in held:
                break
    else:
        return None
    marks = held[mark].select(
        "row",
        marked=marks_protection("value", source.protected),
        unclear=is_unclear("value", source.protected),
    )
    numbers = read_numbers(held[identity]["value"], term)["identity"]
    rows = held[identity].select("row").with_columns(numbers.alias("identity")).join(marks, on="row")
    return rows.with_columns(unread=pl.col("marked") & pl.col("identity").is_null())
