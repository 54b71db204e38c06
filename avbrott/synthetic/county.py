"""The county as arrays: municipalities, school units, programmes, who may study where, and study path codes by day.

Made from the contracts (glossary and suppliers) and the calibration. No pupil is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from avbrott.registry import Contracts
from avbrott.suppliers import SchoolUnit, Supplier
from avbrott.synthetic.calibration import Calibration
from avbrott.synthetic.draws import Bools, Floats, Ints, day

UPPER_SECONDARY = "GY"
FOLK_HIGH_SCHOOL = "FHS"
OUTSIDE = "outside"
"""The glossary's code for a municipality of another county; nobody delivers it."""


@dataclass(frozen=True)
class County:
    """Positions in ``homes``, ``units`` and ``programmes`` are the codes of every array of this package."""

    contracts: Contracts
    calibration: Calibration
    homes: tuple[str, ...]
    """The county's municipalities, then the calibration's codes of other counties."""
    inside: int
    """How many of ``homes`` are the county's."""
    units: tuple[SchoolUnit, ...]
    suppliers: tuple[Supplier, ...]
    """The supplier of each unit."""
    programmes: tuple[str, ...]
    types: tuple[str, ...]
    """The programme type of each programme."""
    _choices: dict[bytes, Floats] = field(default_factory=dict)
    """``choices`` by which units are open, so that they are made once."""

    @cached_property
    def home_weights(self) -> Floats:
        """How many pupils live in each municipality, as weights; other counties share theirs evenly."""
        known = self.calibration.municipalities
        own = np.array([known.get(code, self.calibration.municipality_default) for code in self.homes[: self.inside]])
        outside = self.calibration.outside
        count = len(self.homes) - self.inside
        share = outside.share if count and self.inside else 0.0
        others = np.full(count, own.sum() * share / (1 - share) / max(count, 1))
        return np.concatenate([own, others])

    @cached_property
    def programme_weights(self) -> tuple[Floats, Floats]:
        """How often women, and men, choose each programme, as weights."""
        listed = [self.calibration.programmes[code] for code in self.programmes]
        women = np.array([found.weight * found.women for found in listed])
        men = np.array([found.weight * (1 - found.women) for found in listed])
        return women, men

    @cached_property
    def women_share(self) -> float:
        """The share of women among entrants that the programmes' shares add up to."""
        women, men = self.programme_weights
        return float(women.sum() / max(women.sum() + men.sum(), 1e-9))

    @cached_property
    def is_folk_high_school(self) -> Bools:
        """Units of folk high schools."""
        return np.array([supplier.kind == "folk_high_school" for supplier in self.suppliers], dtype=np.bool_)

    def of_type(self, programme_type: str) -> Bools:
        """Which programmes are of the type."""
        return np.array([found == programme_type for found in self.types], dtype=np.bool_)

    @cached_property
    def introductory(self) -> Bools:
        """Which programmes are introductory."""
        return self.of_type("introductory")

    def per_type(self, by_type: dict[str, float], default: float) -> Floats:
        """A figure by type of programme, one for each programme."""
        return np.array([by_type.get(found, default) for found in self.types])

    def open_units(self, on: int) -> Bools:
        """Units that are there on a day, folk high schools left out."""
        return (
            np.array(
                [
                    (unit.valid_from is None or day(*unit.valid_from.timetuple()[:3]) <= on)
                    and (unit.valid_to is None or on <= day(*unit.valid_to.timetuple()[:3]))
                    for unit in self.units
                ],
                dtype=np.bool_,
            )
            & ~self.is_folk_high_school
        )

    @cached_property
    def unit_weights(self) -> Floats:
        """The weight of each unit within its municipality."""
        weights = self.calibration.units
        return np.array(
            [
                weights.by_code.get(unit.code, weights.by_kind.get(supplier.kind, 1.0))
                for unit, supplier in zip(self.units, self.suppliers, strict=True)
            ]
        )

    @cached_property
    def offers(self) -> Floats:
        """Which unit (row) has which programme (column), 1 or 0."""
        listed = self.calibration.offers
        table = np.ones((len(self.units), len(self.programmes)))
        for row, unit in enumerate(self.units):
            for limit in (listed[code] for code in (unit.code, unit.municipality) if code in listed):
                table[row] *= [code in limit or kind in limit for code, kind in zip(self.programmes, self.types, strict=True)]
        return table

    def choices(self, on: int) -> Floats:
        """Cumulative weights of units by home and programme on a day: homes x programmes x units."""
        opened = self.open_units(on)
        if opened.tobytes() not in self._choices:
            self._choices[opened.tobytes()] = self._chosen(opened)
        return self._choices[opened.tobytes()]

    def _chosen(self, opened: Bools) -> Floats:
        available = self.offers * (opened * self.unit_weights)[:, None]
        places = [unit.municipality for unit in self.units]
        table = np.zeros((len(self.homes), len(self.programmes), len(self.units)))
        for home, code in enumerate(self.homes):
            choice = self.calibration.choice.municipalities.get(code, self.calibration.choice.default)
            own = np.array([place == code for place in places], dtype=np.float64)
            pull = np.array([self._pull(choice.to, place) for place in places]) * (1 - own)
            near = (available * own[:, None]).T
            far = _by_place(available, places).T * pull
            table[home] = choice.stay * _shares(near) + (1 - choice.stay) * _shares(far)
        return np.cumsum(table, axis=2)

    def _pull(self, to: dict[str, float], place: str) -> float:
        """The weight of a municipality for those who leave theirs; a small one for those that are not listed."""
        if not to:
            return self.calibration.municipalities.get(place, self.calibration.municipality_default)
        return to.get(place, 0.001 * sum(to.values()))

    def within_unit(self, on: int) -> Floats:
        """Cumulative weights of programmes by unit on a day: units x programmes."""
        women, men = self.programme_weights
        return np.cumsum(self.offers * self.open_units(on)[:, None] * (women + men), axis=1)

    @cached_property
    def path_codes(self) -> tuple[str, ...]:
        """Every study path code that is used; positions are the codes of the column ``path``."""
        codes: dict[str, None] = {}
        for listed in (*self._former.values(), *self._present.values(), *self._reformed.values()):
            codes |= dict.fromkeys(code for code, _ in listed)
        codes[self.calibration.dropout.folk_high_school.study_path] = None
        return tuple(codes)

    @cached_property
    def _former(self) -> dict[str, list[tuple[str, int]]]:
        """Codes that were replaced, with their last day, by the programme that came after."""
        found: dict[str, list[tuple[str, int]]] = {}
        for code in self.contracts.glossary.codes("programme"):
            if code.replaced_by in self.programmes and code.valid_to is not None:
                suffixes = self._orientations(code.replaced_by)
                last = day(*code.valid_to.timetuple()[:3])
                found.setdefault(code.replaced_by, []).extend((code.code + suffix, last) for suffix in suffixes)
        return found

    @cached_property
    def _present(self) -> dict[str, list[tuple[str, int]]]:
        return {code: [(code + suffix, 0) for suffix in self._orientations(code)] for code in self.programmes}

    @cached_property
    def _reformed(self) -> dict[str, list[tuple[str, int]]]:
        reform = self.calibration.paths.reform
        return {
            code: [(code + reform.suffix, 0)]
            for code, kind in zip(self.programmes, self.types, strict=True)
            if kind in reform.types
        }

    def _orientations(self, programme: str) -> tuple[str, ...]:
        kind = self.types[self.programmes.index(programme)]
        return self.calibration.paths.orientations.get(kind, ("",))

    def paths(self, programme: Ints, start: Ints, pick: Floats) -> Ints:
        """The study path code of enrolments that start on a day; ``pick`` (0 to 1) chooses among several."""
        position = {code: at for at, code in enumerate(self.path_codes)}
        reform = day(*self.calibration.paths.reform.valid_from.timetuple()[:3])
        found = np.zeros(len(programme), dtype=np.int64)
        for at, code in enumerate(self.programmes):
            mine = programme == at
            former = self._former.get(code, [])
            last = max((until for _, until in former), default=-1)
            periods = [(mine & (start <= last), former), (mine & (start > last), self._present[code])]
            if code in self._reformed:
                periods.append((mine & (start >= reform), self._reformed[code]))
            for rows, listed in periods:
                if listed:
                    codes = np.array([position[path] for path, _ in listed])
                    found[rows] = codes[(pick[rows] * len(codes)).astype(np.int64)]
        return found

    @cached_property
    def recodings(self) -> list[tuple[int, Ints]]:
        """Days on which codes of running enrolments end, with the positions of the programmes they belong to."""
        days: dict[int, list[int]] = {}
        for at, (code, kind) in enumerate(zip(self.programmes, self.types, strict=True)):
            if kind in self.calibration.paths.recoded and code in self._former:
                days.setdefault(max(last for _, last in self._former[code]), []).append(at)
        return [(last, np.array(found)) for last, found in sorted(days.items())]


