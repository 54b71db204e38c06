"""Making a sealed delivery: package, signature, archive, encryption. The rows are taken as they are and not checked here."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.package import PACKAGE
from avbrott.delivery.parquet import LONGEST_CELL, MOST_BYTES, MOST_CELLS, is_too_large
from avbrott.errors import BadInput
from avbrott.sealing.archive import LARGEST, pack
from avbrott.sealing.keys import HubPublic, SigningKey
from avbrott.sealing.package import HIGHEST_NUMBER, MOST_ROWS, Statement, package_bytes

SIGNATURE = f"{PACKAGE}.sig"
"""The member that holds the signature of the package."""
_OVERHEAD = 1024 * 1024
"""More than package, signature, archive and encryption add to the rows."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A delivery that is ready to be sent."""

    name: str
    """What its file is called."""
    content: bytes
    package: bytes
    """Its ``datapackage.json``."""

    @property
    def digest(self) -> str:
        """The sum of its package: equal for equal deliveries, however often they are encrypted."""
        return hashlib.sha256(self.package).hexdigest()


def data_bytes(frame: pl.DataFrame, contract: ExtractContract) -> bytes:
    """The Parquet file of an extract: the contract's columns in its order, as text; equal frames give equal bytes.

    ``frame`` has these columns, as text or as what casts to it unchanged.
    """
    content = io.BytesIO()
    frame.select(pl.col(contract.terms).cast(pl.String)).write_parquet(content, compression="zstd", statistics=False)
    return content.getvalue()


def must_have_room(frame: pl.DataFrame, contract: ExtractContract) -> None:
    """``BadInput`` where an extract is larger than the hub reads: by rows, by its text together, or by one value."""
    if frame.height > _most_rows(contract) or is_too_large(frame.select(contract.terms)):
        raise _too_large(contract)


def _most_rows(contract: ExtractContract) -> int:
    return min(MOST_ROWS, MOST_CELLS // len(contract.terms))


def _too_large(contract: ExtractContract) -> BadInput:
    room = {"rows": _most_rows(contract), "megabytes": MOST_BYTES // 1_000_000, "cell": LONGEST_CELL}
    return BadInput("SEAL_TOO_LARGE", extract=contract.name, **room)


def seal(statement: Statement, contract: ExtractContract, data: bytes | None, key: SigningKey, hub: HubPublic) -> Sealed:
    """Seal a delivery to a hub. ``data`` is what ``data_bytes`` made; None for nil and withdrawal, which have no rows.

    ``BadInput``: the key is another provider's, the numbers are used up, or the extract is too large.
    """
    import pyrage

    if key.provider != statement.provider:
        raise BadInput("SEAL_OTHER_PROVIDER", provider=statement.provider, key=key.provider)
    if statement.number > HIGHEST_NUMBER:
        raise BadInput("SEAL_NUMBERS_USED", extract=statement.extract, highest=HIGHEST_NUMBER)
    most_rows = _most_rows(contract)
    if statement.rows > most_rows or len(data or b"") > LARGEST - _OVERHEAD:
        raise _too_large(contract)
    package = package_bytes(statement, contract.terms, data)
    members = {PACKAGE: package, SIGNATURE: key.sign(package)}
    if data is not None:
        members[statement.data_name] = data
    recipient = pyrage.x25519.Recipient.from_str(hub.age)
    return Sealed(statement.file_name, pyrage.encrypt(pack(members), [recipient]), package)
