"""Receipts fetched from a provider's place, and shown to be the hub's, the provider's own and of their term. Shows nothing.

Whoever can write in the place can exchange what lies there: nothing of a receipt is believed before its signature holds, and
its page is the one whose digest the receipt has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from avbrott.errors import AvbrottError, BadInput, DoesNotHold
from avbrott.periods import Term
from avbrott.receipts.receipt import PLACE, Receipt, receipt_names
from avbrott.sealing.keys import SIGNATURE_BYTES, HubPublic
from avbrott.transport.target import Target

LARGEST = 16 * 1024 * 1024
"""Bytes of a receipt or its page; the longest have some hundred thousand."""
_NAME = re.compile("([a-z0-9][a-z0-9-]{0,63})-((?:ht|vt)[0-9]{4})\\.json")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A receipt that is the hub's."""

    receipt: Receipt
    files: dict[str, bytes]
    """Its page, its signature and itself, by name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lay in a place: the receipts that hold, by term, and why others do not."""

    receipts: tuple[Fetched, ...]
    refused: tuple[AvbrottError, ...]


def fetch_receipts(target: Target, hub: HubPublic, terms: Iterable[Term], provider: str | None) -> Found:
    """The receipts of ``terms`` and, where it is said, of ``provider`` alone.

    ``BadInput`` (RECEIPTS_SEVERAL) where the place has receipts of several providers and it is not said whose are wanted.
    """
    named = [(term, name, whose) for term in terms for name, whose in _names(target, term)]
    wanted = [(term, name, whose) for term, name, whose in named if provider in (None, whose)]
    if len(several := sorted({whose for _, _, whose in wanted})) > 1:
        raise BadInput("RECEIPTS_SEVERAL", target=target.where, providers=", ".join(several))
    receipts: list[Fetched] = []
    refused: list[AvbrottError] = []
    for term, _, whose in wanted:
        try:
            receipts.append(_fetch(target, hub, term, whose))
        except (DoesNotHold, BadInput) as error:
            refused.append(error)
    return Found(tuple(receipts), tuple(refused))


def terms_of_receipts(target: Target, terms: Iterable[Term], provider: str | None) -> list[Term]:
    """The terms among ``terms`` that the place has receipts of, whether they hold or not."""
    return [term for term in terms if any(provider in (None, whose) for _, whose in _names(target, term))]


def _names(target: Target, term: Term) -> list[tuple[str, str]]:
    """The receipts that lie in the folder of a term, and whose they are called."""
    found = [(name, _NAME.fullmatch(name)) for name in target.names(f"{PLACE}/{term}")]
    return [(name, match[1]) for name, match in found if match is not None and match[2] == str(term).lower()]


def _fetch(target: Target, hub: HubPublic, term: Term, provider: str) -> Fetched:
    """One receipt. It is read once more where it does not hold: the hub may be replacing it."""
    try:
        return _read(target, hub, term, provider)
    except (DoesNotHold, BadInput):
        return _read(target, hub, term, provider)


def _read(target: Target, hub: HubPublic, term: Term, provider: str) -> Fetched:
    page, signature, itself = receipt_names(provider, term)
    files = {name: _content(target, f"{PLACE}/{term}/{name}") for name in (itself, signature, page)}
    content, signed = files[itself], files[signature]
    where = f"{target.where}/{PLACE}/{term}"
    if content is None or signed is None or len(signed) != SIGNATURE_BYTES:
        raise DoesNotHold("RECEIPT_UNSIGNED", file=f"{where}/{itself}", signature=signature)
    if not hub.verifies(signed, content):
        raise DoesNotHold("RECEIPT_FORGED", file=f"{where}/{itself}", fingerprint=hub.fingerprint)
    receipt = _receipt(content, f"{where}/{itself}")
    if (receipt.provider.id, receipt.term) != (provider, str(term)):
        told = {"provider": receipt.provider.id, "term": receipt.term}
        raise DoesNotHold("RECEIPT_ELSEWHERE", file=f"{where}/{itself}", **told)
    shown = files[page]
    if shown is None or hashlib.sha256(shown).hexdigest() != receipt.page_sha256:
        raise DoesNotHold("RECEIPT_PAGE_FORGED", file=f"{where}/{page}")
    return Fetched(receipt, {page: shown, signature: signed, itself: content})


def _content(target: Target, name: str) -> bytes | None:
    """What a file holds; None where there is none, or more than a receipt can be."""
    size = target.size(name)
    return target.read(name, LARGEST) if size is not None and size <= LARGEST else None


def _receipt(content: bytes, file: str) -> Receipt:
    try:
        return Receipt.model_validate_json(content)
    except ValidationError:
        raise BadInput("RECEIPT_UNREADABLE", file=file) from None
