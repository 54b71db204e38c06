"""Shares as pages write them, with one decimal: rounded once, from the numbers that they are made of.

A released share has four decimals. Rounded again it can be wrong in the decimal that is read: 5 of 73 is 6.849 per cent,
0.0685 in a table, and 6.8 on a page, not 6.9.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

RELEASED = Decimal("0.0001")
WRITTEN = Decimal("0.001")
FINER = Decimal("0.00001")


def share_text(part: int, base: int) -> str:
    """``part`` of ``base`` (above 0) as released shares are rounded, a decimal more where rounding that again would err."""
    exact = Decimal(part) / Decimal(base)
    share = exact.quantize(RELEASED, ROUND_HALF_UP)
    if share.quantize(WRITTEN, ROUND_HALF_UP) != exact.quantize(WRITTEN, ROUND_HALF_UP):
        share = exact.quantize(FINER, ROUND_DOWN)
    return f"{share:f}"


def unrounded(share: str, part: str | None, base: str | None) -> str:
    """A released ``share``, to be written: of ``part`` and ``base`` where both are shown and it is theirs, else as it is."""
    if part is None or base is None or int(base) <= 0:
        return share
    found = share_text(int(part), int(base))
    return found if Decimal(found).quantize(RELEASED, ROUND_HALF_UP) == Decimal(share) else share
