"""The parts of the search: what follows from what is shown, which relations say everything, what a program can see."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure import hide, work
from avbrott.disclosure.care import LITTLE, Cares
from avbrott.disclosure.hide import Hiding
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.merge import merged
from avbrott.disclosure.parts import Parts
from avbrott.disclosure.program import Program, Wish
from avbrott.disclosure.rules import apply_rules
from avbrott.disclosure.span import span_of
from avbrott.disclosure.system import System, build_system
from avbrott.disclosure.witness import Shown, Witnesses
from avbrott.policy import Policy

GROUPS = {"g": ["a", "b", "c"], "h": ["d", "e"]}


def square(counts: list[list[int]]) -> System:
    """A table of two dimensions: five places in two groups, and as many kinds as ``counts`` has columns."""
    places = [place for group in GROUPS.values() for place in group]
    kinds = [f"k{i}" for i in range(len(counts[0]))]
    members = pl.DataFrame([(g, p) for g, ps in GROUPS.items() for p in ps], schema=["group", "place"], orient="row")
    spec = SystemSpec(
        "square",
        {
            "place": Dimension("place", members, (("group", "place"),)),
            "kind": Dimension("kind", pl.DataFrame({"kind": kinds}), (("kind",),)),
        },
        (Table("all", {"place": ("group", "place"), "kind": ("kind",)}),),
    )
    held = {p: {p} for p in places} | {g: set(ps) for g, ps in GROUPS.items()} | {TOTAL: set(places)}
    cells = [
        (
            place,
            kind,
            sum(counts[places.index(p)][k] for p in held[place] for k, name in enumerate(kinds) if kind in {name, TOTAL}),
        )
        for place, kind in itertools.product(held, [*kinds, TOTAL])
    ]
    return build_system(spec, pl.DataFrame(cells, schema=["place", "kind", "count"], orient="row"))


@pytest.fixture
def system() -> System:
    return square([[20, 1, 30], [10, 20, 30], [9, 8, 7], [2, 40, 6], [11, 12, 13]])


def test_the_kept_relations_say_all_that_there_is_to_say(system: System) -> None:
    """They have the rank of all relations, and no more rows than that."""
    rows = span_of(system.relations)
    rank = np.linalg.matrix_rank(system.relations.toarray())
    assert len(rows) == rank < system.relations.shape[0]
    assert np.linalg.matrix_rank(system.relations[rows].toarray()) == rank


def test_a_relation_that_does_not_follow_is_kept() -> None:
    """Two ways to add up to the same sum from different parts are two facts."""
    relations = sparse.csr_array(np.array([[-1, 1, 1, 0, 0], [-1, 0, 0, 1, 1]]))
    assert span_of(relations).tolist() == [0, 1]


def test_the_ends_and_a_value_between_them_are_shown() -> None:
    """Whatever order values are seen in: the lowest, the highest, and one that is neither, each by a witness that has it."""
    lots = np.random.default_rng(1)
    truth = lots.integers(0, 5, 20)
    shown = Shown(truth.copy())
    values = lots.integers(-3, 9, (30, len(truth)))
    for witness, each in enumerate(values):
        at = np.flatnonzero((each != truth) & (lots.random(len(truth)) < 0.5))
        values[witness] = np.where(np.isin(np.arange(len(truth)), at), each, truth)
        shown.see(at, each[at], witness)
        seen = np.vstack([truth, values[: witness + 1]])
        assert (shown.low == seen.min(axis=0)).all()
        assert (shown.high == seen.max(axis=0)).all()
        assert (shown.between == ((seen > shown.low) & (seen < shown.high)).any(axis=0)).all()
        for by, value in ((shown.low_by, shown.low), (shown.high_by, shown.high), (shown.other_by, shown.other)):
            told = shown.between | (value != shown.other)
            assert (np.vstack([values, truth])[by, np.arange(len(truth))][told] == value[told]).all()


def test_a_difference_its_smallest_part_and_its_opposite_are_taken_where_they_are_valid(system: System) -> None:
    """None where a sum is broken, something fixed moves or a count would be below zero; backwards in part if not whole."""
    rules = apply_rules(
        system, Policy(threshold=3, width=3), np.zeros(system.size, np.bool_), np.zeros(system.size, np.bool_)
    )
    names = system.places(np.arange(system.size)).rows()
    delta = np.zeros(system.size, np.int64)
    for place, kind, way in (("a", "k0", 1), ("a", "k1", -1), ("b", "k0", -1), ("b", "k1", 1)):
        delta[names.index((place, kind))] = way

    def taken(difference: Ints, fixed: Mask) -> list[int]:
        witnesses = Witnesses(system.relations, system.truth, fixed, rules.items)
        where = np.flatnonzero(difference)
        assert witnesses.add(where, difference[where]) == bool(witnesses.found)
        return [int(moved[where == names.index(("a", "k0"))][0]) for where, moved in witnesses.found]

    free = np.zeros(system.size, np.bool_)
    assert taken(delta, free) == [1, -1]
    assert taken(-2 * delta, free) == [-2, -1, 1]
    assert taken(2 * delta, free) == []
    assert taken(delta, np.arange(system.size) == names.index(("b", "k1"))) == []
    delta[names.index(("b", "k1"))] = 0
    assert taken(delta, free) == []


def test_what_moves_as_one_is_one_column(system: System) -> None:
    """Every difference that the columns allow is one of the variables, and the other way about; there are fewer columns."""
    free = np.ones(system.size, np.bool_)
    free[np.flatnonzero(system.truth == 0)] = False
    free[1::3] = False
    relations = system.relations[:, np.flatnonzero(free)]
    column, left = merged(relations)
    assert left.shape[1] == len(set(column.tolist()) - {-1}) < relations.shape[1]
    assert -1 in column, "one part of a sum cannot move alone"
    spread = np.zeros((relations.shape[1], left.shape[1]), np.int64)
    spread[np.flatnonzero(column >= 0), column[column >= 0]] = 1
    rank = np.linalg.matrix_rank
    # The spaces of differences have the same dimension, and the one lies in the other.
    assert left.shape[1] - rank(left.toarray()) == relations.shape[1] - rank(relations.toarray())
    both = np.vstack([left.toarray(), (relations @ spread)])
    assert rank(both) == rank(left.toarray())


def test_a_part_holds_its_variable_and_all_above_it(system: System) -> None:
    """However small a part is asked for; two parts from the same lots are the same."""
    parts = Parts(system, np.zeros(system.size, np.bool_))
    for variable in range(system.size):
        part = parts.around(variable, 6, np.random.default_rng(3))
        assert variable in part
        assert len(part) < system.size
        own = system.lattice.places(system.first[[variable]]).row(0)
        total = system.places(part).filter((pl.col("place") == own[0]) & (pl.col("kind") == TOTAL))
        assert total.height == 1
        assert np.array_equal(part, parts.around(variable, 6, np.random.default_rng(3)))


def test_a_program_moves_what_a_wish_is_worth(system: System) -> None:
    """A wish that is worth its price is served, in few cells; one that is worth less moves nothing."""
    program = Program(system.relations[span_of(system.relations)], system.truth, 40)
    amount = np.zeros(system.size, np.int64)
    amount[int(np.flatnonzero(system.truth == 1)[0])] = 4
    free = np.zeros(system.size)
    none = np.zeros(system.size, np.bool_)
    cheap = program.together(np.ones(system.size), free, Wish(amount, np.where(amount, 20.0, 0.0)), 2, none)
    assert cheap is not None
    assert cheap[amount > 0] == 4
    assert not np.asarray(system.relations @ cheap).any()
    assert 4 <= np.count_nonzero(cheap) <= 9
    poor = program.together(np.ones(system.size), free, Wish(amount, np.where(amount, 2.0, 0.0)), 2, none)
    assert poor is not None
    assert not poor.any()


def test_a_move_is_whole_and_as_far_as_asked(system: System) -> None:
    """A variable is moved by the range that is asked for, or not at all."""
    program = Program(system.relations[span_of(system.relations)], system.truth, 40)
    at = int(np.flatnonzero(system.truth == 2)[0])
    ones, none = np.ones(system.size), np.zeros(system.size)
    free = np.zeros(system.size, np.bool_)
    down = program.move(ones, none, at, -2, -1, free)
    assert down is not None
    assert -2 <= down[at] <= -1
    assert program.move(ones, none, at, -9, -3, free) is None


def test_parts_are_served_alike_by_one_by_threads_and_by_processes(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is hidden, and by which differences, depends on the seed alone; with parts far smaller than the system."""
    monkeypatch.setattr(hide, "ONE", 10)
    small = replace(LITTLE.first, largest=20)
    monkeypatch.setattr(hide, "cares_of", lambda *_: Cares(small, small, 1))
    none = np.zeros(system.size, np.bool_)
    rules = apply_rules(system, Policy(threshold=5), none, none)

    def searched(processors: int, apart: int) -> tuple[list[bool], list[tuple[list[int], list[int]]]]:
        monkeypatch.setattr(work, "_processors", lambda: processors)
        monkeypatch.setattr(hide, "APART", apart)
        search = Hiding(system, rules, np.ones(system.size), none, np.random.Generator(np.random.Philox(3)), None)
        assert not search.run([])
        return search.hidden.tolist(), [(where.tolist(), delta.tolist()) for where, delta in search.witnesses.found]

    alone = searched(1, 0)
    assert searched(3, system.size + 1) == alone
    assert searched(2, 0) == alone


