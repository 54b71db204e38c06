"""A line of the log of access: how it is written, and what else may stand in the file. The chain of them is ``log``'s."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

FIELDS = ("number", "at", "event", "result", "who", "role", "what", "address", "before", "hash")
"""In the order in which they are written."""
_TEXT = re.compile(rb'(?:[^"\\\x00-\x1f\x7f-\xff]|\\(?:["\\/bfnrt]|u[0-9a-f]{4}))*')
_CUT_SIGN = re.compile(rb"\\(?:u[0-9a-f]{0,3})?")
_VALUES = {"at": re.compile(rb"[0-9T:+-]*"), "before": re.compile(rb"[0-9a-f]*"), "hash": re.compile(rb"[0-9a-f]*")}


@dataclass(frozen=True, slots=True)
class End:
    """Where the chain ends: a line's number and hash."""

    number: int
    hash: str


BEGIN = End(0, "0" * 64)


def written(told: Mapping[str, str | int]) -> bytes:
    """The line that is written for what a log tells."""
    return (json.dumps({**told, "hash": _hash(told)}, ensure_ascii=True) + "\n").encode()


def following(line: bytes, end: End) -> End | None:
    """Where the chain ends with this line; None where it is not, to the byte, one that was written after ``end``."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or tuple(told) != FIELDS or type(told["number"]) is not int:
        return None
    if not all(isinstance(told[name], str) for name in FIELDS[1:]):
        return None
    if (told["number"], told["before"]) != (end.number + 1, end.hash):
        return None
    content = {name: value for name, value in told.items() if name != "hash"}
    return End(end.number + 1, told["hash"]) if written(content) == line else None


def is_begun(line: bytes, number: int) -> bool:
    """Whether a line is the beginning of one of this number, which a cut of power left: nothing was done yet."""
    rest, key = line.removesuffix(b"\n"), b'{"number": %d, "at": "' % number
    if not rest:
        return False
    for name, after in pairwise((*FIELDS[1:], None)):
        if key.startswith(rest):
            return True
        found = _VALUES.get(str(name), _TEXT).match(rest.removeprefix(key))
        if not rest.startswith(key) or found is None:
            return False
        rest = rest[len(key) + found.end() :]
        if _CUT_SIGN.fullmatch(rest):
            return True
        key = b'", "%s": "' % after.encode() if after is not None else b'"}'
    return key.startswith(rest) and rest != key


def _hash(told: Mapping[str, str | int]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
