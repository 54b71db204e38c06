"""What ``avbrott prepare`` does and says: an export in, a delivery in the outbox, and in counts what did not come along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from avbrott.contract import ExtractContract
from avbrott.delivery.at_home import need_export
from avbrott.delivery.read import read_table
from avbrott.delivery.report import print_findings, told
from avbrott.delivery.translate import translation
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Severity
from avbrott.identity.aliases import read_aliases
from avbrott.identity.keys import Key, read_key
from avbrott.identity.keys_command import say, warn_if_open
from avbrott.identity.outbox import put
from avbrott.identity.prepare import Prepared, prepare
from avbrott.identity.source import REPLACED
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import load_messages


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    export: Path
    contract: str
    provider: str
    term: Term
    out: Path
    key: Path | None
    alias: Path | None
    created: date


def prepare_command(wanted: Wanted, contracts: Contracts, console: Console) -> ExitCode:
    """Prepare an export: ``DONE``, ``FINDINGS`` (refused, nothing written) or ``BAD_INPUT`` (not readable).

    ``BadInput``: no such file, contract, provider or key, or a folder that holds something else.
    """
    contract = _contract(wanted, contracts)
    key = _key(wanted, contract)
    need_export(wanted.export)
    table = read_table(wanted.export)
    aliases = read_aliases(wanted.alias, wanted.term) if wanted.alias is not None and key is not None else None
    prepared = prepare(table, contracts, contract, wanted.provider, wanted.term, key, aliases)
    texts = load_messages(contracts.folder)
    say(console, texts, "PREPARE_READ", file=wanted.export, rows=prepared.counts["rows"], encoding=table.encoding)
    if wanted.key is not None:
        warn_if_open(wanted.key, console, texts)
    console.print()
    did = translation(prepared.findings, contract.name, contracts.mappings.get(wanted.provider))
    if did:
        say(console, texts, "REPORT_MAPPING", provider=wanted.provider, **did.counts)
        console.print()
    print_findings(told(prepared.findings, contracts, texts), texts, console)
    if prepared.is_refused:
        say(console, texts, "PREPARE_REFUSED")
        return ExitCode.FINDINGS if table.header else ExitCode.BAD_INPUT
    what = (wanted.provider, wanted.term, contract.name, prepared.frame, wanted.created, key)
    put(wanted.out, contracts, *what, did.translated)
    _tell(wanted, prepared, key, contracts, console)
    return ExitCode.DONE


def _contract(wanted: Wanted, contracts: Contracts) -> ExtractContract:
    if wanted.contract not in contracts.extracts:
        raise BadInput("CHECK_CONTRACT_UNKNOWN", contract=wanted.contract, known=", ".join(contracts.extracts))
    if wanted.provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=wanted.provider)
    return contracts.extracts[wanted.contract]


def _key(wanted: Wanted, contract: ExtractContract) -> Key | None:
    """The county's key; None for counts, which have nobody to name."""
    if REPLACED not in contract.terms:
        return None
    if wanted.key is None:
        raise BadInput("PREPARE_NEEDS_KEY", contract=contract.name)
    return read_key(wanted.key, "county")


def _tell(wanted: Wanted, prepared: Prepared, key: Key | None, contracts: Contracts, console: Console) -> None:
    texts, counts = load_messages(contracts.folder), prepared.counts
    say(console, texts, "PREPARE_DONE", out=wanted.out, extract=prepared.extract, rows=prepared.frame.height)
    if key is not None:
        say(console, texts, "PREPARE_PERSONS", persons=counts["persons"], epoch=key.epoch, fingerprint=key.fingerprint)
        say(console, texts, "PREPARE_PROTECTED" if prepared.marks_protection else "PREPARE_NO_MARK", rows=counts["protected"])
    if prepared.dropped:
        say(console, texts, "PREPARE_COLUMNS", count=len(prepared.dropped), columns=", ".join(prepared.dropped))
    for code, count in (
        ("PREPARE_BIRTH_DATES", counts.get("birth_dates", 0)),
        ("PREPARE_FROM_NUMBER", counts.get("from_number", 0)),
        ("PREPARE_ALIASES", counts.get("aliases", 0)),
    ):
        if count:
            say(console, texts, code, count=count)
    aside = sum(finding.severity is Severity.QUARANTINE for finding in prepared.findings)
    if aside:
        say(console, texts, "PREPARE_ASIDE", count=aside)
