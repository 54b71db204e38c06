"""What happens to the invented pupils lies in the ranges that public statistics give (contracts/synthetic.yaml)."""

from __future__ import annotations

import polars as pl
import pytest

from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.synthetic.absence import absence, levels
from avbrott.synthetic.calibration import load_calibration
from avbrott.synthetic.county import County, county_of
from avbrott.synthetic.pupils import CERTIFICATE, DIPLOMA, DROPOUT, PROGRAMME_CHANGE
from avbrott.synthetic.reports import registered
from avbrott.synthetic.simulation import Simulated, simulate
from avbrott.synthetic.truth import outcomes

FIRST, LAST = 2013, 2020


@pytest.fixture(scope="module")
def county(contracts: Contracts) -> County:
    """The packaged county."""
    return county_of(contracts, load_calibration(contracts.folder))


@pytest.fixture(scope="module")
def lived(county: County) -> Simulated:
    """The default county over eight school years."""
    return simulate(county, pupils=8500, first=FIRST, last=LAST, seed=11)


@pytest.fixture(scope="module")
def yearly(county: County, lived: Simulated) -> pl.DataFrame:
    """Outcomes of all school years but the last, with the type of programme."""
    types = dict(zip(county.programmes, county.types, strict=True))
    frame = pl.concat([outcomes(county, lived.segments, year) for year in range(FIRST, LAST)])
    return frame.with_columns(type=pl.col("programme").replace_strict(types))


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("preparatory", 0.015, 0.025), ("vocational", 0.03, 0.045), ("introductory", 0.08, 0.12)],
)
def test_dropouts_by_type_of_programme(yearly: pl.DataFrame, kind: str, low: float, high: float) -> None:
    """Preparatory 1.5-2.5 %, vocational 3-4.5 %, introductory 8-12 % have dropped out a year later."""
    share = (yearly.filter(type=kind)["outcome"] == "dropout").mean()
    assert low <= share <= high


def test_the_pandemic_year_is_a_dip(county: County) -> None:
    """Fewer leave in 2020/21 than in the years around it."""
    factors = county.calibration.dropout.by_school_year
    assert factors[2020] < min(factors[2019], factors[2021])


def test_changes_of_programme_in_the_first_year(county: County, lived: Simulated) -> None:
    """9-11 % of first-year pupils on national programmes change programme within the year, and far fewer later."""
    national = pl.Series(~county.introductory)
    segments = lived.segments.filter(~pl.col("folk_high_school"))
    segments = segments.filter(national[segments["programme"]])
    in_year = segments.group_by("person", "school_year").agg(
        pl.col("study_year").first(), changed=(pl.col("end_event") == PROGRAMME_CHANGE).any()
    )
    share = in_year.group_by("study_year").agg(pl.col("changed").mean()).sort("study_year")["changed"].to_list()
    assert 0.085 <= share[0] <= 0.12
    assert share[1] <= 0.035


def test_diplomas_within_three_to_five_years(county: County, lived: Simulated) -> None:
    """71-78 % of entrants to national programmes have a diploma after three years, about 80 % after four or five."""
    segments = lived.segments.filter(~pl.col("folk_high_school"))
    first = segments.sort("person", "start").group_by("person", maintain_order=True).first()
    national = pl.Series(~county.introductory)
    entrants = first.filter(national[first["programme"]] & pl.col("school_year").is_between(FIRST, LAST - 5))
    diplomas = segments.filter(end_event=DIPLOMA).select("person", done="school_year")
    found = entrants.join(diplomas, on="person", how="left").with_columns(years=pl.col("done") - pl.col("school_year") + 1)
    within = [found.select((pl.col("years") <= years).fill_null(value=False).mean()).item() for years in (3, 5)]
    assert 0.71 <= within[0] <= 0.78
    assert 0.79 <= within[1] <= 0.86


