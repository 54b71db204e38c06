"""Keys, and sealed deliveries of a small extract, for the tests of sealing, reception and tampering."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pyrage
import yaml

from avbrott.contract import ExtractContract
from avbrott.delivery.package import PACKAGE
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import load_contracts
from avbrott.sealing.archive import pack
from avbrott.sealing.keys import SigningKey, new_signing_key, public_file, read_signing_key, reception_key
from avbrott.sealing.package import Statement, package_bytes
from avbrott.sealing.seal import SIGNATURE, Sealed, data_bytes, seal

CONTRACTS = load_contracts()
ENROLMENTS = CONTRACTS.extracts["enrolments"]
TERM = Term.parse("HT2025")
STATEMENT = Statement(
    "data", "2482", TERM, "enrolments", ENROLMENTS.version, number=1, rows=2, created=date(2026, 1, 12), key_epoch="2025"
)


def rows(count: int = 2, contract: ExtractContract = ENROLMENTS) -> pl.DataFrame:
    """Rows of text, each told from the next."""
    return pl.DataFrame({name: [f"{name} {place}" for place in range(count)] for name in contract.terms})


def signing_key(folder: Path, provider: str = "2482") -> SigningKey:
    """The provider's key, the same one for the same folder."""
    file = folder / f"{provider}.key"
    return read_signing_key(file) if file.is_file() else new_signing_key(file, provider)


def register(home: Home, folder: Path, provider: str = "2482") -> SigningKey:
    """The provider's key, registered at the hub."""
    key = signing_key(folder, provider)
    home.provider_key(provider).parent.mkdir(parents=True, exist_ok=True)
    home.provider_key(provider).write_bytes(public_file(folder / f"{provider}.key").read_bytes())
    return key


def sealed(
    home: Home, key: SigningKey, frame: pl.DataFrame | None = None, statement: Statement = STATEMENT, **said: object
) -> Sealed:
    """A delivery to the hub of ``home``: ``statement`` with what is ``said`` otherwise, and these rows."""
    told = replace(statement, **said)
    contract = CONTRACTS.extracts[told.extract]
    data = None
    if told.kind == "data":
        frame = rows(told.rows, contract) if frame is None else frame
        told = replace(told, rows=frame.height)
        data = data_bytes(frame, contract)
    else:
        told = replace(told, rows=0)
    return seal(told, contract, data, key, reception_key(home).public)


def forged(home: Home, members: dict[str, bytes]) -> bytes:
    """Any members, packed and encrypted to the hub as a delivery is."""
    return encrypted(home, pack(members))


def encrypted(home: Home, plain: bytes) -> bytes:
    """Any bytes, encrypted to the hub."""
    content: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(reception_key(home).public.age)])
    return content


def members(key: SigningKey, package: bytes | None = None, data: bytes | None = None) -> dict[str, bytes]:
    """The members of a delivery, signed by ``key``: of the statement above where nothing else is given."""
    data = data_bytes(rows(), ENROLMENTS) if data is None else data
    package = package_bytes(STATEMENT, ENROLMENTS.terms, data) if package is None else package
    return {PACKAGE: package, SIGNATURE: key.sign(package), STATEMENT.data_name: data}


def write_sources(home: Home, providers: dict[str, bool]) -> None:
    """Say that each provider's deliveries are in its outbox, and which may be plain."""
    sources = {name: {"folder": f"providers/{name}/outbox", "plain": plain} for name, plain in providers.items()}
    home.sources.write_text(yaml.safe_dump({"sources": sources}), "utf-8")


def hub(folder: Path, providers: dict[str, bool]) -> Home:
    """A hub with its keys, where these providers have places (True: they may deliver openly), and 2482 a registered key."""
    home = Home(folder / "hub")
    reception_key(home)
    register(home, folder)
    write_sources(home, providers)
    return home


def lay(home: Home, sealed: Sealed, provider: str = "2482", term: Term = TERM) -> Path:
    """Lay a delivery at its provider, where the hub looks."""
    file = home.outbox(provider, str(term)) / sealed.name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(sealed.content)
    return file
