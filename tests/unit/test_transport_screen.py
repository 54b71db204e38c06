"""What takes longer than one waits without a word is shown on a screen, and nowhere else."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from avbrott.texts import load_messages
from avbrott.transport import screen
from avbrott.transport.screen import showing_transport
from avbrott.transport.target import told_in_pieces


def shown(*, is_screen: bool) -> str:
    """What is printed while a file goes up."""
    printed = io.StringIO()
    console = Console(file=printed, force_terminal=is_screen, width=120)
    with showing_transport(console, load_messages()):
        told_in_pieces(b"x" * 10, 1, lambda _: None)
    return printed.getvalue()


def test_a_long_upload_is_shown_on_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """In both languages, and gone when it is done; a file or another program gets none of it."""
    monkeypatch.setattr(screen, "QUIET_SECONDS", 0.0)
    assert "Skickar / Sending" in shown(is_screen=True)
    assert shown(is_screen=False) == ""


def test_a_short_upload_is_not_shown() -> None:
    """A bar that flickers says nothing."""
    assert shown(is_screen=True) == ""
