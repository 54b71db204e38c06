"""Receipts fetched from a provider's place, and shown to be the hub's, the provider's own and of their term. Shows nothing.

Whoever can write in the place can exchange what lies there: nothing of a receipt is believed before its signature holds, and
its page is the one whose digest the receipt has.
"""

from __future__ import annotations

import hashlib
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


def fetch_receipts(target: Target, hub: HubPublic, terms: Iterable[Term], provider: str) -> Found:
    """The receipts of ``terms`` and of ``provider``: another's, genuine as it may be, is not looked at."""
    receipts: list[Fetched] = []
    refused: list[AvbrottError] = []
    for term in terms_of_receipts(target, terms, provider):
        try:
            receipts.append(_fetch(target, hub, term, provider))
        except (DoesNotHold, BadInput) as error:
            refused.append(error)
    return Found(tuple(receipts), tuple(refused))


def terms_of_receipts(target: Target, terms: Iterable[Term], provider: str) -> list[Term]:
    """The terms among ``terms`` that the place has a receipt of, called as the provider's, whether it holds or not."""
    return [term for term in terms if receipt_names(provider, term)[-1] in target.names(f"{PLACE}/{term}")]


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
