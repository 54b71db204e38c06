"""Files held against their contracts where they lie, by the hub's own rules: what each was read as, and what was found.

Files of different contracts are one delivery and held against each other. An export is held against the contract as the
delivery that it would become, under a key that nobody keeps. What is printed or written is ``command``'s.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes
from typing import NamedTuple

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.contract_names import contract_named, known_contracts
from avbrott.delivery.check import of_provider, scanner_of
from avbrott.delivery.judge import judge
from avbrott.delivery.other_contract import other_contract
from avbrott.delivery.read import EXPORTS, Reading, fit, guess_contract, read_table
from avbrott.delivery.rules import ACROSS, Situation, skipped
from avbrott.delivery.scan import Scanner
from avbrott.delivery.ss12000 import read_ss12000
from avbrott.delivery.strays import OF_EXCEL
from avbrott.delivery.table import Assumed, Table
from avbrott.delivery.translate import own_headers, with_own_headers
from avbrott.errors import BadInput
from avbrott.findings import Finding, Severity
from avbrott.identity.all_aside import OtherTerm, all_aside, other_term
from avbrott.identity.keys import KEY_BYTES, Key
from avbrott.identity.prepare import AsDelivery, as_delivery
from avbrott.identity.protected import marked_rows
from avbrott.identity.source import is_export, read_source_contract
from avbrott.periods import Term
from avbrott.registry import Contracts

_CANNOT_BE_READ = frozenset(
    {"FILE_EMPTY", "FILE_ENCODING", "FILE_UNREADABLE", "FILE_TOO_LARGE", "FILE_TOO_WIDE", "FILE_NOT_SS12000"}
    | {"HEADER_BELOW", "HEADER_NONE"}
)
_UNREAD = {"FILE_EMPTY": "CHECK_FILE_EMPTY", "FILE_ENCODING": "CHECK_FILE_NO_TEXT", "FILE_UNREADABLE": "CHECK_FILE_DAMAGED"}
"""What is told of a file of which nobody said the contract, and that cannot be read: the contract is not what it lacks."""
_JSON = ".json"
LEFT_TO_PROGRAMS = os.name == "nt"
"""Whether a pattern comes here as it was typed. Nothing is called so there: its signs are in no name of Windows."""
_PATTERN = re.compile("[*?]")


class _Label(NamedTuple):
    """What a file, or the files of one export, are called: as given, and without folders."""

    given: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, files: Sequence[Path]) -> _Label:
        return cls(", ".join(map(str, files)), tuple(file.name for file in files))

    def shown(self, scanner: Scanner) -> str:
        """The names as a report may have them: one that looks like a person's has its ending alone."""
        return ", ".join(f"…{Path(name).suffix}" if scanner.names_somebody(Path(name).stem) else name for name in self.names)


_Read = tuple[_Label, ExtractContract, Table]


