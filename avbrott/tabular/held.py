"""Facts held against the cells of now: what the engine is given, and in which vintages. Finding cells is ``cube``'s.

Where nothing has changed, what earlier outputs showed are facts about the cells of now. Slices in which anything has changed
(``revisions``) are there once for each output that differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.protect import Protection
from avbrott.tabular.facts import COUNT, Facts
from avbrott.tabular.layout import Layout
from avbrott.tabular.output import Vintages
from avbrott.tabular.previous import ID, OWN, Before, Previous
from avbrott.tabular.read import refuse_rows
from avbrott.tabular.revisions import Since, with_vintages
from avbrott.tabular.spec import RECORD_COLUMNS, VINTAGE


@dataclass(frozen=True, slots=True)
class Held:
    """The facts held against the cells of now: what the engine is given. Frames have ``VINTAGE`` where there are vintages."""

    system: SystemSpec
    cells: pl.DataFrame
    earlier: pl.DataFrame
    known: pl.DataFrame
    told: pl.DataFrame
    """What the attacker has from elsewhere, cells of now or not (never with ``VINTAGE``): dimensions, ``count``."""
    keep: pl.DataFrame
    previous: Protection | None
    dearness: pl.DataFrame | None
    """By cell of now that an earlier output had (never with ``VINTAGE``) what ``cost: previous`` makes of it."""
    vintages: Vintages | None

    def of_now(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of ``frame`` that are about cells of now."""
        return frame if self.vintages is None else frame.filter(pl.col(VINTAGE) == self.vintages.now).drop(VINTAGE)

    def placed(self, frame: pl.DataFrame | None) -> pl.DataFrame | None:
        """``frame``, about cells of now, as the engine is to have it."""
        return frame if self.vintages is None or frame is None else self.vintages.placed(frame)


SHOWN_BEFORE, HIDDEN_BEFORE = 10.0, 0.1
"""How dear a cell is to hide that readers had the last time, and one that they did not have."""


def hold_facts(layout: Layout, facts: Facts, before: Before, since: tuple[Since, ...], cells: pl.DataFrame) -> Held:
    """Facts beside ``cells`` (``cube``). ``since`` says by earlier output what has changed.

    ``BadInput`` where a known count is another.
    """
    names = list(layout.names)
    now = cells.select(*names, "published", _now=COUNT)
    beside = facts.known.join(now, on=names, how="left")
    for file in facts.known["file"].unique().sort():
        wrong = pl.col(COUNT) != pl.col("_now").fill_null(0)
        refuse_rows(beside.filter(pl.col("file") == file), wrong, "KNOWN_DIFFERS", Path(file), COUNT)
    # A zero that was known then and is one now has not been touched by any change.
    nobody = before.nobody.join(now.filter(pl.col("_now") > 0), on=names, how="anti")
    told = pl.concat([facts.known.select(*names, COUNT), nobody]).unique(names).sort(names)
    shown, taken = [], [told.join(now, on=names, how="semi")]
    for one in since:
        both = one.same.join(now.drop("published"), on=names, how="inner")
        shown.append(both.filter((pl.col("status") == "shown") & (pl.col("published"))).select(*names, COUNT))
        shown.append(one.zeros)
        taken.append(both.filter(pl.col("fact") == "known").select(*names, COUNT))
    earlier = pl.concat([facts.known.select(*names, COUNT).clear(), *shown]).unique(names)
    public = earlier.join(now.filter("published"), on=names, how="semi").sort(names)
    latent = earlier.join(now.filter(~pl.col("published")), on=names, how="semi")
    known = pl.concat([*taken, latent]).unique(names).join(public, on=names, how="anti").sort(names)
    last = _last(names, [(one.cells, one) for one in before.outputs])
    dearness = None
    if last is not None:
        dear = pl.when(pl.col("status") == "shown").then(SHOWN_BEFORE).otherwise(HIDDEN_BEFORE)
        # Who is in a cell that was not published decides whether the record has it.
        dearness = last.filter("published").select(*names, dearness=dear)
    vintages = with_vintages(layout, since)
    if vintages is None:
        previous = None if last is None else Protection(last, before.witnesses.filter(OWN).select("witness", *names, "delta"))
        counts = cells.select(*names, COUNT)
        return Held(layout.system, counts, public, known, told, facts.keep, previous, dearness, None)
    earlier_facts = vintages.cells.filter(pl.col("fact").is_not_null())
    was_shown, was_known = (
        earlier_facts.filter(pl.col("fact") == kind).select(VINTAGE, *names, COUNT) for kind in ("previous", "known")
    )
    same = _last(names, [(one.same, one.output) for one in since])
    assert same is not None
    pattern = vintages.beside(same.select(*names, *RECORD_COLUMNS), vintages.cells)
    return Held(
        vintages.spec,
        vintages.beside(cells, vintages.cells.select(VINTAGE, *names, COUNT)),
        vintages.beside(public, was_shown),
        vintages.beside(known, was_known),
        told,
        vintages.placed(facts.keep),
        Protection(pattern, _moves(before, vintages)),
        dearness,
        vintages,
    )


def _last(names: list[str], cells: list[tuple[pl.DataFrame, Previous]]) -> pl.DataFrame | None:
    """Earlier outputs' cells as one; the last that SPEC names, of those that published it, has the word on a cell."""
    if not cells:
        return None
    newest_first = pl.concat([frame for frame, _ in reversed(cells)])
    published_first = newest_first.sort("published", descending=True, maintain_order=True)
    return published_first.unique(names, keep="first", maintain_order=True)


def _moves(before: Before, vintages: Vintages) -> pl.DataFrame:
    """Earlier witnesses over all vintages: what moved a cell moves it in every later vintage by as much."""
    order = {one.id: place for place, one in enumerate(before.outputs)}
    place = pl.col(ID).replace_strict(order, return_dtype=pl.Int64)
    rows = [vintages.placed(before.witnesses.filter(OWN))]
    for code, one in vintages.ids.items():
        mine = (place == order[one]) | (pl.col(OWN) & (place < order[one]))
        rows.append(before.witnesses.filter(mine).with_columns(pl.lit(code).alias(VINTAGE)))
    return pl.concat(rows).drop(ID, OWN).sort(pl.exclude("delta"))
