"""An invented county, whole: lived, reported, with planted flaws, in every provider's outbox, and its truth apart.

``generate`` writes the deliveries of all terms; which of them are used is the pipeline's to say (``avbrott run --until``).
Equal arguments give equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import SchoolYear, Term, terms_between
from avbrott.progress import report
from avbrott.registry import Contracts
from avbrott.synthetic.absence import absence, levels
from avbrott.synthetic.agency import agency_counts
from avbrott.synthetic.calibration import load_calibration
from avbrott.synthetic.county import County, county_of
from avbrott.synthetic.kaa import kaa, registrations
from avbrott.synthetic.outbox import Outboxes, outboxes
from avbrott.synthetic.reports import enrolments, events, registered
from avbrott.synthetic.simulation import simulate

EXTRACTS = ("enrolments", "events", "absence", "kaa", "agency_counts")


@dataclass(frozen=True)
class SynthSummary:
    """What was written: counts only."""

    terms: tuple[str, ...]
    persons: int
    deliveries: int
    files: int
    bytes: int
    rows: dict[str, int] = field(default_factory=dict)


def generate(
    home: Home, contracts: Contracts, *, pupils: int = 8500, years: int = 10, seed: int = 1, last_school_year: int = 2024
) -> SynthSummary:
    """Invent a county of ``pupils`` on each 15 October, with ``years`` school years whose outcome can be read."""
    for name, value in (("pupils", pupils), ("years", years)):
        if value < 1:
            raise BadInput("SYNTH_NOT_POSITIVE", option=f"--{name}")
    first = last_school_year - years + 1
    county = county_of(contracts, load_calibration(contracts.folder))
    if not county.homes or not county.units or not county.programmes:
        raise BadInput("SYNTH_NO_SCHOOLS", folder=contracts.folder)
    terms = terms_between(Term("HT", first), SchoolYear(last_school_year).needed_terms[-1])
    simulated = simulate(county, pupils=pupils, first=first, last=last_school_year + 1, seed=seed)
    reported = registered(county, simulated, seed)
    leveled = levels(county, reported, seed)
    responsibility = registrations(county, simulated, reported, seed)
    names = simulated.persons["pseudonym"]
    deliveries = 0
    with outboxes(home, contracts) as boxes:
        for done, term in enumerate(terms):
            report("synth", done, len(terms))
            frames = {
                "enrolments": named(enrolments(reported, term), names),
                "events": named(events(reported, term), names),
                "absence": named(absence(county, leveled, term, seed), names),
                "kaa": kaa(county, responsibility, term),
                "agency_counts": agency_counts(county, term, seed),
            }
            deliveries += _deliver(boxes, county, term, frames)
        report("synth", len(terms), len(terms))
        return SynthSummary(
            tuple(map(str, terms)),
            simulated.persons.height,
            deliveries,
            boxes.files,
            boxes.bytes,
            dict(sorted(boxes.rows.items())),
        )


def named(frame: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """The frame with its persons' pseudonyms in place of their positions."""
    return frame.with_columns(names[frame["person"]]).drop("person")


def _deliver(boxes: Outboxes, county: County, term: Term, frames: dict[str, pl.DataFrame]) -> int:
    """Write each member's delivery of a term; return how many there were."""
    contracts = county.contracts
    parts = {name: by_provider(_ordered(contracts, name, frames[name])) for name in EXTRACTS if name in contracts.extracts}
    members = contracts.suppliers.members(term)
    for supplier in members:
        extracts = [name for name in supplier.extracts if name in parts]
        for name in extracts:
            frame = parts[name].get(supplier.id)
            boxes.put(supplier.id, term, name, frame if frame is not None else parts[name][""])
        boxes.close(supplier.id, term, extracts, delivered_on(county, term))
    return len(members)


def _ordered(contracts: Contracts, extract: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the contract in their order, rows by key: a term that nobody here invents is empty."""
    contract = contracts.extracts[extract]
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in contract.terms if name not in frame.columns]
    return frame.with_columns(missing).select("provider", *contract.terms).sort("provider", *contract.key)


def by_provider(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of each provider without that column; under the empty name a frame without rows."""
    parts = {str(key[0]): part for key, part in frame.partition_by("provider", as_dict=True, include_key=False).items()}
    return parts | {"": frame.clear().drop("provider")}


def delivered_on(county: County, term: Term) -> date:
    """The day on which a delivery of the term comes when it is not late."""
    deliveries = county.calibration.deliveries
    autumn = term.season == "HT"
    month, day = map(int, (deliveries.autumn if autumn else deliveries.spring).split("-"))
    return date(term.year + (1 if autumn else 0), month, day)
