"""The proof against providers: the engine looks for it, the checker misses nothing of it, and no policy is ignored."""

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
from avbrott.errors import BadInput, DoesNotHold
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.provider_case import RULE, holds, schools, several, spread, table
from tests.tabular_case import TableCase

COUNT = pl.col("count")
FIRST = pl.int_range(pl.len()) == 0


@pytest.fixture(scope="module", name="spread")
def spread_of_all() -> pl.DataFrame:
    """Municipalities of one to four providers each."""
    return spread()


def test_without_the_providers_own_search_the_proof_is_refused(tmp_path, spread, monkeypatch):
    """What serves everybody else takes from cells what a provider knows to be its own."""
    case = several(tmp_path, spread)
    case.protect()
    assert holds(case)
    monkeypatch.setattr(Hiding, "against", lambda _search, _rules, _tied=None: [])
    with pytest.raises(DoesNotHold, match="PROVIDER_"):
        case.protect()


def test_a_witness_that_moves_a_providers_own_cells_proves_nothing_to_it(tmp_path, spread, monkeypatch):
    """Where a code says whose a cell is, who takes it for a cell of others is refused by the checker."""
    keys = {"tables": [{"area": "all"}], "latent": [{"area": "all", "who": "all"}], "policy": {"providers": RULE}}
    case = TableCase(tmp_path, spread, dimensions={"area": [["half", "area"]], "who": [["principal"]]}, **keys)
    monkeypatch.setattr(Providers, "inside", lambda _providers, system, _coalition: np.zeros(system.size, np.bool_))
    with pytest.raises(DoesNotHold, match="PROVIDER_"):
        case.protect()


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
