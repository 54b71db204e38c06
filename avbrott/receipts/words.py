"""What a receipt says in words, by language: the same on a page and on a screen."""

from __future__ import annotations

from avbrott.findings import Severity
from avbrott.receipts.receipt import ExtractReceipt, Receipt
from avbrott.texts import Language, Texts

Said = dict[Language, str]
"""One text by language; empty where there is nothing to say."""

_LANGUAGES: tuple[Language, ...] = ("sv", "en")


def of_rows(extract: ExtractReceipt, texts: Texts) -> Said:
    """How many rows came, and what became of them."""
    return _said("RECEIPT_ROWS", texts, **extract.rows.model_dump())


def of_kind(extract: ExtractReceipt, texts: Texts) -> Said:
    """That there was nothing to report, or that what was delivered is taken back; nothing of rows."""
    return _said(f"RECEIPT_{extract.kind.upper()}", texts) if extract.kind in ("nil", "withdrawal") else {}


def of_before(extract: ExtractReceipt, texts: Texts) -> Said:
    """The same extract a term earlier."""
    before = extract.before
    if before is None:
        return _said("RECEIPT_NO_BEFORE", texts)
    told = before.model_dump() | {"change": f"{before.change:+d}"}
    if before.share is None:
        return _said("RECEIPT_BEFORE_NONE", texts, **told)
    percent = f"{100 * before.share:.1f}"
    return {
        language: texts.get("RECEIPT_BEFORE", language, **told | {"share": _decimal(percent, language)})
        for language in _LANGUAGES
    }


def of_mapping(extract: ExtractReceipt, texts: Texts) -> Said:
    """What the provider's own words did; nothing where they did nothing."""
    did = extract.mapping
    if not (did.headers or did.values or did.readings):
        return {}
    values = ", ".join(f"{term} {count}" for term, count in sorted(did.values.items()))
    readings = ", ".join(f"{term}: {reading}" for term, reading in sorted(did.readings.items()))
    return _said("RECEIPT_MAPPING", texts, headers=did.headers, values=values or "-", readings=readings or "-")


def of_severities(receipt: Receipt, texts: Texts) -> list[tuple[Said, int]]:
    """How many findings there are of each severity that has some, the gravest first."""
    return [
        (_said(f"REPORT_{severity.value.upper()}", texts), receipt.summary[severity])
        for severity in Severity
        if receipt.summary.get(severity)
    ]


def _said(key: str, texts: Texts, **parameters: object) -> Said:
    return {language: texts.get(key, language, **parameters) for language in _LANGUAGES}


def _decimal(number: str, language: Language) -> str:
    return number.replace(".", ",") if language == "sv" else number
