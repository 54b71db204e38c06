"""Asking before something is destroyed or replaced: a yes that somebody types, or ``--yes``; never a guess.

A command first tells what it would do, then asks here, and only then does it. With ``--dry-run`` it tells and does nothing.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console

from avbrott.errors import BadInput
from avbrott.help_texts import LANGUAGES
from avbrott.texts import Texts

DryRunOption = Annotated[bool, typer.Option("--dry-run")]
YesOption = Annotated[bool, typer.Option("--yes")]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where it is told and asked, and what was said on the command line."""

    screen: Console
    texts: Texts
    dry_run: bool
    yes: bool

    def goes_on(self, code: str, **parameters: object) -> bool:
        """Tell what would be done, and whether to do it: False for a dry run.

        ``BadInput`` where nobody is there to ask (NOBODY_TO_ASK), or says anything but yes (ANSWERED_NO).
        """
        self.say(code, **parameters)
        return self.is_confirmed()

    def is_confirmed(self) -> bool:
        """The same of what has been told."""
        if self.dry_run:
            self.say("DRY_RUN")
            return False
        if self.yes:
            return True
        if not sys.stdin.isatty():
            raise BadInput("NOBODY_TO_ASK")
        self.say("ASKED")
        let_ctrl_c_through()
        try:
            answer = input("> ").strip().casefold()
        except EOFError:
            answer = ""
        if answer not in {self.texts.get("TYPED_YES", language) for language in LANGUAGES}:
            raise BadInput("ANSWERED_NO")
        return True

    def say(self, code: str, **parameters: object) -> None:
        """Print a text, Swedish first and English beside it."""
        from avbrott.identity.keys_command import say

        say(self.screen, self.texts, code, **parameters)


def let_ctrl_c_through() -> None:
    """Let Ctrl-C end the wait for an answer: polars handles it so that what waits for a key waits on (POSIX)."""
    if sys.platform != "win32":
        signal.siginterrupt(signal.SIGINT, True)
