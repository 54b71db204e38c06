"""A receipt made of what the store holds of a checked delivery. The same store and contracts make the same receipt.

Nothing is looked at but the provider's own deliveries: whose others are awaited, and how theirs went, is in no receipt.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import cast

from avbrott.delivery.check import missing_extracts
from avbrott.delivery.due import due
from avbrott.delivery.pull import Delivery, Extract, delivered
from avbrott.delivery.received import Received, read_ledger
from avbrott.delivery.report import told
from avbrott.delivery.rules import ACROSS
from avbrott.delivery.settled import Mark, read_mark
from avbrott.delivery.translate import Translation, translation
from avbrott.delivery.versions import followed_version
from avbrott.findings import Finding, Severity, read_findings
from avbrott.home import Home
from avbrott.mapping import Translated
from avbrott.periods import Term
from avbrott.receipts.jumped import jumped
from avbrott.receipts.page import receipt_page
from avbrott.receipts.receipt import (
    Before,
    Delivered,
    ExtractReceipt,
    Mapping,
    Provider,
    Receipt,
    ReceiptStatus,
    RefusedFile,
    Rows,
    Words,
    finding_receipt,
)
from avbrott.receipts.steps import next_steps
from avbrott.registry import Contracts
from avbrott.sealing.package import SealedName
from avbrott.texts import Texts


def make_receipt(home: Home, contracts: Contracts, texts: Texts, provider: str, term: Term) -> tuple[Receipt, str]:
    """The receipt of a delivery that is settled, and its page. It says of which bytes the page is."""
    delivery, mark = delivered(home, provider, term), read_mark(home, provider, term)
    assert mark is not None
    file = home.findings(provider, str(term))
    findings = read_findings(file) if file.is_file() else []
    if mark.status == "missing":  # nothing is left to check, and all is awaited
        findings = missing_extracts(contracts, delivery)
    ledger = read_ledger(home, delivery)
    before = read_mark(home, provider, term.next(-1))
    supplier = contracts.suppliers.by_id.get(provider)
    entries = told(findings, contracts, texts)
    summary = Counter(finding.severity for finding in findings)
    latest = due(contracts, term)
    extracts = tuple(
        _extract(one, delivery, mark, before, findings, contracts, ledger.get(one.name)).model_copy(
            update={"jumped": jumped(home, contracts, delivery, mark, one.name)}
        )
        for one in (*delivery.extracts, *_withdrawn(delivery))
        if one.name in contracts.extracts
    )
    receipt = Receipt(
        provider=Provider(id=provider, name=supplier.name if supplier is not None else ""),
        term=str(term),
        status="withdrawn" if mark.status == "missing" else cast("ReceiptStatus", mark.status),
        delivery=Delivered(
            digest=mark.delivery,
            created=delivery.created.isoformat(),
            due=latest.isoformat(),
            late=delivery.is_late(latest),
        ),
        extracts=extracts,
        refused_files=_refused_files(delivery, mark),
        summary={severity: summary[severity] for severity in Severity},
        findings=tuple(finding_receipt(entry) for entry in entries),
        next=next_steps(delivery, extracts, entries, texts, _between(contracts)),
    )
    page = receipt_page(receipt, texts)
    return receipt.model_copy(update={"page_sha256": hashlib.sha256(page.encode()).hexdigest()}), page


def _withdrawn(delivery: Delivery) -> list[Extract]:
    """The last withdrawal of each extract that was taken back and has not been delivered since."""
    held = {extract.name for extract in delivery.extracts}
    last = {one.name: one for one in delivery.history if one.kind == "withdrawal"}
    return [last[name] for name in sorted(last.keys() - held)]


def _refused_files(delivery: Delivery, mark: Mark) -> tuple[RefusedFile, ...]:
    """The files that were not accepted, and what counts in the place of each."""
    counts = {one.name: one.number for one in delivery.extracts if one.name in mark.accepted}
    called = [(one, SealedName.parse(one.file)) for one in delivery.refused]
    return tuple(
        RefusedFile(
            extract=one.extract,
            code=one.code,
            file=one.file,
            number=name.number if name is not None else None,
            counts=counts.get(one.extract),
            sha256=one.sha256 if one.file else "",
        )
        for one, name in called
    )


def _extract(
    extract: Extract,
    delivery: Delivery,
    mark: Mark,
    before: Mark | None,
    findings: Sequence[Finding],
    contracts: Contracts,
    received: Received | None,
) -> ExtractReceipt:
    name, current = extract.name, contracts.extracts[extract.name]
    replaced = _replaced(extract, delivery)
    followed = followed_version(contracts, delivery, extract)
    did = translation(findings, name, contracts.mappings.get(delivery.provider))
    rows = Rows(
        delivered=mark.read.get(name, 0), accepted=mark.accepted.get(name, 0), quarantined=mark.quarantined.get(name, 0)
    )
    return ExtractReceipt(
        extract=name,
        title=Words(sv=current.title.sv, en=current.title.en),
        kind=extract.kind or "plain",
        file=extract.file,
        sha256=extract.sha256,
        number=extract.number,
        package_sha256=received.digest if received is not None and received.number == extract.number else None,
        key_epoch=delivery.epoch_of(extract) or None,
        key_fingerprint=delivery.fingerprint_of(extract) or None,
        contract_version=followed.version if followed is not None else extract.version or current.version,
        rows=rows,
        before=_before(name, rows, before, delivery.term.next(-1)),
        mapping=_mapping(extract, did, current.terms),
        replaced_rows=replaced.rows if replaced is not None else None,
        replaced_number=replaced.number if replaced is not None else None,
        withdrawn_by=_withdrawn_by(extract, delivery),
    )


def _replaced(extract: Extract, delivery: Delivery) -> Extract | None:
    """The delivery before, of the same extract and term: replaced, or taken back."""
    earlier = [one for one in delivery.history if one.name == extract.name and one.kind != "withdrawal"]
    return earlier[-1] if earlier else None


def _withdrawn_by(extract: Extract, delivery: Delivery) -> int | None:
    """The number of the withdrawal that came right before; None where there was none, and for a withdrawal itself."""
    earlier = [one for one in delivery.history if one.name == extract.name]
    is_anew = extract.kind != "withdrawal" and bool(earlier) and earlier[-1].kind == "withdrawal"
    return earlier[-1].number if is_anew else None


def _mapping(extract: Extract, did: Translation, terms: Sequence[str]) -> Mapping:
    """What the provider's words did here, and before the extract was delivered as it says itself."""
    before = extract.translated or Translated()
    values = Counter(did.values)
    values.update({term: count for term, count in before.values if term in terms})
    return Mapping(headers=did.headers + before.headers, values=dict(sorted(values.items())), readings=did.readings)


def _before(extract: str, rows: Rows, before: Mark | None, term: Term) -> Before | None:
    """The extract beside that of the term before; None where that is not known."""
    if before is None or extract not in before.read:
        return None
    then = before.read[extract]
    return Before(
        term=str(term),
        delivered=then,
        accepted=before.accepted.get(extract, 0),
        change=rows.delivered - then,
        share=round(rows.delivered / then, 3) if then else None,
    )


def _between(contracts: Contracts) -> set[str]:
    """The codes of rules that hold one extract against another."""
    return {rule.code for contract in contracts.extracts.values() for rule in contract.rules if rule.kind in ACROSS}
