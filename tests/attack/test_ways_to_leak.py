"""Each known way to a hidden number, with numbers: it works where only what is small is hidden, and not on what we publish.

The attacker lists every whole-number system that agrees with what is shown (``tests/promise/brute``). *Naive* hides the cells
that a rule names and nothing else, or what the test's docstring says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from avbrott.counting.spec import TOTAL, Never, Table
from avbrott.disclosure.protect import _costs, _lots, protect
from avbrott.disclosure.system import build_system
from avbrott.errors import BadInput, CannotProtect
from avbrott.policy import Policy
from dashboards.released import read_release
from tests import release_case as county
from tests.promise.attackers import everybody
from tests.promise.axis import Axis
from tests.promise.brute import broken, systems
from tests.promise.case import Case, Told
from tests.promise.tables import Mask, Place, Stage

NAMES = "abcdefgh"
FIVE = Policy()


def table(
    counts: list[list[int]], policy: Policy = FIVE, tables: tuple[Table, ...] | None = None, **groups: list[str]
) -> Case:
    """Areas down, kinds across; ``groups`` are levels over the areas."""
    areas = Axis("area", list(NAMES[: len(counts)]), groups)
    axes = {"area": areas, "kind": Axis("kind", [f"k{i}" for i in range(len(counts[0]))])}
    every = Table("main", {name: axis.levels for name, axis in axes.items()})
    return Case([Stage(axes, tables or (every,), np.array(counts))], policy)


def line(counts: list[int], policy: Policy = FIVE, **groups: list[str]) -> Case:
    """Areas alone."""
    areas = Axis("area", list(NAMES[: len(counts)]), groups)
    return Case([Stage({"area": areas}, (Table("main", {"area": areas.levels}),), np.array(counts))], policy)


def hidden_alone(case: Case, *also: Place) -> Mask:
    """What is shown where a rule's own cells, and ``also``, are hidden."""
    shown = case.last.published.copy()
    shown[[item.cell for item in everybody(case, case.told(None)).items if item.cell is not None]] = False
    shown[[case.last.place[place] for place in also]] = False
    return shown


def values(case: Case, shown: Mask, *place: str, told: Told | None = None) -> list[int]:
    """Every number that a cell can be, to who sees what is shown."""
    left = systems(everybody(case, told or case.told(None)), shown)
    return left.values(case.last.matrix[case.last.place[place]]).tolist()


def kept(case: Case) -> Mask:
    """What we show, after every unsafe item was found to keep the promise."""
    protected = case.protect()
    attacker = everybody(case, protected.told)
    assert attacker.items
    assert list(broken(attacker, protected.shown)) == []
    assert protected.faults() == []
    return protected.shown


def test_subtraction_within_a_table() -> None:
    """33 persons, 10 and 20 of them in the other areas: 3."""
    case = line([10, 20, 3])
    assert values(case, hidden_alone(case), "c") == [3]
    assert {0, 3, 8} <= set(values(case, kept(case), "c"))


def test_subtraction_across_tables() -> None:
    """Areas a and c are hidden in one table, and either can be anything; another has a's group: 23 less 20 is 3."""
    groups, areas = (Table(name, {"area": (name,), "kind": ("kind",)}) for name in ("group", "area"))
    case = table([[3, 30], [20, 40], [50, 60]], tables=(groups, areas), group=["g", "g", "h"])
    shown = np.array([place[0] not in {"a", "c"} for place in case.last.places])
    alone = shown & np.array([place[0] not in {"g", "h"} for place in case.last.places])
    assert {0, 3, 8} <= set(values(case, alone, "a", "k0"))
    assert values(case, shown, "a", "k0") == [3]
    assert {0, 3, 8} <= set(values(case, kept(case), "a", "k0"))


