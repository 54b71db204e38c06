"""Delivered extracts held against their contracts; what keeps them is accepted, the rest is set aside and told about.

A blocking finding refuses the provider's whole delivery of the term. Writes the store's accepted, quarantine and findings;
equal input gives equal bytes, and a delivery that is refused or gone leaves no accepted file behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.delivery.judge import Judged, judge
from avbrott.delivery.pull import Delivery, delivered
from avbrott.delivery.read import Reading, Table, fit, read_table
from avbrott.delivery.rules import Situation
from avbrott.delivery.scan import Scanner, ScannerContract
from avbrott.findings import Finding, Severity, to_frame
from avbrott.home import Home
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.registry import Contracts, read_contract


class Status(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_QUARANTINE = "accepted_with_quarantine"
    REFUSED = "refused"
    MISSING = "missing"


class DeliveryContract(Model):
    """File: ``contracts/delivery.yaml``."""

    due: dict[str, str]
    """By season, the month and day on which its delivery is due."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one provider's delivery of one term; rows by extract."""

    provider: str
    term: Term
    status: Status
    created: date | None = None
    late: bool = False
    accepted: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def check_term(home: Home, contracts: Contracts, term: Term, providers: Iterable[str]) -> list[Outcome]:
    """Check what ``providers`` delivered for ``term``, write what is accepted, tell what became of each, in their order."""
    names = list(dict.fromkeys(providers))
    deliveries = {provider: delivered(home, provider, term) for provider in names}
    came = [provider for provider in names if deliveries[provider].extracts or deliveries[provider].unexpected]
    suppliers = [contracts.suppliers.by_id[name] for name in came if name in contracts.suppliers.by_id]
    scanner = scanner_of(contracts, term)
    readings = _read(home, contracts, scanner, [deliveries[provider] for provider in came])
    situation = Situation.of(term, suppliers)
    judged, findings = judge(contracts, situation, scanner, readings)
    by_provider: dict[str, list[Finding]] = {provider: [] for provider in came}
    for finding in findings:
        by_provider[finding.provider].append(finding)
    for provider in came:
        by_provider[provider] += _of_delivery(contracts, deliveries[provider])
    refused = {name for name in came if any(f.severity is Severity.BLOCKING for f in by_provider[name])}
    kept = _write_rows(home, contracts, term, names, [name for name in came if name not in refused], judged, readings)
    return [_outcome(home, contracts, deliveries[provider], by_provider.get(provider), refused, kept) for provider in names]


def scanner_of(contracts: Contracts, term: Term | None) -> Scanner:
    """The scanner of these contracts for one term."""
    return Scanner(read_contract(contracts.folder / "scanner.yaml", ScannerContract), term)


def due(contracts: Contracts, term: Term) -> date:
    """The last day on which a delivery of the term is in time."""
    contract = read_contract(contracts.folder / "delivery.yaml", DeliveryContract)
    day = date.fromisoformat(f"{term.last_day.year}-{contract.due[term.season]}")
    return day if day > term.last_day else day.replace(year=day.year + 1)


def read_accepted(home: Home, extract: str, terms: Iterable[Term]) -> list[Path]:
    """The accepted Parquet files of an extract, sorted by term and provider."""
    folders = (home.accepted(extract, "-", str(term)).parent for term in sorted(terms))
    return [file for folder in folders for file in sorted(folder.glob("*.parquet"))]


def _read(home: Home, contracts: Contracts, scanner: Scanner, deliveries: list[Delivery]) -> dict[str, dict[str, Reading]]:
    """The readings of every extract, by extract (in the order of the contracts) and provider."""
    readings: dict[str, dict[str, Reading]] = {name: {} for name in contracts.extracts}
    for delivery in deliveries:
        folder = home.delivered(delivery.provider, str(delivery.term))
        for extract in delivery.extracts:
            if extract.name in readings:
                table: Table = read_table(folder / extract.file)
                contract = contracts.extracts[extract.name]
                readings[extract.name][delivery.provider] = fit(table, contract, scanner.contract.headers)
    return {name: found for name, found in readings.items() if found}


def _of_delivery(contracts: Contracts, delivery: Delivery) -> list[Finding]:
    """What is wrong with a delivery as a whole: who sent it, and which extracts it holds."""
    provider, term = delivery.provider, str(delivery.term)
    supplier = contracts.suppliers.by_id.get(provider)
    if supplier is None or not supplier.is_member(delivery.term):
        return [Finding(provider, term, "", "NOT_A_MEMBER", Severity.BLOCKING)]
    held = {extract.name for extract in delivery.extracts}
    findings = [
        *(
            Finding(provider, term, name, "EXTRACT_NOT_EXPECTED", Severity.BLOCKING)
            for name in sorted(held - set(supplier.extracts))
        ),
        *(
            Finding(provider, term, name, "EXTRACT_MISSING", Severity.WARNING)
            for name in supplier.extracts
            if name not in held
        ),
    ]
    if delivery.unexpected:
        findings.append(Finding(provider, term, "", "EXTRACT_NOT_EXPECTED", Severity.BLOCKING, count=delivery.unexpected))
    return findings


def _write_rows(
    home: Home,
    contracts: Contracts,
    term: Term,
    providers: list[str],
    kept: list[str],
    judged: Mapping[str, Judged],
    readings: Mapping[str, Mapping[str, Reading]],
) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Write accepted and quarantined rows of the providers in ``kept``, remove what the others had; rows by provider."""
    counts: dict[str, tuple[dict[str, int], dict[str, int]]] = {provider: ({}, {}) for provider in kept}
    for extract in contracts.extracts:
        senders = [provider for provider in kept if provider in readings.get(extract, {})]
        if senders:
            accepted = judged[extract].accepted(contracts, str(term), senders)
            set_aside = judged[extract].quarantined(contracts, senders)
            for provider in senders:
                rows = accepted.filter(pl.col("provider") == provider)
                aside = set_aside.filter(pl.col("provider") == provider)
                counts[provider][0][extract] = rows.height
                counts[provider][1][extract] = aside.height
                atomic.write_parquet(home.accepted(extract, provider, str(term)), rows)
                if aside.height:
                    atomic.write_parquet(home.quarantine(extract, provider, str(term)), aside)
                else:
                    home.quarantine(extract, provider, str(term)).unlink(missing_ok=True)
        for provider in providers:
            if provider not in senders:
                home.accepted(extract, provider, str(term)).unlink(missing_ok=True)
                home.quarantine(extract, provider, str(term)).unlink(missing_ok=True)
    return counts


def _outcome(
    home: Home,
    contracts: Contracts,
    delivery: Delivery,
    findings: list[Finding] | None,
    refused: set[str],
    kept: Mapping[str, tuple[dict[str, int], dict[str, int]]],
) -> Outcome:
    provider, term = delivery.provider, delivery.term
    file = home.findings(provider, str(term))
    if findings is None:
        file.unlink(missing_ok=True)
        return Outcome(provider, term, Status.MISSING)
    atomic.write_parquet(file, to_frame(findings))
    told = tuple(sorted(findings, key=lambda f: (f.extract, f.code, f.field)))
    late = delivery.created > due(contracts, term)
    if provider in refused:
        return Outcome(provider, term, Status.REFUSED, delivery.created, late, findings=told)
    accepted, quarantined = kept[provider]
    status = Status.ACCEPTED_WITH_QUARANTINE if any(quarantined.values()) else Status.ACCEPTED
    return Outcome(provider, term, status, delivery.created, late, accepted, quarantined, told)
