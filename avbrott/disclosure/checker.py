"""The proof, checked from frames alone: no solver, and no code of the engine that made it.

Relations are derived anew from the spec, in another way than the engine's: cell by cell, through a dictionary of coordinates.
Every fault has a code and counts; it names no cell's count. Not here: reading files (``files``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.policy import Policy
from avbrott.table import TOTAL

Place = tuple[str, ...]
Delta = dict[Place, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: what, and how often."""

    code: str
    number: int


@dataclass(frozen=True, slots=True)
class _Relation:
    total: Place
    parts: tuple[Place, ...]
    whole: bool
    """False where persons of the sum are in none of the parts: what is left over can be any number from zero."""


def check_protection(
    spec: SystemSpec, policy: Policy, cells: pl.DataFrame, witnesses: pl.DataFrame, earlier: pl.DataFrame | None = None
) -> list[Fault]:
    """Faults of a protection; none means that it keeps the promise.

    ``cells``: coordinates, ``count``, ``status``; ``witnesses``: ``witness``, coordinates, ``delta``; ``earlier``:
    coordinates and ``count`` of what was shown before.
    """
    return _Check(spec, policy, cells, witnesses, earlier).run()


class _Check:
    def __init__(
        self,
        spec: SystemSpec,
        policy: Policy,
        cells: pl.DataFrame,
        witnesses: pl.DataFrame,
        earlier: pl.DataFrame | None,
    ) -> None:
        self.spec, self.policy = spec, policy
        self.names = list(spec.dimensions)
        self.faults: dict[str, int] = defaultdict(int)
        places = list(cells.select(self.names).iter_rows())
        self.count: dict[Place, int] = dict(zip(places, cells["count"].to_list(), strict=True))
        self.shown = {place for place, status in zip(places, cells["status"].to_list(), strict=True) if status == "shown"}
        if len(self.count) != len(places):
            self.faults["CELL_TWICE"] += len(places) - len(self.count)
        self.facts: set[Place] = set()
        if earlier is not None:
            for place, count in zip(earlier.select(self.names).iter_rows(), earlier["count"].to_list(), strict=True):
                self.facts.add(place)
                if self.count.get(place) != count:
                    self.faults["EARLIER_CELL_CHANGED"] += 1
                elif place not in self.shown:
                    self.faults["EARLIER_CELL_HIDDEN"] += 1
        self.relations = _relations(spec, self.count)
        self.deltas = self._deltas(witnesses)

    def _deltas(self, witnesses: pl.DataFrame) -> list[Delta]:
        found: dict[int, Delta] = defaultdict(dict)
        if not witnesses["delta"].dtype.is_integer():
            self.faults["DELTA_NOT_WHOLE"] += 1
            return []
        rows = zip(
            witnesses["witness"].to_list(),
            witnesses.select(self.names).iter_rows(),
            witnesses["delta"].to_list(),
            strict=True,
        )
        for number, place, delta in rows:
            if place not in self.count:
                self.faults["WITNESS_WITHOUT_CELL"] += 1
            elif place in found[number]:
                self.faults["WITNESS_CELL_TWICE"] += 1
            elif delta:
                found[number][place] = delta
        return list(found.values())

    def run(self) -> list[Fault]:
        for relation in self.relations:
            left = self.count[relation.total] - sum(self.count[part] for part in relation.parts)
            if left < 0 or (relation.whole and left):
                self.faults["CELLS_DO_NOT_ADD_UP"] += 1
        known = self._known()
        of: dict[Place, list[_Relation]] = defaultdict(list)
        for relation in self.relations:
            for place in (relation.total, *relation.parts):
                of[place].append(relation)
        valid = [delta for delta in self.deltas if self._valid(delta, known, of)]
        self._promise(valid, known)
        return [Fault(code, number) for code, number in sorted(self.faults.items())]

    def _valid(self, delta: Delta, known: set[Place], of: dict[Place, list[_Relation]]) -> bool:
        before = sum(self.faults.values())
        floor = 1 if self.policy.zeros == "shown" else 0
        touched: dict[int, _Relation] = {}
        for place, by in delta.items():
            if place in self.shown:
                self.faults["WITNESS_MOVES_SHOWN"] += 1
            elif place in known:
                self.faults["WITNESS_MOVES_FACT"] += 1
            least = 0 if self._silent(place) else floor
            if self.count[place] + by < least or (least and not self.count[place]):
                self.faults["WITNESS_BELOW_FLOOR"] += 1
            touched.update((id(relation), relation) for relation in of[place])
        for relation in touched.values():
            off = delta.get(relation.total, 0) - sum(delta.get(part, 0) for part in relation.parts)
            if relation.whole:
                if off:
                    self.faults["WITNESS_BREAKS_SUM"] += 1
            elif self.count[relation.total] - sum(self.count[part] for part in relation.parts) + off < 0:
                self.faults["WITNESS_BREAKS_PART"] += 1
        return sum(self.faults.values()) == before

    def _silent(self, place: Place) -> bool:
        """Whether no released table has a row for the cell."""
        return any(code in self.spec.unpublished.get(name, ()) for name, code in zip(self.names, place, strict=True))

    def _known(self) -> set[Place]:
        """Facts to the attacker besides what is shown: earlier cells, and the bases of a public record."""
        known = set(self.facts)
        rule = self.policy.base
        if rule is not None and rule.known:
            known |= {base for base in self._bases() if self._in_record(base)}
        return known

    def _bases(self) -> set[Place]:
        assert self.policy.base is not None
        at = self.names.index(self.policy.base.dimension)
        divided = {(*place[:at], TOTAL, *place[at + 1 :]) for place in self.count if place[at] != TOTAL}
        return divided & self.count.keys()

    def _in_record(self, place: Place) -> bool:
        assert self.policy.base is not None
        record = self.policy.base.record
        return not record or all(
            code == TOTAL or name in record or not self.spec.dimensions[name].total
            for name, code in zip(self.names, place, strict=True)
        )

    def _promise(self, valid: list[Delta], known: set[Place]) -> None:
        """Every unsafe item is hidden, reaches its threshold, spans the width and has three values."""
        cap = self._caps(known)
        policy = self.policy
        moves: dict[Place, dict[int, int]] = defaultdict(dict)
        for number, delta in enumerate(valid):
            for place, by in delta.items():
                moves[place][number] = by
        floor = 1 if policy.zeros == "shown" else 0
        for place, count in self.count.items():
            if place in known:
                continue
            if 0 < count < policy.threshold:
                self._reach("COUNT", place, count, list(moves[place].values()), policy.threshold, floor, cap[place])
        if policy.base is not None:
            for place in self._bases() - known:
                if 0 < self.count[place] < policy.base.minimum:
                    self._reach(
                        "BASE", place, self.count[place], list(moves[place].values()), policy.base.minimum, 0, cap[place]
                    )
            for place in self._bases() - self.facts:
                if 0 < self.count[place] < policy.base.minimum and place in self.shown:
                    self.faults["SMALL_BASE_SHOWN"] += 1
            self._parts_of_small_bases()
        for dimension, codes in policy.complement.items():
            at = self.names.index(dimension)
            for place, count in self.count.items():
                over = (*place[:at], TOTAL, *place[at + 1 :])
                if place[at] == TOTAL or (codes and place[at] not in codes) or over not in self.count or place in self.facts:
                    continue
                value = self.count[over] - count
                if self.count[over] and value < policy.threshold and not self._same(over, place):
                    numbers = moves[over].keys() | moves[place].keys()
                    steps = [moves[over].get(k, 0) - moves[place].get(k, 0) for k in numbers]
                    self._reach("COMPLEMENT", place, value, steps, policy.threshold, 0, cap[over])
        for relation in self.relations:
            if not relation.whole:
                self._rest(relation, valid, known)

    def _same(self, over: Place, place: Place) -> bool:
        """Whether the cell is all that its sum can hold, by what is listed."""
        at = next(i for i, (a, b) in enumerate(zip(over, place, strict=True)) if a != b)
        dimension = self.spec.dimensions[self.names[at]]
        others = [
            code
            for level in dimension.levels
            for code in dimension.members[level].drop_nulls().to_list()
            if code != place[at]
        ]
        finest = _finest(dimension, place[at])
        return not any(
            (*over[:at], code, *over[at + 1 :]) in self.count and not _finest(dimension, code) <= finest for code in others
        )

    def _rest(self, relation: _Relation, valid: list[Delta], known: set[Place]) -> None:
        value = self.count[relation.total] - sum(self.count[part] for part in relation.parts)
        if not 0 < value < self.policy.threshold or all(place in known for place in (relation.total, *relation.parts)):
            return
        by = [delta.get(relation.total, 0) - sum(delta.get(part, 0) for part in relation.parts) for delta in valid]
        self._reach("REST", None, value, by, self.policy.threshold, 0, None)

    def _parts_of_small_bases(self) -> None:
        assert self.policy.base is not None
        at = self.names.index(self.policy.base.dimension)
        for place in self.shown - self.facts:
            over = (*place[:at], TOTAL, *place[at + 1 :])
            if place[at] != TOTAL and 0 < self.count.get(over, 0) < self.policy.base.minimum:
                self.faults["PART_OF_SMALL_BASE_SHOWN"] += 1

    def _reach(
        self, rule: str, place: Place | None, value: int, by: list[int], top: int, floor: int, cap: int | None
    ) -> None:
        if place is not None and place in self.shown:
            self.faults[f"{rule}_SHOWN"] += 1
        top = top if cap is None else min(top, cap)
        width = self.policy.width if cap is None else min(self.policy.width, cap - floor)
        number = 3 if cap is None else min(3, cap - floor + 1)
        values = {value, *(value + step for step in by)}
        if max(values) < top:
            self.faults[f"{rule}_BELOW_THRESHOLD"] += 1
        elif max(values) - min(values) < width:
            self.faults[f"{rule}_TOO_NARROW"] += 1
        elif len(values) < number:
            self.faults[f"{rule}_TOO_FEW_VALUES"] += 1

    def _caps(self, known: set[Place]) -> dict[Place, int | None]:
        """The most that a cell can be, by the smallest base of the public record that holds it."""
        cap: dict[Place, int | None] = dict.fromkeys(self.count)
        rule = self.policy.base
        if rule is None or not rule.known:
            return cap
        parts: dict[Place, list[Place]] = defaultdict(list)
        for relation in self.relations:
            parts[relation.total] += relation.parts
        queue = sorted(((self.count[base], base) for base in self._bases() & known if self._in_record(base)), reverse=True)
        while queue:
            limit, place = queue.pop()
            was = cap[place]
            if was is None or limit < was:
                cap[place] = limit
                queue += [(limit, part) for part in parts[place]]
        return cap


