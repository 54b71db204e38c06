"""``avbrott receipts``: a provider's receipts fetched, verified, shown on its screen, and copied where it asks for that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.padding import Padding

from avbrott import atomic
from avbrott.delivery.report import Told, print_findings
from avbrott.errors import BadInput, DoesNotHold, ExitCode
from avbrott.periods import Term, terms_between
from avbrott.receipts.at_export import BESIDE, as_at_export, needs_places, places_of
from avbrott.receipts.read import Fetched, fetch_receipts, terms_of_receipts
from avbrott.receipts.receipt import Receipt
from avbrott.receipts.seen import looked_at, providers_of
from avbrott.receipts.words import Said, of_extract, of_files, of_status
from avbrott.registry import Contracts
from avbrott.sealing.keys import HubPublic, read_hub_public, read_signing_key
from avbrott.sending.record import memory_of
from avbrott.texts import Language, Texts, load_messages
from avbrott.transport.address import must_take_files
from avbrott.transport.target import Access, Target, opened

_LANGUAGES: tuple[Language, ...] = ("sv", "en")
_STYLES = {"accepted": "bold green", "accepted_with_quarantine": "bold yellow", "refused": "bold red", "withdrawn": "bold"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    place: str
    hub: Path
    term: Term | None
    provider: str | None
    """Whose; None: whose the key is, or whose deliveries are remembered."""
    out: Path | None
    today: date
    """Receipts of later terms are looked for only where their term is said."""
    key: Path | None = None
    """What the deliveries were signed with."""
    sent: Path | None = None
    """Where it is remembered what was sent, and which receipts were seen; None: beside the key."""
    rows: Path | None = None
    """The folder of what tells which row of an export is which; None: where it lies if the export is here."""

    @property
    def memory(self) -> Path | None:
        """The folder of what is remembered; None where nothing says which."""
        return self.sent or (memory_of(self.key) if self.key is not None else None)


def receipts_command(wanted: Wanted, contracts: Contracts, console: Console, access: Access | None = None) -> ExitCode:
    """Show the receipts that hold: ``DONE``, or ``SOME_REFUSED`` where a delivery, or a file of one, was refused.

    ``DoesNotHold`` (after the others are shown) where one is not the hub's, or not where it belongs; ``BadInput`` where there
    is none, it is not known whose are wanted, or the place, a key, the memory or ``out`` cannot be used.
    """
    must_take_files(wanted.place)
    hub, provider, texts = read_hub_public(wanted.hub), _whose(wanted), load_messages(contracts.folder)
    with opened(wanted.place, access) as target:
        found = fetch_receipts(target, hub, _terms(wanted, contracts), provider)
        if not found.receipts and not found.refused:
            raise _none(target, wanted, provider, contracts)
    refused = list(found.refused)
    for fetched in found.receipts:
        try:
            doubts = looked_at(wanted.memory, fetched, wanted.place) if wanted.memory is not None else []
        except DoesNotHold as error:
            refused.append(error)
            continue
        for doubt in doubts:  # before what they make doubtful
            _say(console, texts, doubt.code, extract=doubt.extract, number=doubt.number, sent=doubt.sent)
        _show(fetched.receipt, hub, texts, console, wanted)
        if wanted.out is not None:
            _copy(fetched, wanted.out)
            _say(console, texts, "RECEIPT_COPIED", out=wanted.out / fetched.receipt.term)
        console.print()
    if refused:
        raise refused[0]
    is_refused = any(one.receipt.status == "refused" or one.receipt.refused_files for one in found.receipts)
    return ExitCode.SOME_REFUSED if is_refused else ExitCode.DONE


def _whose(wanted: Wanted) -> str:
    """The provider whose receipts are wanted; ``BadInput`` where nothing says it: another's could lie in the place."""
    provider = wanted.provider
    if wanted.key is not None:
        whose = read_signing_key(wanted.key).provider
        if provider not in (None, whose):
            raise BadInput("SEAL_OTHER_PROVIDER", provider=provider, key=whose)
        return whose
    known = providers_of(wanted.sent) if provider is None and wanted.sent is not None else set()
    if provider is None and len(known) == 1:
        return known.pop()
    if provider is None:
        raise BadInput("RECEIPTS_WHOSE")
    return provider


