"""What ``avbrott deliver`` does and says: what was found, what was sent under which number, and in counts what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.console import Console

from avbrott.delivery.check import of_provider
from avbrott.delivery.report import print_findings, told
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Finding, Severity
from avbrott.identity.keys_command import say, warn_if_open
from avbrott.lock import hold, let_go
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.rights import forbidden
from avbrott.sealing.keys import SigningKey, read_hub_public, read_signing_key
from avbrott.sealing.package import Kind, Statement
from avbrott.sending.doubts import must_be_the_hub
from avbrott.sending.prepared import read_prepared
from avbrott.sending.send import Sender, Sent, ToSend, Went, to_send
from avbrott.texts import Texts, load_messages
from avbrott.transport.address import FolderAddress, read_address
from avbrott.transport.screen import showing_transport
from avbrott.transport.target import Access, opened

_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Without:
    """A delivery without rows: that there is nothing to report, or that the last one is taken back."""

    kind: Kind
    contract: str
    provider: str
    term: Term
    created: date


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    what: Path | Without
    """The folder that was prepared, or a delivery without rows."""
    target: str
    key: Path
    hub: Path
    sent: Path | None = None
    """Where it is remembered what was sent; None: beside the key."""
    access: Access = field(default_factory=Access)
    may_empty: bool = False
    """Whether nothing may take the place of rows that were delivered before."""
    is_new_hub: bool = False
    """Whether the hub may be another than the last time."""


def deliver_command(wanted: Wanted, contracts: Contracts, console: Console) -> ExitCode:
    """Check, seal and send: ``DONE`` or ``FINDINGS`` (refused, nothing sent).

    ``BadInput``: keys, folder or target that cannot be used.
    """
    key, hub, texts = read_signing_key(wanted.key), read_hub_public(wanted.hub), load_messages(contracts.folder)
    warn_if_open(wanted.key, console, texts)
    if isinstance(wanted.what, Path):
        _must_lie_apart(wanted.what, wanted.target)
        prepared = read_prepared(wanted.what, contracts)
        _must_be_own(key, prepared.provider)
        findings, parts = prepared.findings, to_send(prepared)
        if prepared.others:
            say(console, texts, "DELIVER_OTHER_FILES", folder=wanted.what, count=prepared.others)
    else:
        _must_be_own(key, wanted.what.provider)
        findings, parts = _findings(wanted.what, contracts), [_without_rows(wanted.what, contracts)]
    print_findings(told(findings, contracts, texts), texts, console)
    if any(finding.severity is Severity.BLOCKING for finding in findings):
        say(console, texts, "DELIVER_REFUSED")
        return ExitCode.FINDINGS
    folder = wanted.sent or wanted.key.with_name(f"{wanted.key.name}.sent")
    with opened(wanted.target, wanted.access) as target, _alone(folder), showing_transport(console, texts):
        if not wanted.is_new_hub:
            must_be_the_hub(folder, [part.statement for part in parts], hub, wanted.hub)
        sender = Sender(key, hub, target, folder, wanted.may_empty)
        for part in parts:
            sender.consider(part)
        for part in parts:
            _tell(part, sender.send(part), target.where, console, texts)
    if any(finding.severity is Severity.QUARANTINE for finding in findings):
        say(console, texts, "DELIVER_ASIDE")
    return ExitCode.DONE


def _must_lie_apart(folder: Path, target: str) -> None:
    """What was prepared is open to whoever reads it, and the target is another's to read."""
    address = read_address(target)
    if isinstance(address, FolderAddress):
        place = address.folder.resolve()
        if place in (folder.resolve(), *folder.resolve().parents):
            raise BadInput("DELIVER_LIES_AT_TARGET", folder=folder, target=target)


def _must_be_own(key: SigningKey, provider: str) -> None:
    if key.provider != provider:
        raise BadInput("SEAL_OTHER_PROVIDER", provider=provider, key=key.provider)


def _findings(what: Without, contracts: Contracts) -> tuple[Finding, ...]:
    if what.provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=what.provider)
    if what.contract not in contracts.extracts:
        raise BadInput("DELIVER_CONTRACT_UNKNOWN", contract=what.contract, known=", ".join(contracts.extracts))
    if what.kind == "withdrawal":  # whoever delivered what it should not have may take it back
        return ()
    return tuple(of_provider(contracts, what.contract, what.provider, what.term))


def _without_rows(what: Without, contracts: Contracts) -> ToSend:
    accepted = contracts.accepted_versions(what.contract, what.created)
    contract = accepted[0] if accepted else contracts.extracts[what.contract]
    who = (what.provider, what.term, what.contract, contract.version)
    return ToSend(Statement(what.kind, *who, number=1, rows=0, created=what.created), contract)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other delivery with the same memory go on beside this one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = hold(folder / _LOCK)
    except PermissionError:
        raise forbidden(folder) from None
    except OSError:
        raise BadInput("SENT_RECORD_UNWRITABLE", folder=folder) from None
    if lock is None:
        raise BadInput("DELIVER_BUSY", folder=folder)
    try:
        yield
    finally:
        let_go(folder / _LOCK, lock)


def _tell(part: ToSend, sent: Sent, where: str, console: Console, texts: Texts) -> None:
    """Say what became of a delivery, and what it changes against the one before."""
    told_of = {"extract": part.statement.extract, "number": sent.delivery.number, "former": sent.former}
    kind = part.statement.kind
    match sent.went:
        case Went.THERE:
            say(console, texts, "DELIVER_THERE", **told_of)
        case Went.AGAIN:
            say(console, texts, "DELIVER_AGAIN", **told_of)
        case Went.SENT:
            code = {"data": "DELIVER_SENT", "nil": "DELIVER_SENT_NIL", "withdrawal": "DELIVER_SENT_WITHDRAWAL"}[kind]
            rows = part.statement.rows
            say(console, texts, code, **told_of, rows=rows, file=sent.delivery.file, target=where)
            if sent.changes is not None and kind != "withdrawal":
                changes = {"added": sent.changes.added, "gone": sent.changes.gone, "changed": sent.changes.changed}
                say(console, texts, "DELIVER_CHANGES", **told_of, **changes)
            elif sent.former and kind != "withdrawal":
                say(console, texts, "DELIVER_NOT_COMPARED", **told_of)
