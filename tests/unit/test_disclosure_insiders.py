"""Insiders: who is alone in a cell, what that tells her, and that neither the engine nor its checker forgets her."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.hide_insiders import HidingFromInsiders
from avbrott.disclosure.insider_bounds import Bounds
from avbrott.disclosure.insiders import find_insiders
from avbrott.disclosure.protect import Given, Protection, protect
from avbrott.disclosure.rules import apply_rules
from avbrott.disclosure.system import System, build_system
from avbrott.errors import CannotProtect, DoesNotHold
from avbrott.policy import BaseRule, Policy
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase

PAIR = {"a": 1, "b": 1, "c": 9, "d": 8, "e": 7}
"""Five places in two groups: a and b are one person each, and their group is 2."""
ALONE = Policy(threshold=2, width=2, insiders=True)


def spec_of(tables: tuple[Table, ...] | None = None) -> SystemSpec:
    """Places in groups by outcome and sex; one table of the places alone unless others are asked for."""
    places = pl.DataFrame([("g", "a"), ("g", "b"), ("h", "c"), ("h", "d"), ("h", "e")], ["group", "place"], orient="row")
    dimensions = {"place": Dimension("place", places, (("group", "place"),))}
    for name, codes in (("outcome", ["p", "q"]), ("sex", ["k", "m"])) if tables else ():
        dimensions[name] = Dimension(name, pl.DataFrame({name: codes}), ((name,),))
    return SystemSpec("few", dimensions, tables or (Table("places", {"place": ("group", "place")}),))


def cells_of(counts: dict[str, int]) -> pl.DataFrame:
    """Places, groups and the total."""
    groups = {"g": counts["a"] + counts["b"], "h": counts["c"] + counts["d"] + counts["e"]}
    rows = [*counts.items(), *groups.items(), (TOTAL, sum(counts.values()))]
    return pl.DataFrame(rows, schema=["place", "count"], orient="row")


def faults(spec: SystemSpec, policy: Policy, made: Protection) -> set[str]:
    return {fault.code for fault in check_protection(spec, policy, made.cells, made.witnesses)}


def shown(made: Protection) -> set[str]:
    return set(made.cells.filter(pl.col("status") == "shown")["place"])


def test_one_of_two_under_a_shown_2_could_reckon_out_the_other() -> None:
    """Without insiders a and b are hidden and their sum of 2 is shown, so each could tell the other's cell from her own."""
    spec, cells = spec_of(), cells_of(PAIR)
    without = protect(spec, cells, ALONE.model_copy(update={"insiders": False}), seed=b"a secret")
    assert shown(without) == {"g", "h", "c", "d", "e", TOTAL}
    assert faults(spec, ALONE, without) == {"INSIDER_COUNT_BELOW_THRESHOLD"}
    made = protect(spec, cells, ALONE, seed=b"a secret")
    assert faults(spec, ALONE, made) == set()
    assert not {"a", "b", "g"} & shown(made)
    assert len(shown(made)) >= 2
    for own, other in (("a", "b"), ("b", "a")):
        moves = made.witnesses.pivot(on="place", index="witness", values="delta").fill_null(0)
        left = moves.filter(pl.col(own) == 0)[other]
        assert (left.max(), left.min()) == (1, -1)