def _by_place(available: Floats, places: list[str]) -> Floats:
    """``available`` divided so that the units of one municipality weigh 1 together for each programme."""
    divided = np.zeros_like(available)
    for place in set(places):
        rows = np.array([found == place for found in places])
        sums = available[rows].sum(axis=0)
        divided[rows] = available[rows] / np.where(sums > 0, sums, 1.0)
    return divided


def _shares(weights: Floats) -> Floats:
    """Rows divided by their sums; rows of zeros stay zeros."""
    sums = weights.sum(axis=1, keepdims=True)
    shares: Floats = weights / np.where(sums > 0, sums, 1.0)
    return shares


def county_of(contracts: Contracts, calibration: Calibration) -> County:
    """Read municipalities, programmes and units out of the contracts."""
    homes = contracts.dimensions["home_municipality"]
    programmes = contracts.dimensions["programme"]
    inside = tuple(c.code for c in contracts.glossary.codes(homes.term) if c.level == homes.levels[-1] and c.code != OUTSIDE)
    finest = [c for c in contracts.glossary.codes(programmes.term) if c.level == programmes.levels[-1]]
    pairs = [(unit, supplier) for supplier in contracts.suppliers.suppliers for unit in supplier.units]
    teaching = [(unit, supplier) for unit, supplier in pairs if "enrolments" in supplier.extracts]
    return County(
        contracts=contracts,
        calibration=calibration,
        homes=(*inside, *(code for code in calibration.outside.codes if code not in inside)),
        inside=len(inside),
        units=tuple(unit for unit, _ in teaching),
        suppliers=tuple(supplier for _, supplier in teaching),
        programmes=tuple(c.code for c in finest),
        types=tuple(c.parent or "" for c in finest),
    )
