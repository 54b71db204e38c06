"""The municipal activity responsibility: who is registered, why, whether reached, and how it ends. Rows of a term on demand.

Registered are: those who left under 20, certificates that are no diploma, those who never started or moved in, and until
2018 everyone on an introductory programme.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.periods import Term
from avbrott.suppliers import Supplier
from avbrott.synthetic.calibration import Kaa
from avbrott.synthetic.county import County
from avbrott.synthetic.draws import OPEN, Bools, Ints, categories, day, generator, labels, pseudonyms
from avbrott.synthetic.pupils import CERTIFICATE, DROPOUT
from avbrott.synthetic.reports import days_of
from avbrott.synthetic.simulation import Simulated

RESPONSIBILITY = 7
"""The part of the county with a generator of its own."""

TWENTY = 7305
"""Twenty years in days."""


def registrations(county: County, simulated: Simulated, reported: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Every registration with its whole course: days of registration, contact and deregistration, reasons as text."""
    rng = generator(seed, RESPONSIBILITY)
    calibration = county.calibration.kaa
    frame = reported.with_columns(
        simulated.persons[reported["person"]]["birth"],
        simulated.persons[reported["person"]]["home"],
        following=pl.col("start").shift(-1).over("person"),
        into_introductory=pl.col("introductory").shift(-1).over("person"),
        into_folk_high_school=pl.col("folk_high_school").shift(-1).over("person"),
    ).filter(pl.col("home") < county.inside)
    parts = [
        _after_school(frame, calibration, rng),
        _introductory(frame, calibration, rng),
        *_without_school(county, simulated, calibration, rng),
    ]
    parts = [
        part.with_columns(simulated.persons["pseudonym"][part["person"]]) if "person" in part.columns else part
        for part in parts
    ]
    columns = [
        "pseudonym",
        "birth_year",
        "sex",
        "home_municipality",
        "birth",
        "reason",
        "registered",
        "deregistered",
        "ending",
        "studies",
    ]
    joined = pl.concat([part.select(columns) for part in parts])
    joined = joined.filter(
        (pl.col("registered") < pl.col("birth") + TWENTY) & (pl.col("registered") < pl.col("deregistered"))
    )
    joined = joined.unique(["pseudonym", "registered"], keep="first", maintain_order=True)
    return _course(joined, calibration, rng)


def kaa(county: County, registered: pl.DataFrame, term: Term) -> pl.DataFrame:
    """The registrations that ran on a day of the term, as known when it ends, each with the provider that answers for it."""
    first, last = days_of(term)
    answering = responsible(county, term)
    known_contact = pl.col("contact") <= last
    known_end = pl.col("deregistered") <= last
    rows = registered.filter((pl.col("registered") <= last) & (pl.col("deregistered") >= first))
    providers = pl.DataFrame(
        {"home_municipality": list(answering), "provider": [supplier.id for supplier in answering.values()]},
        schema={"home_municipality": pl.String, "provider": pl.String},
    )
    return rows.join(providers, on="home_municipality", how="inner", maintain_order="left").select(
        "pseudonym",
        "provider",
        "birth_year",
        "sex",
        "home_municipality",
        _date("registered").alias("kaa_registered_date"),
        _recorded(county, "kaa_reason", "reason", term, otherwise="unknown"),
        pl.when(known_contact).then(_date("contact")).alias("kaa_contact_date"),
        pl.when(known_contact).then(_recorded(county, "kaa_occupation", "occupation", term, otherwise="unknown_occupation")),
        pl.when(known_contact).then("measure").alias("kaa_measure"),
        pl.when(known_end).then(_date("deregistered")).alias("kaa_deregistered_date"),
        pl.when(known_end).then("ending").alias("kaa_deregistration_reason"),
    )


def _recorded(county: County, field: str, column: str, term: Term, *, otherwise: str) -> pl.Expr:
    """What the register of the term may hold: a code that was not valid yet, or is no more, is not known."""
    glossary = county.contracts.glossary
    listed = glossary.codes(field) if field in glossary.terms else ()
    unused = [code.code for code in listed if not code.is_valid(term.first_day, term.last_day)]
    return pl.when(pl.col(column).is_in(unused)).then(pl.lit(otherwise)).otherwise(column).alias(field)


def responsible(county: County, term: Term) -> dict[str, Supplier]:
    """Who delivers the activity responsibility of each municipality in a term: its labour-market unit before itself."""
    members = [s for s in county.contracts.suppliers.members(term) if "kaa" in s.extracts and s.municipality is not None]
    ordered = sorted(members, key=lambda supplier: supplier.kind == "labour_market_unit")
    return {supplier.municipality: supplier for supplier in ordered if supplier.municipality is not None}


def _after_school(frame: pl.DataFrame, calibration: Kaa, rng: np.random.Generator) -> pl.DataFrame:
    """Dropouts and study certificates, until the next enrolment or the 20th birthday."""
    frame = frame.filter(pl.col("end_event").is_in([DROPOUT, CERTIFICATE]) & ~pl.col("folk_high_school"))
    count = frame.height
    reached = rng.random(count) < calibration.dropouts
    registered = np.maximum(frame["end_registered"].to_numpy(), frame["end"].to_numpy()) + rng.integers(
        calibration.first_day, calibration.last_day + 1, count
    )
    missing = np.where(
        registered < calibration.reasons_from.toordinal() - EPOCH,
        calibration.reason_missing_before,
        calibration.reason_missing,
    )
    unknown = rng.random(count) < missing
    dropout = pl.when("introductory").then(pl.lit("dropout_introductory")).otherwise(pl.lit("dropout_national"))
    certificate = pl.lit("study_certificate")
    return (
        frame.with_columns(pl.Series("registered", registered), pl.Series("unknown", unknown), pl.Series("reached", reached))
        .filter("reached")
        .with_columns(
            reason=pl.when("unknown")
            .then(pl.lit("unknown"))
            .otherwise(pl.when(pl.col("end_event") == CERTIFICATE).then(certificate).otherwise(dropout)),
            deregistered=pl.col("following").fill_null(OPEN),
            ending=pl.when("into_folk_high_school")
            .then(pl.lit("completed_elsewhere"))
            .when("into_introductory")
            .then(pl.lit("introductory_programme"))
            .otherwise(pl.lit("national_programme")),
            studies=pl.lit(value=False),
        )
    )


