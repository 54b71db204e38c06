"""What an asset's failure may say. Dagster keeps exceptions and shows them: their texts must hold no row's value.

Polars and DuckDB quote the value that they stumbled on; so only the type and the place of such an error leave the stage.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import polars as pl

from avbrott.errors import AvbrottError, StageFailed

P = ParamSpec("P")
R = TypeVar("R")


def keeps_values_in(stage: Callable[P, R]) -> Callable[P, R]:
    """Let a user's mistake through as it is, without what caused it; make ``StageFailed`` of any other error."""

    @functools.wraps(stage)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return stage(*args, **kwargs)
        except AvbrottError as mistake:
            raise mistake from None
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  whatever it is, its text stays here
            kind = f"{type(error).__name__}, {stage.__name__}"
            raise StageFailed(kind).with_traceback(error.__traceback__) from None

    return guarded
