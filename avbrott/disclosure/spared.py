"""Zeros that a search does without at first, and those that no part of it holds: few of them are hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.rules import RULES
from avbrott.disclosure.system import System
from avbrott.disclosure.tied import Tied

SELDOM, RARELY = 0.2, 0.05
"""How often a zero is used at once, and one that is part of a zero: most items are served without, and less is hidden so, but
nobody can rule a zero out. One that is part of a zero is of use together with others alone."""
NEEDS_ZEROS = [RULES.index("complement"), RULES.index("base")]
"""Items that move by way of such zeros."""


@dataclass(frozen=True, slots=True)
class Spared:
    """By variable, whether parts are without it ``at_first``, and ``always``."""

    at_first: Mask
    always: Mask

    @classmethod
    def drawn(cls, system: System, rules: Ints, lots: np.random.Generator) -> Spared:
        """Most zeros by lot; none where an item of ``rules`` (by item, its place in ``RULES``) needs them."""
        if np.isin(rules, NEEDS_ZEROS).any():
            nothing = np.zeros(system.size, np.bool_)
            return cls(nothing, nothing)
        drawn, below = lots.random(system.size), _below_nobody(system)
        return cls((system.truth == 0) & (drawn >= np.where(below, RARELY, SELDOM)), below & (drawn >= RARELY))

    def of(self, tied: Tied) -> Spared:
        """The same where some variables are one: without one of which all are spared."""
        return Spared(*(~tied.highest(~spared) for spared in (self.at_first, self.always)))


def _below_nobody(system: System) -> Mask:
    """Zeros that are part of a zero."""
    coo = system.relations.tocoo()
    above = np.full(system.relations.shape[0], -1, np.int64)
    above[coo.row[coo.data < 0]] = coo.col[coo.data < 0]
    parts = coo.data > 0
    over = above[coo.row[parts]]
    found = np.zeros(system.size, np.bool_)
    found[coo.col[parts][(over >= 0) & (system.truth[over] == 0)]] = True
    zero: Mask = found & (system.truth == 0)
    return zero
