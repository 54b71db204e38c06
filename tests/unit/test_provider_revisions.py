"""Providers as attackers on counts that were corrected: each knows its own part of then and of now, and takes both away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from avbrott.disclosure import protect as engine
from avbrott.disclosure.lattice import Ints
from avbrott.disclosure.providers import Providers
from avbrott.disclosure.system import System
from avbrott.disclosure.tied import Tied
from avbrott.errors import BadInput, DoesNotHold
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.provider_case import RULE, holds, schools, several, spread, table
from tests.tabular_case import TableCase

REUSE = engine._reuse
A = {"own": 40, "free": 35, "chain": 30}
"""A place of three providers with so many pupils each that no total tells of one."""


def corrected(folder: Path, *frames: pl.DataFrame, **rule: object) -> list[TableCase]:
    """The pupils by municipality, as each of ``frames`` has them; each output after the one before."""
    made: list[TableCase] = []
    for number, frame in enumerate(frames):
        case = table(folder / str(number), frame, **rule)
        if number:
            keys = {"dimensions": {"area": [["half", "area"]]}, "policy": {"providers": {**RULE, **rule}} if rule else {}}
            case.write_spec(**keys, previous=[f"../{number - 1}/out"])
        case.protect()
        assert holds(case)
        made.append(case)
    return made


def hidden(case: TableCase) -> set[str]:
    return set(case.public().filter(pl.col("hidden") == "true")["area"].to_list())


@pytest.mark.parametrize("own", [49, 39], ids=["nine of ten more", "one less in the same total"])
def test_what_a_provider_corrects_itself_tells_it_what_others_corrected(tmp_path, own):
    """The others got one, whatever the total says. Without the rule ten more, or none, is no small difference."""
    before, after = schools(a=A), schools(a={**A, "own": own, "free": 36})
    assert hidden(corrected(tmp_path / "open", before, after)[1]) == set()
    first, second = corrected(tmp_path / "closed", before, after, minimum=1)
    assert hidden(first) == set()
    assert "a" in hidden(second)


def test_a_large_correction_of_one_provider_is_shown(tmp_path):
    """To itself it tells nothing, and to the others no small number."""
    first, second = corrected(tmp_path, schools(a=A), schools(a={**A, "own": 49}), minimum=1)
    assert (hidden(first), hidden(second)) == (set(), set())


def test_who_alone_has_corrected_knows_that_others_have_what_they_had(tmp_path, monkeypatch):
    """Of then and of now what others have is one number to it: who takes it for two is refused by the checker."""
    places = {"a": {"free": 3}, "b": {"chain": 2}, "c": {"free": 4}, "d": {"chain": 3}}
    before = schools(**{area: {"own": 40, **few} for area, few in places.items()})
    after = schools(**{area: {"own": 47, **few} for area, few in places.items()}, e={"own": 45, "free": 42, "chain": 33})
    # Earlier witnesses move both alike, and would hide what is to be seen here.
    monkeypatch.setattr(engine, "_reuse", lambda *given: (REUSE(*given)[0], []))
    corrected(tmp_path / "one", before, after, minimum=1)

    def apart(_providers: Providers, system: System, _coalition: list[int], left: Ints) -> Tied:
        return Tied(replace(system, truth=left), np.arange(system.size))

    monkeypatch.setattr(Providers, "tied", apart)
    with pytest.raises(DoesNotHold, match="PROVIDER_"):
        corrected(tmp_path / "two", before, after, minimum=1)


def test_an_output_that_tells_of_no_providers_cannot_be_corrected_with_them(tmp_path):
    """Whose its persons were is not known. Where no count has changed it need not be."""
    table(tmp_path / "0", schools(a=A)).protect()
    keys = {"dimensions": {"area": [["half", "area"]]}, "policy": {"providers": RULE}, "previous": ["../0/out"]}
    TableCase(tmp_path / "1", schools(a=A), **keys).protect()
    case = TableCase(tmp_path / "2", schools(a={**A, "own": 49}), **keys)
    with pytest.raises(BadInput, match="PREVIOUS_WITHOUT_PROVIDERS") as raised:
        case.protect()
    assert raised.value.parameters["folders"].endswith("0/out")
    assert not case.out.exists()
    case.write_spec(**{**keys, "previous": ["../1/out"]})
    case.protect()
    assert holds(case)


def test_providers_by_another_column_are_a_policy_that_asks_less(tmp_path):
    """What was kept from those of the one column is not kept by those of the other."""
    frame = schools(a=A).with_columns(owner=pl.col("principal"))
    table(tmp_path / "0", frame, minimum=2).protect()
    rule = {"providers": {"column": "owner"}}
    case = TableCase(tmp_path / "1", frame, dimensions={"area": [["half", "area"]]}, policy=rule, previous=["../0/out"])
    with pytest.raises(BadInput, match="PREVIOUS_POLICY_STRICTER"):
        case.protect()


def test_three_outputs_keep_whose_persons_each_had(tmp_path):
    """The last is made after the second alone, which has the parts of the first with it, sealed."""
    rows = spread()
    frames = [rows]
    for area, who, more in (("m1", "own", 7), ("m6", "own", 2)):
        there = (pl.col("area") == area) & (pl.col("programme") == "p1") & (pl.col("principal") == who)
        frames.append(frames[-1].with_columns(freq=pl.col("freq") + pl.when(there).then(more).otherwise(0)))
    for number, frame in enumerate(frames):
        before = {"previous": [f"../{number - 1}/out"]} if number else {}
        case = several(tmp_path / str(number), frame, **before)
        case.protect()
        assert holds(case)
    parts = case.confidential("earlier_providers")
    assert parts.columns == ["vintage", "area", "programme", "provider", "count"]
    totals = (
        parts.filter((pl.col("area") == "Total") & (pl.col("programme") == "Total"))
        .group_by("vintage")
        .agg(pl.col("count").sum())
    )
    assert sorted(totals["count"].to_list()) == [frame["freq"].sum() for frame in frames[:2]]
    file = case.out / "confidential" / "earlier_providers.parquet"
    parts.with_columns(provider=pl.lit("own")).write_parquet(file)
    assert ("FILE_CHANGED", "confidential/earlier_providers.parquet") in {
        (fault.code, fault.where) for fault in audit_output(read_output(case.out)).faults
    }
