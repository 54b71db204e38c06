"""A receipt as one HTML page that opens anywhere: no script, no other file, no network. Swedish first, English beside it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from avbrott.delivery.report_html import facts_list, finding_article, page, said
from avbrott.findings import Severity
from avbrott.receipts.receipt import ExtractReceipt, NextStep, Receipt
from avbrott.receipts.words import of_extract, of_files, of_severities, of_status
from avbrott.texts import Language, Texts

_LANGUAGES: tuple[Language, ...] = ("sv", "en")
_STATUS_MARKS = {
    "accepted": "accepted",
    "accepted_with_quarantine": Severity.QUARANTINE.value,
    "refused": Severity.BLOCKING.value,
    "withdrawn": Severity.ASSUMED.value,
}


def receipt_page(receipt: Receipt, texts: Texts) -> str:
    """The whole page."""
    head = [*said("p", "RECEIPT_NO_VALUES", texts), *facts_list(_facts(receipt), texts)]
    return page("RECEIPT_TITLE", head, _body(receipt, texts), texts)


def _facts(receipt: Receipt) -> list[tuple[str, str]]:
    """Whose it is; what else is known of the delivery comes after what became of it."""
    return [("PROVIDER", " ".join(filter(None, (receipt.provider.id, receipt.provider.name)))), ("TERM", receipt.term)]


def _body(receipt: Receipt, texts: Texts) -> Iterator[str]:
    mark = _STATUS_MARKS["refused" if receipt.refused_files else receipt.status]
    first, *more = of_status(receipt, texts)
    yield f'<section class="status {mark}" aria-labelledby="status"><h2 id="status">'
    yield f"{escape(first['sv'])}</h2>"
    yield f'<p lang="en">{escape(first["en"])}</p>'
    for words in (*more, *of_files(receipt, texts)):
        yield from (f'<p lang="{language}">{escape(words[language])}</p>' for language in _LANGUAGES)
    delivery = receipt.delivery
    if receipt.is_late:
        yield from said("p", "RECEIPT_LATE", texts, created=delivery.created, due=delivery.due)
    yield "</section>"
    yield from _section("next", "RECEIPT_NEXT", texts)
    yield "<ol>"
    for step in receipt.next:
        yield from _step(step)
    yield "</ol></section>"
    yield from _section("extracts", "RECEIPT_EXTRACTS", texts)
    days = [("DELIVERED_ON", delivery.created), ("DUE", delivery.due)]
    yield from facts_list([*days, ("DIGEST", delivery.digest)], texts)
    for extract in receipt.extracts:
        yield from _extract(extract, texts)
    yield "</section>"
    yield from _section("findings", "RECEIPT_FINDINGS", texts)
    yield '<ul class="summary">'
    for words, count in of_severities(receipt, texts):
        spans = " / ".join(f'<span lang="{language}">{escape(words[language])}</span>' for language in _LANGUAGES)
        yield f"<li>{spans}: {count}</li>"
    yield "</ul>"
    if not receipt.findings:
        yield from said("p", "RECEIPT_NO_FINDINGS", texts)
    for entry in receipt.told:
        yield from finding_article(entry, texts, entry.finding.extract)
    yield "</section>"


def _section(name: str, key: str, texts: Texts) -> Iterator[str]:
    """The beginning of a section with its heading in both languages."""
    yield f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(texts.get(key, "sv"))} '
    yield f'<span lang="en">/ {escape(texts.get(key, "en"))}</span></h2>'


def _step(step: NextStep) -> Iterator[str]:
    yield f'<li><p>{escape(step.what.sv)}</p><p lang="en">{escape(step.what.en)}</p>'
    for command in step.commands:
        # A line is broken between words alone: two hyphens of an option stay together.
        words = " ".join(f"<span>{escape(word)}</span>" for word in command.split(" "))
        yield f"<pre><code>{words}</code></pre>"
    yield "</li>"


def _extract(extract: ExtractReceipt, texts: Texts) -> Iterator[str]:
    name = f"extract-{extract.extract}"
    yield f'<section aria-labelledby="{name}"><h3 id="{name}">{escape(extract.title.sv)} '
    yield f'<span lang="en">/ {escape(extract.title.en)}</span></h3>'
    facts = [("CONTRACT", f"{extract.extract} {extract.contract_version}"), ("FILE", extract.file)]
    key = (("KEY_EPOCH", extract.key_epoch), ("KEY_FINGERPRINT", extract.key_fingerprint))
    more = (("NUMBER", extract.number), *key, ("PACKAGE_SHA256", extract.package_sha256))
    facts += [(head, str(value)) for head, value in more if value is not None]
    yield from facts_list([*facts, ("SHA256", extract.sha256)], texts)
    for words in of_extract(extract, texts):
        for language in _LANGUAGES:
            yield f'<p lang="{language}">{escape(words[language])}</p>'
    yield "</section>"
