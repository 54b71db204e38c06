"""Every whole-number system that agrees with what is known, by search: an oracle that has no code of the engine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.whole_numbers import solutions

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ROOM = 8
"""How far above the smallest cell that holds it a part is looked for, at least, where nothing known bounds it."""


def every_system(held: Ints, value: Ints, known: Mask, *, most_ends: int) -> Ints | None:
    """What the cells can be, a row a system; None where a search would have more open ends than ``most_ends``.

    ``held``: a row a cell, a column a finest part, 1 where the cell holds it; ``value`` by cell; ``known``: cells that are as
    ``value`` says. Parts are whole and not negative; those that no cell tells apart are one.
    """
    matrix = np.unique(held, axis=1)
    matrix = matrix[:, matrix.any(axis=0)]
    least = np.array([value[column > 0].min() for column in matrix.T])
    most = least + np.maximum(ROOM, least + 4)
    found = solutions(matrix[known], value[known], most, most_ends)
    return None if found is None else found @ matrix.T


def whole_range(held: Ints, at: int, value: Ints, known: Mask, least: Ints) -> tuple[int, int]:
    """The least and the most that the cell ``at`` can be, by an integer program and not by search.

    As ``every_system``; cells that are not ``known`` are at least ``least``.
    """
    bounds = [LinearConstraint(held[known], value[known], value[known])] if known.any() else []
    bounds.append(LinearConstraint(held[~known], least[~known], np.inf))
    ends = [
        milp(sign * held[at], constraints=bounds, integrality=np.ones(held.shape[1]), bounds=Bounds(0, 10**6)).fun
        for sign in (1, -1)
    ]
    return round(ends[0]), round(-ends[1])
