"""Mutations of the program: one line of the engine or the checker broken, and what then notices.

A broken engine is noticed by the checker or by brute force, a broken checker by certificates that it should reject, or
accept. Each mutation replaces text that must be there, so that a change of the source asks for a change here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest

from avbrott.counting.spec import Table
from avbrott.disclosure import (
    differences,
    figures,
    insider_checks,
    insider_persons,
    item_checks,
    page_checks,
    pages,
    proof,
    reach,
    rules,
    sums,
    system,
)
from avbrott.disclosure.checker import check_protection
from avbrott.errors import AvbrottError
from avbrott.policy import BaseRule, PageRule, Policy
from avbrott.tabular.output import read_output
from tests import moved_case
from tests.promise.attackers import everybody
from tests.promise.axis import Axis
from tests.promise.brute import broken
from tests.promise.case import Case, Protected
from tests.promise.releases import followed
from tests.promise.tables import Stage
from tests.tabular_case import TableCase

KINDS = [[30, 3, 20], [41, 22, 2], [1, 33, 24], [26, 37, 28]]


def _case(policy: Policy, counts: list[list[int]] = KINDS, known: tuple[str, str] | None = None, releases: int = 1) -> Case:
    axes = {
        "area": Axis("area", list("abcd"[: len(counts)]), {"group": list("gghh"[: len(counts)])}),
        "kind": Axis("kind", ["p", "q", "r"]),
    }
    stage = Stage(axes, (Table("main", {"area": ("group", "area"), "kind": ("kind",)}),), np.array(counts))
    told = None if known is None else stage.frame(np.array([stage.place[known]]))
    return Case([stage] * releases, policy, known=told)


CASES = {
    "small counts": _case(Policy()),
    "zeros shown": _case(Policy(zeros="shown"), [[1, 1, 20], [41, 22, 1], [1, 33, 24], [26, 1, 28]]),
    "complement": _case(Policy(complement={"kind": ("p",)}), [[30, 0, 0], [41, 22, 12], [19, 1, 1], [26, 37, 28]]),
    "base": _case(Policy(base=BaseRule(dimension="kind", minimum=10)), [[3, 1, 5], [41, 22, 12], [6, 8, 9], [26, 37, 28]]),
    "known base": _case(
        Policy(base=BaseRule(dimension="kind", minimum=10, known=True)), [[2, 1, 0], [41, 22, 12], [6, 8, 9], [26, 37, 28]]
    ),
    "known cell": _case(Policy(), known=("b", "q")),
    "no width": _case(Policy(width=0)),
    "wide": _case(Policy(width=9)),
    "again": _case(Policy(), releases=2),
    "pages": _case(Policy(pages=PageRule(dimension="area")), [[30, 3, 20], [41, 2, 22], [18, 33, 24], [26, 37, 28]]),
}

ENGINE: list[tuple[str, ModuleType, str, str, str]] = [
    ("complement", rules, "value < policy.threshold) & (plus", "value < 0) & (plus", "the complement rule"),
    ("zeros shown", rules, "floor[system.published] = 1", "floor[system.published] = 0", "the floor"),
    ("small counts", rules, "(truth > 0) & (truth < policy.threshold) & ~f", "(truth > 1) & (truth < 5) & ~f", "ones"),
    ("base", rules, "small_base = bases & (truth > 0)", "small_base = bases & (truth > 99)", "small bases"),
    ("known cell", rules, "known |= given", "known |= given & False", "known cells"),
    ("no width", rules, "np.minimum(top, limit)", "np.minimum(top, 1)", "how high items must reach"),
    ("wide", rules, "np.minimum(policy.width, limit", "np.minimum(1, limit", "how far items span"),
    ("pages", pages, "fixed = rules.fixed | _theirs(", "fixed = rules.fixed | False & _theirs(", "what a reader has"),
    ("small counts", system, "(lattice.axes):\n        _rel", "(lattice.axes[:1]):\n        _rel", "sums over one dimension"),
]  # fmt: skip


@contextmanager
def mutated(module: ModuleType, old: str, new: str) -> Iterator[None]:
    """``module`` with ``old`` replaced; other modules see the change through the functions and classes that they hold."""
    source = inspect.getsource(module)
    assert old in source, f"{module.__name__} has no {old!r}: this mutation is out of date"
    scratch = dict(vars(module))
    exec(compile(source.replace(old, new), module.__file__ or "", "exec"), scratch)  # noqa: S102  the program's own source
    kept: list[tuple[object, str, object]] = []
    for name, found in list(vars(module).items()):
        changed = scratch.get(name)
        if inspect.isfunction(found) and found.__module__ == module.__name__:
            kept.append((found, "__code__", found.__code__))
            found.__code__ = changed.__code__
        elif inspect.isclass(found) and found.__module__ == module.__name__:
            for method, code in vars(found).items():
                if inspect.isfunction(code) and hasattr(changed, method) and inspect.isfunction(vars(changed)[method]):
                    kept.append((code, "__code__", code.__code__))
                    code.__code__ = vars(changed)[method].__code__
    try:
        yield
    finally:
        for function, name, code in kept:
            setattr(function, name, code)


def noticed(protected: Protected, name: str) -> bool:
    """Whether the checker or brute force finds something wrong."""
    attacker = everybody(CASES[name], protected.told)
    shown = [item for item in attacker.items if item.cell is not None and protected.shown[item.cell]]
    by_brute = bool(shown or list(broken(attacker, protected.shown)))
    by_checker = bool(protected.faults())
    assert by_checker >= by_brute, "what brute force finds the checker finds"
    return by_checker


@pytest.mark.parametrize("name", list(CASES))
def test_nothing_is_wrong_where_nothing_is_broken(name: str) -> None:
    """The cases by themselves: proven, and something is unsafe in each."""
    protected = CASES[name].protect()
    assert not noticed(protected, name)
    assert everybody(CASES[name], protected.told).items or name == "again"


@pytest.mark.parametrize(("name", "module", "old", "new", "what"), ENGINE, ids=[one[4] for one in ENGINE])
def test_a_broken_engine_is_noticed(name: str, module: ModuleType, old: str, new: str, what: str) -> None:
    """Its output is refused, or there is none, whatever the seed."""
    found = []
    for seed in (b"1", b"2", b"3"):
        with mutated(module, old, new):
            try:
                protected = CASES[name].protect(seed)
            except AvbrottError:
                found.append(True)
                continue
        found.append(noticed(protected, name))
    assert any(found), what


CHECKER: list[tuple[ModuleType, str, str, str]] = [
    (sums, "np.full(len(part), -1, np.int64)", "np.full(len(part), 1, np.int64)", "the sign of a part"),
    (item_checks, "[:, total] - proof.deltas[:, cell]", "[:, total] + proof.deltas[:, cell]", "a complement's sign"),
    (proof, "(self.count[coo.col] + coo.data < self.floor[coo.col])", "(self.count[coo.col] < 0)", "the floor"),
    (proof, '1 if policy.zeros == "shown" else 0', "0", "the floor of one"),
    (proof, '"WITNESS_MOVES_SHOWN": (coo.row, self', '"": (coo.row, False & self', "moving what is shown"),
    (proof, "known[coo.col] & ~self.shown[coo.col]", "known[coo.col] & self.shown[coo.col]", "moving a fact"),
    (proof, "whole & (off.data != 0)", "whole & (off.data > 9)", "breaking a sum"),
    (insider_checks, "value[item] + high < np.minimum(self.top, cap)", "value[item] + high < 0", "reaching the threshold"),
    (insider_checks, "narrow = ~below & (high - low <", "narrow = ~below & (high + low <", "the span"),
    (proof, "np.minimum.at(cap, part, cap[over])", "np.minimum.at(cap, over, cap[part])", "caps"),
    (item_checks, "low = (proof.count > 0) & (proof.count", "low = (proof.count > 1) & (proof.count", "counts of one"),
    (page_checks, "np.flatnonzero(~moved)", "np.arange(len(moved))", "what a reader has, in the proof"),
    (item_checks, 'proof.faults["PART_OF_SMALL_BASE_SHOWN"] +=', 'proof.faults[""] += 0 *', "parts of small bases"),
]  # fmt: skip


def holds(certificate: Protected) -> bool:
    """The checker's verdict; one that ends in an error does not hold."""
    try:
        return not certificate.faults()
    except (ValueError, IndexError):
        return False


