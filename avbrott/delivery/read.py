"""From a file to the text columns that a contract names, and what was assumed on the way. No value is judged here.

Each form of file has a module of its own (``text``, ``workbook``, ``ss12000``, ``parquet``), and so have values that are
written otherwise than the contract says (``forms``).

What cannot be read is a finding with line numbers, never an exception of a library, and never a value. A column that the
contract does not name is called by its place (``#3``) unless its header is a word that any reader may see: in a file
without a header line the first row's values stand there.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.contract_names import titles
from avbrott.delivery.forms import odd_forms, with_forms
from avbrott.delivery.headings import has_no_headers, headers_below
from avbrott.delivery.parquet import Unread, read_parquet
from avbrott.delivery.ss12000 import read_ss12000
from avbrott.delivery.table import Assumed, Fault, Table, unusable
from avbrott.delivery.text import read_text
from avbrott.delivery.translate import odd_codes, with_codes
from avbrott.delivery.workbook import read_workbook
from avbrott.glossary import Glossary
from avbrott.headers import header_terms, term_of_header
from avbrott.mapping import ProviderMapping

__all__ = ["EXPORTS", "SUFFIXES", "Assumed", "Fault", "Reading", "Table", "fit", "guess_contract", "read_table"]

TEXT = (".csv", ".txt", ".tsv")
SUFFIXES = (*TEXT, ".xlsx", ".parquet")
"""What a delivery may be."""
EXPORTS = (*SUFFIXES, ".json")
"""What an export of a school's system may be, besides."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One extract of one provider, held against the contract's columns.

    ``frame`` has every term of the contract (String; null where the column is missing) and ``row`` (physical line, header 1;
    in Parquet the number of the row). ``unknown`` has the columns the contract does not name, and ``row``.
    """

    frame: pl.DataFrame
    unknown: pl.DataFrame
    missing: tuple[str, ...]
    faults: tuple[Fault, ...]
    foreign_headers: tuple[str, ...]
    """What stands in the header of columns that the contract does not name: for the scanner alone."""
    encoding: str
    separator: str
    assumed: tuple[Assumed, ...] = ()


def read_table(path: Path, beside: Sequence[Path] = ()) -> Table:
    """Read a file of ``EXPORTS``. A file that cannot be used at all is a table without columns and with faults.

    ``beside``: other JSON files of the same SS 12000 export, for one that refers to them. Where a file holds enrolments and
    absence, the table is the enrolments'.
    """
    try:
        contents = [file.read_bytes() for file in (path, *beside)]
    except OSError:
        return unusable("FILE_UNREADABLE")
    if path.suffix.lower() == ".json":
        return next(iter(read_ss12000(contents).values()))
    return read_content(contents[0], kind=path.suffix.lower())


def read_content(content: bytes, *, kind: str, exact: bool = False) -> Table:
    """Read the bytes of a file of one of the ``SUFFIXES``, with faults like those of ``read_table``.

    ``exact``: of a text file nothing is taken for granted but what separates its fields (``text.read_text``).
    """
    if not content.strip():
        return unusable("FILE_EMPTY")
    match kind:
        case ".parquet":
            return _parquet(content)
        case ".xlsx":
            return read_workbook(content)
        case _:
            return read_text(content, exact=exact)


def fit(
    table: Table,
    contract: ExtractContract,
    showable: Collection[str] = (),
    glossary: Glossary | None = None,
    mapping: ProviderMapping | None = None,
) -> Reading:
    """Give the table the contract's columns, and with ``glossary`` those by their other names, and values in other forms.

    ``showable``: headers beside the contract's that a finding may name. ``mapping``: the provider's own codes, its headers
    being translated already (``translate.with_own_headers``).
    """
    reading = fit_columns(table, contract, showable, glossary)
    return reading if glossary is None else with_values(reading, contract, glossary, mapping)


def fit_each(
    tables: Mapping[str, Table],
    contract: ExtractContract,
    showable: Collection[str],
    glossary: Glossary,
    mappings: Mapping[str, ProviderMapping],
) -> dict[str, Reading]:
    """``fit`` for the tables of several providers: those without a value in another form are told from the rest at once."""
    found = {provider: fit_columns(table, contract, showable, glossary) for provider, table in tables.items()}
    if not found:
        return found
    terms = [glossary.terms[term] for term in contract.terms]
    together = pl.concat([one.frame.with_columns(provider=pl.lit(provider)) for provider, one in found.items()])
    odd = odd_codes(together, terms, glossary) | odd_forms(together, terms)
    has_odd = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_in(odd[name].implode()) for name in odd))
    otherwise = {*together.filter(has_odd)["provider"].unique(), *(name for name, one in mappings.items() if one.codes)}
    return {
        provider: with_values(one, contract, glossary, mappings.get(provider)) if provider in otherwise else one
        for provider, one in found.items()
    }


def with_values(reading: Reading, contract: ExtractContract, glossary: Glossary, mapping: ProviderMapping | None) -> Reading:
    """The reading with values in other forms as the contract writes them, and what was taken for granted of them."""
    if reading.frame.is_empty():
        return reading
    terms = [glossary.terms[term] for term in contract.terms]
    frame, of_codes = with_codes(reading.frame, terms, glossary, mapping)
    frame, of_values = with_forms(frame, terms)
    return replace(reading, frame=frame, assumed=(*reading.assumed, *of_codes, *of_values))


def fit_columns(
    table: Table, contract: ExtractContract, showable: Collection[str] = (), glossary: Glossary | None = None
) -> Reading:
    """``fit``, with values as they stand."""
    if not table.header:
        empty = empty_frame(contract)
        return Reading(
            empty, pl.DataFrame(), contract.terms, table.faults, (), table.encoding, table.separator, table.assumed
        )
    if (fault := _header_fault(table, contract, glossary)) is not None:
        return fit_columns(replace(table, header=(), faults=(fault,), assumed=()), contract)
    names = column_names(table.header, contract, glossary)
    labels = [
        name if name in contract.terms or name in showable else f"#{place}" for place, name in enumerate(names, start=1)
    ]
    times = Counter(name for name in names if name)
    first = {name: str(place) for place, name in reversed(list(enumerate(names)))}
    missing = tuple(term for term in contract.terms if term not in first)
    others = [place for place, name in enumerate(names) if name not in contract.terms]
    faults = [
        *table.faults,
        *(Fault("COLUMN_MISSING", term, (1,)) for term in missing),
        *(Fault("COLUMN_UNKNOWN", labels[place], (1,)) for place in others),
        *(Fault("COLUMN_DUPLICATE", labels[int(first[name])], (1,)) for name, count in times.items() if count > 1),
    ]
    frame = table.frame.select(
        *(
            pl.lit(None, pl.String).alias(term) if term in missing else pl.col(first[term]).alias(term)
            for term in contract.terms
        ),
        "row",
    )
    assumed = [
        *table.assumed,
        *(
            Assumed("READ_HEADER", name, (1,))
            for name, header in zip(names, table.header, strict=True)
            if name in contract.terms and header.strip().casefold() not in _own_names(name, glossary)
        ),
    ]
    never = [term.id for term in glossary.terms.values() if term.sensitive] if glossary is not None else []
    sensitive = header_terms(glossary, never) if glossary is not None else {}
    foreign_places = [f"#{place + 1}" for place in others if term_of_header(table.header[place], sensitive) is None]
    if missing and foreign_places:
        assumed.append(Assumed("COLUMN_UNRECOGNISED", ", ".join(foreign_places), (1,), len(foreign_places), doubtful=True))
    unknown = table.frame.select(
        *(pl.col(str(place)).alias(_own_label(labels, place)) for place in others), *(["row"] if others else [])
    )
    foreign = tuple(table.header[place] for place in others)
    return Reading(frame, unknown, missing, tuple(faults), foreign, table.encoding, table.separator, tuple(assumed))


def _header_fault(table: Table, contract: ExtractContract, glossary: Glossary | None) -> Fault | None:
    """That the headers stand on another row than the first, or on none."""
    if glossary is None:
        return None

    def names(cells: Sequence[str]) -> list[str]:
        return column_names(cells, contract, glossary)

    if (row := headers_below(table, contract.terms, names)) is not None:
        return Fault("HEADER_BELOW", rows=(row,))
    return Fault("HEADER_NONE", rows=(1,)) if has_no_headers(table, contract.terms, names) else None


def empty_frame(contract: ExtractContract) -> pl.DataFrame:
    """No row, the columns of a reading."""
    return pl.DataFrame(schema={**dict.fromkeys(contract.terms, pl.String), "row": pl.Int64})


def column_names(header: Sequence[str], contract: ExtractContract, glossary: Glossary | None) -> list[str]:
    """What each column is called: as its term where its header names one of the contract's, else as it stands there."""
    known = header_terms(glossary, contract.terms) if glossary is not None else {}
    return [term_of_header(name, known) or name.strip().lower() for name in header]


