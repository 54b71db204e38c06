"""Bridges between two keys' pseudonyms, or from a samordningsnummer to the personnummer it became: made, read, joined.

A bridge is a CSV of two columns with one pair of pseudonyms a line; the header names the epoch of each column. It holds no
identity, and tells nothing to who has neither epoch's deliveries; who has both can join them, which is its purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.delivery.read import read_table
from avbrott.errors import BadInput
from avbrott.identity.keys import Key
from avbrott.identity.pseudonym import pseudonyms

_PSEUDONYM = "^[0-9a-f]{64}$"
Place = tuple[str, str]
"""An epoch and a pseudonym of it."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Pairs of pseudonyms: ``pairs`` has ``former`` and ``current``, of the epochs of that name."""

    former: str
    current: str
    pairs: pl.DataFrame


def made(former: Key, current: Key, identities: pl.DataFrame) -> Bridge:
    """The bridge of persons: ``identities`` has ``former`` and ``current``, the twelve characters under each key."""
    pairs = pl.DataFrame(
        {
            "former": pseudonyms(former.secret, former.epoch, identities["former"]),
            "current": pseudonyms(current.secret, current.epoch, identities["current"]),
        }
    )
    return Bridge(former.epoch, current.epoch, pairs.drop_nulls().unique().sort("former", "current"))


def write_bridge(file: Path, bridge: Bridge) -> None:
    """Write a bridge, readable by its owner alone; equal bridges give equal bytes."""
    lines = bridge.pairs.select(pl.format("{},{}", "former", "current")).to_series().to_list()
    atomic.write_text(file, "\n".join([f"epoch {bridge.former},epoch {bridge.current}", *lines, ""]))


def read_bridge(file: Path) -> Bridge:
    """Read a bridge; ``BadInput`` where it is none, with the line of the first pair that is none."""
    table = read_table(file)
    epochs = [re.fullmatch(r"epoch (\S+)", name.strip()) for name in table.header]
    if len(epochs) != 2 or epochs[0] is None or epochs[1] is None or table.faults:
        raise BadInput("BRIDGE_UNREADABLE", file=file, line=1)
    wrong = table.frame.filter(~pl.all_horizontal(pl.col("0", "1").str.contains(_PSEUDONYM).fill_null(False)))
    if wrong.height:
        raise BadInput("BRIDGE_UNREADABLE", file=file, line=wrong["row"][0])
    return Bridge(epochs[0][1], epochs[1][1], table.frame.select(former="0", current="1"))


def bridges_in(folder: Path) -> list[Bridge]:
    """Every bridge of a folder, by file name; none where there is no folder."""
    return [read_bridge(file) for file in sorted(folder.glob("*.csv"))]


def joined(bridges: Iterable[Bridge]) -> dict[Place, Place]:
    """For each pseudonym that has an earlier one, the first of all; ``BadInput`` where one has two, or itself.

    Bridges lead back in time, so that what the hub has taken in already keeps its name.
    """
    former: dict[Place, Place] = {}
    for bridge in bridges:
        for old, new in bridge.pairs.iter_rows():
            place, earlier = (bridge.current, new), (bridge.former, old)
            if place != earlier and former.setdefault(place, earlier) != earlier:
                raise BadInput("BRIDGE_CONFLICT", former=bridge.former, current=bridge.current)
    return {place: _first(place, former) for place in former}


def _first(place: Place, former: Mapping[Place, Place]) -> Place:
    begun = place
    while (earlier := former.get(place)) is not None:
        if earlier == begun:
            raise BadInput("BRIDGE_CONFLICT", former=earlier[0], current=begun[0])
        place = earlier
    return place


def reachable(bridges: Iterable[Bridge], base: str) -> frozenset[str]:
    """The epochs from which bridges lead back to ``base``, itself among them."""
    found, listed = {base}, list(bridges)
    while more := {bridge.current for bridge in listed if bridge.former in found} - found:
        found |= more
    return frozenset(found)
