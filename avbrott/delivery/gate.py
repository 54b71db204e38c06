"""The last look at rows before they are accepted: Pandera schemas generated from the same contracts as the checks.

What is set aside is found in ``schema``; here nothing is found, and a row that should have been set aside stops the program.
The checks hang on the column ``position`` (0, 1, 2 ...), so what Pandera knows of a row is its position and never a value of
a person. Used at the hub alone: Pandera takes half a second to import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.findings import Severity
from avbrott.installed import without_spark
from avbrott.schema import RowCheck

if TYPE_CHECKING:
    from pandera.api.polars.types import PolarsData
    from pandera.polars import DataFrameSchema

POSITION = "position"


def pandera_schema(contract: ExtractContract, checks: Sequence[RowCheck]) -> DataFrameSchema:
    """The schema of accepted rows, a frame that ``typed.with_typed`` made, with ``position`` added."""
    with without_spark():
        import pandera.polars as pa

    columns = {name: pa.Column(pl.String, nullable=name in contract.optional) for name in contract.terms}
    columns[POSITION] = pa.Column(
        pl.UInt32,
        checks=[
            pa.Check(_judging(check.holds), name=str(place))
            for place, check in enumerate(checks)
            if check.severity is not Severity.WARNING
        ],
    )
    return pa.DataFrameSchema(columns, name=contract.name)


def gate(contract: ExtractContract, rows: pl.DataFrame, checks: Sequence[RowCheck]) -> None:
    """Hold rows that are about to be accepted against the contract. RuntimeError names the rule that one breaks, no value."""
    if rows.is_empty():
        return
    with without_spark():
        from pandera.config import ValidationDepth, config_context
        from pandera.errors import SchemaError

    numbered = rows.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(POSITION))
    broken = ""
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            pandera_schema(contract, checks).validate(numbered)
        except SchemaError as error:
            name = getattr(error.check, "name", None)
            broken = checks[int(name)].code if name else "VALUE_MISSING"
    if broken:
        raise RuntimeError(f"ACCEPTED_BREAKS_RULE: {contract.name} {broken}")


def _judging(holds: pl.Expr) -> Callable[[PolarsData], pl.LazyFrame]:
    return lambda data: data.lazyframe.select(holds.fill_null(True))
