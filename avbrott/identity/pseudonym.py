"""The pseudonym of a person: HMAC-SHA-256 under the county's key, and again under the hub's. No file is read here.

``docs/pseudonyms.md`` states the form so that another program can make the same pseudonyms, and gives known answers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from hashlib import sha256

import polars as pl

_AT_PROVIDER = "avbrott1"
_AT_HUB = b"avbrott1-hub|"
_BLOCK = 64
"""Bytes of a block of SHA-256; a key is no longer (``keys.KEY_BYTES``)."""


def pseudonym(key: bytes, epoch: str, identity: str) -> str:
    """64 lowercase hexadecimal digits for twelve characters of identity, under the county's ``key`` of ``epoch``."""
    return hmac.digest(key, f"{_AT_PROVIDER}|{epoch}|{identity}".encode("ascii"), "sha256").hex()


def pseudonyms(key: bytes, epoch: str, identities: pl.Series) -> pl.Series:
    """The pseudonym of each of ``identities`` (String, twelve characters); null stays null."""
    return _keyed(key, f"{_AT_PROVIDER}|{epoch}|".encode("ascii"), identities)


def at_hub(key: bytes, received: pl.Series) -> pl.Series:
    """What the hub calls each received pseudonym (String) under a ``key`` of its own; null stays null."""
    return _keyed(key, _AT_HUB, received)


def _keyed(key: bytes, before: bytes, values: pl.Series) -> pl.Series:
    """HMAC-SHA-256 over ``before`` and each value, each distinct value once."""
    distinct = values.unique().drop_nulls()
    named = pl.DataFrame({"value": distinct, "made": pl.Series(list(_digests(key, before, distinct)), dtype=pl.String)})
    return pl.DataFrame({"value": values}).join(named, on="value", how="left", maintain_order="left")["made"]


def _digests(key: bytes, before: bytes, values: pl.Series) -> Iterator[str]:
    """HMAC as RFC 2104 puts it together: what the key and ``before`` make of it is reckoned once, in half the time."""
    padded = key.ljust(_BLOCK, b"\0")
    begun = sha256(bytes(byte ^ 0x36 for byte in padded) + before).copy
    outer = sha256(bytes(byte ^ 0x5C for byte in padded)).copy
    for value in values:
        inner, whole = begun(), outer()
        inner.update(value.encode())
        whole.update(inner.digest())
        yield whole.hexdigest()
