"""The whole way on real data: what went in is what came out, contradictions are told, and the release holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott import atomic
from avbrott.delivery.coverage import pulled_terms
from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts
from pipelines import headless
from tests import stored
from tests.integration.oulad import deliver, events_of, last_day, read, registrations, write_contracts
from tests.integration.running import avbrott

pytestmark = pytest.mark.xdist_group("oulad")

REFERENCE, OUTCOME = date(2013, 10, 15), date(2014, 10, 15)
"""The presentations reach over one school year, 2013/14."""
SEED = bytes(range(32))
"""By another, another sum may be hidden for the sake of small cells."""


@dataclass(frozen=True)
class County:
    home: Home
    contracts: Contracts
    data: pl.DataFrame
    ran: headless.Ran

    def rows(self, folder: str, extract: str) -> pl.DataFrame:
        """Every row of an extract that lies in a folder of the store (accepted or quarantine)."""
        files = sorted((self.home.store / folder / extract).rglob("*.parquet"))
        return pl.concat([stored.rows(self.home, file) for file in files]) if files else pl.DataFrame()

    def findings(self) -> pl.DataFrame:
        return pl.concat([pl.read_parquet(file) for file in sorted((self.home.store / "findings").rglob("*.parquet"))])

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_csv(self.home.current / "tables" / f"{name}.csv", infer_schema=False)


@pytest.fixture(scope="module")
def county(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """Thirteen regions' deliveries of four terms, taken the whole way to a release."""
    root = tmp_path_factory.mktemp("oulad")
    data = read(shared_data / "oulad")
    write_contracts(root / "contracts", data)
    home = Home(root / "home")
    deliver(home, data)
    atomic.write_bytes(home.seed, SEED)
    contracts = load_contracts(root / "contracts")
    return County(home, contracts, data, headless.run(home, contracts))


def test_every_registration_is_accepted_or_quarantined(county: County) -> None:
    """32 593 registrations of 28 785 students go in, and as many are in the store, by each delivery."""
    accepted, quarantined = county.rows("accepted", "enrolments"), county.rows("quarantine", "enrolments")
    assert accepted.height + quarantined.height == county.data.height == 32_593
    whole = pl.concat([part.select("pseudonym") for part in (accepted, quarantined) if part.height])
    assert whole["pseudonym"].n_unique() == 28_785


@pytest.mark.parametrize("extract", ["enrolments", "events"])
def test_no_delivery_loses_a_row(county: County, extract: str) -> None:
    """Of each file, as many rows are accepted or quarantined as it has lines under its header."""
    for file in sorted(county.home.root.glob(f"providers/*/outbox/*/{extract}.csv")):
        term, provider = file.parent.name, file.parents[2].name
        kept = stored.rows(county.home, county.home.accepted(extract, provider, term)).height
        aside = county.home.quarantine(extract, provider, term)
        kept += stored.rows(county.home, aside).height if aside.exists() else 0
        assert kept == file.read_bytes().count(b"\n") - 1
        assert stored.content(county.home, county.home.delivered(provider, term) / file.name) == file.read_bytes()


def test_every_withdrawal_is_an_event(county: County) -> None:
    """10 156 registrations ended as withdrawn; each is an event, accepted or quarantined."""
    accepted, quarantined = county.rows("accepted", "events"), county.rows("quarantine", "events")
    events = pl.concat([part.select("event") for part in (accepted, quarantined) if part.height])
    assert events.filter(event="AVB").height == 10_156


def test_contradictions_are_findings_of_a_named_rule(county: County) -> None:
    """93 withdrawals without a last day and 9 last days without a withdrawal are told, as warnings.

    So are modules that a student took at the same time, which are schools here; and nothing else.
    """
    findings = county.findings()
    assert set(findings["code"]) == {"CANCELLED_WITHOUT_EVENT", "SPELLS_OVERLAP"}
    assert findings["severity"].unique().to_list() == ["warning"]
    told = findings.group_by("code", "extract").agg(pl.col("count").sum())
    assert {(code, extract): count for code, extract, count in told.rows()} == {
        ("CANCELLED_WITHOUT_EVENT", "enrolments"): 9,
        ("CANCELLED_WITHOUT_EVENT", "events"): 93,
        ("SPELLS_OVERLAP", "enrolments"): _at_once(county),
    }
    rule = next(rule for rule in county.contracts.extracts["enrolments"].rules if rule.code == "CANCELLED_WITHOUT_EVENT")
    assert rule.kind == "agrees"


