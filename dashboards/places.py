"""Where the codes of a dimension stand on a map of tiles: ``contracts/map.yaml``. How the map is drawn is in ``figures``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, model_validator

from avbrott.contract_folder import own_or_packaged
from avbrott.model import Model
from avbrott.registry import read_contract

Place = tuple[int, int]


class Places(Model):
    """Column and row of each code."""

    dimension: str = ""
    places: dict[str, tuple[int, int]] = Field(default={})

    @model_validator(mode="after")
    def _one_a_place(self) -> Places:
        if len(set(self.places.values())) < len(self.places) or any(min(place) < 0 for place in self.places.values()):
            raise ValueError("two codes have the same place, or one stands outside the map")
        return self

    def laid(self, codes: Sequence[str]) -> dict[str, Place]:
        """The place of each of ``codes``, moved to the upper left corner; those that have none stand in rows below."""
        known = {code: self.places[code] for code in codes if code in self.places}
        left = min((column for column, _ in known.values()), default=0)
        top = min((row for _, row in known.values()), default=0)
        found = {code: (column - left, row - top) for code, (column, row) in known.items()}
        width = max((column + 1 for column, _ in found.values()), default=_side(len(codes)))
        below = max((row + 1 for _, row in found.values()), default=0)
        rest = [code for code in codes if code not in found]
        return found | {code: (place % width, below + place // width) for place, code in enumerate(rest)}


def _side(count: int) -> int:
    """How many stand beside each other where nothing says where they lie: five, as many as a narrow screen has room for."""
    return min(max(count, 1), 5)


def load_places(folder: Path) -> Places:
    """Read ``map.yaml`` of the contracts in ``folder``, or the packaged one where these contracts have none of their own."""
    return read_contract(own_or_packaged(folder, "map.yaml"), Places)
