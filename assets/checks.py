"""Asset checks: what they are called, what fails them, and what they tell. Findings are codes and counts, never a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from avbrott.delivery.check import Outcome
from avbrott.disclosure.files import verify_record
from avbrott.expectations.suites import Watch
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.release.audit import audit

KEEPS_CONTRACT = dg.AssetCheckSpec("keeps_contract", asset="accepted", description="Deliveries keep their contracts.")
PLAUSIBLE = dg.AssetCheckSpec("plausible", asset="linked", description="Counts are plausible beside the term before.")
KEEPS_PROMISE = dg.AssetCheckSpec(
    "keeps_promise", asset="protected", blocking=True, description="Every unsafe cell has a whole-number witness."
)
PASSES_AUDIT = dg.AssetCheckSpec("passes_audit", asset="released", description="The release holds by its own files.")


def contract_check(outcomes: Iterable[Outcome]) -> dg.AssetCheckResult:
    """Fails, as an error, where a delivery or a file of one was refused; tells every code, extract and field with counts."""
    told = list(outcomes)
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for outcome in told:
        for finding in outcome.findings:
            counts[(finding.severity.value, finding.code, finding.extract, finding.field)] += finding.count
    refused = sorted(f"{one.provider} {one.term}" for one in told if one.status == "refused" or one.refused_files)
    rows = "\n".join(
        f"| {severity} | {code} | {extract} | {field} | {count} |"
        for (severity, code, extract, field), count in sorted(counts.items())
    )
    return dg.AssetCheckResult(
        check_name=KEEPS_CONTRACT.name,
        passed=not refused,
        severity=dg.AssetCheckSeverity.ERROR if refused else dg.AssetCheckSeverity.WARN,
        metadata={
            "refused": refused,
            "findings": dg.MetadataValue.md(f"| severity | code | extract | field | rows |\n|---|---|---|---|---|\n{rows}"),
        },
    )


def plausibility_check(watched: Iterable[Watch]) -> dg.AssetCheckResult:
    """Fails, as a warning, where a frame of counts breaks an expectation; tells which, and for which provider and term."""
    failed = [watch for watch in watched if not watch.success]
    return dg.AssetCheckResult(
        check_name=PLAUSIBLE.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"broken": [f"{watch.code}: {' '.join(keys)}" for watch in failed for keys in watch.failing]},
    )


def promise_check(home: Home, contracts: Contracts) -> dg.AssetCheckResult:
    """Fails, and stops what comes after, where the checker finds a fault in any system's record."""
    faults = {system: verify_record(home.protected(system)) for system in contracts.systems}
    return dg.AssetCheckResult(
        check_name=KEEPS_PROMISE.name,
        passed=not any(faults.values()),
        metadata={system: [f"{fault.code}: {fault.number}" for fault in found] for system, found in faults.items()},
    )


def audit_check(home: Home, release: Path) -> dg.AssetCheckResult:
    """Fails where an audit of the sealed release finds a fault."""
    result = audit(release, home)
    return dg.AssetCheckResult(
        check_name=PASSES_AUDIT.name,
        passed=result.holds,
        metadata={"faults": [f"{fault.code} {fault.where}: {fault.count}" for fault in result.faults], "sums": result.sums},
    )
