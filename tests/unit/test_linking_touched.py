"""After a change those whom it touches are linked alone; what comes of it is what linking everybody makes, to the byte."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from avbrott.delivery.check import read_accepted
from avbrott.home import Home
from avbrott.linking import link as linking
from avbrott.linking import touched
from avbrott.linking.link import LinkSummary, link
from avbrott.linking.sources import of_persons
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from tests import stored
from tests.few_contracts import few_contracts
from tests.histories import History
from tests.linked_county import linked_county

TABLES = ("enrolments", "outcomes", "kaa", "told", "seen", "agency", "moved")
FROZEN = ("outcomes", "kaa", "agency")


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    """Of few suppliers: opening files is most of what linking so few persons takes."""
    return load_contracts(few_contracts(tmp_path_factory.mktemp("few") / "contracts"))


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> tuple[Home, list[Term]]:
    """Some hundred persons of a county over three school years, flaws among them, linked."""
    home = Home(tmp_path_factory.mktemp("touched") / "home")
    return home, linked_county(home, contracts, pupils=240, years=3, seed=11)


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """An entry each time that everybody is linked."""
    times: list[None] = []
    whole = linking._Linking.everybody
    monkeypatch.setattr(linking._Linking, "everybody", lambda run: times.append(None) or whole(run))
    monkeypatch.setattr(touched, "MOST", 1)
    return times


def contents(home: Home) -> dict[str, bytes]:
    return {name: stored.content(home, home.linked(name)) for name in TABLES}


def anew(
    home: Home, contracts: Contracts, terms: list[Term], frozen: Path | None, to: Path
) -> tuple[dict[str, bytes], LinkSummary]:
    """What linking everybody makes of a copy."""
    copy = Home(to)
    shutil.copytree(home.root, copy.root)
    copy.linked_basis.unlink(missing_ok=True)
    there = copy.root / frozen.relative_to(home.root) if frozen else None
    summary = link(copy, contracts, terms, frozen=there)
    made = contents(copy)
    shutil.rmtree(to)
    return made, summary


def same(one: LinkSummary, other: LinkSummary) -> bool:
    frames = all(getattr(one, name).equals(getattr(other, name)) for name in ("left_out", "moved", "decisions"))
    return frames and (one.school_years, one.rows) == (other.school_years, other.rows)


def publish(home: Home, number: int) -> Path:
    """Freeze what is linked, as a release does."""
    folder = home.frozen(f"2015-01-{number + 1:02}")
    for name in FROZEN:
        stored.put_rows(home, folder / f"{name}.parquet", stored.rows(home, home.linked(name)))
        stored.put_content(home, folder / f"{name}.parquet", stored.content(home, home.linked(name)))
    return folder


def _fewer(frame: pl.DataFrame, lots: random.Random) -> pl.DataFrame:
    return frame.filter(pl.Series([lots.random() < 0.8 for _ in range(frame.height)], dtype=pl.Boolean))


def _other_days(frame: pl.DataFrame, lots: random.Random) -> pl.DataFrame:
    """Days some weeks later, in one column of days that there is."""
    days = [name for name, kind in frame.schema.items() if kind == pl.Date]
    return frame.with_columns(
        pl.col(name).dt.offset_by(f"{lots.randrange(5, 60)}d") for name in lots.sample(days, min(1, len(days)))
    )


def _other_persons(frame: pl.DataFrame, lots: random.Random) -> pl.DataFrame:
    """One person's rows are another's."""
    if "pseudonym" not in frame.columns or frame.is_empty():
        return frame.head(frame.height // 2)
    names = frame["pseudonym"].unique().sort().to_list()
    return frame.with_columns(pl.col("pseudonym").replace({lots.choice(names): lots.choice(names)}))


CHANGES: tuple[Callable[[pl.DataFrame, random.Random], pl.DataFrame], ...] = (_fewer, _other_days, _other_persons)


def change(home: Home, contracts: Contracts, terms: list[Term], lots: random.Random) -> None:
    """Change one accepted file: its rows, or whether it is there."""
    files = [file for name in sorted(contracts.extracts) for file in read_accepted(home, name, terms)]
    file = lots.choice(files)
    rows = stored.rows(home, file)
    if lots.random() < 0.25:
        file.unlink()
    elif lots.random() < 0.25 and "pseudonym" in rows.columns:
        # As if another supplier had delivered the same, in a term of its own.
        other, term = lots.choice(sorted(contracts.suppliers.by_id)), str(lots.choice(terms))
        added = rows.with_columns(pl.lit(other).alias("provider"), pl.lit(term).alias("term"))
        stored.put_rows(home, file.parents[1] / term / f"{other}.parquet", added)
    else:
        stored.put_rows(home, file, lots.choice(CHANGES)(rows, lots))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_the_tables_are_those_of_everybody(
    seed: int, accepted: tuple[Home, list[Term]], contracts: Contracts, tmp_path: Path, everybody: list[None]
) -> None:
    """One change after the other, and releases in between; what is told is the same too."""
    lots, (first, terms) = random.Random(seed), accepted  # noqa: S311  it keeps no secret
    home = Home(tmp_path / "home")
    shutil.copytree(first.root, home.root)
    frozen: Path | None = None
    for step in range(5):
        for _ in range(lots.randrange(1, 3)):
            change(home, contracts, terms, lots)
        told = link(home, contracts, terms, frozen=frozen)
        assert everybody == [], step
        made, whole = anew(home, contracts, terms, frozen, tmp_path / "anew")
        everybody.clear()
        assert contents(home) == made, step
        assert same(told, whole), step
        if lots.random() < 0.6:
            frozen = publish(home, step)


def test_what_linking_decided_is_kept_when_nothing_changes(
    accepted: tuple[Home, list[Term]], contracts: Contracts, tmp_path: Path, everybody: list[None]
) -> None:
    """Not even after the tables were published: nobody is linked again."""
    home, terms = Home(tmp_path / "home"), accepted[1]
    shutil.copytree(accepted[0].root, home.root)
    before = contents(home)
    for frozen in (None, publish(home, 0)):
        summary = link(home, contracts, terms, frozen=frozen)
        assert contents(home) == before
        assert summary.decisions.is_empty()
    assert everybody == []


@pytest.mark.parametrize("spoil", ["no basis", "another basis", "a table", "no table", "frozen", "terms"])
def test_everybody_is_linked_where_it_is_not_known_what_the_tables_are_of(
    spoil: str, accepted: tuple[Home, list[Term]], contracts: Contracts, tmp_path: Path, everybody: list[None]
) -> None:
    home, terms = Home(tmp_path / "home"), accepted[1]
    shutil.copytree(accepted[0].root, home.root)
    right, frozen = contents(home), None
    if spoil == "no basis":
        home.linked_basis.unlink()
    elif spoil == "another basis":
        home.linked_basis.write_text("{}", "utf-8")
    elif spoil == "a table":
        stored.put_rows(home, home.linked("kaa"), stored.rows(home, home.linked("kaa")).head(3))
    elif spoil == "no table":
        home.linked("seen").unlink()
    elif spoil == "frozen":
        frozen = publish(home, 0)
        stored.put_rows(home, frozen / "outcomes.parquet", stored.rows(home, frozen / "outcomes.parquet").head(5))
    else:
        terms = terms[:-1]
    link(home, contracts, terms, frozen=frozen)
    assert len(everybody) == 1
    assert (contents(home) == right) == (spoil not in ("frozen", "terms"))


def test_everybody_is_linked_where_those_who_are_touched_are_more_than_a_pass_holds(
    accepted: tuple[Home, list[Term]],
    contracts: Contracts,
    tmp_path: Path,
    everybody: list[None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are linked at once, so memory bounds them as it does a pass."""
    home, terms = Home(tmp_path / "home"), accepted[1]
    shutil.copytree(accepted[0].root, home.root)
    file = max(read_accepted(home, "enrolments", terms), key=lambda file: file.stat().st_size)
    stored.put_rows(home, file, stored.rows(home, file).head(1))
    monkeypatch.setattr(touched, "PASS_BYTES", 1)
    link(home, contracts, terms)
    assert len(everybody) == 1


