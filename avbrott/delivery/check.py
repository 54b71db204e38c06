"""Delivered extracts held against their contracts; what keeps them is accepted, the rest is set aside and told about.

A blocking finding refuses the provider's whole delivery of the term. Writes the store's accepted, quarantine and findings,
and then the mark that the delivery is settled; equal input gives equal bytes, and a delivery that is refused or gone leaves
no accepted file behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import polars as pl

from avbrott import atomic, clock
from avbrott.at_rest.files import remove, write_frames
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.due import due
from avbrott.delivery.judge import Judged, judge
from avbrott.delivery.owed import owed
from avbrott.delivery.pull import Delivery, delivered, digest, is_recorded
from avbrott.delivery.read import Reading
from avbrott.delivery.readings import readings_of
from avbrott.delivery.rules import Situation
from avbrott.delivery.scan import Scanner, ScannerContract
from avbrott.delivery.settled import Mark, settle, unsettle
from avbrott.delivery.translate import reading_findings
from avbrott.delivery.versions import by_version, version_findings
from avbrott.findings import Finding, Severity, is_blocked, to_frame
from avbrott.home import Home
from avbrott.identity.rekey import PSEUDONYM, HubNames, RememberedNames, epochs_of, hub_names
from avbrott.periods import Term
from avbrott.registry import Contracts, read_contract
from avbrott.retention.erased import is_erased


class Status(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_QUARANTINE = "accepted_with_quarantine"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one provider's delivery of one term; rows by extract."""

    provider: str
    term: Term
    status: Status
    created: date | None = None
    late: bool = False
    read: Mapping[str, int] = field(default_factory=dict)
    accepted: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    refused_files: int = 0
    """Files that were not accepted, beside what was."""


def check_term(
    home: Home, contracts: Contracts, term: Term, providers: Iterable[str], persons: HubNames | None = None
) -> list[Outcome]:
    """Check what ``providers`` delivered for ``term``, write what is accepted, tell what became of each, in their order.

    A delivery that is erased is left out.

    ``persons``: how the hub names them, where the caller knows already.
    """
    persons = persons or hub_names(home, contracts)
    names = [name for name in dict.fromkeys(providers) if not is_erased(home, name, term)]
    deliveries = {provider: delivered(home, provider, term) for provider in names}
    came = [provider for provider in names if deliveries[provider].came]
    suppliers = [contracts.suppliers.by_id[name] for name in came if name in contracts.suppliers.by_id]
    scanner = scanner_of(contracts, term)
    situation = Situation.of(term, suppliers)
    by_provider: dict[str, list[Finding]] = {provider: [] for provider in came}
    read: dict[str, dict[str, int]] = {provider: {} for provider in names}
    needed = Counter[tuple[str, str]]()
    groups: list[tuple[Contracts, dict[str, dict[str, Reading]], dict[str, Judged]]] = []
    for promised, alike in by_version(contracts, [deliveries[provider] for provider in came]):
        readings = readings_of(home, promised, scanner, alike)
        judged, findings = judge(promised, situation, scanner, readings)
        groups.append((promised, readings, judged))
        needed |= owed(promised, judged)
        for extract, found in readings.items():
            for provider, reading in found.items():
                read[provider][extract] = reading.frame.height
        for finding in findings:
            by_provider[finding.provider].append(finding)
    for provider in came:
        by_provider[provider] += _of_delivery(contracts, deliveries[provider], persons, needed)
    kept = [name for name in came if not is_blocked(by_provider[name])]
    files = {home.findings(name, str(term)): to_frame(found) for name, found in by_provider.items()}
    latest = due(contracts, term)
    outcomes = {name: _unsettled(deliveries[name], by_provider.get(name), latest, read[name]) for name in names}
    names_of = RememberedNames(persons)
    for promised, readings, extract, whole in ((p, r, name, one) for p, r, judged in groups for name, one in judged.items()):
        senders = [provider for provider in kept if provider in readings[extract]]
        epochs = {provider: _epoch(deliveries[provider], extract) for provider in senders}
        accepted = _by_provider(_renamed(whole.accepted(contracts, str(term), senders), names_of, epochs), senders)
        set_aside = _by_provider(_renamed(whole.quarantined(promised, senders), names_of, epochs), senders)
        for provider in senders:
            files[home.accepted(extract, provider, str(term))] = accepted[provider]
            if set_aside[provider].height:
                files[home.quarantine(extract, provider, str(term))] = set_aside[provider]
            rows = (accepted[provider].height, set_aside[provider].height)
            outcomes[provider] = _with_rows(outcomes[provider], extract, *rows)
    _write(home, contracts, term, names, files)
    pulled = [name for name in names if name in came or is_recorded(home, name, term)]
    settle(home, {(name, term): _mark(home, contracts, deliveries[name], outcomes[name], files, persons) for name in pulled})
    return list(outcomes.values())


