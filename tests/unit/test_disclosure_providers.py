"""Providers as attackers, through ``avbrott protect``: who takes its own pupils away does not learn what the others have."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.hide import Hiding
from avbrott.disclosure.protect import Given, protect
from avbrott.disclosure.providers import Providers
from avbrott.errors import BadInput, CannotProtect, DoesNotHold, ExitCode
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.promise.brute import whole_range
from tests.tabular_case import TableCase

AREAS = {"n": ["a", "b", "c"], "s": ["d", "e"]}
RULE = {"column": "principal"}
OTHERS = {"b": (30, 25, 40), "c": (50, 35, 20), "d": (60, 30, 25), "e": (45, 41, 33)}
"""Places where three have a school, and as many pupils that no count is small."""


def schools(**places: dict[str, int]) -> pl.DataFrame:
    """Pupils by half of the county, municipality and principal; three principals in all but the places that are named."""
    held = {area: dict(zip(("own", "free", "chain"), numbers, strict=True)) for area, numbers in OTHERS.items()} | places
    rows = [(half, area, who, n) for half, areas in AREAS.items() for area in areas for who, n in held.get(area, {}).items()]
    return pl.DataFrame(rows, schema=["half", "area", "principal", "freq"], orient="row")


def table(folder: Path, frame: pl.DataFrame, *, latent: bool = False, **rule: object) -> TableCase:
    """The pupils by municipality; with ``latent`` by principal too, though not published. No ``rule``: none."""
    dimensions = {"area": [["half", "area"]], **({"who": [["principal"]]} if latent else {})}
    keys = {"tables": [{"area": "all"}], "latent": [{"area": "all", "who": "all"}]} if latent else {}
    policy = {"providers": {**RULE, **rule}} if rule else {}
    return TableCase(folder, frame, dimensions=dimensions, policy=policy, **keys)


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


def holds(case: TableCase) -> bool:
    return audit_output(read_output(case.out)).faults == ()


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


@pytest.fixture(scope="module")
def spread() -> pl.DataFrame:
    """Ten municipalities of one to four providers each, by programme: what serves everybody does not serve each provider."""
    lots = np.random.default_rng(5)
    rows = [
        (f"g{m // 4}", f"m{m}", f"p{p}", who, int(lots.choice([1, 2, 3, 5, 8, 20, 40])))
        for m in range(10)
        for p in range(4)
        for who in ["own", *lots.choice(["free", "chain", "region"], lots.integers(0, 4), replace=False).tolist()]
    ]
    return pl.DataFrame(rows, schema=["half", "area", "programme", "principal", "freq"], orient="row")


def several(folder: Path, frame: pl.DataFrame, **keys: object) -> TableCase:
    dimensions = {"area": [["half", "area"]], "programme": [["programme"]]}
    return TableCase(folder, frame, dimensions=dimensions, **{"policy": {"providers": RULE}, **keys})


def test_without_the_providers_own_search_the_proof_is_refused(tmp_path, spread, monkeypatch):
    """What serves everybody else takes from cells what a provider knows to be its own."""
    case = several(tmp_path, spread)
    case.protect()
    assert holds(case)
    monkeypatch.setattr(Hiding, "against", lambda _search, _rules: [])
    with pytest.raises(DoesNotHold, match="PROVIDER_"):
        case.protect()


def test_a_witness_that_moves_a_providers_own_cells_proves_nothing_to_it(tmp_path, spread, monkeypatch):
    """Where a code says whose a cell is, who takes it for a cell of others is refused by the checker."""
    keys = {"tables": [{"area": "all"}], "latent": [{"area": "all", "who": "all"}], "policy": {"providers": RULE}}
    case = TableCase(tmp_path, spread, dimensions={"area": [["half", "area"]], "who": [["principal"]]}, **keys)
    monkeypatch.setattr(Providers, "inside", lambda _providers, system, _coalition: np.zeros(system.size, np.bool_))
    with pytest.raises(DoesNotHold, match="PROVIDER_"):
        case.protect()


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


COUNT = pl.col("count")
FIRST = pl.int_range(pl.len()) == 0


@pytest.mark.parametrize(
    ("code", "cells_with", "witnesses_with", "parts_with", "rule_with"),
    [
        ("PROVIDER_SHOWN", {"status": pl.lit("shown")}, {}, {}, {}),
        ("PROVIDER_WITHIN_SHARE", {}, {"delta": pl.col("delta") * 0}, {}, {}),
        ("PROVIDER_BELOW_THRESHOLD", {}, {"delta": pl.col("delta").clip(-1, 1)}, {}, {}),
        ("PROVIDER_PARTS_WRONG", {}, {}, {"count": COUNT + FIRST.cast(pl.Int64)}, {}),
        ("PROVIDER_PARTS_WRONG", {}, {}, {"count": -COUNT}, {}),
        ("PROVIDER_PARTS_WRONG", {}, {}, {"provider": pl.lit("own")}, {}),
        ("PROVIDER_WITHIN_SHARE", {}, {}, {}, {"share": 0.9}),
        ("PROVIDER_LEVEL_UNKNOWN", {}, {}, {}, {"level": "l9"}),
        ("PROVIDER_WITHIN_SHARE", {}, {}, {}, {"coalition": 2}),
        ("PROVIDER_WITHIN_SHARE", {}, {}, {}, {"minimum": 4}),
        ("PROVIDERS_TOO_FEW", {}, {}, {}, {"coalition": 4}),
    ],
)
def test_a_broken_proof_is_found_out(broken, code, cells_with, witnesses_with, parts_with, rule_with):
    """Each way to break what holds against providers gives its own fault."""
    record = broken
    policy = record.policy.model_copy(update={"providers": record.policy.providers.model_copy(update=rule_with)})
    faults = check_protection(
        record.system,
        policy,
        record.cells.with_columns(**cells_with),
        record.witnesses.with_columns(**witnesses_with),
        None,
        None,
        record.parts.with_columns(**parts_with),
    )
    assert code in {fault.code for fault in faults}


@pytest.fixture(scope="module")
def broken(tmp_path_factory, spread):
    """The record of one output, to break."""
    case = several(tmp_path_factory.mktemp("whole"), spread)
    case.protect()
    record = read_output(case.out).record()
    assert check_protection(record.system, record.policy, record.cells, record.witnesses, None, None, record.parts) == []
    return record


@pytest.mark.parametrize("side", [-1, 1])
def test_what_is_left_must_be_able_to_lie_on_both_sides(tmp_path, side):
    """Witnesses that move a total up alone, or down alone, do not do."""
    case = table(tmp_path, schools(a={"own": 40, "free": 12}), minimum=2)
    case.protect()
    record = read_output(case.out).record()
    moved = record.witnesses.filter((pl.col("d0") == "a") & (pl.col("delta").sign() == side))
    assert moved.height
    half = record.witnesses.join(moved, on="witness", how="anti")
    faults = check_protection(record.system, record.policy, record.cells, half, None, None, record.parts)
    assert "PROVIDER_WITHIN_SHARE" in {fault.code for fault in faults}


def test_a_policy_with_providers_is_never_ignored(broken):
    """Without parts neither the engine nor the checker goes on, nor where they are not those of the cells."""
    cells = broken.cells.select(*broken.names, "count")
    with pytest.raises(BadInput, match="PROVIDER_PARTS_MISSING"):
        protect(broken.system, cells, broken.policy, seed=b"s")
    faults = check_protection(broken.system, broken.policy, broken.cells, broken.witnesses)
    assert [fault.code for fault in faults] == ["PROVIDER_PARTS_MISSING"]
    for wrong in (broken.parts.slice(1), broken.parts.with_columns(COUNT + FIRST.cast(pl.Int64))):
        with pytest.raises(BadInput, match="PROVIDER_PARTS_DIFFER"):
            protect(broken.system, cells, broken.policy, given=Given(parts=wrong), seed=b"s")


def test_a_changed_file_of_parts_is_found(tmp_path):
    """By its sealed digest, and by the checker."""
    case = table(tmp_path, schools(a={"own": 40, "free": 12}), minimum=2)
    case.protect()
    file = case.out / "confidential" / "providers.parquet"
    pl.read_parquet(file).with_columns(COUNT + FIRST.cast(pl.Int64)).write_parquet(file)
    assert {"FILE_CHANGED", "PROOF_PROVIDER_PARTS_WRONG"} <= {
        fault.code for fault in audit_output(read_output(case.out)).faults
    }
    file.unlink()
    with pytest.raises(BadInput, match="OUTPUT_UNREADABLE"):
        audit_output(read_output(case.out))


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


def test_providers_and_insiders_are_held_off_together_and_named_nowhere(tmp_path: Path) -> None:
    """One pattern and one proof for both, where that for one does not hold against the other; no public file names anyone."""
    lots = random.Random(7)  # noqa: S311  a table to test with
    names = ("Norrprincipal", "Sydprincipal", "Kustprincipal")
    places = itertools.product("abcdef", "fm", names)
    found = [(*place, lots.choice([0, 0, 0, 1, 1, 2, 9, 15])) for place in places]
    frame = pl.DataFrame(found, schema=["area", "sex", "principal", "freq"], orient="row").filter(pl.col("freq") > 0)
    rules = {"providers": {"column": "principal"}, "insiders": True}
    both = TableCase(tmp_path / "both", frame, dimensions={"area": [["area"]], "sex": [["sex"]]}, policy=rules)
    made = both.protect()
    assert audit_output(read_output(both.out)).faults == ()
    for rule, prefix in (("providers", "INSIDER_"), ("insiders", "PROVIDER_")):
        both.write_spec(dimensions={"area": [["area"]], "sex": [["sex"]]}, policy={rule: rules[rule]})
        one = both.protect(tmp_path / rule)
        faults = check_protection(made.layout.system, made.policy, one.cells, one.witnesses, parts=made.parts)
        assert {fault.code for fault in faults if fault.code.startswith(prefix)}
    for file in (file for file in both.out.iterdir() if file.is_file()):
        assert not [name for name in names if name.encode() in file.read_bytes()]
