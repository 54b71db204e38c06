"""An invented country: its parts live and report in processes of their own, as none knows anything of another.

A part is a county, or some municipalities of a large one. What its files hold depends on the seed and on the part alone, so
that any number of processes write the same bytes. No more than one part a process is in memory; what is written takes the
place of what was there when all of it is there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from avbrott import worker
from avbrott.errors import BadInput
from avbrott.glossary import Glossary
from avbrott.home import Home
from avbrott.periods import SchoolYear, Term, terms_between
from avbrott.progress import report
from avbrott.registry import Contracts, load_contracts
from avbrott.suppliers import Supplier, Suppliers
from avbrott.synthetic.agency import agency_counts
from avbrott.synthetic.calibration import Calibration, Choice, Choices, load_calibration
from avbrott.synthetic.county import OUTSIDE, county_of
from avbrott.synthetic.deliver import deliver
from avbrott.synthetic.delivery_flaws import chosen_deliveries
from avbrott.synthetic.draws import generator
from avbrott.synthetic.flaws import chosen_flaws
from avbrott.synthetic.generate import Plan, SynthSummary, invent, refuse_size
from avbrott.synthetic.invented import claim
from avbrott.synthetic.nation import Nation, NationCounty, Part, agencies_of, sized, suppliers_of, write_contracts
from avbrott.synthetic.outbox import Outboxes, outboxes
from avbrott.synthetic.truth import Touched

COUNTIES = 11
"""The generator that gives each part of the country its seed."""

MOST_COUNTIES = 100
"""Counties of 8 500 pupils: more than twice the country."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one part: counts only."""

    pupils: int
    persons: int
    boxes: Outboxes
    planted: dict[str, int]


def generate_nation(
    home: Home,
    contracts: Contracts,
    *,
    counties: int | None = None,
    pupils: int | None = None,
    years: int = 20,
    seed: int = 1,
    last_school_year: int = 2024,
    flaws: str | Mapping[str, float] = "mild",
    processes: int | None = None,
) -> SynthSummary:
    """Invent the country of ``contracts/nation.yaml``, or its first ``counties``, and write its contracts beside it.

    ``pupils`` is how many are enrolled on each 15 October in all of it; ``processes`` changes how long it takes alone.
    ``BadInput`` as ``generate``.
    """
    if counties is not None and not 1 <= counties <= MOST_COUNTIES:
        raise BadInput("SYNTH_SIZE", option="--counties", value=counties, most=MOST_COUNTIES)
    size = sized(contracts.folder, counties, pupils)
    refuse_size(size.pupils, years)
    first = last_school_year - years + 1
    planted = chosen_flaws(contracts.folder, flaws)
    terms = terms_between(Term("HT", first), SchoolYear(last_school_year).needed_terms[-1])
    plan = Plan(0, first, last_school_year, seed, planted, tuple(terms))
    claim(home, {"pupils": size.pupils, "counties": len(size.nation.counties), "years": years, "seed": seed})
    with outboxes(home) as boxes:
        promised = write_contracts(contracts, size.nation, terms[0], boxes.contracts)
        boxes.suppliers = promised.suppliers.suppliers
        plans = [(part, replace(plan, pupils=part.pupils, seed=_seed(seed, part))) for part in size.parts]
        plans.sort(key=lambda one: -one[1].pupils)  # the longest first, so that no process waits for it alone
        found = _lived(boxes.staging, size.nation, [*plans, (None, plan)], processes or os.cpu_count() or 1)
        rows, told = Counter[str](), Counter[str]()
        for done in found:
            boxes.add(done.boxes)
            rows.update(done.boxes.rows)
            told.update(done.planted)
    return SynthSummary(
        size.pupils,
        seed,
        last_school_year,
        tuple(map(str, terms)),
        sum(done.persons for done in found),
        boxes.deliveries,
        boxes.files,
        boxes.size,
        dict(sorted(rows.items())),
        dict(sorted(told.items())),
    )