def test_what_is_still_does_not_move(system: System) -> None:
    """A program for one solve leaves some variables alone, and sees them again in the next."""
    program = Program(system.relations[span_of(system.relations)], system.truth, 40)
    at = int(np.flatnonzero(system.truth == 2)[0])
    ones, none = np.ones(system.size), np.zeros(system.size)
    free = np.zeros(system.size, np.bool_)
    first = program.move(ones, none, at, 3, 40, free)
    assert first is not None
    still = (first != 0) & (np.arange(system.size) != at)
    other = program.move(ones, none, at, 3, 40, still)
    assert other is not None
    assert not other[still].any()
    assert program.move(ones, none, at, 3, 40, np.arange(system.size) == at) is None
    assert program.move(ones, none, at, 3, 40, free) is not None


@pytest.mark.parametrize("seed", range(12))
def test_a_zero_is_used_where_an_item_cannot_be_served_without(seed: int) -> None:
    """Whether or not the lot fell on it: all but four cells are shown, and the one that is unsafe moves with all four."""
    system = square([[1, 5], [5, 0], [7, 7], [9, 9], [9, 9]])
    cells = system.lattice.places(np.arange(len(system.lattice)))
    moving = (cells["place"].is_in(["a", "b"]) & cells["kind"].is_in(["k0", "k1"])).to_numpy()
    facts, none = np.ones(system.size, np.bool_), np.zeros(system.size, np.bool_)
    facts[system.variable[moving]] = False
    rules = apply_rules(system, Policy(threshold=5), facts, none)
    search = Hiding(system, rules, np.ones(system.size), none, np.random.Generator(np.random.Philox(seed)), None)
    assert not search.run([])
    assert search.hidden.tolist() == (~facts).tolist()