def _finest(dimension: Dimension, code: str) -> set[str]:
    members = dimension.members
    held = members.filter(pl.any_horizontal(pl.col(level) == code for level in dimension.levels))
    return set(held[dimension.finest].to_list())


def _relations(spec: SystemSpec, count: dict[Place, int]) -> list[_Relation]:
    names = list(spec.dimensions)
    shows = [[_codes(spec.dimensions[name], table) for name in names] for table in spec.tables]
    ways = [_ways(spec.dimensions[name]) for name in names]
    found: list[_Relation] = []
    divided: dict[tuple[int, str, int, tuple[int, ...]], list[bool]] = {}
    for place in count:
        # By table, the dimensions in which it does not show the cell's code: none, or the one that is divided.
        missing = [[at for at, code in enumerate(place) if code not in shown[at]] for shown in shows]
        for at, code in enumerate(place):
            tables = tuple(table for table, away in enumerate(missing) if not away or away == [at])
            for way, alternatives in enumerate(ways[at].get(code, ())):
                key = (at, code, way, tables)
                if key not in divided:
                    divided[key] = [
                        all(any(part in shows[table][at] for table in tables) for part in parts) for parts in alternatives
                    ]
                found += _nearest(place, at, alternatives, divided[key], count)
    return found


def _nearest(
    place: Place, at: int, alternatives: list[list[str]], whole: list[bool], count: dict[Place, int]
) -> list[_Relation]:
    """The nearest level at which the sum is divided whole; if there is none, the nearest at which it is in part."""
    partial: _Relation | None = None
    for codes, is_whole in zip(alternatives, whole, strict=True):
        parts = [(*place[:at], code, *place[at + 1 :]) for code in codes]
        listed = tuple(part for part in parts if part in count)
        if listed and is_whole:
            return [_Relation(place, listed, whole=True)]
        if listed:
            partial = partial or _Relation(place, listed, whole=False)
    return [partial] if partial else []


