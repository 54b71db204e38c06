"""The proof held against readers of pages of their own: what is left of it before each coalition. No code of the engine.

To a coalition every cell of its own codes is a fact, so a witness that moves one proves nothing against it. What the others
must show of each item is the same as before everybody (``item_checks``).
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from itertools import combinations

import numpy as np

from avbrott.disclosure.item_checks import ItemChecks
from avbrott.disclosure.proof import Proof
from avbrott.table import TOTAL


def page_faults(proof: Proof) -> Counter[str]:
    """Faults against readers of pages; ``proof`` has the witnesses that hold against everybody."""
    rule = proof.policy.pages
    faults: Counter[str] = Counter()
    if rule is None:
        return faults
    if rule.dimension not in proof.names:
        faults["PAGE_DIMENSION_UNKNOWN"] += 1
        return faults
    own = proof.rows[rule.dimension]
    every = _readers(set(own.to_list()) - {TOTAL}, rule.together)
    for size in range(rule.coalition):
        for coalition in combinations(every, size + 1):
            theirs = proof.spread(own.is_in([code for reader in coalition for code in reader]).to_numpy().copy())
            before = copy(proof)
            before.faults = Counter()
            before.policy = proof.policy.model_copy(update={"insiders": False})
            before.known = proof.known | theirs
            moved = np.asarray(abs(proof.deltas) @ theirs.astype(np.int64)) > 0
            before.deltas = proof.deltas[np.flatnonzero(~moved)]
            ItemChecks(before).run()
            for code, number in before.faults.items():
                if not code.endswith("_SHOWN"):
                    faults[f"PAGE_{code}"] += number
    return faults


def _readers(codes: set[str], together: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    """The codes of each reader: those that are one's, and every other code by itself."""
    shared = {code for one in together for code in one}
    return [*([code] for code in sorted(codes - shared)), *(sorted(codes & set(one)) for one in together)]
