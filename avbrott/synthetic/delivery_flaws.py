"""Named faults of whole deliveries: missing, late, in another encoding, with personal identity numbers, three times as large.

No number here is anyone's: the check digit of every invented identity number is wrong on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from avbrott.periods import Term
from avbrott.suppliers import Supplier
from avbrott.synthetic.county import County
from avbrott.synthetic.draws import generator, pseudonyms
from avbrott.synthetic.flaws import Planted

DELIVERY_FLAWS = 10
"""The part of the county with a generator of its own."""

OF_DELIVERIES = ("missing_delivery", "late_delivery", "wrong_encoding", "personnummer_in_column", "three_fold_jump")

_EARLY = 1
"""The place, among the terms, of the deliveries with a flaw that is planted once; each further flaw one term later."""


@dataclass(frozen=True)
class Chosen:
    """The flaws of each delivery, by provider and term."""

    flaws: dict[tuple[str, str], frozenset[str]]

    def of(self, provider: str, term: Term) -> frozenset[str]:
        """The flaws of one delivery."""
        return self.flaws.get((provider, str(term)), frozenset())


def chosen_deliveries(county: County, terms: list[Term], planted: Planted, seed: int) -> Chosen:
    """Draw which deliveries get which flaw; what is planted once is in an early term of a small provider of enrolments."""
    rng = generator(seed, DELIVERY_FLAWS)
    found: dict[tuple[str, str], set[str]] = {}
    for term in terms:
        for supplier in county.contracts.suppliers.members(term):
            drawn = rng.random(len(OF_DELIVERIES))
            hit = {flaw for flaw, value in zip(OF_DELIVERIES, drawn, strict=True) if value < planted[flaw]}
            if hit:
                found[supplier.id, str(term)] = hit
    for at, flaw in enumerate(planted.once):
        term = terms[min(_EARLY + at, len(terms) - 1)]
        small = _small(county, term)
        if small:
            found.setdefault((small[at % len(small)].id, str(term)), set()).add(flaw)
    return Chosen({key: frozenset(flaws) for key, flaws in found.items()})


def _small(county: County, term: Term) -> list[Supplier]:
    """Members that deliver enrolments, the smallest home municipalities and one-unit schools first."""
    members = [
        s for s in county.contracts.suppliers.members(term) if "enrolments" in s.extracts and s.kind != "folk_high_school"
    ]
    weights = county.calibration.municipalities
    default = county.calibration.municipality_default
    return sorted(members, key=lambda s: (len(s.units), weights.get(s.municipality or "", default), s.id))


def late_by(county: County, provider: str, term: Term, chosen: Chosen, created: date, seed: int) -> date:
    """The day on which a delivery comes, with its delay."""
    if "late_delivery" not in chosen.of(provider, term):
        return created
    places = [s.id for s in county.contracts.suppliers.suppliers]
    rng = generator(seed, DELIVERY_FLAWS, term.index, places.index(provider))
    shortest, longest = county.calibration.deliveries.late_days
    return created + timedelta(days=int(rng.integers(shortest, longest + 1)))


def flawed_delivery(extract: str, frame: pl.DataFrame, flaws: frozenset[str], rng: np.random.Generator) -> pl.DataFrame:
    """One extract of a delivery with the delivery's flaws in its rows."""
    if "three_fold_jump" in flaws and extract == "enrolments":
        others = [frame.with_columns(pseudonyms(rng, frame.height), flaw=pl.lit("three_fold_jump")) for _ in range(2)]
        frame = pl.concat([frame, *others])
    if "three_fold_jump" in flaws and extract == "agency_counts":
        frame = frame.with_columns(pl.col("persons") * 3)
    if "personnummer_in_column" in flaws and extract == "enrolments" and frame.height:
        rows = pl.Series(rng.random(frame.height) < 0.5, dtype=pl.Boolean) | (pl.int_range(frame.height, eager=True) == 0)
        frame = frame.with_columns(
            study_path=pl.when(rows).then(identity_numbers(rng, frame["birth_year"])).otherwise("study_path"),
            flaw=pl.when(rows).then(pl.lit("personnummer_in_column")).otherwise("flaw"),
        )
    return frame


def identity_numbers(rng: np.random.Generator, birth_year: pl.Series) -> pl.Series:
    """Numbers in the form of a personal identity number, with a check digit that is wrong, so that they are nobody's."""
    count = len(birth_year)
    year, month = birth_year.to_numpy().astype(np.int64), rng.integers(1, 13, count)
    number = ((year * 100 + month) * 100 + rng.integers(1, 29, count)) * 1000 + rng.integers(0, 1000, count)
    digits = number[:, None] // 10 ** np.arange(8, -1, -1) % 10
    doubled = digits * np.array([2, 1] * 4 + [2])
    check = -(doubled // 10 + doubled % 10).sum(axis=1) % 10
    wrong = (check + rng.integers(1, 10, count)) % 10
    return pl.Series("study_path", number * 10 + wrong, dtype=pl.Int64).cast(pl.String)
