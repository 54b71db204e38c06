"""Rows of persons are read once a system: every table is counted from the base cells, however many tables there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest import tables
from avbrott.counting import cells as counting_cells
from avbrott.counting.from_contracts import count_system
from avbrott.home import Home
from avbrott.registry import Contracts
from tests.histories import History


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Contracts]:
    """Two pupils over two school years."""
    history = History(last="HT2014")
    history.enrol("p", "2480", "NA", "2012-08-20")
    history.enrol("q", "2482", "BA", "2012-08-20", home="2482", sex="Man")
    home, _ = history.link(tmp_path_factory.mktemp("linked"))
    return home, history.contracts


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The linked files that are opened, in turn."""
    opened: list[str] = []
    read = tables.read_bytes

    def counting(vault: object, file: Path) -> bytes:
        opened.append(file.stem)
        return read(vault, file)

    monkeypatch.setattr(tables, "read_bytes", counting)
    return opened


def test_every_table_is_counted_in_one_pass_over_persons(
    linked: tuple[Home, Contracts], passes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pass with one table and with all of them; and what the tables are counted from is the base cells alone."""
    home, contracts = linked
    every = contracts.tables_of("pupils")
    assert len(every) > 5
    given: list[pl.DataFrame] = []
    counted = counting_cells._open_base

    def opening(connection: object, base: pl.DataFrame, spec: object) -> None:
        given.append(base)
        counted(connection, base, spec)

    monkeypatch.setattr(counting_cells, "_open_base", opening)
    of_one = {name: one for name, one in contracts.tables.items() if one.system != "pupils" or one is every[0]}
    few = count_system(home, replace(contracts, tables=of_one), "pupils")[1]
    assert passes == ["outcomes"]
    passes.clear()
    many = count_system(home, contracts, "pupils")[1]
    assert passes == ["outcomes"], "a table more is no pass more"
    assert few.height < many.height
    columns = [*contracts.systems["pupils"].dimensions, "count"]
    assert [frame.columns for frame in given] == [columns, columns]
