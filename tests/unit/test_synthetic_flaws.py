"""Planted flaws: at their rates, on the lines that the truth names, and answered by the check with the code they promise."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.check import check_term
from avbrott.delivery.pull import pull_many
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, read_contract
from avbrott.synthetic.delivery_flaws import identity_numbers
from avbrott.synthetic.draws import generator
from avbrott.synthetic.flaws import Flaws, chosen_flaws
from avbrott.synthetic.generate import generate

ROWS = {
    "duplicate_key": 0.02,
    "missing_end_date": 0.2,
    "end_before_start": 0.02,
    "unknown_code": 0.02,
    "wrong_format_date": 0.02,
    "expired_code": 0.05,
    "swapped_sex": 0.02,
    "double_report": 0.1,
    "cancelled_without_event": 0.2,
    "event_without_enrolment": 0.1,
    "changed_pseudonym": 0.02,
}


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Home:
    """A county with many flaws in rows."""
    home = Home(tmp_path_factory.mktemp("flawed"))
    generate(home, contracts, pupils=2000, years=1, seed=2, flaws=ROWS)
    return home


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Home:
    """The same county without flaws."""
    home = Home(tmp_path_factory.mktemp("sound"))
    generate(home, contracts, pupils=2000, years=1, seed=2, flaws="none")
    return home


def rows(home: Home, extract: str, provider: str = "*", term: str = "*") -> pl.DataFrame:
    """Rows of an extract as text with their provider, term and line."""
    frames = []
    for file in sorted((home.root / "providers").glob(f"{provider}/outbox/{term}/{extract}.csv")):
        frame = pl.read_csv(file, infer_schema=False).with_row_index("line", offset=2)
        frames.append(frame.with_columns(provider=pl.lit(file.parts[-4]), term=pl.lit(file.parts[-2])))
    return pl.concat(frames)


def test_rates(flawed: Home, sound: Home) -> None:
    """Each flaw touches its share of the rows that it can be planted in, within four standard errors."""
    touched = dict(pl.read_parquet(flawed.truth / "flaws.parquet")["flaw"].value_counts().iter_rows())
    enrolments, events = rows(sound, "enrolments"), rows(sound, "events")
    early = events.filter(pl.col("event").is_in(["AVB", "UPP", "PBY", "SBY", "UTF", "AVL"])).height
    eligible = {
        "missing_end_date": enrolments.filter(cancelled="true").height,
        "cancelled_without_event": early,
        "event_without_enrolment": events.height,
        "duplicate_key": enrolments.height,
        "end_before_start": enrolments.height,
        "unknown_code": enrolments.height,
        "wrong_format_date": enrolments.height,
    }
    for flaw, count in eligible.items():
        expected = count * ROWS[flaw]
        assert abs(touched[flaw] - expected) <= 0.09 * expected + 4 * expected**0.5, flaw


def test_truth_names_the_lines(flawed: Home) -> None:
    """Each line that the truth names shows its flaw."""
    lines = pl.read_parquet(flawed.truth / "flaws.parquet").filter(pl.col("line").is_not_null())
    found = (
        lines.with_columns(pl.col("line").cast(pl.UInt32))
        .join(rows(flawed, "enrolments"), on=["provider", "term", "line"], how="inner", suffix="_delivered")
        .filter(extract="enrolments")
    )
    assert found.height == lines.filter(extract="enrolments").height
    assert (found["pseudonym"] == found["pseudonym_delivered"]).all()
    by_flaw = {str(name[0]): frame for name, frame in found.group_by("flaw")}
    assert (by_flaw["missing_end_date"]["end_date"].is_null() & (by_flaw["missing_end_date"]["cancelled"] == "true")).all()
    assert (by_flaw["end_before_start"]["end_date"] < by_flaw["end_before_start"]["start_date"]).all()
    assert (by_flaw["unknown_code"]["sex"] == "X").all()
    assert by_flaw["wrong_format_date"]["start_date"].str.contains(r"^\d\d-\d\d-\d\d$").all()
    assert (by_flaw["double_report"]["provider"] == by_flaw["double_report"]["home_municipality"]).all()


def test_the_check_answers_with_the_promised_codes(flawed: Home, contracts: Contracts) -> None:
    """Every flaw of rows that promises a finding is found on the very lines it was planted on."""
    term = Term.parse("HT2024")
    members = [supplier.id for supplier in contracts.suppliers.members(term)]
    pull_many(flawed, contracts, {term: members})
    outcomes = check_term(flawed, contracts, term, members)
    found = {(o.provider, f.extract, f.code, line) for o in outcomes for f in o.findings for line in f.rows}
    promised = {flaw.id: flaw.finding for flaw in listed(contracts).flaws if flaw.of == "row" and flaw.finding}
    planted = pl.read_parquet(flawed.truth / "flaws.parquet").filter(pl.col("line").is_not_null(), term=str(term))
    planted = planted.filter(pl.col("flaw").is_in(list(promised)))
    own = {unit.municipality for s in contracts.suppliers.suppliers for unit in s.units if s.kind == "municipality"}
    assert planted.height > 100
    assert "expired_code" in planted["flaw"].to_list()
    for flaw, provider, _, extract, line, _ in planted.iter_rows():
        assert (flaw == "double_report" and provider not in own) or (provider, extract, promised[flaw], line) in found, flaw


def listed(contracts: Contracts) -> Flaws:
    """The packaged list of flaws."""
    return read_contract(contracts.folder / "flaws.yaml", Flaws)


def test_every_flaw_of_a_set_is_listed(contracts: Contracts) -> None:
    """Sets name listed flaws only, and the mild set refuses no more than one delivery."""
    flaws = listed(contracts)
    names = {flaw.id for flaw in flaws.flaws}
    for found in flaws.sets.values():
        assert set(found.rates) | set(found.once) <= names
    mild = flaws.sets["mild"]
    assert not {"personnummer_in_column", "wrong_encoding", "missing_delivery"} & set(mild.rates)
    assert sorted(mild.once) == ["missing_delivery", "wrong_encoding"]
    assert chosen_flaws(contracts.folder, "none").rates == {}


def test_mild_has_one_missing_and_one_refused_delivery(tmp_path: Path, contracts: Contracts) -> None:
    """The demonstration's set: one delivery never came, one cannot be read, both early and of small providers."""
    home = Home(tmp_path)
    summary = generate(home, contracts, pupils=200, years=2, seed=1, flaws="mild")
    whole = pl.read_parquet(home.truth / "flaws.parquet").filter(extract="").filter(pl.col("flaw") != "late_delivery")
    assert sorted(whole["flaw"]) == ["missing_delivery", "wrong_encoding"]
    for flaw, provider, term, *_ in whole.iter_rows():
        folder = home.outbox(provider, term)
        assert term in summary.terms[1:3]
        if flaw == "missing_delivery":
            assert not folder.exists()
        else:
            assert b"\x00" in (folder / "enrolments.csv").read_bytes()


