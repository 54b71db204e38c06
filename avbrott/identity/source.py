"""The contract of an export: the contract of the delivery, with the identity in place of the pseudonym that replaces it.

Derived, so that there is one source: what a delivery's contract says holds for the export too. File:
``contracts/source.yaml`` (which headers are the identity's, a protection's and a birth date's).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.contract_files import read_contract
from avbrott.contract_folder import own_or_packaged
from avbrott.delivery.read import Reading, fit
from avbrott.delivery.scan import ScannerContract
from avbrott.delivery.table import Assumed, Fault, Table
from avbrott.findings import ROWS_KEPT
from avbrott.glossary import Glossary
from avbrott.headers import normal_header
from avbrott.identity.numbers import have_form
from avbrott.mapping import ProviderMapping
from avbrott.model import Model, Text
from avbrott.registry import Contracts

_LOOKED_AT, _MOST = 200, 0.5
"""So many values of a column are looked at; it has numbers where more than this share look like one."""
REPLACED = "pseudonym"
"""The term that stands in a delivery where the export has an identity."""

_NO_FAULT = frozenset({"COLUMN_UNKNOWN"})
"""What is no fault of an export: it holds more than may leave, which is dropped."""


_UNTOLD = Text(sv="", en="")


class Recognised(Model):
    """A column by its headers, and the term that it is."""

    term: str
    headers: tuple[str, ...]


class ProtectedColumn(Recognised):
    """A column that marks a protected identity, and what its values say. All in small letters without signs."""

    open: tuple[str, ...]
    """The values that are no protection."""
    marked: tuple[str, ...]
    words: tuple[str, ...]
    """What a value of protection begins with, and what a header of such a column has in it."""
    like: tuple[str, ...]
    """What such a header may have in it besides."""

    def is_like(self, header: str) -> bool:
        """Whether a header looks like that of such a column."""
        return any(word in normal_header(header) for word in (*self.words, *self.like))

    def marks_any(self, sheets: Iterable[Sequence[str]]) -> bool:
        """Whether a sheet has among the cells of its first row the header of such a column, or one with such a word."""
        headers = {normal_header(word) for word in (self.term, *self.headers)}
        cells = (normal_header(cell) for first in sheets if len(first) > 1 for cell in first)
        return any(cell in headers or any(word in cell for word in self.words) for cell in cells)


class BirthColumn(Recognised):
    """A column of birth dates, and the term that its year is delivered as."""

    gives: str


class SourceContract(Model):
    """File: ``contracts/source.yaml``."""

    identity: Recognised
    protected: ProtectedColumn
    birth_date: BirthColumn

    @property
    def columns(self) -> tuple[Recognised, ...]:
        return self.identity, self.protected, self.birth_date


@dataclass(frozen=True, slots=True)
class Export:
    """An export held against its contract: ``frame`` has every term of ``source_contract`` (String) and ``row``."""

    frame: pl.DataFrame
    held: frozenset[str]
    """The terms that the export has a column of."""
    faults: tuple[Fault, ...]
    dropped: tuple[str, ...]
    """The columns that no contract names, as they may be called."""
    alike: pl.DataFrame
    """Those of them that look like a mark of protection, by row of ``frame``."""
    encoding: str
    separator: str
    assumed: tuple[Assumed, ...]


def read_source_contract(contracts: Contracts) -> SourceContract:
    """Which columns an export has beside those of a delivery."""
    return read_contract(own_or_packaged(contracts.folder, "source.yaml"), SourceContract)


def source_contract(contract: ExtractContract, source: SourceContract) -> ExtractContract:
    """The contract of the export that a delivery under ``contract`` is prepared from; that of counts stays as it is."""
    if REPLACED not in contract.terms:
        return contract
    name = source.identity.term

    def identified(terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name if term == REPLACED else term for term in terms)

    beside = tuple(found.term for found in (source.protected, source.birth_date))
    derived = (source.birth_date.gives,) if source.birth_date.gives in contract.terms else ()
    return contract.model_copy(
        update={
            "terms": (*identified(contract.terms), *beside),
            "optional": (*contract.optional, *beside, *derived),
            "key": identified(contract.key),
            "rules": tuple(rule.model_copy(update={"fields": identified(rule.fields)}) for rule in contract.rules),
        }
    )


def is_export(table: Table, contract: ExtractContract, source: SourceContract, scanner: ScannerContract) -> bool:
    """Whether a table has identities where a delivery has pseudonyms, also where they are under another header."""
    if REPLACED not in contract.terms or has_pseudonyms(table):
        return False
    return bool(columns_of(table, source, scanner)) or _has_numbers(table)


def has_pseudonyms(table: Table) -> bool:
    """Whether a table has the column that a delivery has in place of identities."""
    return any(normal_header(name) == REPLACED for name in table.header)


def is_prepared(table: Table, contracts: Contracts) -> bool:
    """Whether a table has pseudonyms and no identities: it was prepared before."""
    source = read_source_contract(contracts)
    return has_pseudonyms(table) and source.identity.term not in recognised(table, source).header


def _has_numbers(table: Table) -> bool:
    """Whether most values of a column look like identity numbers."""
    columns = (table.frame[str(place)].drop_nulls().head(_LOOKED_AT) for place in range(len(table.header)))
    return any(have_form(values).sum() > _MOST * len(values) for values in columns)


def fit_export(
    table: Table,
    contract: ExtractContract,
    source: SourceContract,
    scanner: ScannerContract,
    glossary: Glossary,
    mapping: ProviderMapping | None = None,
) -> Export:
    """Give an export the columns of ``source_contract(contract)``; what it has beside them is dropped."""
    whole = source_contract(contract, source)
    reading = fit(recognised(table, source), whole, scanner.headers, glossary, mapping)
    held = frozenset(whole.terms) - frozenset(reading.missing)
    dropped = tuple(name for name in reading.unknown.columns if name != "row")
    alike = [name for name, header in zip(dropped, reading.foreign_headers, strict=True) if source.protected.is_like(header)]
    faults = tuple(fault for fault in reading.faults if not _is_no_fault(fault, source))
    lacks = any(fault.code == "COLUMN_MISSING" for fault in faults)
    return Export(
        reading.frame,
        held,
        faults,
        dropped,
        reading.unknown.select(alike),
        reading.encoding,
        reading.separator,
        tuple(one for one in reading.assumed if lacks or one.code != "COLUMN_UNRECOGNISED"),
    )


def columns_of(table: Table, source: SourceContract, scanner: ScannerContract) -> dict[str, pl.DataFrame]:
    """By term, the ``value`` and ``row`` of each column of ``source`` that an export has, whatever else it holds."""
    alone = ExtractContract(
        name="export",
        version="",
        valid_from=date.min,
        title=_UNTOLD,
        description=_UNTOLD,
        terms=tuple(column.term for column in source.columns),
        key=(),
    )
    reading = fit(recognised(table, source), alone, scanner.headers)
    held = [column.term for column in source.columns if column.term not in reading.missing]
    return {name: reading.frame.select(pl.col(name).alias("value"), "row") for name in held}


def as_reading(export: Export, contract: ExtractContract, prepared: pl.DataFrame) -> Reading:
    """The reading of what an export has become, held against the delivery's own contract."""
    frame = prepared.select(*contract.terms, "row")
    missing = tuple(fault.field for fault in export.faults if fault.code == "COLUMN_MISSING")
    return Reading(frame, pl.DataFrame(), missing, export.faults, (), export.encoding, export.separator, export.assumed)


