"""How a process that the program starts for a part of its work begins: it leaves Ctrl-C to the program, and ends with it.

What it does there is its pool's.
"""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process


def begin() -> None:
    """The initializer of every pool: its processes would otherwise outlive a program that was killed, and wait for good."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
