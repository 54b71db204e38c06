"""Receipts written: into the store when a delivery has been checked, and from there to the place that its provider reads.

A receipt is three files: the page and the signature are there before the receipt that they belong to. What is the same is not
written again; what could not be handed over is handed over by the next run. What a receipt says is ``make``'s.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avbrott import atomic
from avbrott.delivery import unanswered
from avbrott.delivery.pull import stored
from avbrott.delivery.settled import read_mark
from avbrott.delivery.sources import Place, read_sources
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.jumped import terms_after
from avbrott.receipts.make import make_receipt
from avbrott.receipts.receipt import PLACE, Receipt, receipt_names
from avbrott.registry import Contracts
from avbrott.sealing.keys import ReceptionKey, reception_key
from avbrott.texts import Texts, load_messages
from avbrott.transport.target import Target, opened

_SENT = ".sent"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was handed over, and why some was not."""

    receipts: int
    unsent: int
    problems: tuple[BadInput, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was written, and what became of it."""

    written: int
    sent: Sent

    def metadata(self) -> dict[str, Any]:
        """In counts and codes, as an asset tells it."""
        return {
            "receipts": self.written,
            "receipts_unsent": self.sent.unsent,
            "receipt_problems": sorted({str(problem) for problem in self.sent.problems}),
        }


def write_receipts(home: Home, contracts: Contracts, checked: Mapping[Term, Iterable[str]]) -> int:
    """Write into the store the receipts of what was checked, and of all that has none of its last check; how many changed.

    A receipt compares with terms before: those of the terms after a checked one are made anew too. What a run that was
    killed had not come to is made by the next.
    """
    texts, key = load_messages(contracts.folder), reception_key(home)
    noted = unanswered.noted(home)
    wanted = noted | {(provider, term) for term, providers in checked.items() for provider in providers}
    wanted |= {(provider, after) for provider, term in wanted for after in terms_after(contracts, term)}
    chosen = [place for place in stored(home) if _is_due(home, *place, asked=place in wanted)]
    for term in {term for _, term in chosen}:
        names = [name for provider, of in chosen if of == term for name in _names_of(provider, term)]
        atomic.remove_parts(home.receipts(str(term)), names)
    with ThreadPoolExecutor(atomic.THREADS) as threads:
        changed = list(threads.map(lambda place: _write(home, contracts, texts, key, *place), chosen))
    for term in {term for _, term in chosen}:
        atomic.sync_folder(home.receipts(str(term)))
    unanswered.cross_out(home, noted)
    return sum(changed)


def answer(home: Home, contracts: Contracts, checked: Mapping[Term, Iterable[str]]) -> Answered:
    """Write the receipts of what was checked, and hand over every one that its provider has not got."""
    return Answered(write_receipts(home, contracts, checked), send_receipts(home, contracts))


def send_receipts(home: Home, contracts: Contracts) -> Sent:
    """Hand over every receipt of the store that its provider has not got; one provider's place stops no other's."""
    sources, waiting = _waiting(home, contracts)
    for term in {term for terms in waiting.values() for term in terms}:
        names = [_names_of(provider, term)[-1] for provider, terms in waiting.items() if term in terms]
        atomic.remove_parts(home.receipts(str(term)), names)
    with ThreadPoolExecutor(atomic.THREADS) as threads:
        done = list(threads.map(lambda one: _send(home, one[0], one[1], sources[one[0]]), waiting.items()))
    problems = tuple(problem for _, problem in done if problem is not None)
    receipts = sum(count for count, _ in done)
    return Sent(receipts, sum(map(len, waiting.values())) - receipts, problems)


def unsent(home: Home, contracts: Contracts) -> int:
    """How many receipts of the store their providers have not got."""
    return sum(map(len, _waiting(home, contracts)[1].values()))


def _waiting(home: Home, contracts: Contracts) -> tuple[dict[str, Place], dict[str, list[Term]]]:
    """The places that receipts are laid at, and by provider the terms of which one is to be laid there."""
    waiting: dict[str, list[Term]] = {}
    sources = {name: place for name, place in read_sources(home, contracts.suppliers).items() if place.takes_receipts}
    for provider, term in stored(home):
        if provider in sources and not _is_sent(home, provider, term, sources[provider]):
            waiting.setdefault(provider, []).append(term)
    return sources, waiting


def lay(target: Target, term: Term, files: Mapping[str, bytes]) -> None:
    """Lay a receipt's files in a provider's place, the receipt itself last."""
    for name, content in files.items():
        target.write(f"{PLACE}/{term}/{name}", content)


def _is_due(home: Home, provider: str, term: Term, *, asked: bool) -> bool:
    """Whether a receipt is to be made: of a delivery that was checked to its end, and is asked for or has none of that."""
    mark = read_mark(home, provider, term)
    if mark is None:
        return False
    try:
        there = Receipt.model_validate_json(_file(home, provider, term).read_bytes())
    except (OSError, ValueError):
        return True
    return asked or there.delivery.digest != mark.delivery


def _write(home: Home, contracts: Contracts, texts: Texts, key: ReceptionKey, provider: str, term: Term) -> bool:
    """Make a receipt and write what differs of it, the receipt itself last; whether it has changed."""
    receipt, page = make_receipt(home, contracts, texts, provider, term)
    content = receipt.content()
    files = dict(zip(receipt_names(provider, term), (page.encode(), key.sign(content), content), strict=True))
    differing = [name for name, wanted in files.items() if _read(home.receipts(str(term)) / name) != wanted]
    for name in differing:
        atomic.write_bytes(home.receipts(str(term)) / name, files[name], lasting=False)
    return bool(differing)


def _send(home: Home, provider: str, terms: list[Term], place: Place) -> tuple[int, BadInput | None]:
    """Hand over the receipts of one provider, as far as its place can be used; how many, and why no more."""
    done = 0
    try:
        with opened(place.where, place.access) as target:
            for term in terms:
                file = _file(home, provider, term)
                names = receipt_names(provider, term)
                lay(target, term, {name: (file.parent / name).read_bytes() for name in names})
                atomic.write_text(file.with_suffix(_SENT), _sent(home, file.read_bytes(), place))
                done += 1
    except BadInput as problem:
        return done, problem
    return done, None


def _is_sent(home: Home, provider: str, term: Term, place: Place) -> bool:
    """Whether the provider's place has got the receipt as it is now; also where there is none to hand over."""
    file = _file(home, provider, term)
    content = _read(file)
    return content is None or _read(file.with_suffix(_SENT)) == _sent(home, content, place).encode()


def _sent(home: Home, content: bytes, place: Place) -> str:
    return f"{hashlib.sha256(content).hexdigest()} {_named(home, place)}\n"


def _named(home: Home, place: Place) -> str:
    """What a place is remembered by: the same whichever way the home is named by, and in the home wherever that is moved."""
    if place.target is not None:
        return place.target
    folder, root = (Path(os.path.realpath(one)) for one in (place.folder, home.root))
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _names_of(provider: str, term: Term) -> tuple[str, ...]:
    *_, name = names = receipt_names(provider, term)
    return *names, str(Path(name).with_suffix(_SENT))


def _file(home: Home, provider: str, term: Term) -> Path:
    *_, name = receipt_names(provider, term)
    return home.receipts(str(term)) / name


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
