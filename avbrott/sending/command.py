"""What ``avbrott deliver`` does and says: what was found, what was sent under which number, and in counts what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from rich.console import Console

from avbrott.asking import Asked
from avbrott.contract_names import contract_named
from avbrott.delivery.check import of_provider
from avbrott.delivery.due import replacing, told_due
from avbrott.delivery.report import Numbering, on_screen, print_findings
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Finding, Severity, is_blocked
from avbrott.identity.keys_command import say, warn_if_open
from avbrott.lock import holding
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.rights import forbidden
from avbrott.sealing.keys import SigningKey, read_hub_public, read_signing_key
from avbrott.sealing.package import Kind, Statement
from avbrott.sending.doubts import Doubts, must_be_the_hub
from avbrott.sending.prepared import read_prepared
from avbrott.sending.record import Delivered, Record, memory_of
from avbrott.sending.send import Sender, Sent, ToSend, Went, path_of, to_send
from avbrott.texts import Texts, load_messages
from avbrott.transport.address import FolderAddress, must_take_files, read_address
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
    may_replace: bool = False
    """Whether nothing, far less or somebody else's may take the place of rows that were delivered before."""
    is_new_hub: bool = False
    """Whether the hub may be another than the last time."""
    is_new_key: bool = False
    """Whether the county's key may be another than the last time, under the same epoch."""
    dry_run: bool = False
    """Whether it is only told what would be sent."""
    yes: bool = False
    """Whether nobody is to be asked where something is taken back or emptied."""


def deliver_command(wanted: Wanted, contracts: Contracts, console: Console) -> ExitCode:
    """Check, seal and send: ``DONE`` or ``FINDINGS`` (refused, nothing sent).

    ``BadInput``: keys, folder or target that cannot be used.
    """
    key, hub, texts = read_signing_key(wanted.key), read_hub_public(wanted.hub), load_messages(contracts.folder)
    warn_if_open(wanted.key, console, texts)
    must_take_files(wanted.target)
    if isinstance(wanted.what, Path):
        _must_lie_apart(wanted.what, wanted.target)
        prepared = read_prepared(wanted.what, contracts)
        _must_be_own(key, prepared.provider)
        findings, parts = prepared.findings, to_send(prepared)
        if prepared.others:
            say(console, texts, "DELIVER_OTHER_FILES", folder=wanted.what, count=prepared.others)
        if prepared.gone:
            say(console, texts, "DELIVER_FILES_GONE", folder=wanted.what, extracts=", ".join(prepared.gone))
    else:
        _must_be_own(key, wanted.what.provider)
        named = replace(
            wanted.what, contract=contract_named(wanted.what.contract, contracts, "DELIVER_CONTRACT_UNKNOWN").name
        )
        findings, parts = _findings(named, contracts), [_without_rows(named, contracts)]
    print_findings(on_screen(findings, contracts, texts, Numbering.PREPARED), texts, console)
    if is_blocked(findings):
        say(console, texts, "DELIVER_REFUSED" if isinstance(wanted.what, Path) else "DELIVER_REFUSED_WITHOUT_ROWS")
        return ExitCode.FINDINGS
    folder = wanted.sent or memory_of(wanted.key)
    asked, went = Asked(console, texts, wanted.dry_run, wanted.yes), set[Went]()
    if not wanted.dry_run:
        _tell_and_ask(wanted, parts, {}, folder, asked)
    held = nullcontext() if wanted.dry_run and not folder.exists() else _alone(folder)
    with opened(wanted.target, wanted.access) as target, held, showing_transport(console, texts):
        if not wanted.is_new_hub:
            must_be_the_hub(folder, [part.statement for part in parts], hub, wanted.hub)
        doubts = Doubts(replacing(contracts), wanted.may_replace, wanted.is_new_key)
        sender = Sender(key, hub, target, folder, doubts)
        for part in parts:
            sender.consider(part)
        there = {part.statement.name: sender.lies_already(part) for part in parts if wanted.dry_run}
        for part in () if wanted.dry_run else parts:
            sent = sender.send(part)
            went.add(sent.went)
            _tell(part, sent, target.where, console, texts)
    if wanted.dry_run:
        _tell_and_ask(wanted, parts, there, folder, asked)
        return ExitCode.DONE
    if any(finding.severity is Severity.QUARANTINE for finding in findings):
        say(console, texts, "DELIVER_ASIDE_THERE" if went == {Went.THERE} else "DELIVER_ASIDE")
    if went != {Went.THERE} and (about := parts[0].statement).kind != "withdrawal":
        code, told_of_day = told_due(contracts, about.term, about.created)
        say(console, texts, code, **told_of_day)
    return ExitCode.DONE


