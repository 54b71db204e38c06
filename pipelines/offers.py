"""What a run takes up: which providers and terms have something new, or something that an earlier run pulled only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from avbrott.delivery.pull import Offer, offered
from avbrott.delivery.settled import waiting
from avbrott.errors import BadInput
from avbrott.help_texts import LANGUAGES
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import load_messages


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The providers and terms of what is to be taken up, both in their order: all of them with each other."""

    known: list[str]
    """Every provider there is."""
    providers: list[str]
    terms: list[Term]
    offers: list[Offer]
    problems: list[BadInput]
    """The providers' folders that could not be read."""


def awaiting(home: Home, contracts: Contracts, until: Term | None) -> Awaiting:
    """What is to be taken up; of what is new, terms up to ``until``."""
    offers, problems = offered(home, contracts)
    found = [one for one in waiting(home, offers) if one.is_pulled or until is None or one.term <= until]
    concerned = {one.provider for one in found}
    known = [*contracts.suppliers.by_id, *sorted(concerned - contracts.suppliers.by_id.keys())]
    places = [place for place, provider in enumerate(known) if provider in concerned]
    return Awaiting(
        known,
        known[places[0] : places[-1] + 1] if places else [],
        sorted({one.term for one in found}),
        offers,
        problems,
    )


def why_nothing(home: Home, problems: Sequence[BadInput]) -> BadInput:
    """Why a run has nothing to take up: what each place that could not be read said, or that none holds anything."""
    different = {str(problem): problem for problem in problems}
    if len(different) <= 1:
        return next(iter(different.values()), BadInput("NOTHING_OFFERED", home=home.root))
    texts = load_messages()
    told = {
        f"places_{language}": "\n  ".join(
            f"{texts.get(one.code, language, **one.parameters)} {texts.mend(one.code, language, **one.parameters)}"
            for one in different.values()
        )
        for language in LANGUAGES
    }
    return BadInput("SOURCES_ALL_FAILED", count=len(different), **told)


def in_lanes(terms: Iterable[Term], lanes: int) -> list[list[Term]]:
    """The terms dealt out to lanes, one after the other."""
    dealt = list(terms)
    return [dealt[lane::lanes] for lane in range(lanes)]