def _with(one: Protected, **frames: pl.DataFrame) -> Protected:
    return replace(one, protection=replace(one.protection, **frames))


@pytest.fixture(scope="module")
def certificates() -> list[tuple[Protected, bool]]:
    """Good ones, and what is made of them by small changes and by broken engines; with the checker's verdict."""
    good = {name: case.protect() for name, case in CASES.items()}
    found = list(good.values())
    delta, status = pl.col("delta"), pl.col("status")
    moves = (delta * 0, delta * 30, -delta, delta + 1, pl.when(delta > 0).then(1).otherwise(-1))
    marks = (
        status.replace("unsafe", "shown"),
        status.replace("complementary", "shown"),
        pl.when(pl.col("rule").eq_missing("base")).then(pl.lit("shown")).otherwise(status),
    )
    for one in good.values():
        cells, witnesses = one.protection.cells, one.protection.witnesses
        found += [_with(one, witnesses=witnesses.with_columns(delta=move)) for move in moves]
        found += [_with(one, cells=cells.with_columns(status=mark)) for mark in marks]
        found += [_with(one, witnesses=witnesses.filter(pl.col("witness") != 0))]
        known = one.case.last.frame(np.flatnonzero(~one.shown)[:1])
        found.append(replace(one, told=replace(one.told, known=known)))
    for name, module, old, new, _ in ENGINE:
        with mutated(module, old, new):
            try:
                found.append(CASES[name].protect(b"1"))
            except AvbrottError:
                continue
    told = [(one, holds(one)) for one in found]
    assert sum(right for _, right in told) >= len(CASES)
    assert sum(not right for _, right in told) > 3 * len(CASES)
    return told


