"""A lock between runs: one holds it, a file that was left over blocks nobody, and a file that is gone is no lock."""

from __future__ import annotations

import os
from pathlib import Path

from avbrott import lock


def test_one_at_a_time(tmp_path: Path) -> None:
    """The second is told that it is held; afterwards the file is gone and the lock free."""
    file = tmp_path / ".out.lock"
    held = lock.hold(file)
    assert held is not None
    assert lock.hold(file) is None
    lock.let_go(file, held)
    assert not file.exists()
    again = lock.hold(file)
    assert again is not None
    lock.let_go(file, again)


def test_a_file_that_a_killed_run_left_blocks_nobody(tmp_path: Path) -> None:
    """The lock went with the process."""
    file = tmp_path / ".out.lock"
    file.touch()
    held = lock.hold(file)
    assert held is not None
    lock.let_go(file, held)
    assert not file.exists()


def test_a_file_that_was_removed_between_opening_and_locking_is_no_lock(tmp_path: Path, monkeypatch) -> None:
    """Two would hold it otherwise: one the file that is gone, the other a new one of the same name."""
    file = tmp_path / ".out.lock"
    take, times = lock.take, []

    def late(descriptor: int) -> bool:
        times.append(descriptor)
        if len(times) == 1:
            file.unlink()
            file.touch()
        elif len(times) == 2:
            file.unlink()
        return take(descriptor)

    monkeypatch.setattr(lock, "take", late)
    held = lock.hold(file)
    assert held is not None
    assert len(times) == 3
    assert os.path.samestat(os.fstat(held), file.stat())
    lock.let_go(file, held)
