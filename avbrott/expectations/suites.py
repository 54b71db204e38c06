"""Counts held against the contract's suites with Great Expectations. Slow to import; what is counted is in ``frames``.

Results are reduced here, at one border: which keys (provider, term ...) fail and how many were looked at, never a value.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from avbrott.expectations.contract import KEYS, Expectation, Frame, Suite
from avbrott.installed import without_spark
from avbrott.registry import Contracts

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation as Expected


@dataclass(frozen=True, slots=True)
class Watch:
    """What one expectation said about one frame of counts."""

    suite: str
    code: str
    keys: tuple[str, ...]
    """The names of what ``failing`` holds: provider, extract, term ..."""
    failing: tuple[tuple[str, ...], ...]
    """The keys of the rows that are out of the ordinary, sorted."""
    looked_at: int
    """How many rows could be judged: those with a value."""

    @property
    def success(self) -> bool:
        """Whether nothing is out of the ordinary."""
        return not self.failing


def watch(frames: Mapping[Frame, pl.DataFrame], contracts: Contracts) -> list[Watch]:
    """Hold each suite's frame against its expectations; suites whose frame is not there or has no row say nothing."""
    suites = [s for s in contracts.expectations.suites if s.frame in frames and not frames[s.frame].is_empty()]
    context = ephemeral()
    return [found for suite in suites for found in reduced(suite, validated_suite(context, suite, frames[suite.frame]))]


def reduced(suite: Suite, validated: Any) -> list[Watch]:
    """What ``validated_suite`` said, an expectation each."""
    by_code = {found.expectation_config.meta["code"]: found for found in validated.results}
    return [_reduced(suite, expectation.code, by_code[expectation.code]) for expectation in suite.expectations]


def ephemeral() -> Any:
    """A context of Great Expectations that keeps nothing and draws no progress."""
    context = load().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def validated_suite(context: Any, suite: Suite, frame: pl.DataFrame) -> Any:
    """What Great Expectations says of ``frame``: counts and keys, and none of the values that it looked at."""
    gx = load()
    asset = context.data_sources.add_or_update_pandas(suite.name).add_dataframe_asset(suite.frame)
    batch = asset.add_batch_definition_whole_dataframe(suite.frame).get_batch({"dataframe": frame.to_pandas()})
    keys = KEYS[suite.frame]
    expected = [_expected(gx, expectation, keys) for expectation in suite.expectations]
    return batch.validate(
        gx.ExpectationSuite(name=suite.name, expectations=expected),
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": list(keys),
            "exclude_unexpected_values": True,
        },
    )


def _expected(gx: Any, expectation: Expectation, keys: tuple[str, ...]) -> Expected:
    meta = {"code": expectation.code}
    made: Expected
    if expectation.expectation == "unique_keys":
        made = gx.expectations.ExpectCompoundColumnsToBeUnique(column_list=list(keys), meta=meta)
    else:
        made = gx.expectations.ExpectColumnValuesToBeBetween(
            column=expectation.column, min_value=expectation.minimum, max_value=expectation.maximum, meta=meta
        )
    return made


def _reduced(suite: Suite, code: str, found: Any) -> Watch:
    """Keys and counts of one result; a result that could not be computed is an error of the program, without its text."""
    if found.exception_info.get("raised_exception"):
        raise RuntimeError(f"Great Expectations could not look at {suite.name}.{code}")
    keys = KEYS[suite.frame]
    result = found.result
    places = result.get("unexpected_index_list") or ()
    failing = {tuple(map(str, row)) for place in places for row in zip(*(place[key] for key in keys), strict=True)}
    return Watch(
        suite=suite.name,
        code=code,
        keys=keys,
        failing=tuple(sorted(failing)),
        looked_at=int(result["element_count"]) - int(result.get("missing_count") or 0),
    )


def load() -> Any:
    """The library, imported when it is first needed, with its telemetry off and its imports' deprecations kept quiet."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    with warnings.catch_warnings(), without_spark():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        import great_expectations.expectations
    return gx