def test_a_delivery_with_identity_numbers_is_refused_whole(tmp_path: Path, contracts: Contracts) -> None:
    """Personal identity numbers in a column: the check refuses the delivery and keeps none of its rows."""
    home = Home(tmp_path)
    generate(home, contracts, pupils=200, years=1, seed=1, flaws={"personnummer_in_column": 1.0})
    term = Term.parse("HT2024")
    pull_many(home, contracts, {term: ["2480"]})
    outcome = check_term(home, contracts, term, ["2480"])[0]
    assert str(outcome.status) == "refused"
    assert "IDENTITY_CONTENT" in {finding.code for finding in outcome.findings}


def test_identity_numbers_are_nobodys() -> None:
    """The check digit (Luhn) of every invented identity number is wrong."""
    numbers = identity_numbers(generator(1), pl.Series([2001, 2002, 2008] * 50)).to_list()
    for number in numbers:
        products = [int(digit) * (2 - place % 2) for place, digit in enumerate(number[2:])]
        assert sum(product // 10 + product % 10 for product in products) % 10 != 0
        assert len(number) == 12


def test_a_three_fold_jump_has_three_times_the_rows(tmp_path: Path, contracts: Contracts) -> None:
    """The flaw multiplies enrolments by three, with pseudonyms of nobody."""
    sound, jumped = Home(tmp_path / "sound"), Home(tmp_path / "jumped")
    generate(sound, contracts, pupils=200, years=1, seed=1, flaws="none")
    generate(jumped, contracts, pupils=200, years=1, seed=1, flaws={"three_fold_jump": 1.0})
    before, after = (rows(home, "enrolments", "2480", "HT2024") for home in (sound, jumped))
    assert after.height == 3 * before.height
    assert after["pseudonym"].n_unique() == 3 * before["pseudonym"].n_unique()


def test_a_changed_pseudonym_changes_once(flawed: Home, sound: Home) -> None:
    """A person whose pseudonym changed has the first one before the term of the change, and the later one from it on."""
    persons = pl.read_parquet(flawed.truth / "persons.parquet").filter(pl.col("later").is_not_null())
    delivered = rows(flawed, "enrolments").with_columns(index=term_index(pl.col("term")))
    first = delivered.join(persons, on="pseudonym")
    later = delivered.join(persons.drop("pseudonym").rename({"later": "pseudonym"}), on="pseudonym")
    assert first.height > 0
    assert later.height > 0
    assert (first["index"] < first.select(term_index(pl.col("from_term"))).to_series()).all()
    assert (later["index"] >= later.select(term_index(pl.col("from_term"))).to_series()).all()
    assert not set(persons["later"]) & set(rows(sound, "enrolments")["pseudonym"])


def term_index(term: pl.Expr) -> pl.Expr:
    """Half-years of a term written HT2024."""
    return term.str.tail(4).cast(pl.Int64) * 2 + (term.str.head(2) == "HT").cast(pl.Int64)