def _own_names(name: str, glossary: Glossary | None) -> set[str]:
    """What the contract itself calls a term: nothing is assumed where a column is called so."""
    said = glossary.terms[name].name if glossary is not None else None
    return {name} if said is None else {name, said.sv.casefold(), said.en.casefold()}


def guess_contract(
    file: Path,
    headers: Mapping[str, Sequence[str]],
    contracts: Collection[ExtractContract],
    glossary: Glossary | None = None,
) -> ExtractContract | None:
    """The contract that the file is named for, else the one whose columns its header shares most of (at least half).

    ``headers``: the file's header by contract, as its provider's own words may mean one thing in each.
    """
    stem = unicodedata.normalize("NFC", file.stem).lower()
    words = set(re.split(r"[^a-zåäö_]+", stem))
    named = [one for one in contracts if one.name == stem or words & {one.name, *(said.lower() for said in titles(one))}]
    if len(named) == 1:
        return named[0]
    shares = {c.name: len({*column_names(headers[c.name], c, glossary)} & {*c.terms}) / len(c.terms) for c in contracts}
    best = max(contracts, key=lambda c: (shares[c.name], c.name), default=None)
    return best if best is not None and shares[best.name] >= 0.5 else None


def _own_label(labels: list[str], place: int) -> str:
    """A label for a column of unknown content; two columns of one name keep their places apart."""
    return labels[place] if labels.count(labels[place]) == 1 else f"#{place + 1}"


def _parquet(content: bytes) -> Table:
    found = read_parquet(content)
    if isinstance(found, Unread):
        return unusable(found.value, encoding="Parquet")
    header, text = found
    rows = pl.int_range(1, text.height + 1, dtype=pl.Int64)
    return Table(header, text.with_columns(row=rows), encoding="Parquet", separator="")
