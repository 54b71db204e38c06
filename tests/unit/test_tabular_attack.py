"""The attack on an output by linear programs: what it finds, and what it does not claim to have bounded."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from avbrott.tabular import attack as attacking
from avbrott.tabular.attack import attack
from avbrott.tabular.output import read_output
from avbrott.tabular.program import Program
from tests.tabular_case import TableCase


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An output."""
    case = TableCase(tmp_path)
    case.protect()
    return case.out


def test_the_attack_narrows_no_unsafe_cell_and_finds_one_that_is_not_covered(folder):
    """Linear programs over what is public: none below the promise; with one complementary cell shown, some are."""
    output = read_output(folder)
    found = attack(output.public(), output.record(), 60, lambda _done, _of: None)
    assert (found.narrowed, found.exact) == (0, 0)
    assert found.bounded == found.of > 10
    file = folder / "confidential" / "cells.parquet"
    pl.read_parquet(file).with_columns(status=pl.col("status").replace("complementary", "shown")).write_parquet(file)
    broken = attack(output.public(), output.record(), 60, lambda _done, _of: None)
    assert broken.narrowed
    assert broken.narrowed > 0


def test_a_program_that_is_cut_short_bounds_nothing(folder, monkeypatch):
    """One program over a table of half a million cells takes longer than anybody gives it, and says nothing of its cell."""

    class Late:
        """A clock that has run out as soon as a program has been begun."""

        told = 0.0

        def monotonic(self) -> float:
            return self.told

    late = Late()
    solve = Program.solve

    def slow(program, cost):
        late.told = 100.0
        program.stop_after(0)
        return solve(program, cost)

    monkeypatch.setattr(attacking, "time", late)
    monkeypatch.setattr(Program, "solve", slow)
    output = read_output(folder)
    found = attack(output.public(), output.record(), 60, lambda _done, _of: None)
    assert (found.bounded, found.exact, found.narrowed) == (0, 0, 0)
    assert found.of > 0


def test_figures_of_tens_of_millions_are_attacked_as_small_ones_are(tmp_path: Path) -> None:
    """A small base that is known follows from the others; programs that had no room for the others found nothing."""
    counts = [("a", 1, 2), ("b", 20, 40), ("c", 30, 50)]
    policy = {"base": {"dimension": "status", "minimum": 5, "known": True}}
    dimensions = {"area": [["area"]], "status": [["status"]]}
    for times in (1, 1_000_000):
        rows = [
            (area, status, n if n < 20 else n * times) for area, *both in counts for status, n in zip("lk", both, strict=True)
        ]
        frame = pl.DataFrame(rows, schema=["area", "status", "freq"], orient="row")
        case = TableCase(tmp_path / f"{times}", frame, dimensions=dimensions, policy=policy)
        case.protect()
        found = attack(read_output(case.out).public(), None, 60, lambda _done, _of: None)
        assert found.exact == 1, times


def test_a_promise_of_a_hundred_million_is_not_narrowed_by_the_attack_itself(tmp_path: Path) -> None:
    """What nothing bounds must reach farther than the policy asks."""
    case = TableCase(tmp_path, policy={"threshold": 10**8, "width": 10**8})
    case.protect()
    output = read_output(case.out)
    assert attack(output.public(), output.record(), 60, lambda _done, _of: None).narrowed == 0


def test_what_a_program_does_not_solve_is_not_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though time is left."""
    monkeypatch.setattr(Program, "solve", lambda _program, _cost: None)
    assert attack(read_output(folder).public(), None, 60, lambda _done, _of: None).bounded == 0
