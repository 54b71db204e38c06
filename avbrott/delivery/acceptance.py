"""What it takes for a sealed file to be accepted, and of an extract's files the newest that can be. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from avbrott.clock import lies_ahead
from avbrott.delivery.laid import read_laid
from avbrott.delivery.parquet import Unread, read_parquet
from avbrott.delivery.received import Received
from avbrott.delivery.record import Delivery, Extract, Refused
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.retention.reduced import rest_of
from avbrott.sealing.archive import LARGEST
from avbrott.sealing.keys import ProviderPublic, ReceptionKey
from avbrott.sealing.opening import Opened, open_sealed
from avbrott.sealing.package import SealedName, Statement

NEAR = 200
"""Files so little above the number that was accepted last are opened before those further ahead."""
MOST_TRIED = 4 * LARGEST
"""So many bytes of an extract's files are read at most to find one that can be accepted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A delivery that counts."""

    extract: Extract
    content: bytes | None
    """None where it is another encryption of what the store has."""
    entry: Received
    is_new: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to judge one provider's sealed files of one term."""

    home: Home
    contracts: Contracts
    known: Delivery
    hub: ReceptionKey
    sender: ProviderPublic
    ledger: Mapping[str, Received]
    today: date
    unopened: list[str] | None
    """Where the sums of files go that are only looked at; None: all are opened."""

    def newest(self, name: str, files: list[Path]) -> tuple[Found | None, list[Refused]]:
        """The newest delivery of an extract that counts, of files in falling order, and those that were refused for it.

        Whoever may lay files there can lay any number of them with higher numbers: near ones are tried first, within a bound.
        """
        entry = self.ledger.get(name)
        last = entry.number if entry is not None else 0
        refused: list[Refused] = []
        best: Found | None = None
        tried = 0
        for file in sorted(files, key=lambda file: _turn(_number(file), last)):
            number = _number(file)
            if best is not None and number < (best.extract.number or 0):
                continue
            if number < last:
                if not refused:
                    refused.append(refused_file(file, "SEALED_REPLAYED"))
                break
            if number > last and tried >= MOST_TRIED:
                refused.append(unread_file(file, "SEALED_NOT_TRIED"))
                continue
            try:
                content = content_of(file)
            except BadInput as error:
                refused.append(unread_file(file, error.code))
                continue
            tried += len(content)
            sha256 = sum_of(content)
            held = self._held(name, entry) if entry is not None and number == entry.number else None
            if held is not None and entry is not None and sha256 in (entry.sha256, *entry.also):
                return Found(held, content if sha256 == entry.sha256 else None, entry, is_new=False), refused
            if self.unopened is not None and sha256 not in {one.sha256 for one in self.known.refused}:
                self.unopened.append(sha256)
                return None, refused
            try:
                found = self._accepted(file.name, content, sha256, entry)
            except BadInput as error:
                refused.append(Refused(name, error.code, file.name, sha256))
                continue
            if held is not None and entry is not None:
                also = entry.model_copy(update={"also": (*entry.also, sha256)})
                return Found(held, None, also, is_new=False), refused
            best = found
        return best, refused

    def withdrawal_between(self, found: Found, files: list[Path]) -> Extract | None:
        """The newest withdrawal between what was accepted last of the extract and ``found``; None where there is none.

        It came together with what was delivered anew, and would be forgotten: what counts is ``found``.
        """
        entry = self.ledger.get(found.extract.name)
        least, most, tried = entry.number if entry is not None else 0, found.entry.number, 0
        for file in sorted(files, key=_number, reverse=True):
            if not least < _number(file) < most or tried >= MOST_TRIED:
                continue
            with suppress(BadInput):  # what is not the provider's, or not whole, says nothing
                content = content_of(file)
                tried += len(content)
                one = self._accepted(file.name, content, sum_of(content), entry).extract
                if one.kind == "withdrawal":
                    return one
        return None

    def _held(self, name: str, entry: Received) -> Extract | None:
        """The delivery of ``entry`` as the store has it; None where a run was killed before it was stored."""
        among = self.known.history if entry.kind == "withdrawal" else self.known.extracts
        found = [one for one in among if one.name == name and one.sha256 == entry.sha256]
        folder = self.home.delivered(self.known.provider, str(self.known.term))
        if entry.kind != "withdrawal":
            found = [one for one in found if (folder / one.file).is_file() or rest_of(folder, one).is_file()]
        return found[-1] if found else None

    def _accepted(self, name: str, content: bytes, sha256: str, entry: Received | None) -> Found:
        """A delivery that may be accepted; ``BadInput`` says why one may not."""
        opened = open_sealed(name, content, self.hub, self.sender)
        said = opened.statement
        if entry is not None and said.number == entry.number and opened.digest != entry.digest:
            raise BadInput("SEALED_NUMBER_TAKEN")
        self._expected(said)
        _hold_rows(self.contracts, opened)
        extract = Extract(
            said.extract,
            name,
            sha256,
            len(content),
            said.contract_version,
            said.kind,
            said.number,
            said.created,
            said.key_epoch,
            said.translated,
            said.key_fingerprint,
            said.rows,
        )
        received = Received(number=said.number, digest=opened.digest, sha256=sha256, kind=said.kind)
        return Found(extract, content, received, is_new=True)

    def _expected(self, said: Statement) -> None:
        if lies_ahead(said.created, self.today):
            raise BadInput("DELIVERY_FROM_THE_FUTURE")
        supplier = self.contracts.suppliers.by_id.get(said.provider)
        if supplier is None or said.extract not in supplier.extracts:
            raise BadInput("EXTRACT_NOT_EXPECTED")
        accepted = self.contracts.accepted_versions(said.extract, said.created)
        if said.contract_version not in {one.version for one in accepted}:
            raise BadInput("CONTRACT_VERSION")