def test_a_slice_of_another_table() -> None:
    """Those with outcome p by sex tell an area's hidden number of p: 9 + 8 = 17, and 40 - 17 - 20 is 3."""
    axes = {"area": Axis("area", ["a", "b", "c"]), "outcome": Axis("outcome", ["p", "q"]), "sex": Axis("sex", ["k", "m"])}
    main = Table("main", {"area": ("area",), "outcome": ("outcome",)})
    sexes = Table("sexes", {"area": ("area",), "sex": ("sex",)})
    of_p = Table("of_p", {"area": ("area",), "sex": ("sex",)}, where={"outcome": "p"})
    counts = np.array([[[9, 8], [30, 31]], [[2, 1], [40, 41]], [[9, 11], [50, 51]]])
    case = Case([Stage(axes, (main, sexes, of_p), counts)], FIVE)
    alone = Case([Stage(axes, (main,), counts)], FIVE)
    pattern = alone.protect()
    apart = hidden_alone(case)
    for place in case.last.places:
        if place in alone.last.place:
            apart[case.last.place[place]] &= pattern.shown[alone.last.place[place]]
    assert len(values(alone, pattern.shown, "b", "p", TOTAL)) > 5, "the main table by itself is safe"
    assert values(case, apart, "b", "p", TOTAL) == [3], "beside the slice it is not"
    assert {0, 3, 8} <= set(values(case, kept(case), "b", "p", TOTAL))


def test_rate_times_base(tmp_path) -> None:
    """3 of 67 is 4.48 per cent; 67 times 0.0448 is 3.0. A share is published where its number and its base are."""
    assert round(round(3 / 67, 4) * 67) == 3
    made = county.Case(tmp_path)
    made.release(county.engine())
    found = pl.read_csv(made.home.current / "tables" / "by_area.csv", infer_schema=False)
    place = ["school_year", "area", "outcome"]
    number = found.filter(measure="persons").select(*place, number="status")
    base = found.filter(outcome=TOTAL, measure="persons").select("school_year", "area", base="status")
    shares = found.filter(measure="share").join(number, on=place).join(base, on=["school_year", "area"])
    assert shares.filter(
        pl.col("value").is_not_null() & ((pl.col("number") != "shown") | (pl.col("base") != "shown"))
    ).is_empty()
    assert shares.filter(school_year="2012/13", area="n2", outcome="dropout")["value"].to_list() == [None]
    assert shares["value"].drop_nulls().len() > 5


def test_a_headline(tmp_path) -> None:
    """60 dropouts and 57 of them outside n2: a headline of true counts would say 3. Pages have no number that is hidden."""
    made = county.Case(tmp_path)
    made.release(county.engine())
    record = county.engine().protection.cells.filter(back=TOTAL)
    truth = {row[:3]: row[3] for row in record.select("school_year", "area", "outcome", "count").iter_rows()}
    assert truth["2012/13", TOTAL, "dropout"] - truth["2012/13", "n1", "dropout"] - truth["2012/13", "s1", "dropout"] == 3
    page = read_release(made.home.current).tables["by_area"]
    hidden = record.filter(pl.col("status") != "shown").select("school_year", "area", "outcome").rows()
    told = [page.cell(dict(zip(page.dimensions, place, strict=True)), "persons") for place in hidden if ".." not in place[0]]
    assert len(told) > 3
    assert {(cell.value, cell.status) for cell in told} == {(None, "hidden")}


def test_two_hidden_cells_of_at_least_one() -> None:
    """15 = 10 + 3 + x + x: where zeros are shown, both are 1."""
    case = line([10, 3, 1, 1], Policy(threshold=3, width=3, zeros="shown"))
    shown = hidden_alone(case)
    assert shown.sum() == 3
    assert values(case, shown, "c") == values(case, shown, "d") == [1]
    ours = kept(case)
    assert len(values(case, ours, "c")) > 2
    assert max(values(case, ours, "c")) >= 3


def test_several_singletons() -> None:
    """23 = 20 + x + x + x, zeros shown: three hidden cells, and each is 1."""
    case = line([20, 1, 1, 1], Policy(zeros="shown"))
    shown = hidden_alone(case)
    assert [values(case, shown, code) for code in "bcd"] == [[1], [1], [1]]
    ours = kept(case)
    assert all(max(values(case, ours, code)) >= 5 for code in "bcd")


def test_a_hidden_total_that_is_small() -> None:
    """24 = 20 + x + x hides two cells, but together they are 4: neither can be 5."""
    case = line([20, 3, 1])
    shown = hidden_alone(case)
    assert values(case, shown, "b") == [0, 1, 2, 3, 4]
    ours = kept(case)
    assert not ours[case.last.place[("a",)]]
    assert max(values(case, ours, "b")) >= 5
    grouped = line([20, 3, 1], group=["g", "h", "h"])
    naive = hidden_alone(grouped)
    assert not naive[grouped.last.place[("h",)]], "the group's 4 is hidden"
    assert values(grouped, naive, "h") == [4], "and follows: 24 less 20"
    assert max(values(grouped, kept(grouped), "h")) >= 5


