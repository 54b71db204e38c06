"""Providers as attackers, through ``avbrott protect``: who takes its own pupils away does not learn what the others have."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest

from avbrott.errors import BadInput, CannotProtect, ExitCode
from tests.promise.brute import whole_range
from tests.provider_case import AREAS, RULE, holds, schools, several, spread, table
from tests.tabular_case import TableCase

COUNT = pl.col("count")
FIRST = pl.int_range(pl.len()) == 0


def left_to(case: TableCase, frame: pl.DataFrame, area: str, *coalition: str) -> tuple[int, int]:
    """What the others can have in ``area``, least and most, to who sees ``public.csv`` and knows the coalition's own."""
    public = case.public().filter(pl.all_horizontal(pl.col("^who$") == "Total"))
    codes = public["area"].to_list()
    halves = {area: half for half, areas in AREAS.items() for area in areas}
    leaves = sorted(halves)
    held = np.array([[code in {"Total", halves[leaf], leaf} for leaf in leaves] for code in codes], np.int64)
    mine = frame.filter(pl.col("principal").is_in(coalition))
    own = held @ np.array([mine.filter(pl.col("area") == leaf)["freq"].sum() for leaf in leaves])
    known = (public["hidden"] == "false").to_numpy()
    count = np.array([int(n or 0) for n in public["count"].to_list()])
    return whole_range(held, held[codes.index(area)], np.where(known, count - own, 0), known)


@pytest.mark.parametrize("latent", [False, True])
def test_the_only_independent_school(tmp_path, latent):
    """Of two providers neither learns the other's number from the total; without the rule each does, to the pupil."""
    frame = schools(a={"own": 40, "free": 12})
    open_ = table(tmp_path / "open", frame, latent=latent)
    open_.protect()
    assert left_to(open_, frame, "a", "own") == (12, 12)
    assert left_to(open_, frame, "a", "free") == (40, 40)
    case = table(tmp_path / "closed", frame, latent=latent, minimum=2)
    case.protect()
    assert holds(case)
    low, high = left_to(case, frame, "a", "own")
    assert (low <= 10, high >= 14) == (True, True)
    low, high = left_to(case, frame, "a", "free")
    assert (low <= 35, high >= 45) == (True, True)
    low, high = left_to(case, frame, "a", "chain")
    assert (low <= 46, high >= 58) == (True, True)
    hidden = case.public().filter(pl.col("hidden") == "true")
    assert "a" in hidden["area"].to_list()
    assert hidden.height < case.public().height


def test_a_municipality_of_one_provider(tmp_path):
    """Its total is that provider's number, and hidden from the others, who have nobody there."""
    frame = schools(a={"own": 40})
    case = table(tmp_path, frame, minimum=2)
    case.protect()
    assert holds(case)
    low, high = left_to(case, frame, "a", "free")
    assert (low <= 35, high >= 45) == (True, True)


def test_two_providers_together(tmp_path):
    """What three have is safe from one of them, and tells two of them what the third has."""
    frame = schools(a={"own": 40, "free": 12, "chain": 30}).with_columns(
        pl.when(pl.col("area").is_in(["d", "e"]) & (pl.col("principal") == "chain"))
        .then(pl.lit("region"))
        .otherwise("principal")
        .alias("principal")
    )
    alone = table(tmp_path / "alone", frame, coalition=1)
    alone.protect()
    assert (alone.public()["hidden"] == "false").all()
    assert left_to(alone, frame, "a", "own", "free") == (30, 30)
    pair = table(tmp_path / "pair", frame, coalition=2)
    pair.protect()
    assert holds(pair)
    for two in itertools.combinations(("own", "free", "chain"), 2):
        (third,) = (n for who, n in {"own": 40, "free": 12, "chain": 30}.items() if who not in two)
        low, high = left_to(pair, frame, "a", *two)
        assert (low < 0.9 * third, high > 1.1 * third) == (True, True)


def test_a_small_number_that_is_left_is_a_small_count(tmp_path):
    """A total of 43 of which 40 are one's own is a 3, though two others have it."""
    frame = schools(a={"own": 40, "free": 2, "chain": 1})
    case = table(tmp_path, frame, minimum=1)
    case.protect()
    assert holds(case)
    low, high = left_to(case, frame, "a", "own")
    assert high >= 5
    assert high - low >= 5


@pytest.fixture(scope="module", name="spread")
def spread_of_all() -> pl.DataFrame:
    """Municipalities of one to four providers each."""
    return spread()