def _hold_rows(contracts: Contracts, opened: Opened) -> None:
    """Hold the Parquet file against what is said of it: it can be read, its columns are the contract's, its rows as many."""
    if opened.data is None:
        return
    said = opened.statement
    found = read_parquet(opened.data)
    if isinstance(found, Unread):
        raise BadInput("SEALED_TOO_LARGE" if found is Unread.TOO_LARGE else "SEALED_PARQUET")
    header, frame = found
    contract = next(one for one in contracts.versions(said.extract) if one.version == said.contract_version)
    if sorted(header) != sorted(contract.terms):
        raise BadInput("SEALED_COLUMNS")
    if frame.height != said.rows:
        raise BadInput("SEALED_ROWS")


def _turn(number: int, last: int) -> tuple[bool, bool, int]:
    """When a number is tried: little above the last first, then far above, then the last and those before; each falling."""
    return number <= last, number > last + NEAR, -number


def _number(file: Path) -> int:
    found = SealedName.parse(file.name)
    assert found is not None
    return found.number


def content_of(file: Path) -> bytes:
    """The bytes of a sealed file; ``BadInput`` says why it cannot be read."""
    try:
        return read_laid(file, LARGEST)
    except BadInput as error:
        raise BadInput("SEALED_TOO_LARGE" if error.code == "LAID_TOO_LARGE" else error.code) from None


def refused_file(file: Path, code: str, *, is_called_so: bool = True) -> Refused:
    """What is kept of a file that is refused: of its name nothing, where it is not called as a delivery is."""
    refused = unread_file(file, code, is_called_so=is_called_so)
    try:
        return replace(refused, sha256=sum_of(content_of(file)))
    except BadInput:
        return refused


def unread_file(file: Path, code: str, *, is_called_so: bool = True) -> Refused:
    """The same of a file that is not worth reading, or cannot be read."""
    found = SealedName.parse(file.name) if is_called_so else None
    return Refused(found.extract if found else "", code, file.name if found else "", "")