def test_the_checker_refuses_where_the_search_forgets_insiders(monkeypatch, tmp_path) -> None:
    """Without the loop that serves insiders nothing is written."""
    case = TableCase(tmp_path, policy={"insiders": True})
    case.protect()
    monkeypatch.setattr(HidingFromInsiders, "run_before", lambda *_: [])
    with pytest.raises(DoesNotHold, match="INSIDER_COUNT"):
        case.protect(tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("zeros", ["may_hide", "shown"])
def test_a_witness_that_is_missing_is_found_out_by_an_insider(zeros, tmp_path) -> None:
    """A proof without one of its witnesses can hold before everybody else, and not before her: one of a few seeds has one."""
    found = []
    for number in range(10):
        case = TableCase(tmp_path / str(number), policy={"insiders": True, "zeros": zeros})
        (case.folder / "seed.txt").write_text(f"a seed that is another, {number}", "utf-8")
        made = case.protect()
        spec, policy = made.layout.system, made.policy
        assert policy.insiders
        for witness in made.witnesses["witness"].unique().sort():
            fewer = made.witnesses.filter(pl.col("witness") != witness)
            found.append({fault.code for fault in check_protection(spec, policy, made.cells, fewer)})
        if any(codes and all(code.startswith("INSIDER_") for code in codes) for codes in found):
            return
    pytest.fail(f"no witness of {len(found)} is missed by insiders alone")


def test_an_output_tells_whether_insiders_were_reckoned_with(tmp_path) -> None:
    """The certificate records it, and an audit finds one that says otherwise, and a record made without them."""
    case = TableCase(tmp_path, policy={"insiders": True})
    case.protect()
    assert audit_output(read_output(case.out)).holds
    file = case.out / "certificate.json"
    told = json.loads(file.read_text("utf-8"))
    assert told["policy"]["insiders"] is True
    told["policy"]["insiders"] = False
    file.write_text(json.dumps(told), "utf-8")
    assert {fault.code for fault in audit_output(read_output(case.out)).faults} == {"STATEMENT_WRONG"}
    case.write_spec(policy={"insiders": False})
    case.protect()
    record = case.out / "confidential" / "system.parquet"
    frame = pl.read_parquet(record)
    frame.with_columns(pl.col("value").str.replace('"insiders": false', '"insiders": true', literal=True)).write_parquet(
        record
    )
    assert "PROOF_INSIDER_COUNT_BELOW_THRESHOLD" in {fault.code for fault in audit_output(read_output(case.out)).faults}


def test_insiders_change_nothing_where_the_policy_does_not_ask_for_them(tmp_path) -> None:
    """The same bytes whether the key is left out or false; with insiders no fewer cells are hidden for others' sake."""
    case = TableCase(tmp_path)
    plain = case.protect()
    case.write_spec(policy={"insiders": False})
    assert case.protect(tmp_path / "b").cells.equals(plain.cells)
    case.write_spec(policy={"insiders": True})
    more = case.protect(tmp_path / "c")
    again = case.protect(tmp_path / "d")
    assert more.witnesses.equals(again.witnesses)
    assert (more.cells["status"] != "shown").sum() >= (plain.cells["status"] != "shown").sum()


def test_what_must_stay_shown_can_be_what_insiders_need() -> None:
    """Where the sum of two must be shown, or was, nothing can keep them from each other."""
    spec, cells = spec_of(), cells_of(PAIR)
    keep = cells.filter(pl.col("place") == "g")
    for more in ({"given": Given(keep=keep)}, {"earlier": keep}):
        with pytest.raises(CannotProtect, match="items=2"):
            protect(spec, cells, ALONE, seed=b"a secret", **more)


def system_of(spec: SystemSpec, persons: list[tuple[str, str, str, int]]) -> System:
    """The system of persons in (place, outcome, sex)."""
    found: dict[tuple[str, ...], int] = {}
    group = {"a": "g", "b": "g", "c": "h", "d": "h", "e": "h"}
    for table in spec.tables:
        for at, number in [(person[:3], person[3]) for person in persons]:
            levels = [
                [at[0], group[at[0]], TOTAL] if "place" in table.levels else [TOTAL],
                [at[1], TOTAL] if "outcome" in table.levels else [TOTAL],
                [at[2], TOTAL] if "sex" in table.levels else [TOTAL],
            ]
            for cell in [(x, y, z) for x in levels[0] for y in levels[1] for z in levels[2]]:
                found[cell] = found.get(cell, 0) + number if (cell, table.name) not in found else found[cell]
    rows = [(*cell, count) for cell, count in found.items()]
    return build_system(spec, pl.DataFrame(rows, schema=["place", "outcome", "sex", "count"], orient="row"))


def facts_of(system: System, policy: Policy) -> set[frozenset[tuple[str, ...]]]:
    none = np.zeros(system.size, np.bool_)
    insiders = find_insiders(system, apply_rules(system, policy, none, none))
    return {
        frozenset(system.places(row.indices.astype(np.int64)).rows())
        for row in (insiders.has[[one]] for one in range(len(insiders)))
    }


def test_an_insider_has_every_cell_that_she_is_alone_in() -> None:
    """Cells of 1 that are part of each other are one person's; in two cells apart there are two."""
    spec = spec_of((Table("all", {"place": ("group", "place"), "outcome": ("outcome",)}),))
    system = system_of(spec, [("a", "p", "k", 1), ("b", "q", "k", 1), ("c", "p", "m", 7), ("d", "q", "m", 1)])
    places = facts_of(system, ALONE)
    assert len(places) == 3
    assert any({("a", "Total", "Total"), ("g", "p", "Total")} & facts and len(facts) <= 2 for facts in places)


def test_cells_of_tables_without_a_common_crossing_may_be_one_persons() -> None:
    """Alone by outcome in one table and by sex in another, she may be the same: then she has both cells."""
    tables = (
        Table("outcome", {"place": ("group", "place"), "outcome": ("outcome",)}),
        Table("sex", {"place": ("group", "place"), "sex": ("sex",)}),
    )
    cells = {
        ("a", "p", TOTAL): 1,
        ("a", "q", TOTAL): 4,
        ("a", TOTAL, "k"): 1,
        ("a", TOTAL, "m"): 4,
        ("a", TOTAL, TOTAL): 5,
        ("c", "p", TOTAL): 6,
        ("c", "q", TOTAL): 6,
        ("c", TOTAL, "k"): 6,
        ("c", TOTAL, "m"): 6,
        ("c", TOTAL, TOTAL): 12,
    }
    rows = dict(cells)
    for (place, outcome, sex), count in cells.items():
        for above in ({"a": "g", "c": "h"}[place], TOTAL):
            rows[above, outcome, sex] = rows.get((above, outcome, sex), 0) + count
    frame = pl.DataFrame([(*k, n) for k, n in rows.items()], schema=["place", "outcome", "sex", "count"], orient="row")
    places = facts_of(build_system(spec_of(tables), frame), ALONE)
    assert {len(facts) for facts in places} == {1, 2}
    assert len(places) == 3


def test_what_her_own_cell_and_the_record_leave_is_all_that_is_asked() -> None:
    """Of a known base of 3 who are all p, the one who is k caps what she does not know: the others' 2."""
    table = Table("all", {"place": ("group", "place"), "outcome": ("outcome",), "sex": ("sex",)})
    spec = spec_of((table,))
    rows = [
        ("a", "p", "k", 1),
        ("a", "p", "m", 2),
        ("b", "p", "k", 9),
        ("b", "q", "k", 9),
        ("b", "p", "m", 9),
        ("b", "q", "m", 9),
    ]
    found: dict[tuple[str, ...], int] = {}
    for place, outcome, sex, number in [*rows, *[(c, o, s, 9) for c in "cd" for o in "pq" for s in "km"], ("a", "q", "k", 0)]:
        group = "g" if place in "ab" else "h"
        for cell in [(x, y, z) for x in (place, group, TOTAL) for y in (outcome, TOTAL) for z in (sex, TOTAL)]:
            found[cell] = found.get(cell, 0) + number
    found["a", "q", "m"] = 0
    cells = pl.DataFrame([(*k, n) for k, n in found.items()], schema=["place", "outcome", "sex", "count"], orient="row")
    policy = Policy(
        threshold=5,
        width=5,
        complement={"outcome": ("p",)},
        base=BaseRule(dimension="outcome", minimum=5, known=True, record=("place",)),
        insiders=True,
    )
    system = build_system(spec, cells)
    none = np.zeros(system.size, np.bool_)
    rules = apply_rules(system, policy, none, none)
    insiders = find_insiders(system, rules)
    place = {row: v for v, row in enumerate(system.places(np.arange(system.size)).rows())}
    item = np.flatnonzero((rules.items.plus == place["a", TOTAL, TOTAL]) & (rules.items.minus == place["a", "p", TOTAL]))
    assert rules.items.top[item].tolist() == [3]
    least, most = Bounds(system, rules, insiders).left(0, item)
    assert (least.tolist(), most.tolist()) == ([0], [2])
    made = protect(spec, cells, policy, seed=b"a secret")
    assert check_protection(spec, policy, made.cells, made.witnesses) == []
