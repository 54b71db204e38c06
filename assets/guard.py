"""What every asset does around its one call: keep values out of its failure's text, and tell how long it took.

Dagster keeps exceptions and shows them. Polars and DuckDB quote the value that they stumbled on; so only the type and the
place of such an error leave the stage.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import ParamSpec

import dagster as dg
import polars as pl

from avbrott.errors import AvbrottError, StageFailed

P = ParamSpec("P")
Made = dg.MaterializeResult[None]


def stage_of(stage: Callable[P, Made]) -> Callable[P, Made]:
    """Add ``seconds`` to the stage's metadata. A user's mistake goes through as it is, any other error as ``StageFailed``."""

    @functools.wraps(stage)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Made:
        started = time.perf_counter()
        try:
            made = stage(*args, **kwargs)
            seconds = round(time.perf_counter() - started, 3)
            return dg.MaterializeResult(
                metadata={**(made.metadata or {}), "seconds": seconds}, check_results=made.check_results
            )
        except AvbrottError as mistake:
            raise mistake from None
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  whatever it is, its text stays here
            kind = f"{type(error).__name__}, {stage.__name__}"
            raise StageFailed(kind).with_traceback(error.__traceback__) from None

    return guarded