@dataclass(frozen=True, slots=True)
class Checked:
    """One file (or the files of one SS 12000 export), what it was read as, and its findings."""

    file: str
    """As it was given, for the screen of the one who gave it."""
    file_name: str
    """What may stand in a report: the name of a folder, or of the file, can be a person's."""
    contract: ExtractContract
    reading: Reading
    rows: int
    """Of the file; those of an export that do not leave too."""
    findings: tuple[Finding, ...]
    unjudged: tuple[str, ...]
    """Rules that need a provider or a term that was not given."""
    alone: tuple[str, ...]
    """Rules that need another extract."""
    identities: pl.DataFrame = field(repr=False)
    """Of an export, ``AsDelivery.identities``: for the screen of the one whose file it is, and nothing else."""
    other: ExtractContract | None = None
    """The contract whose headers the file has, where it was held against another."""
    other_term: OtherTerm | None = None
    """The term that most rows are of, where it is another than was given."""

    @property
    def is_read(self) -> bool:
        """Whether the file could be read at all."""
        return not is_unread(self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings there are of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def is_unread(findings: Iterable[Finding]) -> bool:
    """Whether what was found says that a file could not be read at all."""
    return any(finding.code in _CANNOT_BE_READ for finding in findings)


def matching(files: Iterable[Path]) -> list[Path]:
    """``files`` with patterns as ``*.csv`` replaced by what they match, by name; shells of Windows leave that to programs."""
    return [one for file in files for one in (_matching(file) if LEFT_TO_PROGRAMS else ()) or [file]]


def _matching(file: Path) -> list[Path]:
    if not _PATTERN.search(file.name):
        return []
    try:
        return sorted(one for one in file.parent.glob(file.name) if not one.name.startswith(OF_EXCEL))
    except (OSError, ValueError):
        return []


def check_files(
    files: Sequence[Path], contracts: Contracts, *, contract: str | None, provider: str | None, term: Term | None
) -> list[Checked]:
    """Check ``files``, in their order. ``BadInput``: no such file, contract or provider."""
    if provider is not None and provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=provider)
    contract = contract_named(contract, contracts).name if contract is not None else None
    for file in files:
        need_export(file)
    exports = [file for file in files if file.suffix.lower() == _JSON]
    read = [_read(file, contracts, contract, provider) for file in files if file not in exports]
    read += _read_exports(exports, contracts, contract) if exports else []
    return [entry for batch in _batches(read) for entry in _check(batch, contracts, provider, term)]


def need_export(file: Path) -> None:
    """``BadInput`` where ``file`` is no file, or none of a kind that an export has."""
    try:
        is_folder, is_file = file.is_dir(), file.is_file()
    except OSError:  # a name that is longer than a system takes
        is_folder = is_file = False
    if is_folder:
        raise BadInput("CHECK_FILE_IS_FOLDER", file=file)
    if not is_file:
        raise BadInput("CHECK_FILE_MISSING", file=file)
    if file.name.startswith(OF_EXCEL):
        raise BadInput("CHECK_FILE_IS_LOCK", file=file)
    if file.suffix.lower() not in EXPORTS:
        raise BadInput("CHECK_FILE_KIND", file=file, kinds=", ".join(EXPORTS))


def _read(file: Path, contracts: Contracts, name: str | None, provider: str | None) -> _Read:
    table = read_table(file)
    found = contracts.extracts[name] if name else _guessed(file, table, contracts, provider)
    if found is None:
        unread = next((_UNREAD[fault.code] for fault in table.faults if fault.code in _UNREAD), None)
        raise BadInput(unread or "CHECK_CONTRACT_UNCLEAR", file=file, known=known_contracts(contracts))
    return _Label.of([file]), found, with_own_headers(table, found, contracts, provider)


def _guessed(file: Path, table: Table, contracts: Contracts, provider: str | None) -> ExtractContract | None:
    """The contract that a file's header is of, or a row under its title that looks as a header."""
    every = contracts.extracts.values()
    for header in (table.header, *(cells for _, cells in table.below)):
        headers = {one.name: own_headers(header, one, contracts, provider) for one in every}
        if (found := guess_contract(file, headers, every, contracts.glossary)) is not None:
            return found
    return None


def _read_exports(files: list[Path], contracts: Contracts, name: str | None) -> list[_Read]:
    """What the JSON files make together: a table for each contract that they hold rows of."""
    label = _Label.of(files)
    tables = read_ss12000(_bytes(file) for file in files)
    known = {found: table for found, table in tables.items() if found in contracts.extracts and name in (None, found)}
    if known:
        return [(label, contracts.extracts[found], table) for found, table in known.items()]
    if "" not in tables:
        raise BadInput("CHECK_CONTRACT_UNCLEAR", file=label.given, known=known_contracts(contracts))
    return [(label, contracts.extracts[name or next(iter(contracts.extracts))], tables[""])]


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _batches(read: list[_Read]) -> list[dict[str, tuple[_Label, Table]]]:
    """Files that make one delivery together: at most one of each contract."""
    batches: list[dict[str, tuple[_Label, Table]]] = []
    for file, contract, table in read:
        batch = next((batch for batch in batches if contract.name not in batch), None)
        if batch is None:
            batches.append(batch := {})
        batch[contract.name] = (file, table)
    return batches


