"""Bridges between two keys' pseudonyms, or from a samordningsnummer to the personnummer it became: made, read, joined.

A bridge is a CSV of two columns with one pair of pseudonyms a line; the header names the epoch of each column. It holds no
identity, and tells nothing to who has neither epoch's deliveries; who has both can join them, which is its purpose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.delivery.read import read_table
from avbrott.errors import BadInput
from avbrott.identity.keys import Key
from avbrott.identity.pseudonym import pseudonyms

_PSEUDONYM = "^[0-9a-f]{64}$"
_PEELED = 4
"""How often pairs are left out that none came before; few are left then, as chains are as long as there were epochs."""
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
    """For each pseudonym that is one person's with others, the first of them all; in whatever order the bridges come.

    Bridges lead back in time, so that what the hub has taken in already keeps its name: the first is one that none came
    before. Several may become one, as two samordningsnummer one personnummer do. ``BadInput`` where pairs go round, or where
    one pseudonym became two of another epoch that no pair of that epoch makes one.
    """
    numbers: dict[Place, int] = {}
    pairs = {
        (numbers.setdefault((bridge.former, old), len(numbers)), numbers.setdefault((bridge.current, new), len(numbers)))
        for bridge in bridges
        for old, new in bridge.pairs.iter_rows()
    }
    places = list(numbers)
    pairs = {(earlier, place) for earlier, place in pairs if earlier != place}
    _refuse_circle(pairs, places)
    alike, across = _Alike(len(places)), list[tuple[int, int]]()
    for earlier, place in pairs:
        if places[earlier][0] == places[place][0]:
            alike.join(earlier, place)
        else:
            across.append((earlier, place))
    _refuse_two(across, places, alike)
    for pair in across:
        alike.join(*pair)
    begun: dict[int, Place] = {}
    for number in {*range(len(places))} - {place for _, place in pairs}:
        known_by = alike.of(number)
        begun[known_by] = min(places[number], begun.get(known_by, places[number]))
    firsts = {place: begun[alike.of(number)] for number, place in enumerate(places)}
    return {place: first for place, first in firsts.items() if first != place}


def _refuse_circle(pairs: Collection[tuple[int, int]], places: Sequence[Place]) -> None:
    left = pairs
    for _ in range(_PEELED):
        later = {place for _, place in left}
        left = [pair for pair in left if pair[0] in later]
    former: dict[int, list[int]] = {}
    for earlier, place in left:
        former.setdefault(place, []).append(earlier)
    try:
        TopologicalSorter(former).prepare()
    except CycleError as error:
        earlier, place = error.args[1][:2]
        raise BadInput("BRIDGE_CONFLICT", former=places[earlier][0], current=places[place][0]) from None


def _refuse_two(across: Iterable[tuple[int, int]], places: Sequence[Place], alike: _Alike) -> None:
    """Where a place became two of another epoch that are not alike."""
    became: dict[tuple[int, str], int] = {}
    for earlier, place in across:
        epoch, one = places[place][0], alike.of(place)
        if became.setdefault((earlier, epoch), one) != one:
            raise BadInput("BRIDGE_CONFLICT", former=places[earlier][0], current=epoch)


class _Alike:
    """Numbers from 0 in classes, each known by one of its own."""

    def __init__(self, count: int) -> None:
        self._known_by = list(range(count))

    def of(self, number: int) -> int:
        """Which the class of a number is known by."""
        known_by = self._known_by
        while (above := known_by[number]) != number:
            known_by[number] = known_by[above]
            number = above
        return number

    def join(self, one: int, other: int) -> None:
        """Make the classes of two numbers one."""
        self._known_by[self.of(one)] = self.of(other)


def reachable(bridges: Iterable[Bridge], base: str) -> frozenset[str]:
    """The epochs from which bridges lead back to ``base``, itself among them."""
    found, listed = {base}, list(bridges)
    while more := {bridge.current for bridge in listed if bridge.former in found} - found:
        found |= more
    return frozenset(found)
