"""Telling a person how far a long stage has come, without the stage knowing who listens.

A stage calls ``report``; a command that has a screen sets a listener for its own duration. Without one nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def report(stage: str, done: int, of: int) -> None:
    """Say that ``done`` of ``of`` parts of ``stage`` are done."""
    listener = _listener.get()
    if listener is not None:
        listener(stage, done, of)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let ``listener`` hear every report made inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