def test_the_same_bytes_whatever_the_order_of_rows(tmp_path, spread):
    """Also one person a row; and a part of the record is whose the pupils are."""
    first = several(tmp_path / "first", spread)
    first.protect()
    persons = spread.select(pl.exclude("freq").repeat_by("freq").explode()).sample(fraction=1.0, shuffle=True, seed=3)
    second = several(tmp_path / "second", persons, count=None)
    second.protect()
    for name in (
        "public.csv",
        "confidential/cells.parquet",
        "confidential/witnesses.parquet",
        "confidential/providers.parquet",
    ):
        assert (first.out / name).read_bytes() == (second.out / name).read_bytes()
    parts = first.confidential("providers")
    assert parts.columns == ["area", "programme", "provider", "count"]
    assert parts.filter((pl.col("area") == "Total") & (pl.col("programme") == "Total"))["count"].sum() == spread["freq"].sum()


def test_what_input_cannot_answer_is_told(tmp_path):
    """A column that is not there, a row of nobody's, and a coalition of everybody: exit 2, and nothing is written."""
    frame = schools(a={"own": 40, "free": 12})
    case = table(tmp_path, frame, column="owner")
    with pytest.raises(BadInput, match="INPUT_COLUMN_MISSING") as raised:
        case.protect()
    assert raised.value.parameters["column"] == "owner"
    case = table(tmp_path, frame, coalition=3)
    with pytest.raises(BadInput, match="PROVIDERS_TOO_FEW") as raised:
        case.protect()
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert (raised.value.parameters["providers"], raised.value.parameters["coalition"]) == ("3", "3")
    case = table(tmp_path, frame.with_columns(principal=pl.when(FIRST).then(pl.lit(" ")).otherwise("principal")), minimum=2)
    with pytest.raises(BadInput, match="INPUT_CODE_EMPTY") as raised:
        case.protect()
    assert (raised.value.parameters["line"], raised.value.parameters["column"]) == ("2", "principal")
    assert not case.out.exists()


def test_a_cell_that_must_stay_shown_and_is_a_providers_number_is_named(tmp_path):
    """Exit 3, as for any unsafe cell."""
    case = table(tmp_path, schools(a={"own": 40, "free": 12}), minimum=2)
    (tmp_path / "keep.csv").write_text("area\na\n", "utf-8")
    case.write_spec(dimensions={"area": [["half", "area"]]}, policy={"providers": RULE}, keep="keep.csv")
    with pytest.raises(CannotProtect, match="KEEP_IMPOSSIBLE") as raised:
        case.protect()
    assert "area=a" in raised.value.parameters["cells"]


def test_a_later_output_keeps_what_was_shown(tmp_path, spread):
    """What providers were reckoned with in an earlier output is a fact in the later one, and both hold."""
    yearly = pl.concat(spread.with_columns(pl.lit(year).alias("year"), pl.col("freq") + year % 3) for year in (2020, 2021))
    keys = {
        "dimensions": {"area": [["half", "area"]], "programme": [["programme"]], "year": [["year"]]},
        "additive": {"year": False},
        "policy": {"providers": RULE},
    }
    first = TableCase(tmp_path / "first", yearly.filter(pl.col("year") == 2020), **keys)
    first.protect()
    second = TableCase(tmp_path / "second", yearly, previous=["../first/out"], **keys)
    second.protect()
    assert holds(second)
    before, after = (case.public().filter(pl.col("hidden") == "false") for case in (first, second))
    assert before.height
    assert before.join(after, on=["area", "programme", "year"], how="anti").is_empty()


def test_a_known_figure_settles_what_it_settles(tmp_path, spread):
    """It is hidden all the same, no witness moves it, and what it does not settle keeps the promise."""
    case = several(tmp_path, spread)
    case.protect()
    names = ["area", "programme"]
    known = case.confidential("cells").filter((pl.col("rule") == "provider") & (pl.col("programme") != "Total")).head(2)
    assert case.confidential("witnesses").join(known, on=names, how="semi").height
    known.select(*names, "count").write_csv(tmp_path / "known.csv")
    case = several(tmp_path, spread, known=["known.csv"])
    case.protect()
    assert holds(case)
    assert case.public().join(known, on=names, how="semi")["hidden"].to_list() == ["true", "true"]
    assert case.confidential("witnesses").join(known, on=names, how="semi").is_empty()


def test_a_division_by_provider(tmp_path, spread):
    """Latent, it leaves totals to be shown; published, each number of one provider is hidden."""
    dimensions = {"area": [["half", "area"]], "who": [["principal"]]}
    latent = TableCase(
        tmp_path / "latent",
        spread,
        dimensions=dimensions,
        tables=[{"area": "all"}],
        latent=[{"area": "all", "who": "all"}],
        policy={"providers": RULE},
    )
    latent.protect()
    published = TableCase(tmp_path / "published", spread, dimensions=dimensions, policy={"providers": RULE})
    published.protect()
    assert holds(latent)
    assert holds(published)
    shown = published.public().filter(pl.col("hidden") == "false")
    assert set(shown["who"]) == {"Total"}
    assert "Total" in latent.public().filter(pl.col("hidden") == "false")["area"].to_list()