def _tell_and_ask(
    wanted: Wanted, parts: Sequence[ToSend], there: Mapping[str, Delivered | None], folder: Path, asked: Asked
) -> None:
    """Tell what would be sent in a dry run, and ask where rows go: a withdrawal, or nothing in place of rows.

    What was sent last stands beside it, as far as ``folder`` remembers it. Of what lies ``there`` already, by the name of its
    statement, nothing would be sent. ``BadInput`` where it is not meant.
    """
    takes = [
        part for part in parts if part.statement.kind == "withdrawal" or (wanted.may_replace and not part.statement.rows)
    ]
    for part in parts if wanted.dry_run else takes if not wanted.yes else ():
        said = part.statement
        if (same := there.get(said.name)) is not None:
            asked.say("DELIVER_WOULD_NOT", extract=said.extract, number=same.number)
            continue
        code = "DELIVER_WOULD_EMPTY" if part in takes else "DELIVER_WOULD"
        about = {"extract": said.extract, "term": said.term, "provider": said.provider, "rows": said.rows}
        asked.say("DELIVER_WOULD_WITHDRAW" if said.kind == "withdrawal" else code, **about, target=wanted.target)
        if (last := Record(folder, said.name).sent) is not None:
            told = "DELIVER_LAST_WITHDRAWAL" if last.kind == "withdrawal" else "DELIVER_LAST"
            asked.say(told, extract=said.extract, number=last.number, rows=last.rows)
    if wanted.dry_run or takes:
        asked.is_confirmed()


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
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            is_alone = held.enter_context(holding(folder / _LOCK))
        except PermissionError:
            raise forbidden(folder) from None
        except OSError:
            raise BadInput("SENT_RECORD_UNWRITABLE", folder=folder) from None
        if not is_alone:
            raise BadInput("DELIVER_BUSY", folder=folder)
        yield


def _tell(part: ToSend, sent: Sent, where: str, console: Console, texts: Texts) -> None:
    """Say what became of a delivery, and what it changes against the one before."""
    told_of = {"extract": part.statement.extract, "number": sent.delivery.number, "former": sent.former}
    kind = part.statement.kind
    if sent.far:
        far = {"count": len(sent.far), "least": sent.far[0], "most": sent.far[-1]}
        say(console, texts, "DELIVER_NUMBERS_FAR", **told_of, target=where, **far)
    match sent.went:
        case Went.THERE:
            say(console, texts, "DELIVER_THERE", **told_of)
        case Went.AGAIN:
            say(console, texts, "DELIVER_AGAIN", **told_of)
        case Went.SENT:
            code = {"data": "DELIVER_SENT", "nil": "DELIVER_SENT_NIL", "withdrawal": "DELIVER_SENT_WITHDRAWAL"}[kind]
            rows = part.statement.rows
            say(console, texts, code, **told_of, rows=rows, file=path_of(part.statement, sent.delivery), target=where)
            if sent.withdrawal is not None and kind != "withdrawal":
                _tell_after_withdrawal(part, sent, sent.withdrawal, console, texts)
            elif sent.changes is not None and kind != "withdrawal":
                changes = {"added": sent.changes.added, "gone": sent.changes.gone, "changed": sent.changes.changed}
                say(console, texts, "DELIVER_CHANGES", **told_of, **changes)
            elif sent.former and kind != "withdrawal":
                say(console, texts, "DELIVER_NOT_COMPARED", **told_of)
    if part.places is not None:
        say(console, texts, "DELIVER_PLACES", **told_of, file=part.places)


def _tell_after_withdrawal(part: ToSend, sent: Sent, withdrawal: Delivered, console: Console, texts: Texts) -> None:
    """Say that what is sent takes the place of what was taken back, in counts; and that it is the same, where it is."""
    told_of = {"extract": part.statement.extract, "number": sent.delivery.number, "former": withdrawal.number}
    taken = withdrawal.takes_back
    if taken is None:
        say(console, texts, "DELIVER_AFTER_WITHDRAWAL_UNKNOWN", **told_of, rows=part.statement.rows)
        return
    gone = {"withdrawn": taken.number, "gone": taken.rows}
    say(console, texts, "DELIVER_AFTER_WITHDRAWAL", **told_of, **gone, rows=part.statement.rows)
    if taken.content == sent.delivery.content and taken.rows:
        say(console, texts, "DELIVER_WITHDRAWN_AGAIN", **told_of, **gone)
