"""An invented county, whole: lived, reported, with planted flaws, in every provider's outbox, and its truth apart.

``generate`` writes the deliveries of all terms; which of them are used is the pipeline's to say (``avbrott run --until``).
Equal arguments give equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
from avbrott.synthetic.deliver import deliver
from avbrott.synthetic.delivery_flaws import chosen_deliveries
from avbrott.synthetic.flaws import Planted, changed_pseudonyms, chosen_flaws, flawed_rows
from avbrott.synthetic.invented import claim
from avbrott.synthetic.kaa import kaa, registrations
from avbrott.synthetic.outbox import Outboxes, outboxes
from avbrott.synthetic.reports import enrolments, events, registered
from avbrott.synthetic.simulation import simulate
from avbrott.synthetic.truth import Touched, write_truth

MOST_PUPILS = 1_000_000
"""Three times the upper-secondary pupils of the country."""

MOST_YEARS = 100
"""Longer than there has been a school form to count."""


@dataclass(frozen=True)
class SynthSummary:
    """What was written: counts only."""

    pupils: int
    seed: int
    last_school_year: int
    terms: tuple[str, ...]
    persons: int
    deliveries: int
    files: int
    size: int
    """Bytes."""
    rows: dict[str, int]
    """Rows by extract."""
    planted: dict[str, int]
    """Rows, persons or deliveries that each flaw touched."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many pupils, and which years: the first and the last school year whose outcome can be read, and all terms."""

    pupils: int
    first: int
    last: int
    seed: int
    planted: Planted
    terms: tuple[Term, ...]


def generate(
    home: Home,
    contracts: Contracts,
    *,
    pupils: int = 8500,
    years: int = 10,
    seed: int = 1,
    last_school_year: int = 2024,
    flaws: str | Mapping[str, float] = "mild",
) -> SynthSummary:
    """Invent a county of ``pupils`` on each 15 October, with ``years`` school years whose outcome can be read.

    ``flaws`` is ``none``, a set of ``contracts/flaws.yaml`` or rates by flaw. ``BadInput`` where a number is out of bounds, a
    flaw has no such name, the contracts have no schools, or ``home`` holds something that was not invented.
    """
    refuse_size(pupils, years)
    first = last_school_year - years + 1
    planted = chosen_flaws(contracts.folder, flaws)
    county = county_of(contracts, load_calibration(contracts.folder))
    if not county.homes or not county.units or not county.programmes:
        raise BadInput("SYNTH_NO_SCHOOLS", folder=contracts.folder)
    claim(home, {"pupils": pupils, "years": years, "seed": seed})
    terms = terms_between(Term("HT", first), SchoolYear(last_school_year).needed_terms[-1])
    plan = Plan(pupils, first, last_school_year, seed, planted, tuple(terms))
    with outboxes(home, contracts.suppliers.suppliers) as boxes:
        persons, touched = invent(boxes, county, plan, home.truth)
    return SynthSummary(
        pupils,
        seed,
        last_school_year,
        tuple(map(str, terms)),
        persons,
        boxes.deliveries,
        boxes.files,
        boxes.size,
        dict(sorted(boxes.rows.items())),
        touched.counts(),
    )


def invent(boxes: Outboxes, county: County, plan: Plan, truth: Path) -> tuple[int, Touched]:
    """Live and report the years of ``plan``, and write the truth; how many persons there were, and what flaws touched."""
    seed, planted, terms = plan.seed, plan.planted, list(plan.terms)
    simulated = simulate(county, pupils=plan.pupils, first=plan.first, last=plan.last + 1, seed=seed)
    changed = changed_pseudonyms(simulated.persons.height, terms, planted, seed)
    reported = registered(county, simulated, seed)
    leveled = levels(county, reported, seed)
    responsibility = registrations(county, simulated, reported, seed)
    chosen = chosen_deliveries(county, terms, planted, seed)
    names = simulated.persons.select("pseudonym").hstack(changed)
    touched = Touched()
    for done, term in enumerate(terms):
        report("synth", done, len(terms))
        frames = {
            "enrolments": named(enrolments(reported, term), names, term),
            "events": named(events(reported, term), names, term),
            "absence": named(absence(county, leveled, term, seed), names, term),
            "kaa": kaa(county, responsibility, term),
            "agency_counts": agency_counts(county, term, seed),
        }
        deliver(boxes, county, term, flawed_rows(county, frames, term, planted, seed), chosen, touched, seed)
    report("synth", len(terms), len(terms))
    write_truth(truth, county, simulated, reported, changed, touched, list(range(plan.first, plan.last + 1)))
    return simulated.persons.height, touched


def refuse_size(pupils: int, years: int) -> None:
    """``BadInput`` where no county can be so small or so large."""
    for option, value, most in (("--pupils", pupils, MOST_PUPILS), ("--years", years, MOST_YEARS)):
        if not 1 <= value <= most:
            raise BadInput("SYNTH_SIZE", option=option, value=value, most=most)


def named(frame: pl.DataFrame, names: pl.DataFrame, term: Term) -> pl.DataFrame:
    """The frame with its persons' pseudonyms of the term in place of their positions."""
    of_term = names.select(
        pl.when(pl.col("from_term") <= term.index).then("later").otherwise("pseudonym").alias("pseudonym")
    ).to_series()
    return frame.with_columns(of_term[frame["person"]]).drop("person")
