"""Where ``avbrott`` starts: Ctrl-C is kept while the program is read from disk, and told as at any other time after.

Reading takes a second, in which Ctrl-C would end in Python's own words. Nothing heavy is imported here before it is kept.
"""

from __future__ import annotations

import signal
from types import FrameType


def main() -> None:
    """Run the command line."""
    kept: list[int] = []

    def keep(number: int, _: FrameType | None) -> None:
        kept.append(number)

    before = signal.getsignal(signal.SIGINT)
    is_kept = before is signal.default_int_handler  # whoever started it may have said that it is to be ignored
    if is_kept:
        signal.signal(signal.SIGINT, keep)
    from avbrott import cli

    if is_kept:
        signal.signal(signal.SIGINT, before)
    cli.main(is_interrupted=bool(kept))
