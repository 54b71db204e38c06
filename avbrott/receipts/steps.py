"""What a receipt says is to be done now, and the commands that do it: for files, then rows, then what is awaited."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from avbrott.delivery.record import Delivery, Extract
from avbrott.delivery.report import Told
from avbrott.findings import Severity
from avbrott.receipts.receipt import ExtractReceipt, NextStep, Words
from avbrott.texts import Texts

_STOPS = (Severity.BLOCKING, Severity.QUARANTINE)
_DELIVER = "avbrott deliver DIR --to TARGET --key SIGNINGKEY --hub HUB.pub"
_SHOW_KEY = "avbrott keys show SIGNINGKEY.pub"
_OF_KEYS = {"SEALED_NO_KEY": "RECEIPT_NEXT_KEY_MISSING", "SEALED_SIGNATURE": "RECEIPT_NEXT_KEY_OTHER"}
"""Refusals that a key mends."""
_STRAY = "SEALED_NAME"
"""What is no delivery at all: it is to be taken away."""
_STAY = {"SEALED_NO_KEY", "SEALED_REPLAYED", _STRAY}
"""Refusals after which nothing has to be delivered anew."""


def next_steps(
    delivery: Delivery, extracts: Sequence[ExtractReceipt], entries: Sequence[Told], texts: Texts, between: Collection[str]
) -> tuple[NextStep, ...]:
    """Every step, in order; one that says so where there is nothing to do.

    ``between``: the codes of rules that hold one extract against another.
    """
    refused = {(one.extract, one.code) for one in delivery.refused}
    stops = [entry.finding for entry in entries if entry.finding.severity in _STOPS]
    stopped = {finding.extract for finding in stops if (finding.extract, finding.code) not in refused}
    steps = (
        *_of_refused(delivery, texts),
        *_of_rows(delivery, stopped, texts, together=any(finding.code in between for finding in stops)),
        *_again(delivery, stopped, texts),
        *_awaited(delivery, extracts, entries, texts),
        *_out_of_the_ordinary([one for one in extracts if one.extract not in stopped], texts),
    )
    return steps or (_step("RECEIPT_NEXT_NOTHING", texts),)


def _of_refused(delivery: Delivery, texts: Texts) -> Iterator[NextStep]:
    """What mends files that were not accepted: a key, or what their finding says. No row of theirs was judged."""
    codes = sorted({one.code for one in delivery.refused})
    for code in codes:
        if code in _OF_KEYS:
            yield _step(_OF_KEYS[code], texts, _SHOW_KEY)
    if _STRAY in codes:
        yield _step("RECEIPT_NEXT_STRAY", texts)
    if others := [code for code in codes if code not in _OF_KEYS and code != _STRAY]:
        yield _step("RECEIPT_NEXT_REFUSED", texts, codes=", ".join(others))


def _of_rows(delivery: Delivery, stopped: set[str], texts: Texts, *, together: bool) -> Iterator[NextStep]:
    """Mend what stops rows or the delivery, and check at home; prepare anew what names the key of its pseudonyms."""
    if not stopped:
        return
    yield _step("RECEIPT_NEXT_MEND", texts)
    extracts = [extract for extract in delivery.extracts if extract.name in stopped]
    of = {one: f"--contract {one.name} --provider {delivery.provider} --term {delivery.term}" for one in extracts}
    prepared = [one for one in extracts if _is_prepared(delivery, one)]
    if extracts and together:
        filled = [one for one in delivery.extracts if one.kind in (None, "data")]
        files = (f"EXPORT_{one.name.upper()}" if _is_prepared(delivery, one) else one.file for one in filled)
        command = f"avbrott check {' '.join(files)} --provider {delivery.provider} --term {delivery.term}"
        yield _step("RECEIPT_NEXT_CHECK_TOGETHER", texts, command)
    elif extracts:
        checks = (f"avbrott check {'EXPORT' if one in prepared else one.file} {of[one]}" for one in extracts)
        yield _step("RECEIPT_NEXT_CHECK", texts, *checks)
    if prepared:
        commands = (f"avbrott prepare EXPORT {of[one]} --key KEYFILE --out DIR" for one in prepared)
        yield _step("RECEIPT_NEXT_PREPARE", texts, *commands)


def _again(delivery: Delivery, stopped: set[str], texts: Texts) -> Iterator[NextStep]:
    """How what is mended is delivered."""
    sealed = any(one.kind is not None for one in delivery.extracts if one.name in stopped)
    if sealed or {one.code for one in delivery.refused} - _STAY:
        yield _step("RECEIPT_NEXT_DELIVER", texts, _DELIVER)
    elif stopped & {one.name for one in delivery.extracts}:
        yield _step("RECEIPT_NEXT_REPLACE", texts)


def _awaited(
    delivery: Delivery, extracts: Sequence[ExtractReceipt], entries: Sequence[Told], texts: Texts
) -> Iterator[NextStep]:
    """What was taken back, and what never came: deliver it, or say that there is nothing to report.

    Where other rows say that there is something, nothing else is offered than to deliver it.
    """
    for owed in (entry.finding for entry in entries if entry.finding.code == "EXTRACT_OWED"):
        commands = (_DELIVER,) if _is_sealed(delivery) else ()
        yield _step("RECEIPT_NEXT_OWED", texts, *commands, extract=owed.extract, rows=owed.count)
    missing = [entry.finding.extract for entry in entries if entry.finding.code == "EXTRACT_MISSING"]
    taken_back = {one.extract for one in extracts if one.kind == "withdrawal"}
    if again := [name for name in missing if name in taken_back]:
        yield _step("RECEIPT_NEXT_WITHDRAWN", texts, _DELIVER, *_nil(again, delivery), extracts=", ".join(again))
    if not (others := [name for name in missing if name not in taken_back]):
        return
    if any(not one.extract for one in delivery.refused):  # a file that may be one of them
        yield _step("RECEIPT_NEXT_MISSING_OR_REFUSED", texts)
    else:
        yield _step("RECEIPT_NEXT_MISSING", texts, *(_nil(others, delivery) if _is_sealed(delivery) else ()))


def _nil(extracts: Sequence[str], delivery: Delivery) -> list[str]:
    who = f"--provider {delivery.provider} --term {delivery.term}"
    return [f"avbrott deliver --nil {one} {who} --to TARGET --key SIGNINGKEY --hub HUB.pub" for one in extracts]


def _out_of_the_ordinary(extracts: Sequence[ExtractReceipt], texts: Texts) -> Iterator[NextStep]:
    """Look at rows that have jumped, and at what has none where there were some: in the delivery or the term before."""
    for one in extracts:
        if one.jumped is not None and one.rows.delivered:
            now, then = one.jumped.accepted, one.jumped.accepted_then
            yield _step("RECEIPT_NEXT_JUMPED", texts, extract=one.extract, now=now, then=then, term=one.jumped.term)
        if one.kind == "withdrawal" or one.rows.delivered:
            continue
        if one.replaced_rows:
            yield _step("RECEIPT_NEXT_FELL", texts, extract=one.extract, rows=one.replaced_rows)
        elif one.before is not None and one.before.delivered:
            told = {"rows": one.before.delivered, "term": one.before.term}
            yield _step("RECEIPT_NEXT_FELL_TERM", texts, extract=one.extract, **told)


def _is_prepared(delivery: Delivery, extract: Extract) -> bool:
    return extract.kind is not None or bool(delivery.epoch_of(extract))


def _is_sealed(delivery: Delivery) -> bool:
    """Whether the provider delivers sealed, as far as its deliveries of the term tell."""
    of_term = (*delivery.extracts, *delivery.history)
    return any(one.kind is not None for one in of_term) or not delivery.extracts


def _step(key: str, texts: Texts, *commands: str, **told: object) -> NextStep:
    return NextStep(what=Words(sv=texts.get(key, "sv", **told), en=texts.get(key, "en", **told)), commands=commands)