def test_a_parent_with_one_child() -> None:
    """The group h is the area c alone: its 3 is the area's. Hidden in one row and shown in the other it is no secret."""
    case = line([10, 20, 3], group=["g", "g", "h"])
    shown = hidden_alone(case, ("b",), ("g",))
    shown[case.last.place[("h",)]] = True
    assert values(case, shown, "c") == [3]
    ours = kept(case)
    assert not ours[case.last.place[("h",)]]
    assert {0, 3, 8} <= set(values(case, ours, "c"))


def test_parity() -> None:
    """Leaves 3, 10, 10, 2, 10 under three alternative groupings: linear 1 to 6, and 2, 4 or 6 in whole numbers."""
    groups = {"one": list("12221"), "two": list("43443"), "three": list("66565")}
    case = line([3, 10, 10, 2, 10], Policy(zeros="shown"), **groups)
    leaves = [case.last.place[(code,)] for code in "abcde"]
    shown = case.last.published.copy()
    shown[leaves] = False
    assert case.last.count[shown].min() >= 5
    assert values(case, shown, "d") == [2, 4, 6], "they span 4, and a linear program says 1 to 6, which spans 5"
    ours = kept(case)
    found = values(case, ours, "d")
    assert max(found) - min(found) >= 5


def test_a_home_by_school_crossing() -> None:
    """Homes 43 and 57, schools 49 and 51, 88 at home and 12 away: nobody published that 3 go from a to m, but it follows.

    The crossing is in no table. Named as latent it is protected like one.
    """
    routes = Axis("route", ["ak", "am", "bk", "bm"])
    routes.groups = {"home": list("aabb"), "school": list("kmkm"), "stays": ["home", "away", "away", "home"]}
    margins = Table("margins", {"route": ("home", "school", "stays")})
    case = Case([Stage({"route": routes}, (margins,), np.array([40, 3, 9, 48]))], FIVE)
    crossing = Table("crossing", {"route": ("route",)}, latent=True)
    latent = Case([replace(case.last, tables=(margins, crossing))], FIVE)
    assert values(latent, latent.last.published, "am") == [3]
    assert {0, 3, 8} <= set(values(latent, kept(latent), "am"))


def test_a_bound_through_a_crossing_that_no_table_has() -> None:
    """One person of kind p and sex m in area a, and nobody in a can be of kind q: of sex m and kind p there are 2, or 1.

    Tables by area and kind, by area and sex, and of p by sex; the areas of p by sex are in none of them. That these cannot be
    below zero is not looked at (``docs/method.md``), and an unsafe cell is left with two values. Latent, they are.
    """
    axes = {"area": Axis("area", ["a", "b"]), "kind": Axis("kind", ["p", "q"]), "sex": Axis("sex", ["k", "m"])}
    tables = (
        Table("kinds", {"area": ("area",), "kind": ("kind",)}),
        Table("sexes", {"area": ("area",), "sex": ("sex",)}),
        Table("of_p", {"sex": ("sex",)}, where={"kind": "p"}),
    )
    counts = np.array([[[6, 1], [0, 0]], [[2, 1], [6, 3]]])
    never = (Never("area", frozenset({"a"}), "kind", frozenset({"q"})),)
    open_ = Case([Stage(axes, tables, counts, never)], Policy(threshold=2, width=2, zeros="shown"))
    open_.keep = open_.last.frame(np.array([open_.last.place[TOTAL, TOTAL, TOTAL]])).drop("count")
    protected = open_.protect()
    attacker = everybody(open_, protected.told)
    assert protected.faults() == []
    narrowed = list(broken(attacker, protected.shown))
    assert [systems(attacker, protected.shown).values(item.row).tolist() for item in narrowed] == [[1, 2]]
    crossing = Table("crossing", {name: (name,) for name in axes}, latent=True)
    kept(replace(open_, stages=[replace(open_.last, tables=(*tables, crossing))]))


def test_overlapping_windows() -> None:
    """Windows of two years, 23 and 42, and the middle year's 20: the first year is 3."""
    year = Axis("year", ["y0", "y1", "y2"], total=False, window=2)
    axes = {"year": year, "area": Axis("area", ["a", "b"])}
    both = Table("both", {"year": ("year",), "area": ("area",)}, windows=frozenset({"year"}))
    case = Case([Stage(axes, (both,), np.array([[3, 40], [20, 41], [22, 42]]))], FIVE)
    shown = hidden_alone(case, ("y0", TOTAL))
    assert values(case, shown & np.array([place[0] != "y0" for place in case.last.places]), "y0", "a") == [3]
    assert {0, 3, 8} <= set(values(case, kept(case), "y0", "a"))


