"""A folder that ``avbrott prepare`` wrote, held once more against the hub's rules: what is checked is what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from avbrott import clock
from avbrott.contract import ExtractContract
from avbrott.delivery.at_home import Checked, check_files
from avbrott.delivery.package import PACKAGE, PackageFacts, of_prepared, package_facts, read_package
from avbrott.delivery.pull import Delivery, Extract
from avbrott.delivery.strays import is_stray
from avbrott.delivery.versions import by_version, version_findings
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.findings import Finding, Severity, is_blocked
from avbrott.mapping import Translated
from avbrott.periods import Term
from avbrott.registry import Contracts


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery before it is sealed."""

    provider: str
    term: Term
    created: date
    epoch: str | None
    fingerprint: str | None
    translated: Mapping[str, Translated]
    """By extract, what of it stood in the provider's own words."""
    extracts: tuple[tuple[ExtractContract, pl.DataFrame], ...]
    """Each extract's contract and its rows, as they were read and judged."""
    digests: Mapping[str, str]
    """By extract, the sum of its file."""
    findings: tuple[Finding, ...]
    others: int
    """Files in the folder that are no part of the delivery."""
    gone: tuple[str, ...]
    """Extracts that were prepared in the folder and are not there."""

    @property
    def is_refused(self) -> bool:
        return is_blocked(self.findings)


def read_prepared(folder: Path, contracts: Contracts) -> Prepared:
    """Read and check the delivery in ``folder``.

    ``BadInput`` where none is there, one with identities in it, or one that is not as ``avbrott prepare`` wrote it.
    """
    package = _package(folder)
    with of_prepared(folder):
        provider, term, facts = _facts(folder, package, contracts)
    names = {f"{name}.csv": name for name in contracts.extracts}
    there = [file for file in sorted(folder.iterdir()) if file.name != PACKAGE and not is_stray(file.name)]
    files = [file for file in there if file.name in names]
    if not files or not all(file.is_file() for file in files):
        raise BadInput("DELIVER_NOTHING_PREPARED", folder=folder)
    extracts = tuple(Extract(file.stem, file.name, "", 0, facts.versions.get(file.stem)) for file in files)
    delivery = Delivery(provider, term, facts.created, extracts)
    followed = by_version(contracts, [delivery])[0][0]
    digests = {file.stem: sum_of(file.read_bytes()) for file in files}
    checked = check_files(files, followed, contract=None, provider=provider, term=term)
    for entry in checked:
        _must_be_prepared(entry)
    if _package(folder) != package:  # which says with which key the rows' pseudonyms were made
        raise BadInput("DELIVER_CHANGED_MEANWHILE", folder=folder)
    for file in files:
        if facts.sums.get(file.stem, digests[file.stem]) != digests[file.stem]:
            raise BadInput("DELIVER_NOT_AS_PREPARED", file=file)
    return Prepared(
        provider,
        term,
        facts.created,
        facts.epoch,
        facts.fingerprint,
        facts.translated,
        tuple((entry.contract, entry.reading.frame.select(entry.contract.terms)) for entry in checked),
        digests,
        (
            *_of_its_day(delivery),
            *version_findings(contracts, delivery),
            *(finding for entry in checked for finding in entry.findings),
        ),
        len(there) - len(files),
        tuple(name for name in contracts.extracts if name in facts.versions and name not in digests),
    )


def _package(folder: Path) -> bytes:
    """The package of the folder; ``BadInput`` where it has none."""
    if not folder.exists():
        raise BadInput("DELIVER_FOLDER_MISSING", folder=folder)
    if not (folder / PACKAGE).is_file():
        raise BadInput("DELIVER_NOTHING_PREPARED", folder=folder)
    return (folder / PACKAGE).read_bytes()


def _facts(folder: Path, held: bytes, contracts: Contracts) -> tuple[str, Term, PackageFacts]:
    """Whose delivery it is, of which term, and what its package says besides."""
    file = folder / PACKAGE
    provider, _, named = str(read_package(file, held).get("name")).rpartition("-")
    try:
        term = Term.parse(named.upper())
    except BadInput:
        raise BadInput("DATAPACKAGE_INVALID", file=file) from None
    if provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=provider)
    return provider, term, package_facts(file, held)


def _of_its_day(delivery: Delivery) -> list[Finding]:
    if not clock.lies_ahead(delivery.created, clock.today()):
        return []
    return [Finding(delivery.provider, str(delivery.term), "", "DELIVERY_FROM_THE_FUTURE", Severity.BLOCKING)]


def _must_be_prepared(entry: Checked) -> None:
    """An export would be checked as the delivery that it could become, which is not what lies there."""
    if any(assumed.code == "READ_EXPORT" for assumed in entry.reading.assumed):
        raise BadInput("DELIVER_IS_EXPORT", file=entry.file)
