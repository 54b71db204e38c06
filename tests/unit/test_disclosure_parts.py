"""The parts of a system that a program sees."""

from __future__ import annotations

from itertools import pairwise

import pytest

from avbrott.disclosure.care import NEAR, WIDER, widening


@pytest.mark.parametrize("size", [1000, 20_000, 24_000, 500_000, 2_044_224])
def test_an_item_is_served_in_ever_larger_parts(size: int) -> None:
    """At last in all of the system; between these two steps there is no great leap, however large it is."""
    sizes = widening(size)
    assert sizes[: len(NEAR)] == NEAR
    assert sizes[-1] == size
    assert all(wider <= WIDER * WIDER * part for part, wider in pairwise(sizes))
