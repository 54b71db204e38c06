"""Hidden cells that what is public settles: programs over its equations leave them one value. A reader can compute them.

So it is where an attacker is said to have a figure anyway (``base.known``, ``known``): it is hidden and not protected.
Not here: other values for the others (``public_witnesses``).
"""

from __future__ import annotations

import math

import highspy
import numpy as np

from avbrott.tabular.program import FRACTION, PRIMAL_SIMPLEX, Program
from avbrott.tabular.public import Equations, Ints, Mask
from avbrott.tabular.public_witnesses import two_values

SEEN = 1_000_000
"""How many cells the programs may see together: a bound, and no clock, or two runs could differ."""


def one_value(equations: Equations, systems: Ints) -> Mask:
    """By hidden cell, whether bounds leave it one value; asked of those that ``systems`` do not differ in, in their order."""
    settled = np.zeros(systems.shape[1], np.bool_)
    left = np.flatnonzero(~two_values(systems)) if len(systems) else np.zeros(0, np.int64)
    if not len(left):
        return settled
    size = systems.shape[1]
    program = Program(equations, equations.least.astype(np.float64), np.full(size, highspy.kHighsInf))
    program.option("presolve", "off")
    program.option("simplex_strategy", PRIMAL_SIMPLEX)
    for cell in left[: SEEN // size]:
        cost = np.zeros(size)
        cost[cell] = 1.0
        low, high = program.solve(cost), program.solve(-cost)
        if low is not None and high is not None:
            settled[cell] = math.ceil(low[cell] - FRACTION) >= math.floor(high[cell] + FRACTION)
    return settled
