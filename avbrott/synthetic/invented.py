"""The mark of a home whose county is invented. Nothing is invented in a home that has something else in it.

A hub's home has outboxes and ``sources.yaml`` too, and an invented county would take their place.
"""

from __future__ import annotations

from collections.abc import Mapping

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.home import Home

_MARK = "demo.json"


def refuse_taken(home: Home) -> None:
    """``BadInput`` (HOME_NOT_EMPTY) where ``home`` holds something and no county was invented there before."""
    if home.root.exists() and not (home.root / _MARK).exists() and any(home.root.iterdir()):
        raise BadInput("HOME_NOT_EMPTY", home=home.root)


def claim(home: Home, parameters: Mapping[str, int]) -> None:
    """Mark ``home``, which is made where there is none, as invented with ``parameters``; refuses as ``refuse_taken`` does."""
    refuse_taken(home)
    atomic.write_json(home.root / _MARK, dict(parameters))
