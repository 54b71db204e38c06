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
