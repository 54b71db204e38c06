"""Named faults that are planted in rows of a term: duplicated keys, wrong dates and codes, events without enrolments.

Which faults there are, their sets and rates stand in ``contracts/flaws.yaml``. A row gets one flaw at most, named in the
column ``flaw``; flaws of whole deliveries are ``delivery_flaws``'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from avbrott.contract_folder import own_or_packaged
from avbrott.errors import BadInput
from avbrott.model import Model, Text
from avbrott.periods import Term
from avbrott.registry import read_contract
from avbrott.synthetic.calibration import Share
from avbrott.synthetic.county import County
from avbrott.synthetic.draws import generator, pseudonyms
from avbrott.synthetic.pupils import EVENTS
from avbrott.synthetic.reports import EARLY_ENDS

ROW_FLAWS = 9
"""The part of the county with a generator of its own."""

DATE = "%Y-%m-%d"


class Flaw(Model):
    """A fault: what it is called, what its rate is a share of, and the finding that should answer it."""

    id: str
    of: Literal["row", "person", "delivery"]
    finding: str
    name: Text


class FlawSet(Model):
    """Rates by flaw, and flaws that are planted in one delivery each."""

    rates: dict[str, Share]
    once: tuple[str, ...] = ()


class Flaws(Model):
    """Every flaw and every named set."""

    flaws: tuple[Flaw, ...]
    sets: dict[str, FlawSet]


@dataclass(frozen=True)
class Planted:
    """The rates that hold for one county, and the flaws that it has once."""

    rates: Mapping[str, float]
    once: tuple[str, ...] = ()

    def __getitem__(self, flaw: str) -> float:
        return self.rates.get(flaw, 0.0)


def chosen_flaws(folder: Path, flaws: str | Mapping[str, float]) -> Planted:
    """A set by its name, ``none``, or rates by flaw; ``BadInput`` where a name is neither."""
    listed = read_contract(own_or_packaged(folder, "flaws.yaml"), Flaws)
    if flaws == "none":
        return Planted({})
    if isinstance(flaws, str):
        if flaws not in listed.sets:
            raise BadInput("SYNTH_FLAWS_UNKNOWN", name=flaws, sets=", ".join(sorted(listed.sets)))
        return Planted(listed.sets[flaws].rates, listed.sets[flaws].once)
    unknown = sorted(set(flaws) - {flaw.id for flaw in listed.flaws})
    if unknown:
        raise BadInput("SYNTH_FLAWS_UNKNOWN", name=unknown[0], sets=", ".join(sorted(listed.sets)))
    return Planted(dict(flaws))


def flawed_rows(
    county: County, frames: dict[str, pl.DataFrame], term: Term, planted: Planted, seed: int
) -> dict[str, pl.DataFrame]:
    """The term's extracts with flaws planted; ``enrolments`` and ``events`` gain the column ``flaw``, dates become text.

    A row of ``events`` that is to be left out is still there, with the flaw ``cancelled_without_event``.
    """
    rng = generator(seed, ROW_FLAWS, term.index)
    enrolments = _text(frames["enrolments"]).with_columns(flaw=pl.lit(None, dtype=pl.String))
    events = _text(frames["events"]).with_columns(flaw=pl.lit(None, dtype=pl.String))
    if planted.rates:
        enrolments = _wrong_values(county, enrolments, term, planted, rng)
        enrolments = _more_rows(county, enrolments, term, planted, rng)
        events = _wrong_events(events, planted, rng)
    return frames | {"enrolments": enrolments, "events": events}


def _text(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates written as a provider writes them."""
    return frame.with_columns(pl.col(pl.Date).dt.strftime(DATE))


def _wrong_values(
    county: County, frame: pl.DataFrame, term: Term, planted: Planted, rng: np.random.Generator
) -> pl.DataFrame:
    """Enrolments with one wrong value."""
    swapped = pl.when(pl.col("sex") == "Man").then(pl.lit("Kvinna")).otherwise(pl.lit("Man"))
    start = pl.col("start_date").str.to_date(DATE, strict=False)
    other_way = start.dt.strftime("%y-%m-%d")
    before = start.dt.offset_by("-30d").dt.strftime(DATE)
    former = _former_codes(county, term)
    every = pl.lit(value=True)
    frame = _edited(frame, rng, planted, "missing_end_date", pl.col("cancelled"), end_date=pl.lit(None, dtype=pl.String))
    frame = _edited(frame, rng, planted, "end_before_start", every, end_date=before)
    frame = _edited(frame, rng, planted, "unknown_code", every, sex=pl.lit("X"))
    frame = _edited(frame, rng, planted, "wrong_format_date", every, start_date=other_way)
    frame = _edited(frame, rng, planted, "swapped_sex", every, sex=swapped)
    if former:
        new_start = start >= pl.date(term.first_day.year, term.first_day.month, 1)
        replaceable = pl.col("study_path").is_in(list(former)) & new_start
        frame = _edited(frame, rng, planted, "expired_code", replaceable, study_path=pl.col("study_path").replace(former))
    return frame