def _at_once(county: County) -> int:
    """Rows beside one of the same student and delivery at another module, on more than the day of a change."""
    rows = county.rows("accepted", "enrolments").with_row_index().with_columns(pl.col("end_date").fill_null(date.max))
    pairs = rows.join(rows, on=["provider", "term", "pseudonym", "school_type"], suffix="_other")
    elsewhere = pl.col("school_unit") != pl.col("school_unit_other")
    both = (pl.col("start_date") < pl.col("end_date_other")) & (pl.col("start_date_other") < pl.col("end_date"))
    return pairs.filter(elsewhere & both)["index"].n_unique()


def test_shown_figures_are_those_of_an_independent_count(county: County) -> None:
    """Every shown number of persons in the main table is what polars counts in the registrations themselves."""
    persons = _by_definition(county.data)
    names = ("place", "sex", "outcome")
    either = [persons.select(names)]
    for name in names:
        either += [rows.with_columns(pl.lit("Total").alias(name)) for rows in either]
    counted = pl.concat(either).group_by(names).len()
    shown = (
        county.table("dropouts_by_municipality")
        .filter(pl.col("measure") == "persons", pl.col("status") == "shown", school_year="2013/14")
        .filter(~pl.col("home_municipality").str.starts_with("grp_"), pl.col("outcome") != "no_dropout")
        .select(place="home_municipality", sex="sex", outcome="outcome", value=pl.col("value").cast(pl.Int64))
    )
    beside = shown.join(counted, on=names, how="left").with_columns(pl.col("len").fill_null(0))
    assert beside.filter(pl.col("value") != pl.col("len")).height == 0
    county_row = beside.filter(place="Total", sex="Total")
    assert county_row.filter(outcome="Total")["value"].item() == persons.height > 7000
    assert set(county_row["outcome"]) >= {"Total", "completed", "dropout"}


def test_systems_without_data_release_nothing_of_them(county: County) -> None:
    """Nobody here delivers the activity responsibility or the agencies' counts: their tables hold no figure, not zeros."""
    for name, table in county.contracts.tables.items():
        if table.system in ("kaa", "agency"):
            assert county.table(name).filter(pl.col("status") == "shown").height == 0


def test_the_release_passes_its_audit(county: County) -> None:
    """``avbrott audit`` verifies the release, with the proof in the confidential part."""
    assert len(pulled_terms(county.home)) == 4
    audited = avbrott("audit", "current", "--home", county.home.root)
    assert audited.code == 0, audited.output


def _by_definition(data: pl.DataFrame) -> pl.DataFrame:
    """One row a student of 15 October 2013: place, sex and outcome group, from the registrations by the definition alone.

    A registration is delivered in one term; the next term's delivery, which does not have it, says that it is over.
    """
    spells = registrations(data).with_columns(pl.min_horizontal("end_date", last_day()).alias("end_date"))
    diplomas = events_of(spells).filter(event="EXA").select("pseudonym", day="event_date")
    ended = (
        spells.join(diplomas, on="pseudonym", how="left")
        .with_columns(pl.when(pl.col("day").is_between("start_date", "end_date")).then("day").alias("day"))
        .group_by("pseudonym", "school_unit", "start_date", "end_date", "home_municipality", "sex")
        .agg(pl.col("day").min())
        .with_columns(pl.min_horizontal("end_date", "day").alias("end_date"))
    )

    def present(day: date) -> pl.DataFrame:
        return ended.filter(pl.lit(day).is_between(pl.col("start_date"), pl.col("end_date")))

    first = present(REFERENCE).sort("pseudonym", "start_date", "school_unit").unique("pseudonym", keep="first")
    following = present(OUTCOME).group_by("pseudonym").agg(pl.col("school_unit").alias("next_units"))
    held = diplomas.filter(pl.col("day") <= OUTCOME).group_by("pseudonym").agg(pl.col("day").max())
    both = first.join(following, on="pseudonym", how="left").join(held, on="pseudonym", how="left", suffix="_held")
    return both.select(
        place="home_municipality",
        sex="sex",
        outcome=pl.when(pl.col("day_held") > REFERENCE)
        .then(pl.lit("completed"))
        .when(pl.col("next_units").list.contains(pl.col("school_unit")))
        .then(pl.lit("stayed"))
        .when(pl.col("next_units").is_not_null())
        .then(pl.lit("changed"))
        .when(pl.col("day_held").is_not_null())
        .then(pl.lit("completed"))
        .otherwise(pl.lit("dropout")),
    )
