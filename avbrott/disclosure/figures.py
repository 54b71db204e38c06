"""What all figures that the attacker has leave of numbers, for the checker: where there are vintages, less is asked of them.

No solver and no code of the engine. How bounds follow from each other is ``reach``'s.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from avbrott.disclosure.differences import in_vintages
from avbrott.disclosure.insider_persons import Forms, forms_of
from avbrott.disclosure.proof import Proof
from avbrott.disclosure.reach import Reach

Ints = npt.NDArray[np.int64]


class Figures:
    """The forms of one proof, and what facts and floors leave of them where there are vintages."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof

    @cached_property
    def forms(self) -> Forms:
        proof = self._proof
        return forms_of(proof.sums, proof.kept, proof.count)

    @cached_property
    def reach(self) -> Reach:
        return Reach(self.forms, in_vintages(self._proof.spec, self._proof.cells))

    @cached_property
    def bounds(self) -> tuple[list[int], list[int]] | None:
        """By number of ``reach``, what all figures leave of it; None where there is one vintage."""
        proof = self._proof
        if proof.spec.vintage is None:
            return None
        has = proof.known | ((proof.count == 0) & ~proof.silent & (proof.policy.zeros == "shown"))
        alone = np.where(has, proof.count, proof.floor), np.where(has, proof.count, proof.cap)
        return self.reach.settled(*alone)

    def left(self, plus: Ints, minus: Ints, floor: Ints, cap: Ints) -> tuple[Ints, Ints]:
        """The least and the most of forms ``plus`` less ``minus`` (-1: nothing), ``floor`` to ``cap`` by the record alone."""
        if self.bounds is None:
            return floor, cap
        least, most = self.reach.each(*self.bounds, plus.tolist(), minus.tolist())
        return np.maximum(floor, least), np.minimum(cap, most)
