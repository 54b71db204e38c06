"""What a provider calls things: its own headers, its own codes, and how it reads disputed terms, each beside the glossary's.

Files: ``contracts/mappings/<provider>.yaml``; a provider that speaks as the glossary does has none. ``avbrott contracts
answers`` writes one from a questionnaire. Applying it to a file is ``delivery.translate``'s.
"""

from __future__ import annotations

from avbrott.model import Model


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
