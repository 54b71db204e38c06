"""The sum that a file is known by. What is done with it is for others to say."""

from __future__ import annotations

import hashlib


def sum_of(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