def test_returns_within_a_year(lived: Simulated) -> None:
    """35-45 % of those who leave are back in upper-secondary school within twelve months."""
    segments = lived.segments.sort("person", "start").with_columns(back=pl.col("start").shift(-1).over("person"))
    left = segments.filter(
        (pl.col("end_event") == DROPOUT) & (pl.col("school_year") < LAST - 1) & ~pl.col("folk_high_school")
    )
    share = ((left["back"] - left["end"]) <= 365).fill_null(value=False).mean()
    assert 0.35 <= share <= 0.45


def test_small_inland_municipalities(county: County, lived: Simulated) -> None:
    """Inland municipalities with a school lose 30-50 % of their pupils to others; the smallest have 60 to 130 pupils."""
    october = lived.segments.filter((pl.col("school_year") == LAST) & ~pl.col("folk_high_school"))
    mine = october.group_by("person").first()
    homes = pl.Series(county.homes)[lived.persons[mine["person"]]["home"]]
    places = pl.Series([unit.municipality for unit in county.units])[mine["unit"]]
    table = pl.DataFrame({"home": homes, "away": homes != places}).group_by("home").agg(pl.len(), pl.col("away").mean())
    found = {home: (count, away) for home, count, away in table.iter_rows()}
    for home in ("2421", "2462", "2481"):
        assert 0.25 <= found[home][1] <= 0.55
    assert all(60 <= found[home][0] <= 140 for home in ("2403", "2418", "2422", "2425"))
    others = sum(count for home, (count, _) in found.items() if home in county.homes[county.inside :])
    assert 0.018 <= others / mine.height <= 0.035


def test_absence(county: County, lived: Simulated) -> None:
    """Invalid absence is 2.5-5 % of offered time with a long tail, and 8-12 % of pupils have more than four hours a month."""
    reported = registered(county, lived, 1)
    leveled = levels(county, reported, 1)
    rows = pl.concat([absence(county, leveled, Term.parse(term), 1) for term in ("HT2018", "VT2019")])
    told = rows.filter(pl.col("reported_minutes") > 0)
    assert 0.025 <= told["invalid_absence_minutes"].sum() / told["offered_minutes"].sum() <= 0.05
    by_pupil = told.group_by("person").agg(pl.col("invalid_absence_minutes").mean())["invalid_absence_minutes"]
    assert 0.08 <= (by_pupil >= 240).mean() <= 0.12
    assert by_pupil.median() < by_pupil.mean() / 3
    assert 0.01 <= (rows["reported_minutes"] == 0).mean() <= 0.05
    assert rows["month"].n_unique() == 10


def test_absence_rises_before_a_dropout(county: County, lived: Simulated) -> None:
    """In the three months before leaving, invalid absence is at least twice that of the same pupils earlier."""
    reported = registered(county, lived, 1)
    leveled = levels(county, reported, 1)
    rows = pl.concat([absence(county, leveled, Term("HT", year), 1) for year in range(FIRST, LAST)])
    left = lived.segments.filter(pl.col("end_event") == DROPOUT)
    ends = left.select("person", left=pl.from_epoch(pl.col("end").cast(pl.Int32), "d"))
    middle = (pl.col("month") + "-15").str.to_date()
    marked = rows.join(ends, on="person").with_columns(days=(pl.col("left") - middle).dt.total_days())
    share = pl.col("invalid_absence_minutes").sum() / pl.col("offered_minutes").sum()
    near = marked.filter(pl.col("days").is_between(0, 90)).select(share).item()
    far = marked.filter(pl.col("days") > 120).select(share).item()
    assert near > 2 * far


def test_certificates_are_fewer_than_diplomas(lived: Simulated) -> None:
    """Study certificates are 5-12 % of all certificates."""
    ends = lived.segments["end_event"]
    certificates, diplomas = (ends == CERTIFICATE).sum(), (ends == DIPLOMA).sum()
    assert 0.05 <= certificates / (certificates + diplomas) <= 0.12
