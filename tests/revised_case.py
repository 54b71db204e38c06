"""Outputs of `avbrott protect` one after the other, with counts that change between them. Not a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, Phase, settings

from avbrott.errors import CannotProtect
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase

DRAWN = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
"""Of tests that draw many histories: the same ones every time, each as long as it takes, and none made smaller."""
FLAT = {"dimensions": {"row": [["row"]], "column": [["column"]]}}


def moved(frame: pl.DataFrame, **by_place: int) -> pl.DataFrame:
    """``frame`` with so many persons more (or fewer) in the row of a number; a row without persons is gone."""
    change = [by_place.get(f"r{number}", 0) for number in range(frame.height)]
    return frame.with_columns(freq=pl.col("freq") + pl.Series(change)).filter(pl.col("freq") > 0)


def square(*counts: int) -> pl.DataFrame:
    """A table of three columns."""
    places = [(f"r{at // 3}", f"c{at % 3}", count) for at, count in enumerate(counts)]
    return pl.DataFrame(places, schema=["row", "column", "freq"], orient="row").filter(pl.col("freq") > 0)


def revise(folder: Path, frames: list[pl.DataFrame], every: bool = False, **spec) -> list[TableCase]:
    """One output a frame, each after the last one before it, or with ``every`` after all of them."""
    made: list[TableCase] = []
    for number, frame in enumerate(frames):
        before = [f"../{place}/out" for place in range(number)]
        keys = {**spec, "previous": before if every else before[-1:]} if number else spec
        made.append(TableCase(folder / str(number), frame, **keys))
        made[-1].protect()
        assert audit_output(read_output(made[-1].out)).faults == ()
    return made


def protected(vintages: Iterable[TableCase], features: Counter[str]) -> list[TableCase]:
    """Each of ``vintages`` protected in turn; none where one of them cannot be, which is counted among ``features``."""
    made: list[TableCase] = []
    for vintage in vintages:
        try:
            vintage.protect()
        except CannotProtect:
            features["refused revision" if made else "refused"] += 1
            return []
        made.append(vintage)
    return made