def _introductory(frame: pl.DataFrame, calibration: Kaa, rng: np.random.Generator) -> pl.DataFrame:
    """Pupils on introductory programmes, until the law left them out."""
    until = calibration.introductory_until.toordinal() - EPOCH
    spells = (
        frame.filter(pl.col("introductory") & ~pl.col("folk_high_school") & (pl.col("spell_start") < until))
        .sort("person", "start")
        .group_by("person", "spell_start", "school_unit", "study_path", maintain_order=True)
        .agg(pl.all().exclude("person", "spell_start", "school_unit", "study_path").last())
    )
    changed = (pl.col("end") < until) & ~pl.col("into_introductory").fill_null(value=True)
    return spells.with_columns(
        registered=pl.col("spell_start") + pl.Series(rng.integers(3, 40, spells.height)),
        deregistered=pl.min_horizontal("end", pl.lit(until, dtype=pl.Int64)),
        reason=pl.lit("unknown"),
        ending=pl.when(changed).then(pl.lit("national_programme")).otherwise(pl.lit("other")),
        studies=pl.lit(value=True),
    )


def _without_school(county: County, simulated: Simulated, calibration: Kaa, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Those who never started, and those who moved in: persons whom no school knows."""
    begun = (
        simulated.segments.group_by("person")
        .agg(pl.col("school_year").min())
        .group_by("school_year")
        .len()
        .sort("school_year")
    )
    parts = []
    for reason, share in (("never_started", calibration.never_started), ("moved_in", calibration.moved_in)):
        years = np.repeat(begun["school_year"].to_numpy(), rng.binomial(begun["len"].to_numpy().astype(np.int64), share))
        count = len(years)
        weights = county.home_weights[: county.inside]
        homes = pl.Series("home_municipality", county.homes[: county.inside], dtype=pl.String)
        autumns = np.array([day(int(year), 8, 20) for year in begun["school_year"]], dtype=np.int64)
        autumn = autumns[np.searchsorted(begun["school_year"].to_numpy(), years)]
        age = categories(rng, count, [8, 1]) if reason == "never_started" else categories(rng, count, [3, 3, 2])
        birth = autumn - 232 - (16 + age) * 365 - rng.integers(0, 360, count)
        home = categories(rng, count, weights) if county.inside else np.zeros(0, np.int64)
        parts.append(
            pl.DataFrame(
                {"birth": birth, "registered": autumn + rng.integers(0, 75 if reason == "never_started" else 300, count)}
            ).with_columns(
                pseudonyms(rng, count),
                homes[home],
                pl.Series("sex", np.where(rng.random(count) < 0.44, "Kvinna", "Man"), dtype=pl.String),
                birth_year=pl.from_epoch("birth", "d").dt.year(),
                deregistered=pl.lit(OPEN, dtype=pl.Int64),
                reason=pl.lit(reason),
                ending=pl.lit("other"),
                studies=pl.lit(value=False),
            )
        )
    return parts


def _course(frame: pl.DataFrame, calibration: Kaa, rng: np.random.Generator) -> pl.DataFrame:
    """Contacts, occupations, measures, and the ends that are not a new enrolment."""
    count = frame.height
    registered, birthday = frame["registered"].to_numpy(), frame["birth"].to_numpy() + TWENTY
    earlier = np.minimum(frame["deregistered"].to_numpy(), birthday)
    ending = np.where(birthday < frame["deregistered"].to_numpy(), "turned_20", frame["ending"].to_numpy())
    drawn = rng.random(count)
    leaves = registered + rng.integers(30, 500, count)
    studies = frame["studies"].to_numpy()
    for reason, low, high in (
        ("moved", 0.0, calibration.moved),
        ("completed_elsewhere", calibration.moved, calibration.moved + calibration.completed_elsewhere),
    ):
        rows = (drawn >= low) & (drawn < high) & (leaves < earlier) & ~studies
        ending, earlier = np.where(rows, reason, ending), np.where(rows, leaves, earlier)
    contacted: Bools = (rng.random(count) < calibration.contacted) | studies
    contact: Ints = np.minimum(registered + rng.integers(3, 150, count), earlier)
    occupation = np.where(
        rng.random(count) < calibration.occupation_known, labels(rng, count, calibration.occupations), "unknown_occupation"
    )
    measured = rng.random(count) < calibration.measure_share / max(calibration.contacted, 1e-9)
    measure = np.where(studies, "introductory_studies", labels(rng, count, calibration.measures))
    return frame.with_columns(
        pl.Series("deregistered", earlier),
        pl.Series("ending", ending, dtype=pl.String),
        pl.Series("contact", np.where(contacted, contact, OPEN)),
        pl.Series("occupation", np.where(studies, "studies", occupation), dtype=pl.String),
        pl.when(pl.Series(measured | studies)).then(pl.Series(measure, dtype=pl.String)).alias("measure"),
    )


def _date(column: str) -> pl.Expr:
    return pl.from_epoch(pl.col(column).cast(pl.Int32), "d")


EPOCH = 719163
"""``date.toordinal`` of 1 January 1970."""
