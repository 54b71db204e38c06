"""What is due to be erased on a day, by the periods of the contracts or because a provider asks. Nothing is erased here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from avbrott.at_rest.files import read_frame
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.pull import stored
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import SchoolYear, Term
from avbrott.policy import Retention
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.retention.closed import Closing, closed
from avbrott.retention.erased import Erasure, Layer, is_erased
from avbrott.retention.needs import years_needed


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due: deliveries (or of them the quarantine alone) by provider and term, and school years."""

    deliveries: dict[tuple[str, Term], Erasure] = field(default_factory=dict)
    school_years: dict[str, Closing] = field(default_factory=dict)
    frozen: Path | None = None
    """Where the rows of published school years are."""


def retention_of(contracts: Contracts) -> Retention:
    """The periods; ``BadInput`` where there are none, or one is shorter than what is published needs."""
    if contracts.retention is None:
        raise BadInput("RETENTION_MISSING", file=contracts.folder / "policies.yaml")
    needed, table = years_needed(contracts)
    for layer in ("deliveries", "school_years"):
        years = getattr(contracts.retention, layer)
        if years < needed:
            raise BadInput("RETENTION_TOO_SHORT", layer=layer, years=years, needed=needed, table=table)
    return contracts.retention


def due(home: Home, contracts: Contracts, day: date) -> Plan:
    """What has been kept for its period on ``day``, counted from the last day of the term, or of a school year's first."""
    periods = retention_of(contracts)
    frozen, years = _published(home)
    deliveries: dict[tuple[str, Term], Erasure] = {}
    for provider, term in stored(home):
        if is_erased(home, provider, term):
            continue
        if _ended(term, periods.deliveries, day):
            whole: tuple[Layer, ...] = ("delivered", "accepted", "quarantine")
            deliveries[provider, term] = _erasure(home, provider, term, day, periods.deliveries, whole, years)
        elif _ended(term, periods.quarantine, day) and _quarantined(home, provider, term):
            deliveries[provider, term] = _erasure(home, provider, term, day, periods.quarantine, ("quarantine",), years)
    old = {
        name: rows
        for name, rows in years.items()
        if _ended(SchoolYear.parse(name).needed_terms[0], periods.school_years, day) and name not in closed(home)
    }
    return Plan(deliveries, _closings(years, old, day, periods.school_years), frozen)


def asked(home: Home, contracts: Contracts, day: date, provider: str, term: Term) -> Plan:
    """What a provider may have erased: its delivery of a term, and the published school years that rest on it.

    ``BadInput`` where the provider is unknown, or nothing of it is there.
    """
    if provider not in contracts.suppliers.by_id:
        raise BadInput("CHECK_PROVIDER_UNKNOWN", provider=provider)
    if (provider, term) not in stored(home):
        raise BadInput("NOTHING_TO_ERASE", provider=provider, term=term)
    if is_erased(home, provider, term):
        return Plan()
    frozen, years = _published(home)
    layers: tuple[Layer, ...] = ("delivered", "accepted", "quarantine")
    resting = {
        name: rows for name, rows in years.items() if term in SchoolYear.parse(name).needed_terms and name not in closed(home)
    }
    erasure = _erasure(home, provider, term, day, None, layers, years)
    return Plan({(provider, term): erasure}, _closings(years, resting, day, None), frozen)


def _erasure(
    home: Home,
    provider: str,
    term: Term,
    day: date,
    years: int | None,
    layers: tuple[Layer, ...],
    published: Mapping[str, object],
) -> Erasure:
    folders = {"accepted": home.accepted, "quarantine": home.quarantine}
    counts: dict[str, dict[str, int]] = {}
    for layer, place in folders.items():
        files = sorted(place("-", provider, str(term)).parents[2].glob(f"*/{term}/{provider}.parquet"))
        counts[layer] = {file.parents[1].name: _rows(home, file) for file in files} if layer in layers else {}
    return Erasure(
        date=day,
        rule="asked" if years is None else "period",
        years=years,
        layers=layers,
        accepted=counts["accepted"],
        quarantined=counts["quarantine"],
        counted=all(str(year) in published for year in _resting(home, term)),
    )


def _resting(home: Home, term: Term) -> list[SchoolYear]:
    """The school years that need a term's deliveries, and all of whose terms the store has known or will know."""
    near, first = (SchoolYear(term.year - 1), SchoolYear(term.year)), min(held for _, held in stored(home))
    return [year for year in near if term in year.needed_terms and first <= year.needed_terms[0]]


def _closings(
    years: Mapping[str, Mapping[str, int]], closing: Mapping[str, Mapping[str, int]], day: date, period: int | None
) -> dict[str, Closing]:
    last = max((SchoolYear.parse(name).start for name in years), default=0)
    return {
        name: Closing(
            date=day,
            rule="asked" if period is None else "period",
            years=period,
            passed=last + 1 - SchoolYear.parse(name).start,
            rows=dict(rows),
        )
        for name, rows in sorted(closing.items())
    }


def _published(home: Home) -> tuple[Path | None, dict[str, dict[str, int]]]:
    """Where the newest release's rows are, and by school year how many there are in each table; closed ones have none."""
    folder = ledger.frozen_rows(home)
    found: dict[str, dict[str, int]] = {name: {} for name in closed(home)}
    for file in sorted(folder.glob("*.parquet")) if folder else []:
        counts = read_frame(vault_of(home), file, ["school_year"])["school_year"].value_counts()
        for year, rows in counts.drop_nulls().iter_rows():
            found.setdefault(str(year), {})[file.stem] = int(rows)
    return folder, found


def _quarantined(home: Home, provider: str, term: Term) -> bool:
    return any(home.quarantine("-", provider, str(term)).parents[2].glob(f"*/{term}/{provider}.parquet"))


def _rows(home: Home, file: Path) -> int:
    return read_frame(vault_of(home), file, ["row"]).height


def _ended(term: Term, years: int, day: date) -> bool:
    last = term.last_day
    return last.replace(year=last.year + years) <= day