def scanner_of(contracts: Contracts, term: Term | None) -> Scanner:
    """The scanner of these contracts for one term."""
    glossary = contracts.glossary
    lists = {one.begins_with for one in glossary.terms.values() if one.begins_with is not None}
    beginnings = tuple(sorted({code.code for name in lists for code in glossary.codes(name)}))
    return Scanner(read_contract(contracts.folder / "scanner.yaml", ScannerContract), term, beginnings)


def of_provider(contracts: Contracts, extract: str, provider: str | None, term: Term | None) -> list[Finding]:
    """What is to be said of who delivers an extract, and when: not begun, no member, not expected, reading it otherwise."""
    if term is not None and term.first_day > clock.today():
        return [Finding(provider or "", str(term), extract, "TERM_NOT_BEGUN", Severity.BLOCKING)]
    if provider is None:
        return []
    supplier = contracts.suppliers.by_id[provider]
    if term is not None and not supplier.is_member(term):
        return [Finding(provider, str(term), extract, "NOT_A_MEMBER", Severity.BLOCKING)]
    if extract not in supplier.extracts:
        return [Finding(provider, str(term or ""), extract, "EXTRACT_NOT_EXPECTED", Severity.BLOCKING)]
    return list(reading_findings(contracts, provider, str(term or ""), extract))


def missing_extracts(
    contracts: Contracts, delivery: Delivery, needed: Mapping[tuple[str, str], int] = MappingProxyType({})
) -> list[Finding]:
    """The extracts that are awaited of a provider, and of which nothing lies there, be it accepted or refused.

    ``needed``: by provider and extract, how many rows of its others say that it has rows (``owed``).
    """
    supplier = contracts.suppliers.by_id.get(delivery.provider)
    if supplier is None or not supplier.is_member(delivery.term):
        return []
    there = {one.name for one in delivery.extracts} | {one.extract for one in delivery.refused}
    missing = [name for name in supplier.extracts if name not in there]
    rows = {name: needed.get((delivery.provider, name), 0) for name in missing}
    codes = {name: "EXTRACT_OWED" if rows[name] else "EXTRACT_MISSING" for name in missing}
    who = (delivery.provider, str(delivery.term))
    return [Finding(*who, name, codes[name], Severity.WARNING, count=rows[name] or 1) for name in missing]


def read_accepted(home: Home, extract: str, terms: Iterable[Term]) -> list[Path]:
    """The accepted Parquet files of an extract, sorted by term and provider."""
    folders = (home.accepted(extract, "-", str(term)).parent for term in sorted(terms))
    return [file for folder in folders for file in sorted(folder.glob("*.parquet"))]


def _epoch(delivery: Delivery, name: str) -> str:
    """The epoch of the pseudonyms in one of a delivery's extracts."""
    return next(delivery.epoch_of(extract) for extract in delivery.extracts if extract.name == name)


def _renamed(frame: pl.DataFrame, persons: RememberedNames, epochs: Mapping[str, str]) -> pl.DataFrame:
    """The rows with the hub's own names for persons; ``epochs`` are those of their providers' pseudonyms."""
    if PSEUDONYM not in frame.columns:
        return frame
    received = named = frame[PSEUDONYM]
    for epoch in sorted(set(epochs.values())):
        others = ~frame["provider"].is_in([provider for provider, own in epochs.items() if own == epoch])
        named = named.zip_with(others, persons.of(received.set(others, None), epoch))
    return frame.with_columns(named.alias(PSEUDONYM))


