"""What ``avbrott prepare`` does and says: an export in, a delivery in the outbox, and in counts what did not come along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from avbrott.contract import ExtractContract
from avbrott.contract_names import contract_named
from avbrott.delivery.at_home import is_unread, need_export
from avbrott.delivery.due import told_due
from avbrott.delivery.other_contract import other_contract
from avbrott.delivery.read import read_table
from avbrott.delivery.report import on_screen, print_findings
from avbrott.delivery.translate import translation
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Finding, Severity
from avbrott.identity.aliases import read_aliases
from avbrott.identity.keys import Key, read_key
from avbrott.identity.keys_command import say, warn_if_open
from avbrott.identity.outbox import put
from avbrott.identity.places import keep_places, places_name
from avbrott.identity.prepare import Prepared, prepare
from avbrott.identity.protected import protected_in
from avbrott.identity.source import REPLACED, is_prepared
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import load_messages, one_or


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
    is_new_key: bool = False
    """That what lies there was made with another key, and is replaced."""
    protected: tuple[Path, ...] = ()
    """Exports that mark whose identity is protected."""


def prepare_command(wanted: Wanted, contracts: Contracts, console: Console) -> ExitCode:
    """Prepare an export: ``DONE``, ``FINDINGS`` (refused, nothing written) or ``BAD_INPUT`` (not readable).

    ``BadInput``: no such file, contract, provider or key, or a folder that holds something else.
    """
    contract = _contract(wanted, contracts)
    key = _key(wanted, contract)
    need_export(wanted.export)
    table = read_table(wanted.export)
    if REPLACED in contract.terms and is_prepared(table, contracts):
        raise BadInput("PREPARE_IS_PREPARED", file=wanted.export)
    aliases = read_aliases(wanted.alias, wanted.term) if wanted.alias is not None and key is not None else None
    for file in wanted.protected:
        need_export(file)
    elsewhere = protected_in(wanted.protected, contracts, wanted.provider, wanted.term) if wanted.protected else None
    prepared = prepare(table, contracts, contract, wanted.provider, wanted.term, key, aliases, elsewhere)
    texts = load_messages(contracts.folder)
    could_read = not is_unread(prepared.findings)
    read = {"rows": prepared.counts["rows"], "encoding": table.encoding}
    code = one_or("PREPARE_READ", prepared.counts["rows"]) if could_read else "REPORT_UNREAD"
    say(console, texts, code, file=wanted.export, **read)
    if wanted.key is not None:
        warn_if_open(wanted.key, console, texts)
    console.print()
    did = translation(prepared.findings, contract.name, contracts.mappings.get(wanted.provider))
    if did:
        say(console, texts, "REPORT_MAPPING", provider=wanted.provider, **did.counts)
        console.print()
    print_findings(on_screen(_to_look_at(wanted, contract, prepared), contracts, texts), texts, console)
    if (meant := other_contract(table, contract, contracts, wanted.provider)) is not None:
        say(console, texts, "REPORT_OTHER_CONTRACT", given=contract.name, name=meant.name)
        console.print()
    if (other := prepared.other_term) is not None:
        told_of = {"rows": other.rows, "of": other.of, "term": other.term, "given": wanted.term}
        say(console, texts, "PREPARE_OTHER_TERM", **told_of)
        console.print()
    if prepared.is_refused:
        say(console, texts, "PREPARE_REFUSED")
        return ExitCode.FINDINGS if could_read else ExitCode.BAD_INPUT
    what = (wanted.provider, wanted.term, contract.name, prepared.frame, wanted.created, key)
    made = put(wanted.out, contracts, *what, did.translated, is_new_key=wanted.is_new_key)
    _tell(wanted, prepared, key, contracts, console)
    if made.gone:
        say(console, texts, "PREPARE_REPLACED", extract=contract.name, former=made.former, gone=made.gone)
    name = places_name(wanted.provider, wanted.term, contract.name, made.digest)
    places = keep_places(wanted.export, name, prepared.places)
    say(console, texts, "PREPARE_PLACES" if places else "PREPARE_PLACES_UNWRITTEN", file=places, folder=wanted.export.parent)
    code, told_of_day = told_due(contracts, wanted.term, wanted.created)
    say(console, texts, code, **told_of_day)
    return ExitCode.DONE


def _to_look_at(wanted: Wanted, contract: ExtractContract, prepared: Prepared) -> tuple[Finding, ...]:
    """What was found; and of an export without rows that, as it would take the place of all that was delivered."""
    is_empty = not prepared.counts["rows"] and not prepared.is_refused
    none = Finding(wanted.provider, str(wanted.term), contract.name, "ROWS_NONE", Severity.WARNING)
    return (*prepared.findings, none) if is_empty else prepared.findings


def _contract(wanted: Wanted, contracts: Contracts) -> ExtractContract:
    contract = contract_named(wanted.contract, contracts)
    if wanted.provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=wanted.provider)
    return contract


def _key(wanted: Wanted, contract: ExtractContract) -> Key | None:
    """The county's key; None for counts, which have nobody to name."""
    if REPLACED not in contract.terms:
        return None
    if wanted.key is None:
        raise BadInput("PREPARE_NEEDS_KEY", contract=contract.name)
    return read_key(wanted.key, "county")


def _called(name: str, contracts: Contracts) -> str:
    """A term by its Swedish header, which the export has or could have; any other column as it is called."""
    term = contracts.glossary.terms.get(name)
    return term.name.sv if term is not None else name


def _tell(wanted: Wanted, prepared: Prepared, key: Key | None, contracts: Contracts, console: Console) -> None:
    texts, counts = load_messages(contracts.folder), prepared.counts
    rows = prepared.frame.height
    say(console, texts, one_or("PREPARE_DONE", rows), out=wanted.out, extract=prepared.extract, rows=rows)
    if key is not None:
        say(console, texts, "PREPARE_PERSONS", persons=counts["persons"], epoch=key.epoch, fingerprint=key.fingerprint)
        is_known = prepared.marks_protection or bool(wanted.protected)
        say(console, texts, "PREPARE_PROTECTED" if is_known else "PREPARE_NO_MARK", rows=counts["protected"])
    if prepared.dropped:
        columns = ", ".join(_called(name, contracts) for name in prepared.dropped)
        say(console, texts, "PREPARE_COLUMNS", count=len(prepared.dropped), columns=columns)
    for code, count in (
        ("PREPARE_BIRTH_DATES", counts.get("birth_dates", 0)),
        ("PREPARE_FROM_NUMBER", counts.get("from_number", 0)),
    ):
        if count:
            say(console, texts, code, count=count)
    if wanted.alias is not None:
        say(console, texts, "PREPARE_ALIASES", count=counts.get("aliases", 0))
    if prepared.emptied:
        fields = ", ".join(f"{_called(name, contracts)} {count}" for name, count in prepared.emptied.items())
        say(console, texts, "PREPARE_EMPTIED", count=sum(prepared.emptied.values()), fields=fields)
    if prepared.cut:
        fields = ", ".join(f"{_called(name, contracts)} {count}" for name, count in prepared.cut.items())
        say(console, texts, "PREPARE_CUT", count=sum(prepared.cut.values()), fields=fields)
    if counts["left_out"]:
        say(console, texts, "PREPARE_LEFT_OUT", rows=counts["left_out"])
    if counts["aside"]:
        say(console, texts, "PREPARE_ASIDE", rows=counts["aside"], of=prepared.frame.height)