@pytest.mark.parametrize(("module", "old", "new", "what"), CHECKER, ids=[one[3] for one in CHECKER])
def test_a_broken_checker_is_noticed(
    certificates: list[tuple[Protected, bool]], module: ModuleType, old: str, new: str, what: str
) -> None:
    """It rejects a certificate that holds, or lets a broken one pass."""
    with mutated(module, old, new):
        assert any(holds(one) != right for one, right in certificates), what


REVISED: list[tuple[ModuleType, str, str, str]] = [
    (insider_persons, "range(1, len(order))", "range(1, 1)", "who was moved"),
    (insider_persons, "divisions[one].append([other])", "divisions[one] += []", "who stayed"),
    (reach, "if alike:", "if not alike:", "what cancels of a difference"),
    (reach, "found[other] = one", "found[other] = other", "cells that are one set of persons"),
    (reach, "self._equations += [(left", "_ = [(left", "differences that add up"),
    (reach, "if least > -UNBOUNDED // 2:", "if least > UNBOUNDED:", "the least that a number can be"),
    (figures, "np.maximum(floor, least), np.minimum(cap, most)", "floor, cap", "what figures leave of an item"),
    (differences, "touched[other[touched[one]]] = True", "touched[other[touched[one]]] |= False", "a sum's only part"),
]  # fmt: skip


def _rows(**by_place: int) -> pl.DataFrame:
    """Counts by area and sex: ``ak=3`` is three of sex k in area a."""
    rows = [(place[0], place[1], number) for place, number in by_place.items()]
    return pl.DataFrame(rows, schema=["area", "sex", "freq"], orient="row")


def _proof(folder: Path, frames: list[pl.DataFrame], zeros: str, **spec: Any) -> Callable[[], bool]:
    """Whether the checker takes the proof of the last of ``frames``, each protected after the one before it."""
    policy = {"threshold": 3, "width": 3, "insiders": True, "zeros": zeros}
    dimensions = {"area": [["area"]], "sex": [["sex"]]}
    for number, frame in enumerate(frames):
        previous = [f"../{number - 1}/out"] if number else []
        TableCase(folder / str(number), frame, dimensions=dimensions, policy=policy, previous=previous, **spec).protect()
    one = read_output(folder / str(len(frames) - 1) / "out").record().whole()
    facts = one.facts("previous"), one.facts("known")
    return lambda: not check_protection(one.system, one.policy, one.cells, one.witnesses, *facts)


def _settled() -> Callable[[], bool]:
    """The same where known bases of then and now tell what has come to a cell."""
    first = _case(Policy(), [[4, 4, 2], [3, 9, 9]]).last
    policy = Policy(threshold=3, width=3, base=BaseRule(dimension="kind", minimum=3, known=True))
    proof = Case([first, followed(first, [first.counts + np.eye(1, 6, dtype=np.int64).reshape(2, 3)])], policy).protect()
    return lambda: not proof.faults()


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Callable[[], bool], bool]]:
    """Proofs of corrected counts, most of them before insiders, and the checker's verdict."""
    come = [_rows(ak=4, am=2, bm=3, ck=1, cm=1), _rows(ak=4, am=3, bk=1, bm=3, ck=1, cm=1)]
    moved = [_rows(ak=6, bk=6, ck=6), _rows(ak=6, bk=5, ck=6, dk=1)]
    good = [
        _proof(tmp_path_factory.mktemp("come"), come, "shown"),
        _proof(tmp_path_factory.mktemp("moved"), moved, "may_hide", tables=[{"area": "all"}, {"sex": "all"}]),
        lambda: not moved_case.faults([*moved_case.MOVES, *moved_case.BEFORE_HER]),
        _settled(),
    ]
    told = [*((one, True) for one in good), (lambda: not moved_case.faults(moved_case.MOVES), False)]
    assert all(takes() == right for takes, right in told)
    return told


@pytest.mark.parametrize(("module", "old", "new", "what"), REVISED, ids=[one[3] for one in REVISED])
def test_a_broken_check_of_vintages_is_noticed(
    revised: list[tuple[Callable[[], bool], bool]], module: ModuleType, old: str, new: str, what: str
) -> None:
    """It rejects a proof that holds, or lets one pass that does not."""
    with mutated(module, old, new):
        assert any(takes() != right for takes, right in revised), what
