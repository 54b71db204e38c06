"""A DuckDB session: what it spills goes away with it, or with the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from avbrott.session import session

_HANGS = """
import sys, time
from pathlib import Path
from avbrott.session import session
with session(Path(sys.argv[1])):
    print("open", flush=True)
    time.sleep(60)
"""


def _begin(folder: Path) -> subprocess.Popen[bytes]:
    """A process that holds a session open."""
    process = subprocess.Popen([sys.executable, "-c", _HANGS, folder], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    return process


def test_a_session_leaves_nothing(tmp_path: Path) -> None:
    """Its folder is there while it runs, inside the folder that it was given, and gone afterwards."""
    with session(tmp_path) as connection:
        assert len(list(tmp_path.glob(".duckdb-*"))) == 1
        connection.execute("SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_session_spilled_is_removed_by_the_next(tmp_path: Path) -> None:
    """What is left of rows of persons goes; the folder of a session that still runs stays."""
    dead, living = _begin(tmp_path), _begin(tmp_path)
    try:
        (dead_folder, living_folder) = sorted(tmp_path.glob(".duckdb-*"), key=lambda folder: folder.stat().st_ctime_ns)
        (dead_folder / "spilled").mkdir()
        (dead_folder / "spilled" / "rows.tmp").write_bytes(b"rows")
        os.kill(dead.pid, signal.SIGKILL)
        dead.wait()
        assert dead_folder.is_dir()
        with session(tmp_path):
            assert not dead_folder.exists()
            assert living_folder.is_dir()
        assert [folder.name for folder in tmp_path.iterdir()] == [living_folder.name]
    finally:
        for process in (dead, living):
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
