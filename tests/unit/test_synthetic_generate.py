"""The invented county's deliveries: same bytes, wanted size, members only, contracts kept, other contracts."""

from __future__ import annotations

import json
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.check import scanner_of
from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import pull_many
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import SchoolYear, Term
from avbrott.registry import Contracts, load_contracts, packaged_contracts
from avbrott.synthetic.generate import SynthSummary, generate

PUPILS, YEARS = 600, 3


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> tuple[Home, SynthSummary]:
    """A small county without flaws."""
    home = Home(tmp_path_factory.mktemp("county"))
    return home, generate(home, contracts, pupils=PUPILS, years=YEARS, seed=3, flaws="none")


def digests(home: Home) -> dict[str, str]:
    """The sum of every file under a home."""
    files = sorted(path for path in home.root.rglob("*") if path.is_file())
    return {str(file.relative_to(home.root)): sha256(file.read_bytes()).hexdigest() for file in files}


def extracts(home: Home, contracts: Contracts, extract: str) -> pl.DataFrame:
    """All rows of an extract over all outboxes, as text, with ``provider`` and ``term``."""
    frames = []
    for supplier in contracts.suppliers.suppliers:
        for file in sorted(home.outbox(supplier.id, "").glob(f"*/{extract}.csv")):
            rows = pl.read_csv(file, infer_schema=False)
            frames.append(rows.with_columns(provider=pl.lit(supplier.id), term=pl.lit(file.parent.name)))
    return pl.concat(frames)


def test_equal_arguments_give_equal_bytes(tmp_path: Path, contracts: Contracts) -> None:
    """Two counties of the same seed are the same files, flaws and truth included; another seed gives others."""
    one, other, third = (Home(tmp_path / name) for name in ("one", "other", "third"))
    generate(one, contracts, pupils=200, years=1, seed=5, flaws="harsh")
    generate(other, contracts, pupils=200, years=1, seed=5, flaws="harsh")
    generate(third, contracts, pupils=200, years=1, seed=6, flaws="harsh")
    assert digests(one) == digests(other)
    assert digests(one) != digests(third)


def test_stock_is_what_was_asked_for(county: tuple[Home, SynthSummary]) -> None:
    """On each 15 October exactly the wanted number of pupils is enrolled, each once."""
    outcomes = pl.read_parquet(county[0].truth / "outcomes.parquet")
    counted = (
        outcomes.group_by("school_year").agg(pl.len(), pl.col("pseudonym").n_unique().alias("persons")).sort("school_year")
    )
    assert counted.rows() == [(year, PUPILS, PUPILS) for year in ("2022/23", "2023/24", "2024/25")]


def test_only_members_deliver_what_they_promised(county: tuple[Home, SynthSummary], contracts: Contracts) -> None:
    """Every member of a term delivers the extracts of its contract, and nobody else delivers anything."""
    home, summary = county
    for supplier in contracts.suppliers.suppliers:
        delivered = {folder.name for folder in home.outbox(supplier.id, "").iterdir()}
        assert delivered == {term for term in summary.terms if supplier.is_member(Term.parse(term))}
        for term in delivered:
            package = json.loads((home.outbox(supplier.id, term) / "datapackage.json").read_text("utf-8"))
            assert [resource["name"] for resource in package["resources"]] == list(supplier.extracts)
            assert date.fromisoformat(package["created"]) > Term.parse(term).last_day
            assert all((home.outbox(supplier.id, term) / resource["path"]).is_file() for resource in package["resources"])


def test_a_provider_that_is_no_member_is_silent(tmp_path: Path, contracts: Contracts) -> None:
    """A municipality that paused its membership has no delivery of the paused terms."""
    home = Home(tmp_path)
    generate(home, contracts, pupils=150, years=2, seed=1, last_school_year=2017, flaws="none")
    paused = next(s for s in contracts.suppliers.suppliers if len(s.member) > 1)
    assert not home.outbox(paused.id, "HT2016").exists()
    assert home.outbox(paused.id, "HT2017").exists()