def _is_no_fault(fault: Fault, source: SourceContract) -> bool:
    needless = {source.protected.term, source.birth_date.term, source.birth_date.gives}
    return fault.code in _NO_FAULT or (fault.code == "COLUMN_MISSING" and fault.field in needless)


def recognised(table: Table, source: SourceContract) -> Table:
    """The table with the columns of ``source`` called by their terms; several of a kind are one."""
    header, frame, faults = list(table.header), table.frame, table.faults
    for column in source.columns:
        words = {normal_header(word) for word in (column.term, *column.headers)}
        places = [place for place, name in enumerate(header) if normal_header(name) in words]
        for place in places:
            header[place] = column.term if place == places[0] else f"#{place + 1}"
        if isinstance(column, ProtectedColumn) and len(places) > 1:
            says = (marks_protection, is_unclear)
            marks = [pl.when(say(str(place), column)).then(pl.col(str(place))) for say in says for place in places]
            frame = frame.with_columns(pl.coalesce(marks).alias(str(places[0])))
        elif column is source.birth_date and len(places) > 1:
            days = [pl.col(str(place)).str.strip_chars().replace("", None) for place in places]
            frame = frame.with_columns(pl.coalesce(days).alias(str(places[0])))
        elif column is source.identity and len(places) > 1:
            frame, fault = _one_number(frame, [str(place) for place in places], column.term)
            faults = (*faults, *fault)
    return replace(table, header=tuple(header), frame=frame, faults=faults)


def _one_number(frame: pl.DataFrame, names: list[str], term: str) -> tuple[pl.DataFrame, list[Fault]]:
    """The number that a row has in one of several columns, in the first of them; rows that have two are told.

    Neither is chosen: the other would be a person of its own in every export that has it alone.
    """
    values = [pl.col(name).str.strip_chars() for name in names]
    numbers = [pl.when(value.str.contains("[0-9]")).then(value) for value in values]
    alike = [number.str.replace_all("[^0-9A-Za-z]", "").str.tail(10) for number in numbers]  # with and without a century
    rows = frame.filter(pl.concat_list(alike).list.drop_nulls().list.n_unique() > 1)["row"].unique().sort()
    fault = [Fault("IDENTITY_SEVERAL", term, tuple(rows.head(ROWS_KEPT)), rows.len())] if rows.len() else []
    return frame.with_columns(pl.coalesce(*numbers, *values).alias(names[0])), fault


def marks_protection(name: str, column: ProtectedColumn) -> pl.Expr:
    """Whether the value of the column ``name`` says that the row's person is protected."""
    said = _said(name)
    begins = said.str.contains(f"^(?:{'|'.join(map(re.escape, column.words))})")
    return (said.is_in(list(column.marked)) | begins).fill_null(value=False)


def is_unclear(name: str, column: ProtectedColumn) -> pl.Expr:
    """Whether the value of the column ``name`` says neither that the row's person is protected nor that they are not."""
    is_there = pl.col(name).str.strip_chars().str.len_bytes() > 0
    return is_there.fill_null(value=False) & ~marks_protection(name, column) & ~_said(name).is_in(list(column.open))


def says_not_open(name: str, column: ProtectedColumn) -> pl.Expr:
    """Whether the value of the column ``name`` says anything else than that the row's person is not protected."""
    return marks_protection(name, column) | is_unclear(name, column)


def _said(name: str) -> pl.Expr:
    """A value as ``normal_header`` has a header; a spreadsheet's whole number without its decimal."""
    return pl.col(name).str.to_lowercase().str.replace(r"^\s*([0-9])[.,]0\s*$", "$1").str.replace_all(r"[^\p{L}\p{N}]", "")
