"""What tests of places to deliver to share: patience for a test, much to carry, and the error that is waited for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from avbrott.errors import BadInput
from avbrott.transport.target import Patience

QUICK = Patience(connect_seconds=5, answer_seconds=5, pauses=(0.05, 0.05))
LARGE = bytes(range(256)) * 4 * 4096 * 5
"""Twenty megabytes."""


def refused(work: Callable[[], object], code: str) -> BadInput:
    """The error that ``work`` ends with, which has ``code``."""
    with pytest.raises(BadInput) as told:
        work()
    assert told.value.code == code, told.value
    return told.value
