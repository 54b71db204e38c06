"""The sum that a file is known by, and what was found of known files. What is done with a sum is for others to say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


def sum_of(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Found(Generic[T]):
    """What was found of bytes, by their sums: asked again of the same ones, in the same process, it is not looked for again.

    A run looks through a release before it is sealed, and again when it lies there; what did not change in between needs
    no second look. Another process begins without it, so an audit looks at everything. The ``most`` newest are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[tuple[str, ...], T] = {}

    def of(self, known_by: tuple[str, ...], look: Callable[[], T]) -> T:
        """What ``look`` finds of what is ``known_by`` these sums and names."""
        if known_by not in self._found:
            self._found[known_by] = look()
            if len(self._found) > self._most:
                del self._found[next(iter(self._found))]
        return self._found[known_by]