def _of_delivery(
    contracts: Contracts, delivery: Delivery, persons: HubNames, needed: Mapping[tuple[str, str], int]
) -> list[Finding]:
    """What is wrong with a delivery as a whole: who sent it, which extracts it holds, and whose pseudonyms."""
    provider, term = delivery.provider, str(delivery.term)
    supplier = contracts.suppliers.by_id.get(provider)
    if supplier is None or not supplier.is_member(delivery.term):
        return [Finding(provider, term, "", "NOT_A_MEMBER", Severity.BLOCKING)]
    held = {extract.name for extract in delivery.extracts}
    findings = [
        *version_findings(contracts, delivery),
        *(
            Finding(provider, term, name, "EXTRACT_NOT_EXPECTED", Severity.BLOCKING)
            for name in sorted(held - set(supplier.extracts))
        ),
        *missing_extracts(contracts, delivery, needed),
        *(found for name in sorted(held) for found in reading_findings(contracts, provider, term, name)),
    ]
    if not all(persons.takes(epoch) for epoch in epochs_of(delivery, contracts)):
        findings.append(Finding(provider, term, "", "KEY_EPOCH_MIXED", Severity.BLOCKING))
    others = persons.naming.others(delivery)
    findings += [Finding(provider, term, extract, "KEY_OTHER", Severity.BLOCKING) for extract in others]
    severity = Severity.WARNING if delivery.extracts else Severity.BLOCKING
    refused = Counter((one.extract, one.code) for one in delivery.refused)
    findings += [Finding(provider, term, extract, code, severity, count=count) for (extract, code), count in refused.items()]
    if delivery.unexpected:
        findings.append(Finding(provider, term, "", "EXTRACT_NOT_EXPECTED", Severity.BLOCKING, count=delivery.unexpected))
    return findings


def _write(home: Home, contracts: Contracts, term: Term, providers: list[str], files: Mapping[Path, pl.DataFrame]) -> None:
    """Make ``files`` all that the store holds of these providers and this term; what was there before is removed first."""
    unsettle(home, term, providers)
    possible = [file for provider in providers for file in _possible(home, contracts, provider, term)]
    for file in possible:
        if file not in files:
            remove(file)
    by_folder: dict[Path, list[str]] = {}
    for file in possible:
        by_folder.setdefault(file.parent, []).append(file.name)
    for folder, targets in by_folder.items():
        atomic.remove_parts(folder, targets)
    told = home.findings("-", str(term)).parent
    write_frames(vault_of(home), {file: frame for file, frame in files.items() if file.parent != told})
    atomic.write_parquets({file: frame for file, frame in files.items() if file.parent == told})


def _possible(home: Home, contracts: Contracts, provider: str, term: Term) -> list[Path]:
    """Every file that a check may leave of one delivery."""
    kinds = (home.accepted, home.quarantine)
    of_extracts = [place(extract, provider, str(term)) for extract in contracts.extracts for place in kinds]
    return [home.findings(provider, str(term)), *of_extracts]


def _mark(
    home: Home,
    contracts: Contracts,
    delivery: Delivery,
    outcome: Outcome,
    files: Mapping[Path, pl.DataFrame],
    persons: HubNames,
) -> Mark:
    """What a later run needs to see that this delivery was checked, and that all that came of it is there."""
    left = [file for file in _possible(home, contracts, delivery.provider, delivery.term) if file in files]
    return Mark(
        delivery=digest(delivery),
        naming=persons.naming.of(delivery),
        status=outcome.status,
        read=dict(outcome.read),
        accepted=dict(outcome.accepted),
        quarantined=dict(outcome.quarantined),
        files=tuple(file.relative_to(home.store).as_posix() for file in left),
    )


def _by_provider(frame: pl.DataFrame, providers: list[str]) -> dict[str, pl.DataFrame]:
    """The rows of each provider, in their order; a frame without rows for one that has none."""
    parts = frame.partition_by("provider", maintain_order=True, as_dict=True)
    return {provider: parts.get((provider,), frame.clear()) for provider in providers}


def _unsettled(delivery: Delivery, findings: list[Finding] | None, last_day: date, read: Mapping[str, int]) -> Outcome:
    """The outcome before it is counted what becomes of its rows."""
    provider, term = delivery.provider, delivery.term
    if findings is None:
        return Outcome(provider, term, Status.MISSING)
    told = tuple(sorted(findings, key=lambda f: (f.extract, f.code, f.field)))
    refused = is_blocked(told)
    status = Status.REFUSED if refused else Status.ACCEPTED
    late = delivery.is_late(last_day)
    return Outcome(provider, term, status, delivery.created, late, read, findings=told, refused_files=len(delivery.refused))


def _with_rows(outcome: Outcome, extract: str, accepted: int, quarantined: int) -> Outcome:
    status = Status.ACCEPTED_WITH_QUARANTINE if quarantined else outcome.status
    return replace(
        outcome,
        status=status,
        accepted={**outcome.accepted, extract: accepted},
        quarantined={**outcome.quarantined, extract: quarantined},
    )
