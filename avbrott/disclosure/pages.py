"""Readers of pages of their own as attackers: what each coalition has beside what everybody has. No search here.

Who has a page has every cell of its own code as a fact, hidden or not. Every item of others must keep the promise before it.
What the rule means: ``docs/method.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from avbrott.disclosure.lattice import Mask
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.system import System
from avbrott.policy import PageRule
from avbrott.table import TOTAL


def readers(rules: Rules, system: System, rule: PageRule | None) -> Iterator[Rules]:
    """What holds against each coalition, smaller ones first: its facts, and the items that these leave open."""
    if rule is None:
        return
    at = system.lattice.names.index(rule.dimension)
    axis = system.lattice.axes[at]
    every = _readers(rule, set(axis.codes) - {TOTAL})
    for size in range(1, rule.coalition + 1):
        for coalition in combinations(every, size):
            fixed = rules.fixed | _theirs(system, at, [axis.index[code] for reader in coalition for code in reader])
            items = rules.items
            still = fixed[items.plus] & ((items.minus < 0) | fixed[items.minus])
            yield replace(rules, items=items.some(~still), fixed=fixed)


def _readers(rule: PageRule, codes: set[str]) -> list[tuple[str, ...]]:
    """The codes of each reader, sorted; several where they are one's."""
    several = [tuple(sorted(codes.intersection(one))) for one in rule.together]
    alone = codes.difference(*several) if several else codes
    return sorted([*((code,) for code in alone), *(one for one in several if one)])


def _theirs(system: System, at: int, codes: list[int]) -> Mask:
    theirs = np.zeros(system.size, np.bool_)
    theirs[system.variable[np.isin(system.lattice.codes[:, at], codes)]] = True
    return theirs
