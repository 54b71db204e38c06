"""A process that the program starts ends with the program, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

_PROGRAM = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from avbrott import worker

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=worker.begin)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_ends_with_a_program_that_was_killed(tmp_path) -> None:
    """It would wait for more work for good, and hold the program's output open."""
    (tmp_path / "program.py").write_text(_PROGRAM)
    program = subprocess.Popen([sys.executable, tmp_path / "program.py"], stdout=subprocess.PIPE)
    assert program.stdout is not None
    worker = int(program.stdout.readline())
    assert _is_there(worker)
    program.send_signal(signal.SIGKILL)
    program.communicate(timeout=30)  # the end of its output: nobody holds it open
    for _ in range(100):
        if not _is_there(worker):
            break
        time.sleep(0.1)
    assert not _is_there(worker)
