"""Where ``avbrott`` starts: Ctrl-C is kept while the program is read from disk, and told as at any other time after.

Reading takes a second, in which Ctrl-C would end in Python's own words. Nothing heavy is imported here before it is kept.
A termination ends the program as Ctrl-C does: with a word, an exit code, its processes ended and its locks let go.
"""

from __future__ import annotations

import signal
from types import FrameType

_OWN = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
"""By signal what Python does with it, unless whoever started the program said that it is to be ignored."""


def main() -> None:
    """Run the command line."""
    kept: list[int] = []

    def keep(number: int, _: FrameType | None) -> None:
        kept.append(number)

    heeded = [number for number, own in _OWN.items() if signal.getsignal(number) == own]
    for number in heeded:
        signal.signal(number, keep)
    from avbrott import cli

    for number in heeded:
        signal.signal(number, signal.default_int_handler)
    cli.main(is_interrupted=bool(kept))
