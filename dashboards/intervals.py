"""How far chance alone reaches: around a share that is shown, and around the share of a whole. Nothing is drawn here."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959964
Z_998 = 3.090232


def wilson(share: float, base: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's interval of ``share`` (0 to 1) of ``base`` persons; by rule the one that holds in 95 cases of 100."""
    spread = z * z / base
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / base + spread / (4 * base))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def around(share: float, base: int, z: float) -> tuple[float, float]:
    """Within what a share of ``base`` persons stays by chance, where the whole's is ``share``.

    A share lies outside just when ``share`` lies outside its own Wilson interval.
    """
    half = z * sqrt(share * (1 - share) / base)
    return max(share - half, 0.0), min(share + half, 1.0)
