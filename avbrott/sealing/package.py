"""The package of a sealed delivery: a Frictionless ``datapackage.json`` that says what is delivered. Written and read here.

What it says is believed once its signature holds, and even then only as far as it agrees with itself and with what it
describes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from avbrott.atomic import json_bytes
from avbrott.delivery.package import EPOCH, FINGERPRINT
from avbrott.errors import BadInput
from avbrott.mapping import Translated
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.sealing.keys import PROVIDER

FORMAT = 1
HIGHEST_NUMBER = 9999
LARGEST_PACKAGE = 256 * 1024
"""Bytes of a ``datapackage.json``; ours has some thousand."""
MOST_ROWS = 5_000_000
"""Rows of one extract of one provider and term: the whole country's pupils, month by month."""
MEDIA_TYPE = "application/vnd.apache.parquet"

Kind = Literal["data", "nil", "withdrawal"]
"""Rows; that there are none to report; that what was delivered before is taken back."""

_EXTRACT = "[a-z][a-z0-9_]{0,63}"
_NAME = re.compile(f"({PROVIDER.pattern})-((?:ht|vt)[0-9]{{4}})-({_EXTRACT})-([0-9]{{4}})\\.zip\\.age")
_Hash = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a delivery says of itself."""

    kind: Kind
    provider: str
    term: Term
    extract: str
    contract_version: str
    number: int
    """The provider's deliveries of the term and extract, counted from 1."""
    rows: int
    created: date
    key_epoch: str | None = None
    """The epoch of the key that its pseudonyms were made with."""
    translated: Translated | None = None
    """What of it stood in the provider's own words; None where nothing did."""
    key_fingerprint: str | None = None
    """The fingerprint of that key; None where it is not told."""

    @property
    def name(self) -> str:
        """What the package is called."""
        return f"{self.provider}-{str(self.term).lower()}-{self.extract}"

    @property
    def file_name(self) -> str:
        """What the sealed file is called."""
        return f"{self.name}-{self.number:04d}.zip.age"

    @property
    def data_name(self) -> str:
        """What the rows are called inside."""
        return f"{self.extract}.parquet"


@dataclass(frozen=True, slots=True)
class SealedName:
    """What the name of a sealed file says."""

    provider: str
    term: Term
    extract: str
    number: int

    @classmethod
    def parse(cls, name: str) -> SealedName | None:
        """Read the name of a file; None where it is no sealed delivery's."""
        found = _NAME.fullmatch(name)
        if found is None or int(found[4]) == 0:
            return None
        try:
            return cls(found[1], Term.parse(found[2].upper()), found[3], int(found[4]))
        except BadInput:
            return None


class _Own(Model):
    """The object ``avbrott``."""

    format: Annotated[int, Field(strict=True, ge=FORMAT, le=FORMAT)]
    kind: Kind
    provider: Annotated[str, Field(pattern=f"^{PROVIDER.pattern}$")]
    term: str
    extract: Annotated[str, Field(pattern=f"^{_EXTRACT}$")]
    contract_version: Annotated[str, Field(max_length=20)]
    key_epoch: Annotated[str, Field(pattern=f"^{EPOCH.pattern}$")] | None
    key_fingerprint: Annotated[str, Field(pattern=f"^{FINGERPRINT.pattern}$")] | None = None
    number: Annotated[int, Field(strict=True, ge=1, le=HIGHEST_NUMBER)]
    rows: Annotated[int, Field(strict=True, ge=0, le=MOST_ROWS)]
    translated: dict[str, Any] | None = None


class _Resource(Model, extra="ignore"):
    name: str
    path: str | None = None
    hash: _Hash | None = None
    bytes: Annotated[int, Field(strict=True, ge=0)] | None = None
    data: tuple[()] | None = None


class _Package(Model, extra="ignore"):
    name: str
    created: date
    """The day of the delivery, written as its first moment: the standard wants a time."""
    resources: Annotated[tuple[_Resource, ...], Field(min_length=1, max_length=1)]
    avbrott: _Own


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was read: what it says, and by which sum and size its rows are known (None where it has none)."""

    statement: Statement
    sha256: str | None
    bytes: int | None


def package_bytes(statement: Statement, columns: Sequence[str], data: bytes | None) -> bytes:
    """The content of ``datapackage.json``; equal statements of equal rows give equal bytes.

    ``columns`` are the contract's, ``data`` the Parquet file (None but for rows).
    """
    resource: dict[str, Any] = {
        "name": statement.extract,
        "profile": "tabular-data-resource",
        "schema": {"fields": [{"name": name, "type": "string"} for name in columns]},
    }
    if data is None:
        resource |= {"data": []}
    else:
        resource |= {"path": statement.data_name, "format": "parquet", "mediatype": MEDIA_TYPE}
        resource |= {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}
    own: dict[str, Any] = {
        "format": FORMAT,
        "kind": statement.kind,
        "provider": statement.provider,
        "term": str(statement.term),
        "extract": statement.extract,
        "contract_version": statement.contract_version,
        "key_epoch": statement.key_epoch,
        "number": statement.number,
        "rows": statement.rows,
    }
    own |= {"key_fingerprint": statement.key_fingerprint} if statement.key_fingerprint is not None else {}
    own |= {"translated": statement.translated.said()} if statement.translated is not None else {}
    return json_bytes(
        {
            "name": statement.name,
            "created": f"{statement.created.isoformat()}T00:00:00Z",
            "resources": [resource],
            "avbrott": own,
        }
    )


def read_package(content: bytes) -> Package | None:
    """Read a ``datapackage.json``; None where it is none, lacks something, or contradicts itself."""
    try:
        found = _Package.model_validate_json(content)
        own = found.avbrott
        term = Term.parse(own.term)
    except (ValidationError, BadInput):
        return None
    statement = Statement(
        own.kind,
        own.provider,
        term,
        own.extract,
        own.contract_version,
        own.number,
        own.rows,
        found.created,
        own.key_epoch,
        Translated.read(own.translated),
        own.key_fingerprint,
    )
    resource = found.resources[0]
    if (found.name, resource.name) != (statement.name, statement.extract):
        return None
    if own.kind != "data":
        empty = (resource.path, resource.hash, resource.bytes, own.rows) == (None, None, None, 0)
        return Package(statement, None, None) if empty else None
    if resource.path != statement.data_name or resource.hash is None or resource.bytes is None:
        return None
    return Package(statement, resource.hash.removeprefix("sha256:"), resource.bytes)
