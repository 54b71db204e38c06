"""Relations of published cells, worked out from code lists: sums over levels and windows, and what subtraction tells."""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.release.relations import Adding, derivable, families

AREA = pl.DataFrame(
    {"code": ["Total", "north", "south", "n1", "n2", "s1"], "parent": [None, "Total", "Total", "north", "north", "south"]}
)
YEAR = pl.DataFrame({"code": ["1", "2", "3", "1..2", "2..3"], "parent": [None] * 5})
LISTS = {"area": Adding(AREA), "year": Adding(YEAR)}


def told(
    counts: dict[tuple[str, ...], int], hidden: set[tuple[str, ...]], names: tuple[str, ...]
) -> dict[tuple[str, ...], int]:
    """What subtraction tells of the hidden cells."""
    cells = pl.DataFrame(list(counts), schema=dict.fromkeys(names, pl.String), orient="row")
    known = np.array([place not in hidden for place in counts])
    found, values = derivable(families(cells, names, LISTS), known, np.array(list(counts.values())))
    return {place: int(values[i]) for i, place in enumerate(counts) if found[i] and place in hidden}


def areas(n1: int, n2: int, s1: int) -> dict[tuple[str, ...], int]:
    return {("Total",): n1 + n2 + s1, ("north",): n1 + n2, ("south",): s1, ("n1",): n1, ("n2",): n2, ("s1",): s1}


def test_one_hidden_part_is_the_sum_less_the_others():
    """North less n2 is n1."""
    assert told(areas(3, 9, 7), {("n1",)}, ("area",)) == {("n1",): 3}


def test_a_hidden_sum_is_told_by_its_parts_and_then_tells_others():
    """South's only part tells it, the total less south tells north, and north tells n1."""
    assert told(areas(3, 9, 7), {("south",), ("north",), ("n1",)}, ("area",)) == {
        ("south",): 7, ("north",): 12, ("n1",): 3,
    }  # fmt: skip


def test_two_hidden_parts_of_one_sum_stay_hidden():
    """Only their sum is known."""
    assert told(areas(3, 9, 7), {("n1",), ("n2",)}, ("area",)) == {}


def test_parts_of_a_sum_with_nothing_left_are_zeros():
    """North is 0, so both of its hidden parts are."""
    assert told(areas(0, 0, 7), {("n1",), ("n2",)}, ("area",)) == {("n1",): 0, ("n2",): 0}


def test_a_level_that_is_not_published_is_passed_over():
    """Without regions the total is the sum of the municipalities."""
    counts = {place: count for place, count in areas(3, 9, 7).items() if place[0] not in {"north", "south"}}
    assert told(counts, {("n1",)}, ("area",)) == {("n1",): 3}


def test_overlapping_windows_tell_by_subtraction():
    """The window of years 2 and 3 less year 3 is year 2, and the other window less that is year 1."""
    counts = {("1",): 4, ("2",): 5, ("3",): 6, ("1..2",): 9, ("2..3",): 11}
    assert told(counts, {("1",), ("2",)}, ("year",)) == {("1",): 4, ("2",): 5}


def test_a_sum_with_a_part_that_is_never_published_tells_nothing_of_the_others():
    """What is not published may be anything."""
    cells = pl.DataFrame({"area": ["north", "n1", "n2"]})
    related = families(cells, ("area",), {"area": Adding(AREA, frozenset({"north"}))})
    assert not related.whole.any()
    known, _ = derivable(related, np.array([True, False, True]), np.array([12, 0, 9]))
    assert known.tolist() == [True, False, True]


DONE = pl.DataFrame(
    {"code": ["Total", "within_3", "year_4", "not_4", "within_4"], "parent": [None, "Total", "Total", "Total", None]}
)
ACROSS = Adding(DONE, frozenset({"Total"}), {"within_4": ("within_3", "year_4")})


def test_a_sum_across_the_code_list_tells_its_hidden_part():
    """Within four years less within three is the fourth year, though nothing is known to add up to the total."""
    cells = pl.DataFrame({"done": DONE["code"]})
    related = families(cells, ("done",), {"done": ACROSS})
    assert {(cells["done"][int(s)], bool(w)) for s, w in zip(related.sums, related.whole, strict=True)} == {
        ("Total", False), ("within_4", True),
    }  # fmt: skip
    known, values = derivable(related, np.array([True, True, False, False, True]), np.array([20, 9, 0, 0, 12]))
    assert known.tolist() == [True, True, True, False, True]
    assert values[2] == 3


def test_a_sum_across_the_code_list_that_a_table_lacks_is_no_relation():
    """Nor is one with a part that is not there."""
    assert not len(families(pl.DataFrame({"done": ["within_3", "year_4"]}), ("done",), {"done": ACROSS}).sums)
    assert not len(families(pl.DataFrame({"done": ["within_4", "year_4"]}), ("done",), {"done": ACROSS}).sums)


def test_a_code_list_that_runs_in_a_circle_is_read_to_its_end():
    """A file that was tampered with does not keep the audit from ending."""
    circle = pl.DataFrame({"code": ["a", "b"], "parent": ["b", "a"]})
    families(pl.DataFrame({"area": ["a", "b"]}), ("area",), {"area": Adding(circle)})