def _none(target: Target, wanted: Wanted, provider: str, contracts: Contracts) -> BadInput:
    """That there is no receipt, or none of the term that was asked for, and which terms have some."""
    others = terms_of_receipts(target, _terms(replace(wanted, term=None), contracts), provider)
    if not others:
        return BadInput("RECEIPTS_NONE", target=target.where, provider=provider)
    return BadInput("RECEIPTS_OTHER_TERMS", target=target.where, term=wanted.term, terms=", ".join(map(str, others)))


def _terms(wanted: Wanted, contracts: Contracts) -> Iterable[Term]:
    """The terms that there can be receipts of: a place does not tell which folders it has."""
    if wanted.term is not None:
        return [wanted.term]
    firsts = [Term.parse(period.first) for supplier in contracts.suppliers.suppliers for period in supplier.member]
    last = Term.holding(wanted.today)
    return terms_between(min(firsts, default=last), last)


def _show(receipt: Receipt, hub: HubPublic, texts: Texts, console: Console, wanted: Wanted) -> None:
    style = _STYLES["refused" if receipt.refused_files else receipt.status]
    first, *more = of_status(receipt, texts)
    for language in _LANGUAGES:
        told = {"provider": receipt.provider.id, "name": receipt.provider.name, "term": receipt.term}
        shown = texts.get("RECEIPT_SHOWN", language, **told, status=first[language])
        console.print(shown, markup=False, style=style if language == "sv" else "dim")
    for said in (*more, *of_files(receipt, texts)):
        _print(said, console, indent=0)
    if receipt.is_late:
        _say(console, texts, "RECEIPT_LATE", created=receipt.delivery.created, due=receipt.delivery.due)
    _say(console, texts, "RECEIPT_SIGNED", fingerprint=hub.fingerprint)
    for extract in receipt.extracts:
        console.print(f"\n{extract.title.sv} / {extract.title.en}", markup=False, style="bold", end="  ")
        console.print(f"{extract.extract} {extract.contract_version}", markup=False)
        for said in of_extract(extract, texts):
            _print(said, console)
    console.print()
    if receipt.told:
        _heading("RECEIPT_FINDINGS", texts, console)
    print_findings(_with_rows(receipt, wanted, texts, console), texts, console)
    _heading("RECEIPT_NEXT", texts, console)
    for step in receipt.next:
        _print({"sv": step.what.sv, "en": step.what.en}, console, indent=0)
        for command in step.commands:
            console.print(f"    {command}", markup=False, soft_wrap=True)


def _with_rows(receipt: Receipt, wanted: Wanted, texts: Texts, console: Console) -> list[Told]:
    """The findings with the rows of the export where it is known which they are; whose rows they are is said first."""
    folder, told = wanted.rows or BESIDE, receipt.told
    places = places_of(receipt, wanted.memory, folder)
    for extract in receipt.extracts:
        if not needs_places(extract, told):
            continue
        code = "RECEIPT_ROWS_OF_EXPORT" if extract.extract in places else "RECEIPT_ROWS_OF_PREPARED"
        file = places[extract.extract][0] if extract.extract in places else folder
        _say(console, texts, code, extract=extract.extract, file=file)
    return [as_at_export(one, places[one.finding.extract][1] if one.finding.extract in places else None) for one in told]


def _heading(key: str, texts: Texts, console: Console) -> None:
    console.print(" / ".join(texts.get(key, language) for language in _LANGUAGES), markup=False, style="bold")


def _copy(fetched: Fetched, out: Path) -> None:
    """The page, the signature and the receipt, in a folder for the term."""
    folder = out / fetched.receipt.term
    try:
        for name, content in fetched.files.items():
            atomic.write_bytes(folder / name, content)
    except OSError:
        raise BadInput("RECEIPT_OUT_UNWRITABLE", out=folder) from None


def _print(said: Said, console: Console, indent: int = 2) -> None:
    for language, text in said.items():
        console.print(Padding(text, (0, 0, 0, indent)), markup=False, style="dim" if language == "en" else "")


def _say(console: Console, texts: Texts, key: str, **parameters: object) -> None:
    _print({language: texts.get(key, language, **parameters) for language in _LANGUAGES}, console, indent=0)
