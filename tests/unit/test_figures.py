"""What facts leave of small numbers, by the engine and by the checker: of what they settle or cap, less is asked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from avbrott.counting.spec import Table
from avbrott.disclosure.apart import Apart
from avbrott.disclosure.bounds import NO_CAP, Narrowing
from avbrott.disclosure.checker import attacker_of
from avbrott.disclosure.items import Items
from avbrott.disclosure.lattice import Ints
from avbrott.disclosure.rules import RULES, apply_rules
from avbrott.disclosure.system import build_system
from avbrott.policy import BaseRule, Policy
from tests.promise.attackers import attackers_of, everybody
from tests.promise.axis import Axis
from tests.promise.brute import broken, left_by
from tests.promise.case import Case, Protected
from tests.promise.releases import followed
from tests.promise.tables import Stage

AREAS = {"area": Axis("area", ["a", "b", "c"])}
OUTCOMES = {"outcome": Axis("outcome", ["p", "q"])}
THEN = [[5, 8], [9, 6], [7, 12]]
KNOWN = BaseRule(dimension="outcome", minimum=3, known=True)
FREE = 10**5
"""More than any count here."""


def stage_of(axes: dict[str, Axis], counts: list[list[int]] | list[int]) -> Stage:
    return Stage(axes, (Table("main", {name: axis.levels for name, axis in axes.items()}),), np.array(counts))


def revised(now: list[list[int]], base: BaseRule | None, threshold: int = 3) -> Case:
    """Outcomes by area, released as they were then, and to be released as they are now."""
    first = stage_of({**AREAS, **OUTCOMES}, THEN)
    return Case([first, followed(first, [np.array(now)])], Policy(threshold=threshold, width=3, base=base))


def asked(protected: Protected) -> Items:
    """The items of the last release as the engine has them."""
    stage = protected.case.last
    system = build_system(stage.spec, stage.cells)
    cells = system.lattice.places(np.arange(len(system.lattice))).rows()
    variable = dict(zip(cells, system.variable.tolist(), strict=True))
    facts = np.zeros(system.size, np.bool_)
    facts[[variable[place] for place in protected.told.earlier.select(system.lattice.names).iter_rows()]] = True
    return apply_rules(system, protected.case.policy, facts, np.zeros(system.size, np.bool_)).items


def left_of_differences(protected: Protected) -> dict[str, list[tuple[int, int]]]:
    """The least and most of small differences, the later figure less the earlier, by who reckons them."""
    stage, told = protected.case.last, protected.told
    attacker = everybody(protected.case, told)
    items = [item for item in attacker.items if item.rule == "difference"]
    by_brute = [(left_by(attacker, item).floor, left_by(attacker, item).cap) for item in items]
    engine = asked(protected)
    rows = engine.rule == RULES.index("revision")
    by_engine = list(zip(engine.floor[rows].tolist(), (engine.floor + engine.span)[rows].tolist(), strict=True))
    cells = protected.protection.cells
    *_, figures = attacker_of(stage.spec, protected.case.policy, cells, told.earlier, told.known)
    number = {place: at for at, place in enumerate(cells.select(list(stage.axes)).iter_rows())}
    pairs = [(number[stage.places[new]], number[stage.places[old]]) for old, new in stage.beside]
    changed = [pair for pair in pairs if cells["count"][pair[0]] > cells["count"][pair[1]]]
    none = np.full(len(changed), FREE)
    ends = figures.left(*np.array(changed).T, -none, none)
    by_checker = list(zip(*(end.tolist() for end in ends), strict=True))
    return {"brute": sorted(set(by_brute)), "engine": sorted(set(by_engine)), "checker": sorted(set(by_checker))}


def test_known_bases_tell_what_has_come() -> None:
    """All that has come to an area is in the one cell that changed: nobody can keep that, and the table is not refused."""
    protected = revised([[6, 8], [9, 6], [7, 12]], KNOWN).protect()
    assert protected.faults() == []
    assert left_of_differences(protected) == {"brute": [(1, 1)], "engine": [(1, 1)], "checker": [(1, 1)]}


def test_without_known_bases_a_small_difference_is_as_secret_as_any() -> None:
    """The same counts: the difference is not bounded, and reaches what the policy asks."""
    case = revised([[6, 8], [9, 6], [7, 12]], None)
    protected = case.protect()
    assert protected.faults() == []
    attacker = everybody(case, protected.told)
    items = [item for item in attacker.items if item.rule == "difference"]
    assert items
    assert not list(broken(attacker, protected.shown))
    engine = asked(protected)
    rows = engine.rule == RULES.index("revision")
    assert rows.any()
    assert (engine.top[rows] == 3).all()
    assert (engine.span[rows] == 3).all()


def test_the_checker_reckons_by_itself_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine takes all to be settled and shows nothing of differences, the checker asks for them."""

    def settled(self: Apart, _low: Ints, _high: Ints, plus: Ints, minus: Ints) -> tuple[Ints, Ints]:
        truth = np.append(self._system.truth, 0)
        return truth[plus] - truth[minus], truth[plus] - truth[minus]

    monkeypatch.setattr(Apart, "each", settled)
    faults = revised([[6, 8], [9, 6], [7, 12]], None).protect().faults()
    assert {fault.code for fault in faults} == {"REVISION_BELOW_THRESHOLD"}


