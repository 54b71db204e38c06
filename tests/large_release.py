"""Contracts of an invented nation of 290 municipalities in 21 groups, for tests of how a site bears a large release."""

from __future__ import annotations

from dataclasses import replace

from avbrott.glossary import Code, Glossary
from avbrott.registry import Contracts

GROUPS = 21
MUNICIPALITIES = 290
_FIRST = ("Al", "Björk", "Ek", "Gran", "Hag", "Lind", "Norr", "Sten", "Väster", "Öst", "Å")
_LAST = ("bro", "by", "dal", "fors", "holm", "köping", "näs", "sele", "stad", "torp", "vik", "åker")


def nation(contracts: Contracts) -> Contracts:
    """``contracts`` whose municipalities are those of the nation; everything else is the county's."""
    term = contracts.dimensions["home_municipality"].term
    names = [f"{first}{last}{more}" for more in ("", " norra", " södra") for first in _FIRST for last in _LAST]
    groups = [
        Code(code=f"grp_{place:02d}", sv=f"Grupp {place}", en=f"Group {place}", level="group")
        for place in range(1, GROUPS + 1)
    ]
    homes = [
        Code(
            code=f"{1000 + place}", sv=names[place], en=names[place], level="municipality", parent=groups[place % GROUPS].code
        )
        for place in range(MUNICIPALITIES)
    ]
    known = contracts.glossary.terms
    terms = known | {term: known[term].model_copy(update={"codes": (*groups, *homes)})}
    return replace(contracts, glossary=Glossary(terms=terms))
