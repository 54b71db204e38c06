"""What every asset does around its one call: keep values out of its failure's text, tell how long it took, and log that.

Dagster keeps exceptions and shows them. Polars and DuckDB quote the value that they stumbled on; so only the type and the
place of such an error leave the stage.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec

import dagster as dg
import polars as pl

from avbrott import logs
from avbrott.errors import AvbrottError, StageFailed
from avbrott.outside import from_outside

P = ParamSpec("P")
if TYPE_CHECKING:
    Made = dg.MaterializeResult[None]
else:  # where an asset has checks Dagster knows the bare class only
    Made = dg.MaterializeResult


def stage_of(stage: Callable[P, Made]) -> Callable[P, Made]:
    """Add ``seconds`` to the stage's metadata. A user's mistake goes through as it is, any other error as ``StageFailed``."""

    @functools.wraps(stage)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Made:
        started, run, name = time.perf_counter(), _run_id(), stage.__name__
        logs.write("info", "STAGE_BEGUN", run=run, about={"stage": name})
        with spoken(name, run):
            made = stage(*args, **kwargs)
        seconds = round(time.perf_counter() - started, 3)
        counts = {figure: value for figure, value in (made.metadata or {}).items() if type(value) is int}
        logs.write("info", "STAGE_DONE", run=run, counts=counts, about={"stage": name, "seconds": seconds})
        return Made(metadata={**(made.metadata or {}), "seconds": seconds}, check_results=made.check_results)

    return guarded


def _run_id() -> str:
    """Dagster's name of the run; empty where a stage is called without it."""
    try:
        return str(dg.AssetExecutionContext.get().run.run_id)
    except dg.DagsterInvariantViolationError:
        return ""


@contextmanager
def spoken(stage: str, run: str = "") -> Iterator[None]:
    """A user's mistake goes through as it is, any other error as ``StageFailed`` with the name of the stage."""
    try:
        yield
    except AvbrottError as mistake:
        logs.write("error", "STAGE_FAILED", run=run, about={"stage": stage, "codes": [mistake.code]})
        raise mistake from None
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  whatever it is, its text stays here
        outside = from_outside(error)
        code = outside.code if outside else "INTERNAL_ERROR"
        logs.write("error", "STAGE_FAILED", run=run, about={"stage": stage, "codes": [code], "kind": type(error).__name__})
        if outside is not None:
            raise outside from None
        raise StageFailed(f"{type(error).__name__}, {stage}").with_traceback(error.__traceback__) from None
