"""Rules between rows: keys that repeat, and extracts of one provider and term that must tell the same story.

A rule that needs an extract the provider has not delivered is left aside for that provider; that the extract is missing is
told on its own. Everything delivered counts, also rows that another rule sets aside: one mistake is one finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from avbrott.contract import ExtractContract, Rule
from avbrott.delivery.rules import ACROSS, holds_when
from avbrott.findings import Severity
from avbrott.schema import Failure

Frames = Mapping[str, pl.DataFrame]
"""By extract: the contract's columns as text, and ``provider``."""


def repeated_keys(contract: ExtractContract, frame: pl.DataFrame) -> Iterator[Failure]:
    """Rows whose key another row of the provider has, each beside the first of those. Of equal rows the first stands."""
    key = ["provider", *contract.key]
    marks = frame.select(mark_of(key).alias("key"), pl.all_horizontal(pl.col(contract.key).is_not_null()).alias("whole"))
    again = marks["key"].is_duplicated() & marks["whole"]
    if not again.any():
        return
    suspects = frame.with_row_index("position").filter(again)
    content = pl.struct(contract.terms)
    place = pl.col("position")
    repeated = suspects.filter(pl.len().over(key) > 1).with_columns(
        alike=content.n_unique().over(key) == 1,
        first=place == place.min().over(key),
        lowest=place.min().over(key),
        second=place.bottom_k(2).max().over(key),
    )
    broken = repeated.filter(~(pl.col("alike") & pl.col("first")))
    if broken.height:
        other = broken.select(pl.when("first").then("second").otherwise("lowest")).to_series()
        beside = pl.repeat(None, frame.height, dtype=other.dtype, eager=True).scatter(broken["position"], other)
        fails = _truth(frame.height, broken["position"])
        yield Failure("KEY_DUPLICATE", "", Severity.QUARANTINE, fails, beside)


def between_extracts(
    contracts: Mapping[str, ExtractContract], frames: Frames, usable: Mapping[str, Mapping[str, Collection[str]]]
) -> Iterator[tuple[str, Failure]]:
    """Every broken rule between extracts, with the extract whose rows break it.

    ``usable``: by extract and provider, the columns that were delivered.
    """
    for name in frames:
        for rule in contracts[name].rules:
            if rule.kind not in ACROSS or rule.extract is None or rule.extract not in frames:
                continue
            yield from _one_way(rule, name, rule.extract, rule.when, rule.other_when, frames, usable)
            if rule.kind == "agrees":
                yield from _one_way(rule, rule.extract, name, rule.other_when, rule.when, frames, usable)


def _one_way(
    rule: Rule,
    name: str,
    other: str,
    when: Mapping[str, tuple[str, ...]],
    other_when: Mapping[str, tuple[str, ...]],
    frames: Frames,
    usable: Mapping[str, Mapping[str, Collection[str]]],
) -> Iterator[tuple[str, Failure]]:
    """Rows of ``name`` (where ``when``) whose fields no row of ``other`` (where ``other_when``) has."""
    needed, other_needed = {*rule.fields, *when}, {*rule.fields, *other_when}
    judged = [
        provider
        for provider, columns in usable[name].items()
        if needed <= set(columns) and other_needed <= set(usable[other].get(provider, ()))
    ]
    key = ["provider", *rule.fields]
    concerned = pl.col("provider").is_in(judged) & pl.all_horizontal(pl.col(rule.fields).is_not_null())
    here = frames[name].with_row_index("position").filter(concerned & holds_when(when))
    there = frames[other].filter(holds_when(other_when)).select(key)
    fails = here.join(there, on=key, how="anti", maintain_order="left")["position"]
    if len(fails):
        field = rule.fields[0] if len(rule.fields) == 1 else ""
        yield name, Failure(rule.code, field, rule.severity, _truth(frames[name].height, fails))


def mark_of(names: Collection[str]) -> pl.Expr:
    """A number that equal keys share; different keys may too, so it only clears, and never accuses."""
    mark = pl.lit(0, pl.UInt64)
    for seed, name in enumerate(names):
        mark = mark.xor(pl.col(name).hash(seed))
    return mark


def _truth(height: int, positions: pl.Series) -> pl.Series:
    return pl.repeat(False, height, eager=True).scatter(positions, True)