def _former_codes(county: County, term: Term) -> dict[str, str]:
    """Study path codes and the replaced ones that stood for the same programme, once those may not be used any more."""
    first = term.first_day
    found: dict[str, str] = {}
    for code in county.contracts.glossary.codes("programme"):
        if code.replaced_by in county.programmes and code.valid_to is not None and code.valid_to < first:
            found |= {
                path: code.code + path[len(code.replaced_by) :]
                for path in county.path_codes
                if path.startswith(code.replaced_by)
            }
    return found


def _edited(
    frame: pl.DataFrame, rng: np.random.Generator, planted: Planted, flaw: str, eligible: pl.Expr, **columns: pl.Expr
) -> pl.DataFrame:
    """Put other values in a share of the eligible rows that have no flaw yet."""
    drawn = pl.Series(rng.random(frame.height) < planted[flaw], dtype=pl.Boolean)
    hit = frame.select(drawn & eligible & pl.col("flaw").is_null()).to_series()
    columns = columns | {"flaw": pl.lit(flaw)}
    return frame.with_columns(pl.when(hit).then(value).otherwise(pl.col(name)).alias(name) for name, value in columns.items())


def _more_rows(county: County, frame: pl.DataFrame, term: Term, planted: Planted, rng: np.random.Generator) -> pl.DataFrame:
    """Enrolments delivered twice: by the same provider, or by the home municipality as well, which knows of no end."""
    untouched = frame.filter(pl.col("flaw").is_null())
    twice = untouched.filter(pl.Series(rng.random(untouched.height) < planted["duplicate_key"], dtype=pl.Boolean))
    at_home = {
        s.municipality: s.id
        for s in county.contracts.suppliers.members(term)
        if s.kind == "municipality" and s.municipality is not None and "enrolments" in s.extracts
    }
    unit_places = {unit.code: unit.municipality for unit in county.units}
    elsewhere = untouched.filter(
        pl.col("home_municipality").is_in(list(at_home))
        & (pl.col("school_unit").replace_strict(unit_places, return_dtype=pl.String) != pl.col("home_municipality"))
    )
    doubled = elsewhere.filter(pl.Series(rng.random(elsewhere.height) < planted["double_report"], dtype=pl.Boolean))
    return pl.concat(
        [
            frame,
            twice.with_columns(flaw=pl.lit("duplicate_key")),
            doubled.with_columns(
                provider=pl.col("home_municipality").replace_strict(at_home, return_dtype=pl.String),
                end_date=pl.lit(None, dtype=pl.String),
                cancelled=pl.lit(value=False),
                flaw=pl.lit("double_report"),
            ),
        ]
    )


def _wrong_events(frame: pl.DataFrame, planted: Planted, rng: np.random.Generator) -> pl.DataFrame:
    """Events that are left out, and events of nobody who is enrolled."""
    early = [EVENTS[event] for event in EARLY_ENDS]
    frame = _edited(frame, rng, planted, "cancelled_without_event", pl.col("event").is_in(early))
    model = frame.filter(pl.Series(rng.random(frame.height) < planted["event_without_enrolment"], dtype=pl.Boolean))
    invented = model.with_columns(
        pseudonyms(rng, model.height),
        event=pl.lit("AVB"),
        cause=pl.lit("OKAND"),
        flaw=pl.lit("event_without_enrolment"),
    )
    return pl.concat([frame, invented])


def changed_pseudonyms(count: int, terms: list[Term], planted: Planted, seed: int) -> pl.DataFrame:
    """For each person the pseudonym after a change and the index of the first term with it; null for most."""
    rng = generator(seed, ROW_FLAWS)
    hit = pl.Series(rng.random(count) < planted["changed_pseudonym"], dtype=pl.Boolean)
    first = pl.Series(rng.integers(terms[0].index + 1, max(terms[-1].index, terms[0].index + 1) + 1, count))
    return pl.DataFrame({"later": pseudonyms(rng, count), "from_term": first}).with_columns(
        pl.when(hit).then(pl.col(name)).alias(name) for name in ("later", "from_term")
    )
