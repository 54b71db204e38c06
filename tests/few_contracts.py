"""Contracts of few providers and tables, for tests of a whole run that are not about how much there is."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from avbrott.contract_folder import packaged_contracts

_PROVIDERS = frozenset({"2401", "2403", "2404", "2421", "2480", "2482", "arbetsformedlingen", "forsakringskassan"})
"""One of each sort that the invented county has, and the two whose schools are most compared."""
_TABLES = frozenset(
    {
        "agency_counts",
        "coverage",
        "dropouts_by_cause",
        "dropouts_by_municipality",
        "dropouts_pooled",
        "kaa_contact",
        "school_comparison",
        "school_outcomes",
        "transitions",
    }
)
"""At least one of each system, and those that pages of schools are made of."""


def few_contracts(folder: Path) -> Path:
    """The invented county's contracts, of few providers and tables: a run goes through every stage in half the time."""
    shutil.copytree(packaged_contracts(), folder)
    file = folder / "suppliers.yaml"
    suppliers = [one for one in yaml.safe_load(file.read_text("utf-8"))["suppliers"] if one["id"] in _PROVIDERS]
    file.write_text(yaml.safe_dump({"suppliers": suppliers}, allow_unicode=True), "utf-8")
    for table in (folder / "releases").glob("*.yaml"):
        if table.stem not in _TABLES:
            table.unlink()
    return folder