@pytest.mark.parametrize("extract", ["enrolments", "events", "absence", "kaa", "agency_counts"])
def test_contracts_are_kept_without_flaws(county: tuple[Home, SynthSummary], contracts: Contracts, extract: str) -> None:
    """Columns are the contract's in its order, keys are unique, and what must be there is there."""
    contract = contracts.extracts[extract]
    rows = extracts(county[0], contracts, extract)
    assert rows.columns == [*contract.terms, "provider", "term"]
    assert rows.select("provider", "term", *contract.key).is_unique().all()
    needed = [name for name in contract.terms if name not in contract.optional]
    assert rows.select(pl.col(needed).null_count().sum()).row(0) == (0,) * len(needed)
    assert rows.height > 100


def test_events_are_registered_in_their_term(county: tuple[Home, SynthSummary], contracts: Contracts) -> None:
    """Each event stands in the delivery of the term it was registered in, after it took place, some months later."""
    rows = extracts(county[0], contracts, "events").with_columns(pl.col("event_date", "registered_date").str.to_date())
    for term, found in rows.group_by("term"):
        known = Term.parse(str(term[0]))
        assert found["registered_date"].is_between(known.first_day, known.last_day).all()
    lag = (rows["registered_date"] - rows["event_date"]).dt.total_days()
    assert lag.min() == 0
    assert lag.max() > 60


def test_an_end_not_yet_registered_looks_as_if_the_pupil_went_on(
    county: tuple[Home, SynthSummary], contracts: Contracts
) -> None:
    """A dropout registered a term late leaves an open enrolment in the delivery of its own term."""
    home = county[0]
    events = extracts(home, contracts, "events").filter(event="AVB")
    ended = pl.col("event_date").str.to_date()
    late = events.filter((ended.dt.month() == 11) & pl.col("term").str.starts_with("VT"))
    rows = extracts(home, contracts, "enrolments")
    autumn = late.with_columns(term=pl.lit("HT") + ended.dt.year().cast(pl.String))
    seen = rows.join(autumn, on=["pseudonym", "school_unit", "term"], how="semi")
    assert late.height > 0
    assert seen["end_date"].null_count() >= autumn.filter(pl.col("term") >= "HT2022").height


def test_a_smaller_county_leaves_no_terms_behind(tmp_path: Path, contracts: Contracts) -> None:
    """Making a county again with fewer years removes the deliveries of the others."""
    home = Home(tmp_path)
    generate(home, contracts, pupils=60, years=2, seed=1, flaws="none")
    summary = generate(home, contracts, pupils=60, years=1, seed=1, flaws="none")
    terms = {folder.name for supplier in contracts.suppliers.suppliers for folder in home.outbox(supplier.id, "").iterdir()}
    assert terms == set(summary.terms) == set(map(str, SchoolYear(2024).needed_terms))


def test_old_and_new_study_path_codes(tmp_path: Path, contracts: Contracts) -> None:
    """Replaced introductory codes end in June 2019, and the codes of 2025 begin in autumn 2025."""
    home = Home(tmp_path / "old")
    generate(home, contracts, pupils=800, years=2, seed=1, last_school_year=2019, flaws="none")
    paths = extracts(home, contracts, "enrolments").select("study_path", "term").unique()
    former = (
        paths.filter(pl.col("study_path").is_in(["IMPRE", "IMPRO", "IMYRK", "IMIND", "IMSPR"]))["term"].unique().to_list()
    )
    assert set(former) == {"HT2018", "VT2019"}
    assert "IMS" in paths.filter(term="HT2019")["study_path"].to_list()
    assert paths.filter(pl.col("study_path").str.starts_with("HA")).height > 0
    generate(home, contracts, pupils=800, years=1, seed=1, last_school_year=2024, flaws="none")
    starts = extracts(home, contracts, "enrolments").filter(pl.col("study_path").str.ends_with("25"))["start_date"]
    assert starts.len() > 100
    assert starts.min() >= "2025-07-01"


