"""A hub that has accepted deliveries, and what a forger of its next one has at hand: every key, and the hub's public file."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.delivery.package import PACKAGE
from avbrott.delivery.pull import Delivery, delivered, pull_many
from avbrott.home import Home
from avbrott.sealing.archive import LARGEST
from avbrott.sealing.keys import SigningKey, reception_key
from avbrott.sealing.package import package_bytes
from avbrott.sealing.seal import SIGNATURE, data_bytes
from tests import sealed_case as case

SECRET = "Fosterhemsplacering"
"""Stands in every row, and may be told nowhere."""
NEXT = "2482-ht2025-enrolments-0002.zip.age"
"""What a forgery is called: as the provider's next delivery."""
DATA = case.STATEMENT.data_name


def rows(count: int = 2) -> pl.DataFrame:
    return case.rows(count).with_columns(study_path=pl.lit(SECRET))


@dataclass(frozen=True)
class Hub:
    """A hub that has accepted two extracts of 2482 and one of 2480, whose keys they are."""

    home: Home
    key: SigningKey
    other: SigningKey

    @classmethod
    def begun(cls, folder: Path) -> Hub:
        home = Home(folder / "hub")
        reception_key(home)
        key, other = case.register(home, folder), case.register(home, folder, "2480")
        case.write_sources(home, {"2482": False, "2480": False})
        case.lay(home, case.sealed(home, key, rows()))
        version = case.CONTRACTS.extracts["events"].version
        case.lay(home, case.sealed(home, key, extract="events", contract_version=version, kind="nil"))
        case.lay(home, case.sealed(home, other, rows(), provider="2480"), "2480")
        found = cls(home, key, other)
        assert all(one.extracts and not one.refused for one in found.pulled())
        return found

    @property
    def outbox(self) -> Path:
        return self.home.outbox("2482", str(case.TERM))

    def pulled(self) -> list[Delivery]:
        """What becomes of both providers' folders."""
        return pull_many(self.home, case.CONTRACTS, {case.TERM: ["2482", "2480"]})

    def numbers(self) -> list[int | None]:
        """Which delivery of each extract of 2482 counts when its folder is pulled."""
        return [one.number for one in self.pulled()[0].extracts]

    def package(self, own: dict[str, object] | None = None, data: bytes | None = None, **said: object) -> bytes:
        """The package of the next delivery, with what it and its object ``avbrott`` say otherwise."""
        content = data_bytes(rows(), case.ENROLMENTS) if data is None else data
        made: dict[str, Any] = json.loads(package_bytes(case.STATEMENT, case.ENROLMENTS.terms, content))
        made["avbrott"] |= {"number": 2} | (own or {})
        return json.dumps(made | said).encode()

    def members(self, package: bytes | None = None, data: bytes | None = None) -> dict[str, bytes]:
        """The members of the next delivery, signed by its provider."""
        data = data_bytes(rows(), case.ENROLMENTS) if data is None else data
        return case.members(self.key, self.package(data=data) if package is None else package, data)

    def sealed(self, members: dict[str, bytes]) -> bytes:
        return case.forged(self.home, members)

    def encrypted(self, archive: bytes) -> bytes:
        return case.encrypted(self.home, archive)


def refused(hub: Hub, content: bytes, name: str = NEXT) -> str:
    """Lay a forgery at 2482 and pull: its code, after all that a refusal promises."""
    before, known = _files(hub.home), [delivered(hub.home, provider, case.TERM) for provider in ("2482", "2480")]
    (hub.outbox / name).write_bytes(content)
    now = hub.pulled()
    assert _files(hub.home) == before, "no file is written, changed or removed"
    assert [one.extracts for one in now] == [one.extracts for one in known], "what was accepted stays"
    assert (now[1], now[0].problem) == (known[1], None), "the other provider goes on"
    (entry,) = now[0].refused
    log = hub.home.reception_log.read_text()
    line = json.loads(log.splitlines()[-1])
    sha256 = hashlib.sha256(content).hexdigest() if len(content) <= LARGEST and entry.code != "SEALED_NAME" else ""
    assert (line["provider"], line["term"], line["code"], line["sha256"]) == ("2482", "HT2025", entry.code, sha256)
    assert SECRET not in log
    return entry.code


def archived(
    members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED, *, comment: bytes = b"", of_member: bytes = b""
) -> bytes:
    """Any archive, with names, methods and comments (of the whole, of each member) that ours never has."""
    content = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(content, "w", method) as archive:
        for name, held in members:
            info = zipfile.ZipInfo("named later")
            info.filename, info.compress_type, info.comment = name, method, of_member
            archive.writestr(info, held)
        archive.comment = comment
    return content.getvalue()


def members_of(content: bytes) -> set[str]:
    """The names in an archive."""
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


def whole(hub: Hub) -> list[tuple[str, bytes]]:
    """The next delivery's members in their order, as a list that can be added to."""
    members = hub.members()
    return [(name, members[name]) for name in (PACKAGE, SIGNATURE, DATA)]


def _files(home: Home) -> dict[str, bytes]:
    """Every file around the hub, but those that a refusal may change: the log, the record, and what the forger laid."""
    may_change = (home.reception_log, home.root / "providers", home.delivered("2482", str(case.TERM)) / "delivery.json")
    found = (file for file in home.root.parent.rglob("*") if file.is_file())
    return {str(file): file.read_bytes() for file in found if not any(file.is_relative_to(place) for place in may_change)}
