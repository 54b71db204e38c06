"""Delivered Parquet is text afterwards, or unreadable; what a library says of it reaches nobody, and its end is not ours."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from avbrott.delivery import parquet
from avbrott.delivery.check import Status, check_term
from avbrott.delivery.parquet import Unread, read_parquet
from avbrott.delivery.pull import pull_many
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts

TERM = Term("HT", 2012)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"


def _bytes(column: pa.Array) -> bytes:
    target = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"day": column}), target)
    return target.getvalue()


def _days(*numbers: int | None) -> bytes:
    return _bytes(pa.array(numbers, pa.int32()).view(pa.date32()))


def test_a_day_that_no_calendar_has_is_its_number(capfd: pytest.CaptureFixture[str]) -> None:
    """It is no date, and the other rows are read; the first and the last day that there are are days."""
    found = read_parquet(_days(2**31 - 1, -(2**31), 0, None, -719_162, 2_932_896, 2_932_897))
    assert isinstance(found, tuple)
    assert found[0] == ("day",)
    assert found[1]["0"].to_list() == [
        *("2147483647", "-2147483648", "1970-01-01", None, "0001-01-01", "9999-12-31", "2932897"),
    ]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Stockholm"])
def test_a_time_that_no_calendar_has_is_its_number(unit: str, zone: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    """In every unit, with a time zone and without; all that nanoseconds can count lies in the calendar."""
    found = read_parquet(_bytes(pa.array([2**62, 0], pa.int64()).view(pa.timestamp(unit, zone))))
    assert isinstance(found, tuple)
    first, second = found[1]["0"].to_list()
    assert first.startswith("2116-02-" if unit == "ns" else str(2**62))
    assert second.startswith("1970-01-01")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("limit", "rows", "width"), [("MOST_CELLS", 10_000, 1), ("MOST_BYTES", 100, 100)])
def test_a_small_file_that_holds_too_much_is_unreadable(
    limit: str, rows: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows without end, or one long value in every row: Parquet writes both once."""
    monkeypatch.setattr(parquet, limit, 10_000)
    assert isinstance(parquet.as_text(_repeated(rows, width)), tuple)
    assert parquet.as_text(_repeated(rows + 1, width)) is Unread.TOO_LARGE


def test_a_value_longer_than_any_that_there_is_makes_the_file_unreadable() -> None:
    """Also where it is the only one; each is looked at by every rule."""
    assert isinstance(parquet.as_text(_repeated(1, parquet.LONGEST_CELL)), tuple)
    assert parquet.as_text(_repeated(1, parquet.LONGEST_CELL + 1)) is Unread.TOO_LARGE


def test_the_process_that_reads_may_not_use_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends at a value that unpacks to more, and the next file is read by another."""
    content = io.BytesIO()
    column = pa.array(["x" * 1_000_000] * 600)
    pyarrow.parquet.write_table(pa.table({"day": column}), content, use_dictionary=False, compression="zstd")
    assert len(content.getvalue()) < 1_000_000
    parquet._process.cache_clear()  # what another file took is not this one's
    process = parquet._process()
    monkeypatch.setattr(parquet, "MOST_MEMORY", 400 * 1024**2)
    assert isinstance(read_parquet(_repeated(100, 100)), tuple)
    assert parquet._process() is process
    assert read_parquet(content.getvalue()) is Unread.DAMAGED
    assert parquet._process() is not process, "it came to its end, and did not only find the values too long"
    assert isinstance(read_parquet(_repeated(100, 100)), tuple)


def _repeated(rows: int, width: int) -> bytes:
    """One value in every row, which Parquet writes once."""
    places = pa.array(np.zeros(rows, dtype=np.int32))
    return _bytes(pa.DictionaryArray.from_arrays(places, pa.array(["x" * width])))


def test_what_polars_panics_at_is_unreadable(capfd: pytest.CaptureFixture[str]) -> None:
    """A time zone that it does not know; nothing is said on the screen."""
    assert read_parquet(_bytes(pa.array([0], pa.int64()).view(pa.timestamp("us", "+05:30")))) is Unread.DAMAGED
    assert capfd.readouterr().err == ""


def _ended(_: int, number: int) -> None:
    """The content stands for how the process ends."""
    signal.raise_signal(number)


def test_a_library_that_ends_its_process_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that it ended at is unreadable, the next one is read."""
    with monkeypatch.context() as patch:
        patch.setattr(parquet, "_within", _ended)
        assert read_parquet(signal.SIGABRT) is Unread.DAMAGED
    found = read_parquet(_days(0))
    assert isinstance(found, tuple)
    assert found[1]["0"].to_list() == ["1970-01-01"]


def test_such_a_delivery_sets_its_row_aside(tmp_path: Path, contracts: Contracts, capfd: pytest.CaptureFixture[str]) -> None:
    """Through the hub's check: a finding on the row, the others accepted."""
    home = Home(tmp_path)
    outbox = home.outbox("2480", str(TERM))
    outbox.mkdir(parents=True)
    clean = pl.read_csv(FIXTURES / "clean.csv", infer_schema=False)
    number = pl.col("start_date").str.to_date().to_physical()
    late = pl.when(pl.int_range(pl.len()) == 1).then(2**31 - 1).otherwise(number).cast(pl.Int32).cast(pl.Date)
    clean.with_columns(start_date=late).write_parquet(outbox / "enrolments.parquet")
    home.sources.write_text('sources:\n  "2480": {folder: providers/2480/outbox, plain: true}\n')
    pull_many(home, contracts, {TERM: ["2480"]})
    (outcome,) = check_term(home, contracts, TERM, ["2480"])
    assert outcome.status is Status.ACCEPTED_WITH_QUARANTINE
    (finding,) = [found for found in outcome.findings if found.field == "start_date"]
    assert (finding.code, finding.rows) == ("VALUE_FORMAT", (2,))
    assert outcome.accepted["enrolments"] == clean.height - 1
    assert capfd.readouterr().err == ""


_POOL = """
import io
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import polars as pl

from avbrott.delivery.parquet import read_parquet


def rows(content):
    return read_parquet(content)[1].height


if __name__ == "__main__":
    content = io.BytesIO()
    pl.DataFrame({"column": ["a", "b"]}).write_parquet(content)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print(pool.submit(rows, content.getvalue()).result())
"""


def test_a_process_that_has_read_parquet_ends(tmp_path: Path) -> None:
    """Many terms are checked in processes of their own, and each has another to read in: none waits for it for good."""
    (tmp_path / "program.py").write_text(_POOL, "utf-8")
    done = subprocess.run([sys.executable, tmp_path / "program.py"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "2\n"
