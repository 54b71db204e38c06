"""A delivery's ``datapackage.json``: who, when, which extracts under which version, and the epoch of the pseudonyms' key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from avbrott.errors import BadInput
from avbrott.periods import Term
from avbrott.registry import Contracts

PACKAGE = "datapackage.json"
EPOCH = re.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
"""What an epoch may be called."""
_LONGEST_VERSION = 20
"""What is longer is no version, and is told as one that is not known."""


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the hub takes from a package."""

    created: date
    epoch: str | None = None
    """The epoch of the key that the pseudonyms were made with; None where none is named."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The version of the contract that each of its extracts says it follows."""


def package(
    contracts: Contracts, provider: str, term: Term, extracts: list[str], created: date, epoch: str | None = None
) -> bytes:
    """The content of a delivery's ``datapackage.json``."""
    resources = [
        {"name": name, "path": f"{name}.csv", "contract_version": contracts.extracts[name].version} for name in extracts
    ]
    content: dict[str, Any] = {"name": package_name(provider, term), "created": created.isoformat()}
    content |= {"key_epoch": epoch} if epoch is not None else {}
    return (json.dumps(content | {"resources": resources}, ensure_ascii=False, indent=2) + "\n").encode()


def package_name(provider: str, term: Term) -> str:
    """What a delivery is called in its package."""
    return f"{provider}-{str(term).lower()}"


def read_package(file: Path) -> dict[str, Any]:
    """What stands in a package; ``BadInput`` where it cannot be read."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise BadInput("DATAPACKAGE_INVALID", file=file)
    return content


def package_facts(file: Path) -> PackageFacts:
    """The facts of a package; ``BadInput`` where it has no date, or an epoch that is none."""
    content = read_package(file)
    epoch = content.get("key_epoch")
    try:
        created = date.fromisoformat(content["created"])
        resources = [one for one in [*content.get("resources", ())] if one.get("contract_version") is not None]
        versions = {str(one["name"]): str(one["contract_version"])[:_LONGEST_VERSION] for one in resources}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput("DATAPACKAGE_INVALID", file=file) from None
    if epoch is not None and not (isinstance(epoch, str) and EPOCH.fullmatch(epoch)):
        raise BadInput("DATAPACKAGE_INVALID", file=file)
    return PackageFacts(created, epoch, versions)