def test_a_late_provider() -> None:
    """20 pupils in the first release, 23 when the late provider is in: its 3 are the difference. A shown figure stays."""
    first, late = line([20, 30, 40]), line([23, 30, 40])
    published, again = first.last.count[first.last.place[("a",)]], late.last.count[late.last.place[("a",)]]
    assert again - published == 3
    small = line([20, 30, 40, 2])
    before = small.protect()
    shown = small.last.frame(np.flatnonzero(before.shown))
    late = line([23, 30, 40, 2])
    with pytest.raises(BadInput, match="EARLIER_CELLS_CHANGED"):
        protect(late.last.spec, late.last.cells, FIVE, earlier=shown, previous=before.protection, seed=b"x")


def test_an_old_secret_in_a_new_release() -> None:
    """63 = 3 + 20 + 40. One release hides 3 and 20, the next, made by itself, 3 and 40: together they hide nothing."""
    case = line([3, 20, 40])
    first, second = hidden_alone(case, ("b",)), hidden_alone(case, ("c",))
    assert min(len(values(case, shown, "a")) for shown in (first, second)) > 5
    assert values(case, first | second, "a") == [3]
    twice = Case([case.last, case.last], FIVE)
    for seed in (b"one", b"another", b"a third"):
        before = Case([case.last], FIVE).protect(seed)
        after = twice.after(before, seed + b" in the new release")
        assert (before.shown & ~after.shown).sum() == 0
        assert {0, 3, 8} <= set(values(case, before.shown | after.shown, "a"))


def test_an_old_secret_whose_table_is_gone() -> None:
    """The first release has areas by kind, the second areas alone: what the first hid is as secret as it was."""
    counts = [[3, 20], [30, 41], [32, 43]]
    both = table(counts)
    areas = Table("areas", {"area": ("area",)})
    last = replace(both.last, tables=(areas, replace(both.last.tables[0], latent=True)))
    case = Case([both.last, last], FIVE)
    protected = case.protect()
    attacker = everybody(case, protected.told)
    assert attacker.items
    assert list(broken(attacker, protected.shown)) == []


def replayed(case: Case, shown: Mask, seeds: int) -> tuple[set[int], set[int]]:
    """What the first unsafe cell can be by what is shown, and by what some seed, of as many, gives the same pattern for."""
    left = systems(everybody(case, case.told(None)), shown)
    rows = np.zeros((1, left.size), np.int64)
    for leaves, found in left.parts:
        rows = np.repeat(rows, len(found), axis=0)
        rows[:, leaves] = np.tile(found, (len(rows) // len(found), 1))
    possible, again = set(), set()
    for row in rows:
        other = Case([replace(case.last, counts=row.reshape(case.last.counts.shape))], case.policy)
        possible.add(int(row[0]))
        for number in range(seeds):
            if int(row[0]) in again:
                break
            try:
                pattern = other.protect(str(number).encode()).shown
            except CannotProtect:
                break
            if (pattern == shown).all():
                again.add(int(row[0]))
    return possible, again


def test_replaying_the_program_does_not_find_the_one_table() -> None:
    """Costs are the same whatever is hidden, and more than one table gives the published pattern under some seed.

    What remains is told: of the values that the figures leave, those that the pattern leaves too. With few hidden
    cells that is fewer, and ``docs/method.md`` says so.
    """
    one, other = line([3, 20, 40, 60]), line([1, 22, 40, 60])
    costs = [_costs(build_system(case.last.spec, case.last.cells), _lots(b"s"), None) for case in (one, other)]
    assert np.array_equal(*costs)
    patterns = [{case.protect(str(seed).encode()).shown.tobytes() for seed in range(12)} for case in (one, other)]
    assert patterns[0] & patterns[1], "two tables that differ in hidden numbers alone can have one pattern"
    possible, again = replayed(one, one.protect().shown, 12)
    print(f"by the figures {sorted(possible)}, by the pattern too {sorted(again)}")
    assert {0, 8} <= possible
    assert len(again) >= 3