def _lived(staging: Path, nation: Nation, plans: list[tuple[Part | None, Plan]], processes: int) -> list[Done]:
    """Every part of the country, in as many processes; an error of one is raised when nothing else begins."""
    found: list[Done] = []
    whole = sum(plan.pupils for _, plan in plans)
    report("synth", 0, whole)
    # Spawned: a fork would take polars' threads with it in pieces.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=worker.begin) as pool:
        try:
            work = [pool.submit(_one, staging, nation, part, plan) for part, plan in plans]
            for done in as_completed(work):
                found.append(done.result())
                report("synth", sum(one.pupils for one in found), whole)
        except BaseException:  # Ctrl-C too: nothing is swallowed, and no further part begins
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _one(staging: Path, nation: Nation, part: Part | None, plan: Plan) -> Done:
    """Live one part of the country, or without one write the counts of agencies, who count in all of it."""
    boxes = Outboxes(staging, parquet=True)
    contracts = load_contracts(boxes.contracts)
    if part is None:
        return _agencies(boxes, contracts, nation, plan)
    at = next(at for at, county in enumerate(nation.counties) if county.code == part.county.code)
    beside = tuple(code for code in nation.counties[at - 1].municipalities if code not in part.municipalities)
    suppliers = tuple(
        one for one in suppliers_of(nation, part.county, plan.terms[0]) if one.municipality in part.municipalities
    )
    calibration = _calibrated(load_calibration(contracts.folder), nation, part.county)
    calibration = calibration.model_copy(update={"outside": calibration.outside.model_copy(update={"codes": beside})})
    lived = county_of(_within(contracts, suppliers, part.municipalities), calibration)
    persons, touched = invent(boxes, lived, plan, boxes.truth / part.code)
    return Done(plan.pupils, persons, boxes, touched.counts())


def _agencies(boxes: Outboxes, contracts: Contracts, nation: Nation, plan: Plan) -> Done:
    calibration = load_calibration(contracts.folder)
    for county in nation.counties:
        calibration = _calibrated(calibration, nation, county, calibration.municipalities)
    agencies = tuple(agencies_of(contracts, plan.terms[0]))
    every = tuple(code for county in nation.counties for code in county.municipalities)
    country = county_of(_within(contracts, agencies, every), calibration)
    chosen = chosen_deliveries(country, list(plan.terms), plan.planted, plan.seed)
    touched = Touched()
    for term in plan.terms:
        frames = {"agency_counts": agency_counts(country, term, plan.seed)}
        deliver(boxes, country, term, frames, chosen, touched, plan.seed)
    return Done(0, 0, boxes, touched.counts())


def _within(contracts: Contracts, suppliers: tuple[Supplier, ...], homes: tuple[str, ...]) -> Contracts:
    """The country's contracts as one county knows them: its own suppliers, and no other municipality."""
    term = contracts.dimensions["home_municipality"].term
    known = contracts.glossary.terms
    codes = tuple(code for code in known[term].codes if code.level == "group" or code.code in (*homes, OUTSIDE))
    terms = known | {term: known[term].model_copy(update={"codes": codes})}
    return replace(contracts, suppliers=Suppliers(suppliers=suppliers), glossary=Glossary(terms=terms))


def _calibrated(
    calibration: Calibration, nation: Nation, county: NationCounty, weights: Mapping[str, float] | None = None
) -> Calibration:
    """The county's own figures with the municipalities of ``county``, weighed by inhabitants; nobody chooses by habit."""
    homes = {code: inhabitants for code, (_, inhabitants) in county.municipalities.items()}
    return calibration.model_copy(
        update={
            "municipalities": {**(weights or {}), **homes},
            "choice": Choices(default=Choice(stay=nation.stay)),
            "offers": {},
        }
    )


def _seed(seed: int, part: Part) -> int:
    """A seed for each part, so that no two invent the same persons."""
    return int(generator(seed, COUNTIES, int(part.municipalities[0])).integers(2**62))