def narrowed(low: list[int], high: list[int], limit: int = NO_CAP // 2) -> tuple[list[int], list[int]]:
    """Bounds of a, b, their sum, and what the sum is less a."""
    relations = sparse.csr_array(np.array([[1, 1, -1, 0], [-1, 0, 1, -1]]))
    ends = Narrowing(relations).narrowed(np.array(low), np.array(high), np.arange(4), limit)
    return ends[0].tolist(), ends[1].tolist()


def test_bounds_follow_up_and_down_sums_and_through_differences() -> None:
    """What a sum of at most 5 leaves beside a part of at least 3, and what bounds nothing stays so."""
    assert narrowed([3, 0, 0, -NO_CAP], [NO_CAP, NO_CAP, 5, NO_CAP]) == ([3, 0, 3, -2], [5, 2, 5, 2])
    assert narrowed([3, 1, 0, -NO_CAP], [NO_CAP] * 4) == ([3, 1, 4, -NO_CAP], [NO_CAP] * 4)


def test_an_upper_bound_above_the_limit_is_left() -> None:
    """It would not matter, and what follows from it is not looked for."""
    assert narrowed([3, 0, 0, 0], [NO_CAP, NO_CAP, 9, NO_CAP], limit=6) == ([3, 0, 3, 0], [NO_CAP, 6, 9, 6])


def test_her_own_cell_and_a_known_one_settle_their_sum() -> None:
    """A group of her and of one who is known to be there is 2 to her: the sum is not hers and nothing known holds it."""
    area = Axis("area", ["a", "b", "c", "d", "e"], {"group": ["u", "v", "u", "v", "v"]})
    stage = stage_of({"area": area}, [1, 8, 1, 9, 7])
    known = stage.frame(np.array([stage.place["c",]]))
    case = Case([stage], Policy(threshold=3, width=3, insiders=True), known=known)
    protected = case.protect()
    assert protected.faults() == []
    her = next(one for one in attackers_of(case, protected.told) if one.name == "insider")
    of_group = next(item for item in her.items if item.rule == "count" and item.value == 2)
    assert left_by(her, of_group).floor == left_by(her, of_group).cap == 2


def test_a_zero_that_cannot_be_hidden_beside_an_old_figure_that_is_known_from_elsewhere():
    """Where zeros are shown, an old 1 that everybody has and that is gone now is told by no output."""
    first = stage_of(AREAS, [1, 30, 22])
    now = followed(first, [np.array([0, 30, 22])])
    (old,) = np.flatnonzero([place == ("000", "a") for place in now.places])
    case = Case([first, now], Policy(threshold=3, width=3, zeros="shown"), known=now.frame(np.array([old])))
    assert case.protect().faults() == []
