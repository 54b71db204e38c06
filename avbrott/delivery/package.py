"""A delivery's ``datapackage.json``: who, when, which extracts under which version, and the epoch of the pseudonyms' key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from avbrott.errors import BadInput
from avbrott.mapping import Translated
from avbrott.periods import Term
from avbrott.registry import Contracts

PACKAGE = "datapackage.json"
EPOCH = re.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
"""What an epoch may be called."""
FINGERPRINT = re.compile("[0-9a-f]{4}( [0-9a-f]{4}){3}")
"""How a key is told from another: sixteen hexadecimal digits in fours."""
LARGEST_PLAIN_PACKAGE = 1 << 20
"""Bytes of the package of a delivery that is not sealed."""
_SUM = re.compile("sha256:([0-9a-f]{64})")
_VERSION = re.compile("[0-9]{1,6}[.][0-9]{1,6}[.][0-9]{1,6}")
_NO_VERSION = ""
"""What is kept where something else stands in a version's place: no contract has it, and nothing of it is ever shown."""


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the hub takes from a package."""

    created: date
    epoch: str | None = None
    """The epoch of the key that the pseudonyms were made with; None where none is named."""
    fingerprint: str | None = None
    """The fingerprint of that key; None where none is named."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The version of the contract that each of its extracts says it follows."""
    translated: Mapping[str, Translated] = field(default_factory=dict)
    """What was translated of each of its extracts out of the provider's own words."""
    sums: Mapping[str, str] = field(default_factory=dict)
    """The sum of the file of each of its extracts, where it says one."""


def package(
    contracts: Contracts,
    provider: str,
    term: Term,
    files: list[str],
    created: date,
    epoch: str | None = None,
    translated: Mapping[str, Translated] = {},
    fingerprint: str | None = None,
    sums: Mapping[str, str] = {},
) -> bytes:
    """The content of a delivery's ``datapackage.json``; ``files`` are called as their extracts, and so are their ``sums``."""
    resources: list[dict[str, Any]] = [
        {"name": name, "path": file, "contract_version": contracts.extracts[name].version}
        | ({"hash": f"sha256:{sums[name]}"} if name in sums else {})
        | ({"translated": translated[name].said()} if name in translated else {})
        for name, file in ((Path(file).stem, file) for file in files)
    ]
    content: dict[str, Any] = {"name": package_name(provider, term), "created": created.isoformat()}
    content |= {"key_epoch": epoch} if epoch is not None else {}
    content |= {"key_fingerprint": fingerprint} if fingerprint is not None else {}
    return (json.dumps(content | {"resources": resources}, ensure_ascii=False, indent=2) + "\n").encode()


def package_name(provider: str, term: Term) -> str:
    """What a delivery is called in its package."""
    return f"{provider}-{str(term).lower()}"


def read_package(file: Path, held: bytes) -> dict[str, Any]:
    """What stands in a package that lies in ``file`` and has the bytes ``held``; ``BadInput`` where it is none."""
    try:
        content = json.loads(held.decode())
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise BadInput("DATAPACKAGE_INVALID", file=file)
    return content


@contextmanager
def of_prepared(folder: Path) -> Iterator[None]:
    """Read the package of a folder that ``avbrott prepare`` wrote: one that cannot be read is to be made again."""
    try:
        yield
    except BadInput as error:
        if error.code != "DATAPACKAGE_INVALID":
            raise
        raise BadInput("PREPARED_PACKAGE_INVALID", folder=folder, file=folder / PACKAGE) from None


def package_facts(file: Path, held: bytes) -> PackageFacts:
    """The facts of a package; ``BadInput`` where it has no date, or an epoch or fingerprint that is none."""
    content = read_package(file, held)
    epoch, fingerprint = content.get("key_epoch"), content.get("key_fingerprint")
    try:
        created = date.fromisoformat(content["created"])
        resources = [one for one in [*content.get("resources", ())] if one.get("contract_version") is not None]
        versions = {str(one["name"]): _version(one["contract_version"]) for one in resources}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput("DATAPACKAGE_INVALID", file=file) from None
    for said, form in ((epoch, EPOCH), (fingerprint, FINGERPRINT)):
        if said is not None and not (isinstance(said, str) and form.fullmatch(said)):
            raise BadInput("DATAPACKAGE_INVALID", file=file)
    return PackageFacts(created, epoch, fingerprint, versions, translated_of(content), sums_of(content))


def _version(said: object) -> str:
    return said if isinstance(said, str) and _VERSION.fullmatch(said) else _NO_VERSION


def translated_of(content: Mapping[str, Any]) -> dict[str, Translated]:
    """What a package says of each extract that was translated; what it says otherwise is as if it said nothing."""
    found = {str(one.get("name")): Translated.read(one.get("translated")) for one in _resources(content)}
    return {name: said for name, said in found.items() if said is not None}


def sums_of(content: Mapping[str, Any]) -> dict[str, str]:
    """The sum that a package says of each extract's file; what it says otherwise is as if it said nothing."""
    found = {str(one.get("name")): _SUM.fullmatch(str(one.get("hash"))) for one in _resources(content)}
    return {name: said.group(1) for name, said in found.items() if said is not None}


def _resources(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = content.get("resources")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