def _ways(dimension: Dimension) -> dict[str, list[list[list[str]]]]:
    """By code, the ways of dividing it; each a list of alternatives from near to far."""
    ways: dict[str, list[list[list[str]]]] = defaultdict(list)
    for hierarchy in dimension.hierarchies:
        for i in range(-1 if dimension.total else 0, len(hierarchy)):
            rows = dimension.members
            codes = [TOTAL] if i < 0 else rows[hierarchy[i]].drop_nulls().unique().to_list()
            for code in codes:
                own = rows if i < 0 else rows.filter(pl.col(hierarchy[i]) == code)
                nearer = [sorted(set(own[level].drop_nulls().to_list()) - {code}) for level in hierarchy[i + 1 :]]
                ways[code].append([below for below in nearer if below])
    for window, years in dimension.windows().items():
        ways[window].append([list(years)])
    return ways


def _codes(dimension: Dimension, table: Table) -> set[str]:
    if dimension.name in table.where:
        return {table.where[dimension.name]}
    codes = {TOTAL} if dimension.total else set()
    if dimension.name in table.levels and dimension.name not in table.windows_only:
        for level in table.levels[dimension.name]:
            codes |= set(dimension.members[level].drop_nulls().to_list())
    if dimension.name in table.windows | table.windows_only:
        codes |= set(dimension.windows())
    return codes