def test_a_run_that_fails_leaves_no_basis(
    accepted: tuple[Home, list[Term]], contracts: Contracts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the next one links everybody."""
    home, terms = Home(tmp_path / "home"), accepted[1]
    shutil.copytree(accepted[0].root, home.root)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(linking, "make_seen", fail)
    file = max(read_accepted(home, "enrolments", terms), key=lambda file: file.stat().st_size)
    stored.put_rows(home, file, stored.rows(home, file).head(1))
    with pytest.raises(ZeroDivisionError):
        link(home, contracts, terms)
    assert not home.linked_basis.exists()


def test_only_what_those_who_are_touched_are_in_is_read(
    accepted: tuple[Home, list[Term]],
    contracts: Contracts,
    tmp_path: Path,
    everybody: list[None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the files of persons less than a quarter, where one delivery is another by a row."""
    home, terms = Home(tmp_path / "home"), accepted[1]
    shutil.copytree(accepted[0].root, home.root)
    opened: list[int] = []
    real = touched.put_touched

    def counting(*given: Any) -> Any:
        files = real(*given)
        opened.append(sum(map(len, files.values())) if files else 0)
        return files

    monkeypatch.setattr(linking, "put_touched", counting)
    sizes = {file: stored.rows(home, file).height for file in read_accepted(home, "enrolments", terms)}
    file = min((file for file, rows in sizes.items() if rows > 1), key=lambda file: sizes[file])
    stored.put_rows(home, file, stored.rows(home, file).head(1))
    link(home, contracts, terms)
    every = sum(len(read_accepted(home, name, terms)) for name in of_persons())
    assert everybody == []
    assert 0 < opened[0] < every / 4


def test_what_was_filled_in_is_held_against_todays_data_once_it_is_published(tmp_path: Path, everybody: list[None]) -> None:
    """A diploma that was reported too late is counted a year late: a decision, also where nobody is linked again."""
    first, late = History(last="HT2015"), History(last="HT2016")
    for history in (first, late):
        history.enrol("p", "2480", "NA", "2012-08-20")
    late.event("p", "2480", "EXA", "2015-06-10", registered="2016-01-10", term="VT2016")
    published, _ = first.link(tmp_path / "first")
    home = Home(tmp_path / "home")
    for name in FROZEN:
        stored.put_rows(home, home.frozen("2015-01-01") / f"{name}.parquet", stored.rows(published, published.linked(name)))
    _, summary = late.link(home.root, frozen=home.frozen("2015-01-01"))
    assert ("outcomes", "2012/13", "completion", 1) not in summary.decisions.rows()
    everybody.clear()
    frozen = publish(home, 1)
    again = link(home, late.contracts, late.terms, frozen=frozen)
    assert everybody == []
    assert ("outcomes", "2012/13", "completion", 1) in again.decisions.rows()
    made, whole = anew(home, late.contracts, late.terms, frozen, tmp_path / "anew")
    assert contents(home) == made
    assert same(again, whole)


def test_more_terms_than_a_number_has_bits(tmp_path: Path, everybody: list[None]) -> None:
    """More than thirty school years: the last bit stands for all terms from the 63rd on."""
    history = History(first="HT1990", last="HT2023")
    for number, start in enumerate(range(1990, 2023, 2)):
        history.enrol(f"{number:064x}", "2480", "NA", f"{start}-08-20", f"{start + 3}-06-10")
        history.enrol(f"{number:064x}", "2482", "NA", f"{start + 1}-01-20", f"{start + 2}-06-10")
    home, _ = history.link(tmp_path / "home")
    everybody.clear()
    for term in ("HT1991", "VT2022", "VT2023"):
        file = home.accepted("enrolments", "2482", term)
        stored.put_rows(home, file, stored.rows(home, file).with_columns(pl.lit("Man").alias("sex")))
    link(home, history.contracts, history.terms)
    assert everybody == []
    made, _ = anew(home, history.contracts, history.terms, None, tmp_path / "anew")
    assert contents(home) == made