def test_no_code_is_used_outside_its_time_without_flaws(tmp_path: Path, contracts: Contracts) -> None:
    """From before the curriculum of 2011 to after that of 2025, and in registers before their codes came."""
    home = Home(tmp_path)
    summary = generate(home, contracts, pupils=400, years=13, seed=4, flaws="none")
    terms = {term: [s.id for s in contracts.suppliers.members(term)] for term in map(Term.parse, summary.terms)}
    pull_many(home, contracts, terms)
    outcomes = check_terms(home, contracts, terms)
    findings = {(finding.code, finding.field) for outcome in outcomes for finding in outcome.findings}
    assert {code for code, _ in findings} & {"CODE_NOT_VALID", "PROGRAMME_UNKNOWN", "VALUE_CODE"} == set()
    paths = extracts(home, contracts, "enrolments")["study_path"].unique()
    assert {path[:2] for path in paths} >= {"SP", "NV", "SA", "NA", "HA", "FS", "IM"}
    reasons = extracts(home, contracts, "kaa").group_by("term").agg(pl.col("kaa_reason").unique())
    said = {term: set(found) for term, found in reasons.iter_rows()}
    assert said["VT2017"] == {"unknown"}
    assert len(said["HT2017"]) > 2


@pytest.mark.parametrize("extract", ["enrolments", "events", "absence", "kaa", "agency_counts"])
def test_no_value_is_taken_for_a_person_or_an_illness(
    county: tuple[Home, SynthSummary], contracts: Contracts, extract: str
) -> None:
    """Not one of any field, also of those whose form the scanner never has to look behind."""
    rows = extracts(county[0], contracts, extract)
    for term, found in rows.group_by("term"):
        scanner = scanner_of(contracts, Term.parse(str(term[0])))
        for name in contracts.extracts[extract].terms:
            assert list(scanner.scan(found[name], contracts.glossary.terms[name].type)) == [], name


def test_other_contracts_give_another_county(tmp_path: Path) -> None:
    """Municipalities that the calibration does not know get its defaults; the packaged calibration serves other contracts."""
    folder = tmp_path / "contracts"
    shutil.copytree(packaged_contracts(), folder)
    for name in ("synthetic.yaml", "flaws.yaml"):
        (folder / name).unlink()
    for file in (folder / "glossary" / "places.yaml", folder / "suppliers.yaml"):
        file.write_text(file.read_text("utf-8").replace('"24', '"77'), "utf-8")
    other = load_contracts(folder)
    home = Home(tmp_path / "home")
    generate(home, other, pupils=300, years=1, seed=1, flaws="none")
    homes = extracts(home, other, "enrolments")["home_municipality"].value_counts().sort("count", descending=True)
    assert homes.filter(pl.col("home_municipality").str.starts_with("77")).height == 15
    assert homes.filter(pl.col("home_municipality").str.starts_with("24")).height == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"pupils": 0}, "SYNTH_SIZE"),
        ({"pupils": 10**20}, "SYNTH_SIZE"),
        ({"years": 0}, "SYNTH_SIZE"),
        ({"years": 3000}, "SYNTH_SIZE"),
        ({"years": 10**20}, "SYNTH_SIZE"),
        ({"flaws": "medium"}, "SYNTH_FLAWS_UNKNOWN"),
        ({"flaws": {"no_such_flaw": 0.1}}, "SYNTH_FLAWS_UNKNOWN"),
    ],
)
def test_options_that_cannot_be_used(tmp_path: Path, contracts: Contracts, options: dict[str, object], code: str) -> None:
    """A wrong option is told by its code, and nothing is written."""
    home = Home(tmp_path / "home")
    with pytest.raises(BadInput) as error:
        generate(home, contracts, **options)
    assert error.value.code == code
    assert not home.root.exists()


def test_one_pupil_is_enough(tmp_path: Path, contracts: Contracts) -> None:
    """The smallest county has one pupil on each 15 October and every provider's files."""
    home = Home(tmp_path)
    summary = generate(home, contracts, pupils=1, years=1, seed=1, flaws="none")
    assert pl.read_parquet(home.truth / "outcomes.parquet").height == 1
    assert summary.deliveries > 60
