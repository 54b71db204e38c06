"""What a receipt says in words, by language: the same on a page and on a screen."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.findings import Severity
from avbrott.receipts.receipt import ExtractReceipt, Receipt, RefusedFile
from avbrott.texts import Language, Texts, grouped

Said = dict[Language, str]
"""One text by language; empty where there is nothing to say."""

_LANGUAGES: tuple[Language, ...] = ("sv", "en")


def of_status(receipt: Receipt, texts: Texts) -> list[Said]:
    """What became of the delivery. Where a file was not accepted beside what counts, that comes first."""
    not_accepted = list(_of_refused(receipt, texts)) if receipt.counts else []
    first, *more = _of_what_counts(receipt, texts)
    if not_accepted:
        first = {language: texts.get("RECEIPT_OF_WHAT_COUNTS", language, status=said) for language, said in first.items()}
    return [*not_accepted, first, *more]


def of_files(receipt: Receipt, texts: Texts) -> list[Said]:
    """The files that were not accepted, each with its code."""
    return [
        _said("RECEIPT_FILE_REFUSED" if one.file else "RECEIPT_FILE_UNNAMED", texts, file=one.file, code=one.code)
        for one in receipt.refused_files
    ]


def _of_refused(receipt: Receipt, texts: Texts) -> Iterator[Said]:
    """By extract, that its newest file was not accepted, and what counts instead."""
    newest = {one.extract: one for one in receipt.refused_files}
    held = {one.extract for one in receipt.extracts if one.kind != "withdrawal"}
    for extract, one in newest.items():
        yield _said(_refusal(one, is_held=extract in held), texts, extract=extract, number=one.counts)


def _refusal(one: RefusedFile, *, is_held: bool) -> str:
    if not one.extract:
        return "RECEIPT_REFUSED_UNKNOWN"
    if not is_held:
        return "RECEIPT_REFUSED_ALONE"
    if one.counts is None:
        return "RECEIPT_REFUSED_BESIDE_PLAIN"
    return "RECEIPT_REFUSED_OLDER" if one.number is not None and one.number < one.counts else "RECEIPT_REFUSED_NEWEST"


def _of_what_counts(receipt: Receipt, texts: Texts) -> Iterator[Said]:
    """The status, with how many rows are set aside of how many; and each extract of which that leaves none."""
    aside = sum(one.rows.quarantined for one in receipt.extracts)
    if taken_back := [one.extract for one in receipt.extracts if one.kind == "withdrawal" and receipt.status != "withdrawn"]:
        yield _said("RECEIPT_TAKEN_BACK", texts, extracts=", ".join(taken_back))
    told = {"quarantined": aside, "delivered": sum(one.rows.delivered for one in receipt.extracts)}
    if aside and not any(one.rows.accepted for one in receipt.extracts):
        yield _said("RECEIPT_ALL_SET_ASIDE", texts, **told)
        return
    yield _said(f"RECEIPT_{receipt.status.upper()}", texts, **told)
    for one in receipt.extracts:
        if one.rows.quarantined and not one.rows.accepted:
            yield _said("RECEIPT_EXTRACT_SET_ASIDE", texts, extract=one.extract, **one.rows.model_dump())


def of_rows(extract: ExtractReceipt, texts: Texts) -> Said:
    """How many rows came, and what became of them."""
    return _said("RECEIPT_ROWS", texts, **extract.rows.model_dump())


def of_kind(extract: ExtractReceipt, texts: Texts) -> Said:
    """That there was nothing to report, or that what was delivered is taken back; nothing of rows."""
    return _said(f"RECEIPT_{extract.kind.upper()}", texts) if extract.kind in ("nil", "withdrawal") else {}


def of_replaced(extract: ExtractReceipt, texts: Texts) -> Said:
    """Which delivery it took back or took the place of, and whether that had been taken back; nothing of a first one."""
    told = {"number": extract.replaced_number, "rows": extract.replaced_rows, "withdrawal": extract.withdrawn_by}
    if extract.replaced_number is None or extract.replaced_rows is None:
        return _said("RECEIPT_ANEW", texts, **told) if extract.withdrawn_by is not None else {}
    if extract.kind == "withdrawal":
        return _said("RECEIPT_TOOK_BACK", texts, **told)
    return _said("RECEIPT_REPLACES" if extract.withdrawn_by is None else "RECEIPT_REPLACES_WITHDRAWN", texts, **told)


def of_extract(extract: ExtractReceipt, texts: Texts) -> list[Said]:
    """All that is said of one extract, in its order."""
    every = (of_kind, of_rows, of_replaced, of_before, of_mapping)
    return [said for of in every if (said := of(extract, texts))]


def of_before(extract: ExtractReceipt, texts: Texts) -> Said:
    """The same extract a term earlier."""
    before = extract.before
    if before is None:
        return _said("RECEIPT_NO_BEFORE", texts)
    key = "RECEIPT_BEFORE_NONE" if before.share is None else "RECEIPT_BEFORE"
    percent = f"{100 * (before.share or 0):.1f}"
    said: Said = {}
    for language in _LANGUAGES:
        told = grouped(before.model_dump() | {"size": abs(before.change)}, language)
        change = f"{_sign(before.change)}{told['size']}"
        said[language] = texts.get(key, language, **told | {"change": change, "share": _decimal(percent, language)})
    return said


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
    return {language: texts.get(key, language, **grouped(parameters, language)) for language in _LANGUAGES}


def _sign(number: int) -> str:
    return "\N{MINUS SIGN}" if number < 0 else "+"


def _decimal(number: str, language: Language) -> str:
    return number.replace(".", ",") if language == "sv" else number
