"""The secret that breaks ties and that keys of seals come from: whoever guesses it can try every table against the seals.

Not here: what a seal covers (``write``).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.tabular import made, output
from avbrott.tabular.spec_file import SpecFile

BYTES = 16
DIGITS = 32
"""A seed of hexadecimal digits alone is half as dense as one of bytes."""
DIFFERENT = 8
"""A random seed of the least length has so many different signs but for a chance below one in a thousand."""

_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]*")


def read_seed(spec: SpecFile, source: Path, target: Path) -> tuple[bytes, bool]:
    """The seed that SPEC names; else the one that an output at ``target`` keeps, or a new one, and True.

    ``BadInput`` where an output at ``target`` has lost it: with another seed other cells would be hidden of what may be
    published already, and both together tell more. Also where it can be guessed, or others than the publisher may have it.
    """
    if spec.spec.seed is None:
        kept = target / output.CONFIDENTIAL / output.SEED
        if kept.is_file() and kept.stat().st_size:
            seed = kept.read_bytes()
        elif made.is_output(target) and kept.parent.is_dir():
            raise BadInput("SEED_GONE", folder=target)
        else:
            seed = secrets.token_bytes(2 * BYTES)
        _refuse_weak(seed, kept)
        return seed, True
    file = spec.beside(spec.spec.seed)
    try:
        seed = file.read_bytes()
    except OSError:
        raise BadInput("SEED_UNREADABLE", file=spec.path, line=spec.line("seed"), seed=file) from None
    for other in _others(spec, source):
        if other.is_file() and other.stat().st_size == len(seed) and other.read_bytes() == seed:
            raise BadInput("SEED_NOT_SECRET", file=file, other=other)
    _refuse_weak(seed, file)
    return seed, False


def _refuse_weak(seed: bytes, file: Path) -> None:
    found = seed.rstrip(b"\r\n")
    least = DIGITS if _HEXADECIMAL.fullmatch(found) else BYTES
    if len(found) < least or len(set(found)) < DIFFERENT:
        raise BadInput("SEED_WEAK", file=file, bytes=BYTES, digits=DIGITS)


def _others(spec: SpecFile, source: Path) -> Iterator[Path]:
    """The other files of a run, and the public ones of earlier outputs."""
    yield from (source, spec.path)
    yield from (spec.beside(name) for name in (*spec.spec.known, *filter(None, [spec.spec.keep])))
    for name in spec.spec.previous:
        yield from (spec.beside(name) / file for file in (made.PUBLIC, made.CERTIFICATE, made.PUBLIC_WITNESSES))
