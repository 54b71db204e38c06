"""The features that the cases of a test had, told when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator


def printed(features: Counter[str]) -> Iterator[None]:
    """Count anew, and print at the end how many cases had each feature."""
    features.clear()
    yield
    print("\n" + ", ".join(f"{name} {number}" for name, number in sorted(features.items())))
