"""``avbrott check``: a file held against its contract where it lies, by the hub's own rules, sending nothing."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from avbrott.contract import ExtractContract
from avbrott.delivery.check import scanner_of
from avbrott.delivery.judge import judge
from avbrott.delivery.read import SUFFIXES, Reading, Table, fit, guess_contract, read_table
from avbrott.delivery.report import as_json, print_findings, told
from avbrott.delivery.rules import ACROSS, Situation, skipped
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Finding, Severity
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts, load_messages

_CANNOT_BE_READ = frozenset({"FILE_EMPTY", "FILE_ENCODING", "FILE_UNREADABLE"})
_LANGUAGES: tuple[Language, ...] = ("sv", "en")


@dataclass(frozen=True, slots=True)
class _Checked:
    """One file, what it was read as, and its findings."""

    file: Path
    contract: ExtractContract
    reading: Reading
    findings: tuple[Finding, ...]
    unjudged: tuple[str, ...]
    alone: tuple[str, ...]

    @property
    def is_read(self) -> bool:
        return not any(finding.code in _CANNOT_BE_READ for finding in self.findings)


def check_command(
    files: Sequence[Path],
    contracts: Contracts,
    *,
    contract: str | None = None,
    provider: str | None = None,
    term: str | None = None,
    json: bool = False,
    console: Console,
) -> ExitCode:
    """Check ``files`` and print what to mend; ``DONE``, ``FINDINGS`` (rows or files refused) or ``BAD_INPUT`` (not readable).

    Files of different contracts are held against each other. ``BadInput``: no such file, contract, provider or term.
    """
    judged_term = Term.parse(term) if term else None
    if provider is not None and provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=provider)
    read = [(file, *_read(file, contracts, contract)) for file in files]
    checked = [entry for batch in _batches(read) for entry in _check(batch, contracts, provider, judged_term)]
    texts = load_messages(contracts.folder)
    if json:
        content = _as_json(checked, contracts, texts, provider, term)
        console.print(json_format.dumps(content, ensure_ascii=False, indent=2), markup=False, soft_wrap=True)
    else:
        _print(checked, contracts, texts, console)
    return _exit_code(checked)


def _read(file: Path, contracts: Contracts, name: str | None) -> tuple[ExtractContract, Table]:
    known = ", ".join(contracts.extracts)
    if name is not None and name not in contracts.extracts:
        raise BadInput("CHECK_CONTRACT_UNKNOWN", contract=name, known=known)
    if file.is_dir():
        raise BadInput("CHECK_FILE_IS_FOLDER", file=file)
    if not file.is_file():
        raise BadInput("CHECK_FILE_MISSING", file=file)
    if file.suffix.lower() not in SUFFIXES:
        raise BadInput("CHECK_FILE_KIND", file=file)
    table = read_table(file)
    found = contracts.extracts[name] if name else guess_contract(file, table, contracts.extracts.values())
    if found is None:
        raise BadInput("CHECK_CONTRACT_UNCLEAR", file=file, known=known)
    return found, table


def _batches(read: list[tuple[Path, ExtractContract, Table]]) -> list[dict[str, tuple[Path, Table]]]:
    """Files that make one delivery together: at most one of each contract."""
    batches: list[dict[str, tuple[Path, Table]]] = []
    for file, contract, table in read:
        batch = next((batch for batch in batches if contract.name not in batch), None)
        if batch is None:
            batches.append(batch := {})
        batch[contract.name] = (file, table)
    return batches


def _check(
    batch: dict[str, tuple[Path, Table]], contracts: Contracts, provider: str | None, term: Term | None
) -> list[_Checked]:
    scanner = scanner_of(contracts, term)
    situation = Situation.of(term, [contracts.suppliers.by_id[provider]] if provider else [])
    readings = {
        name: {provider or "": fit(table, contracts.extracts[name], scanner.contract.headers)}
        for name, (_, table) in batch.items()
    }
    _, findings = judge(contracts, situation, scanner, readings)
    checked = []
    for name, (file, _) in batch.items():
        contract = contracts.extracts[name]
        own = [finding for finding in findings if finding.extract == name]
        own += _of_provider(contracts, name, provider, term)
        unjudged = tuple(rule.code for rule in skipped(contract, situation))
        alone = tuple(rule.code for rule in contract.rules if rule.kind in ACROSS and rule.extract not in batch)
        checked.append(_Checked(file, contract, readings[name][provider or ""], tuple(own), unjudged, alone))
    return checked


def _of_provider(contracts: Contracts, extract: str, provider: str | None, term: Term | None) -> list[Finding]:
    if provider is None:
        return []
    supplier = contracts.suppliers.by_id[provider]
    if term is not None and not supplier.is_member(term):
        return [Finding(provider, str(term), extract, "NOT_A_MEMBER", Severity.BLOCKING)]
    if extract not in supplier.extracts:
        return [Finding(provider, str(term or ""), extract, "EXTRACT_NOT_EXPECTED", Severity.BLOCKING)]
    return []


def _exit_code(checked: list[_Checked]) -> ExitCode:
    if not all(entry.is_read for entry in checked):
        return ExitCode.BAD_INPUT
    worst = {finding.severity for entry in checked for finding in entry.findings}
    return ExitCode.FINDINGS if worst & {Severity.BLOCKING, Severity.QUARANTINE} else ExitCode.DONE


def _print(checked: list[_Checked], contracts: Contracts, texts: Texts, console: Console) -> None:
    for entry in checked:
        _say(
            console,
            texts,
            "REPORT_FILE" if entry.is_read else "REPORT_UNREAD",
            file=entry.file,
            rows=entry.reading.frame.height,
            contract=f"{entry.contract.name} {entry.contract.version}",
            encoding=entry.reading.encoding,
        )
        console.print()
        print_findings(told(entry.findings, contracts, texts), texts, console)
        if entry.unjudged and entry.is_read:
            _say(console, texts, "REPORT_SKIPPED", missing="--provider / --term", codes=", ".join(entry.unjudged))
        if entry.alone and entry.is_read:
            _say(console, texts, "REPORT_SKIPPED_ALONE", codes=", ".join(entry.alone))
        counts = {s: sum(finding.severity is s for finding in entry.findings) for s in Severity}
        blocking, quarantine = counts[Severity.BLOCKING], counts[Severity.QUARANTINE]
        if blocking or quarantine:
            _say(console, texts, "REPORT_FAILED", blocking=blocking, quarantine=quarantine)
        else:
            _say(console, texts, "REPORT_WARNED" if entry.findings else "REPORT_CLEAN")
        console.print()


def _say(console: Console, texts: Texts, key: str, **parameters: object) -> None:
    for language in _LANGUAGES:
        style = "dim" if language == "en" else ""
        console.print(texts.get(key, language, **parameters), markup=False, style=style)


def _as_json(
    checked: list[_Checked], contracts: Contracts, texts: Texts, provider: str | None, term: str | None
) -> dict[str, Any]:
    return {
        "provider": provider,
        "term": term,
        "files": [
            {
                "file": str(entry.file),
                "contract": entry.contract.name,
                "contract_version": entry.contract.version,
                "encoding": entry.reading.encoding,
                "separator": entry.reading.separator,
                "rows": entry.reading.frame.height,
                "is_read": entry.is_read,
                "findings": [as_json(found) for found in told(entry.findings, contracts, texts)],
                "not_judged": [*entry.unjudged, *entry.alone],
            }
            for entry in checked
        ],
    }
