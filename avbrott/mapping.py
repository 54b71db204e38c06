"""What a provider calls things: its own headers, its own codes, and how it reads disputed terms, each beside the glossary's.

Files: ``contracts/mappings/<provider>.yaml``; a provider that speaks as the glossary does has none. ``avbrott contracts
answers`` writes one from a questionnaire. Applying it to a file is ``delivery.translate``'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avbrott.model import Model

_TERM = re.compile("[a-z][a-z0-9_]{0,63}")
_MOST = 10**9
"""More headers or values than any delivery has."""


@dataclass(frozen=True, slots=True)
class Translated:
    """What was translated of an extract before it was delivered, in counts: ``avbrott prepare`` says it of its delivery."""

    headers: int = 0
    values: tuple[tuple[str, int], ...] = ()
    """By term, sorted."""

    @classmethod
    def read(cls, said: Any) -> Translated | None:
        """What a package says; None where it says nothing of the kind, or what it cannot mean."""
        if not isinstance(said, dict) or not isinstance(said.get("values"), dict):
            return None
        counts = [said.get("headers"), *said["values"].values()]
        if any(type(count) is not int or not 0 <= count <= _MOST for count in counts):
            return None
        if not all(_TERM.fullmatch(str(term)) for term in said["values"]):
            return None
        return cls(said["headers"], tuple(sorted(said["values"].items())))

    def said(self) -> Mapping[str, Any]:
        """What a package says of it."""
        return {"headers": self.headers, "values": dict(self.values)}


class ProviderMapping(Model):
    """One provider's words. Headers are compared as ``headers.normal_header`` does; codes to the letter."""

    provider: str
    systems: dict[str, str] = {}
    """By extract, the system that it is exported from."""
    headers: dict[str, dict[str, str]] = {}
    """By extract, the provider's own header and the term that it stands for."""
    codes: dict[str, dict[str, str]] = {}
    """By term, the provider's own code and the glossary's code that it means."""
    readings: dict[str, str] = {}
    """By disputed term, the reading that the provider follows; a term that is not here is read as the statistics do."""
