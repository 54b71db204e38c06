"""Insiders of corrected counts: who was alone in a cell then, is now, or was moved, and what old and new figures tell her."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from avbrott.disclosure import insiders, pairs
from avbrott.disclosure.apart import Apart
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.differences import kept
from avbrott.disclosure.insider_persons import forms_of, persons_of
from avbrott.disclosure.rules import apply_rules
from avbrott.disclosure.sums import find_sums
from avbrott.disclosure.system import build_system
from avbrott.errors import DoesNotHold
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import Record, read_output
from tests import moved_case
from tests.tabular_case import TableCase

AREAS = {"area": [["area"]]}
Cells = frozenset[tuple[str, ...]]


def counts(**by_area: int) -> pl.DataFrame:
    return pl.DataFrame({"area": list(by_area), "freq": list(by_area.values())}).filter(pl.col("freq") > 0)


def crossed(**by_place: int) -> pl.DataFrame:
    """Counts by area and sex: ``ak=3`` is three of sex k in area a."""
    rows = [(place[0], place[1], number) for place, number in by_place.items() if number]
    return pl.DataFrame(rows, schema=["area", "sex", "freq"], orient="row")


def revise(folder: Path, frames: list[pl.DataFrame], insiders: bool = True, **spec) -> list[TableCase]:
    """One output a frame, each after the one before it."""
    made: list[TableCase] = []
    policy = {"threshold": 3, "width": 3, "insiders": insiders, **spec.pop("policy", {})}
    for number, frame in enumerate(frames):
        previous = {"previous": [f"../{number - 1}/out"]} if number else {}
        made.append(TableCase(folder / str(number), frame, policy=policy, **{"dimensions": AREAS, **spec, **previous}))
        made[-1].protect()
        assert audit_output(read_output(made[-1].out)).faults == ()
    return made


def whole(case: TableCase) -> Record:
    return read_output(case.out).record().whole()


def shown(case: TableCase) -> set[str]:
    return set(case.public().filter(pl.col("hidden") == "false")["area"])


def by_checker(record: Record) -> set[Cells]:
    """The cells of 1 that each person is alone in, as the checker has it: vintage and the dimensions."""
    spec = record.system
    names = [spec.vintage, *(name for name in spec.dimensions if name != spec.vintage)]
    sums = find_sums(spec, record.cells)
    forms = forms_of(
        sums, kept(spec, record.cells, sums, record.cells["count"].to_numpy()[:, None]), record.cells["count"].to_numpy()
    )
    rows = record.cells.select(names).rows()
    return {frozenset(rows[form] for form in person) for person in persons_of(spec, record.cells, forms)}


def by_engine(record: Record) -> set[Cells]:
    """The same as the engine has it, of those who know something that not everybody knows."""
    spec = record.system
    system = build_system(spec, record.cells.select(*spec.dimensions, "count"))
    none = np.zeros(system.size, np.bool_)
    found = insiders.find_insiders(system, apply_rules(system, record.policy, none, none))
    names = [spec.vintage, *(name for name in spec.dimensions if name != spec.vintage)]
    rows = system.lattice.places(np.arange(len(system.lattice))).select(names).rows()
    return {
        frozenset(row for row, variable in zip(rows, system.variable, strict=True) if variable in set(has.indices))
        for has in (found.has[[one]] for one in range(len(found)))
    }


def test_who_has_come_could_reckon_out_who_is_gone(tmp_path) -> None:
    """One has left b and one has come to d: were the total shown again, she who came would have b from what it was then."""
    frames = [counts(a=6, b=6, c=6), counts(a=6, b=5, c=6, d=1)]
    without = whole(revise(tmp_path / "without", frames, insiders=False)[1])
    policy, facts = without.policy.model_copy(update={"insiders": True}), (without.facts("previous"), without.facts("known"))
    found = check_protection(without.system, policy, without.cells, without.witnesses, *facts)
    assert {fault.code.split("_")[0] for fault in found} == {"INSIDER"}
    second = revise(tmp_path / "with", frames)[1]
    assert shown(second) == {"a", "c"}
    of_b, of_d = ((pl.col("d0") == code) & (pl.col("vintage") == "001") for code in "bd")
    moves = whole(second).witnesses
    by_others = moves.filter(~pl.col("witness").is_in(moves.filter(of_d)["witness"].to_list()))
    assert by_others.filter(of_b)["delta"].min() <= -2


def test_persons_of_two_vintages(tmp_path) -> None:
    """Alone in b then, in d now, or in both, if she was moved; in e both times, as that was not touched; never in b and e."""
    frames = [counts(a=9, b=1, c=8, e=1), counts(a=9, c=8, d=1, e=1)]
    record = whole(revise(tmp_path, frames)[1])
    gone, come, stayed = ("000", "b"), ("001", "d"), {("000", "e"), ("001", "e")}
    expected = {frozenset({gone}), frozenset({come}), frozenset({gone, come}), frozenset(stayed)}
    assert by_engine(record) == by_checker(record) == expected


def test_who_is_alone_where_the_first_and_the_last_vintage_are_alike_is_one_person(tmp_path) -> None:
    """Whatever was there between: a cell that is as it was is the same persons."""
    frames = [counts(a=9, b=1, c=8), counts(a=9, b=2, c=7), counts(a=9, b=1, c=8, d=4)]
    record = whole(revise(tmp_path, frames)[2])
    assert by_engine(record) == by_checker(record) == {frozenset({("000", "b"), ("002", "b")})}


def test_nobody_is_moved_to_a_period_that_was_not_revised(tmp_path) -> None:
    """A revision of one year moves nobody to another, nor to a year that is new."""
    years = {"dimensions": {"area": [["area"]], "year": [["year"]]}, "additive": {"year": False}}

    def by_year(**frames: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([frame.with_columns(year=pl.lit(year[1:])) for year, frame in frames.items()])

    other = counts(a=7, f=1, g=7)
    first = by_year(y2020=counts(a=9, b=1, c=8), y2021=other)
    second = by_year(y2020=counts(a=9, c=8, d=1), y2021=other, y2022=counts(a=9, h=1, c=8))
    record = whole(revise(tmp_path, [first, second], **years)[1])
    gone, come = ("000", "b", "2020"), ("001", "d", "2020")
    elsewhere = {frozenset({("001", "f", "2021")}), frozenset({("001", "h", "2022")})}
    expected = {frozenset({gone}), frozenset({come}), frozenset({gone, come})} | elsewhere
    assert by_engine(record) == by_checker(record) == expected


def test_her_own_coming_is_no_secret_to_her(tmp_path) -> None:
    """Where only she has come, every sum differs by herself: nothing is asked of these differences, so a pattern is found."""
    frames = [
        crossed(ak=4, am=2, bm=3, ck=1, cm=1),
        crossed(ak=4, am=3, bk=1, bm=3, ck=1, cm=1),
    ]
    second = revise(tmp_path, frames, dimensions={"area": [["area"]], "sex": [["sex"]]}, policy={"zeros": "shown"})[1]
    record = whole(second)
    system = build_system(record.system, record.cells.select(*record.system.dimensions, "count"))
    names = system.lattice.places(np.arange(len(system.lattice))).select("vintage", "d0", "d1").rows()
    number = {place: int(variable) for place, variable in zip(names, system.variable, strict=True)}
    low, high = np.zeros(system.size, np.int64), np.full(system.size, 50)
    low[number["001", "b", "k"]] = high[number["001", "b", "k"]] = 1
    total = [number[vintage, "Total", "k"] for vintage in ("001", "000")]
    apart = Apart(system)
    assert apart.between(*apart.started(low, high), *total) == (1, 1)


def test_a_proof_before_who_was_alone_then_and_who_is_now_is_none_before_who_was_moved() -> None:
    """Each of the two alone has a witness that moves nothing of hers, she who was both has none."""
    assert moved_case.faults(moved_case.MOVES) == {"INSIDER_COUNT_BELOW_THRESHOLD"}
    assert moved_case.faults([*moved_case.MOVES, *moved_case.BEFORE_HER]) == set()


def test_the_checker_refuses_where_the_engine_forgets_differences(tmp_path, monkeypatch) -> None:
    """Taken to be settled by her own cells, what she could reckon out is told, and the checker says so."""
    frames = [counts(a=6, b=6, c=6), counts(a=6, b=5, c=6, d=1)]
    asked = pairs.Pairs.ease

    def less(self: pairs.Pairs, bounds: pairs.Bounds) -> None:
        asked(self, bounds)
        self.short[:] = False

    monkeypatch.setattr(pairs.Pairs, "ease", less)
    monkeypatch.setattr(pairs.Pairs, "take", lambda *_: None)
    with pytest.raises(DoesNotHold, match="INSIDER_REVISION"):
        revise(tmp_path, frames)


def test_a_proof_of_a_revision_without_one_of_its_witnesses_fails_before_an_insider(tmp_path) -> None:
    """It can hold before everybody else, and not before her."""
    record = whole(revise(tmp_path, [counts(a=6, b=6, c=6, e=3), counts(a=6, b=5, c=6, d=1, e=4)])[1])
    facts = record.facts("previous"), record.facts("known")
    found = []
    for witness in record.witnesses["witness"].unique().sort():
        fewer = record.witnesses.filter(pl.col("witness") != witness)
        found.append({f.code for f in check_protection(record.system, record.policy, record.cells, fewer, *facts)})
    assert any(codes and all(code.startswith("INSIDER_") for code in codes) for codes in found)


def test_insiders_can_be_asked_for_after_outputs_without(tmp_path) -> None:
    """Where the earlier output showed no insider her neighbour, a correction of it can be held against them."""
    frames = [counts(a=6, b=6, c=6), counts(a=6, b=5, c=6, d=1)]
    revise(tmp_path, frames[:1], insiders=False)
    case = TableCase(
        tmp_path / "1",
        frames[1],
        dimensions=AREAS,
        policy={"threshold": 3, "width": 3, "insiders": True},
        previous=["../0/out"],
    )
    case.protect()
    assert audit_output(read_output(case.out)).faults == ()
    assert "Total" not in shown(case)
