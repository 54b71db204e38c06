"""Whether a file's headers are those of another contract than it is held against: the wrong file, or the wrong name."""

from __future__ import annotations

from pathlib import Path

from avbrott.contract import ExtractContract
from avbrott.delivery.read import column_names, guess_contract
from avbrott.delivery.table import Table
from avbrott.delivery.translate import own_headers
from avbrott.registry import Contracts


def other_contract(
    table: Table, given: ExtractContract, contracts: Contracts, provider: str | None
) -> ExtractContract | None:
    """The contract whose columns the header has most of, at least half; None where that is ``given``, or there is none."""
    every = contracts.extracts.values()
    headers = {one.name: own_headers(table.header, one, contracts, provider) for one in every}
    if {*given.terms} <= {*column_names(headers[given.name], given, contracts.glossary)}:
        return None
    found = guess_contract(Path(), headers, every, contracts.glossary)
    return found if found is not None and found.name != given.name else None
