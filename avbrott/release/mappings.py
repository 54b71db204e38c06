"""Which providers' own words the hub translates, as a release says it: by what was agreed, and never by what rows hold.

How many values were translated would be a count of persons (of women, where a provider writes F for them) that no table's
protection reckons with, and that a code was met at all tells that somebody has it. So this is of mappings alone: how many own
headers, which terms have own codes, which readings differ. What a mapping did is told to the provider, in its receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from avbrott.mapping import ProviderMapping
from avbrott.registry import Contracts

Json = dict[str, Any]


def published_mappings(contracts: Contracts, deliveries: pl.DataFrame) -> Json:
    """By provider and extract, for what was delivered and accepted in any term (``deliveries``: of ``COVERAGE``)."""
    came = deliveries.filter("delivered").select("provider", "extract").unique().sort("provider", "extract")
    found: dict[str, Json] = {}
    for provider, extract in came.iter_rows():
        if (mapping := contracts.mappings.get(provider)) is not None and (said := _said(contracts, mapping, extract)):
            found.setdefault(provider, {})[extract] = said
    return found


def _said(contracts: Contracts, mapping: ProviderMapping, extract: str) -> Mapping[str, Any]:
    """What is translated of one extract; nothing where nothing is."""
    contract = contracts.extracts[extract]
    said = {
        "headers": len(mapping.headers.get(extract, {})),
        "codes": sorted(term for term in mapping.codes if term in contract.terms),
        "readings": {
            name: mapping.readings[name]
            for name in sorted(contract.disputed)
            if name in mapping.readings and mapping.readings[name] != contracts.glossary.terms[name].used
        },
    }
    return said if any(said.values()) else {}