def _check(
    batch: dict[str, tuple[_Label, Table]], contracts: Contracts, provider: str | None, term: Term | None
) -> list[Checked]:
    scanner = scanner_of(contracts, term)
    situation = Situation.of(term, [contracts.suppliers.by_id[provider]] if provider else [])
    readings: dict[str, dict[str, Reading]] = {}
    key, exports = Key("county", "check", token_bytes(KEY_BYTES)), dict[str, AsDelivery]()
    source, mapping = read_source_contract(contracts), contracts.mappings.get(provider or "")
    elsewhere = _protected_in([table for _, table in batch.values()], contracts, provider, term)
    for name, (file, table) in batch.items():
        contract = contracts.extracts[name]
        if is_export(table, contract, source, scanner.contract):
            if term is None:
                raise BadInput("CHECK_EXPORT_NEEDS_TERM", file=file.given)
            exports[name] = as_delivery(table, contracts, contract, provider or "", term, key, elsewhere=elsewhere)
            readings[name] = {provider or "": _told_of(exports[name])}
        else:
            readings[name] = {provider or "": fit(table, contract, scanner.contract.headers, contracts.glossary, mapping)}
    judged, findings = judge(contracts, situation, scanner, readings)
    checked = []
    for name, (file, table) in batch.items():
        contract = contracts.extracts[name]
        own = [finding for finding in findings if finding.extract == name]
        if name in exports:
            own = exports[name].with_needed(own)
        own += of_provider(contracts, name, provider, term)
        if name in exports:
            own += all_aside(judged[name], own, provider or "", str(term or ""))
        if _is_empty(readings[name][provider or ""]):
            own.append(Finding(provider or "", str(term or ""), name, "ROWS_NONE", Severity.WARNING))
        unjudged = tuple(rule.code for rule in skipped(contract, situation))
        alone = tuple(rule.code for rule in contract.rules if rule.kind in ACROSS and rule.extract not in batch)
        reading = readings[name][provider or ""]
        rows = exports[name].counts["rows"] if name in exports else reading.frame.height
        identities = exports[name].identities if name in exports else pl.DataFrame()
        meant = other_contract(table, contract, contracts, provider)
        of_term = other_term(judged[name], contracts.glossary, term) if term is not None else None
        told = (tuple(own), unjudged, alone, identities, meant, of_term)
        checked.append(Checked(file.given, file.shown(scanner), contract, reading, rows, *told))
    return checked


def _protected_in(tables: list[Table], contracts: Contracts, provider: str | None, term: Term | None) -> pl.Series | None:
    """The identities that any of the files marks as protected; a mark that cannot be read is told with its own file."""
    if term is None or len(tables) < 2:
        return None
    rows = [marked_rows(table, contracts, provider or "", term) for table in tables]
    marked = [one.filter("marked")["identity"] for one in rows if one is not None]
    return pl.concat([pl.Series("identity", [], pl.String), *marked])


def _is_empty(reading: Reading) -> bool:
    """Whether a file has its headers and no row; where rows could not be read, that is told."""
    return reading.frame.is_empty() and not reading.missing and not reading.faults


def _told_of(export: AsDelivery) -> Reading:
    """The reading of an export, with what would not come along told as assumed."""
    if any(fault.code in _CANNOT_BE_READ for fault in export.reading.faults):
        return export.reading
    dropped, elsewhere = len(export.dropped), export.counts.get("protected_elsewhere", 0)
    protected = export.counts.get("protected", 0) - elsewhere
    more = [Assumed("READ_EXPORT", count=export.counts["rows"])]
    more += [Assumed("READ_EXPORT_COLUMNS", count=dropped)] if dropped else []
    more += [Assumed("READ_EXPORT_PROTECTED", count=protected)] if protected else []
    more += [Assumed("READ_PROTECTED_ELSEWHERE", count=elsewhere)] if elsewhere else []
    return replace(export.reading, assumed=(*more, *export.reading.assumed))
