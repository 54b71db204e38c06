"""The promise against brute force: on small systems, every whole-number system that the attacker cannot tell from the truth.

``tests/promise`` has the cases (one function a feature), the items (one a rule) and the search that lists the systems; none
of it is the engine's code or the checker's. ``AVBROTT_PROMISE_CASES`` says how many tables with unsafe items are tried,
``AVBROTT_PROMISE_SEED`` (a number) gives others than usual.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, reject, seed, settings

from avbrott.errors import CannotProtect
from tests.promise.brute import TooMany, broken, systems
from tests.promise.case import Case, Protected, Refused
from tests.promise.features import LEAST, cases
from tests.promise.items import Attacker, Item, items_of

PARTS = 10
"""Each is a test of its own, so that they are shared out."""
CASES = -(-int(os.environ.get("AVBROTT_PROMISE_CASES", "5000")) // PARTS)
"""Tables with unsafe items in each part."""
SEED = int(os.environ.get("AVBROTT_PROMISE_SEED", "0"))
FEW = 400
"""In fewer cases than this a rare feature can be missing by chance."""
BELOW_ZERO = "(kept only where finest cells that no table has may be below zero)"
NEEDLESS = "(refused, though hiding everything would keep the promise)"
RARE = 0.02
"""How often, of the tables with unsafe items, these may be."""

Told = Callable[[str, object], None]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_small_number_is_settled_by_what_is_shown(part: int, record_property: Told) -> None:
    """Whatever is shown leaves every unsafe item the values that the promise names; the checker finds no fault.

    Every feature occurred often. What the engine refuses can hardly ever be protected by hiding everything either.
    """
    counted: Counter[str] = Counter()

    def one(case: Case) -> None:
        found: Counter[str] = Counter()
        try:
            _one(case, found)
        finally:
            counted.update(found)

    phases = [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=phases
    )
    seed(SEED + part)(chosen(given(cases())(one)))()
    for name, number in counted.items():
        record_property(f"promise: {name}", number)
    assert counted["tables with unsafe items"] >= CASES
    assert max(counted[BELOW_ZERO], counted[NEEDLESS]) <= max(3, RARE * CASES)
    rare = {name: counted[name] for name, least in LEAST.items() if counted[name] < least / 100 * CASES}
    assert not rare or CASES < FEW, rare


def _one(case: Case, counted: Counter[str]) -> None:
    if not items_of(Attacker(case, case.told(None))):
        counted["(nothing unsafe)"] += 1
        reject()
    try:
        protected = case.protect()
    except (CannotProtect, Refused) as error:
        counted["(refused)"] += 1
        counted[NEEDLESS] += not _impossible(error.case if isinstance(error, Refused) else case)
        reject()
    attacker = Attacker(case, protected.told)
    items = items_of(attacker)
    if not items:
        counted["(nothing unsafe)"] += 1
        reject()
    assert protected.faults() == []
    try:
        left = systems(attacker, protected.shown)
    except TooMany:
        counted["(too many systems to list)"] += 1
        reject()
    wrong = broken(left, items, case.policy.width)
    if wrong and all(_kept_below_zero(protected, item) for item in wrong):
        counted[BELOW_ZERO] += 1
        wrong = []
    assert not wrong, [(item.rule, item.value, left.values(item.row)) for item in wrong]
    assert not [item for item in items if item.cell is not None and protected.shown[item.cell]]
    counted["tables with unsafe items"] += 1
    counted.update(case.features)
    counted.update(f"items: {rule}" for rule in {item.rule for item in items})
    counted["where hiding the unsafe cells alone is not enough"] += _naive_leaks(attacker, items)


def _impossible(case: Case) -> bool:
    """Whether some item would be told even if nothing more were shown than what must be."""
    attacker = Attacker(case, case.told(case.before.protect() if len(case.stages) > 1 else None))
    try:
        left = systems(attacker, case.last.mask(case.keep))
    except TooMany:
        return True
    return bool(broken(left, items_of(attacker), case.policy.width))


def _kept_below_zero(protected: Protected, item: Item) -> bool:
    """Whether the item has its values by witnesses that add up, but that no table of the finest cells stands behind.

    ``docs/promise.md`` says that this is not looked at: the cells of these tables are whole and not negative, and every sum
    holds, also those that lead through cells that no table has; but one of these would be below zero.
    """
    stage = protected.case.last
    rank = np.linalg.matrix_rank(stage.matrix)
    moves = [np.zeros(len(stage.places), np.int64)]
    moves += [move for move in protected.moves() if np.linalg.matrix_rank(np.column_stack([stage.matrix, move])) == rank]
    way = np.linalg.lstsq(stage.matrix.T.astype(float), item.row.astype(float), rcond=None)[0]
    values = np.array([round(float(way @ (stage.count + move))) for move in moves])
    return item.kept(values, protected.case.policy.width)


def _naive_leaks(attacker: Attacker, items: list[Item]) -> bool:
    """Whether somebody would be known if only what is unsafe by itself were hidden."""
    shown = attacker.case.last.published.copy()
    shown[[item.cell for item in items if item.cell is not None]] = False
    return bool(broken(systems(attacker, shown), items, attacker.case.policy.width))
