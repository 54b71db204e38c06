"""What cannot be read as its contract says, taken out of a delivery before it leaves: nobody knows what such a text says.

The value is left empty, and the hub sets its row aside for that. Where the field may be empty, empty would say something
else (that an enrolment runs on), so that the row is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.typed import with_typed
from avbrott.findings import Finding
from avbrott.glossary import Glossary
from avbrott.schema import OF_FORM, term_checks

_UNPARSED = OF_FORM | {"VALUE_CODE"}
"""The rules that a value breaks by saying nothing that the contract knows."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The rows without what cannot be read."""

    frame: pl.DataFrame
    emptied: Mapping[str, int] = field(default_factory=dict)
    """By term, how many values are left empty."""
    left_out: int = 0
    """Rows that are not there, as a value that may be empty could not be read."""


def without_unparsed(
    frame: pl.DataFrame, contract: ExtractContract, glossary: Glossary, findings: Collection[Finding]
) -> Parsed:
    """The columns of ``contract`` without values that ``findings`` tell of as unreadable."""
    terms = [
        glossary.terms[one] for one in {found.field for found in findings if found.code in _UNPARSED} & {*contract.terms}
    ]
    if not terms:
        return Parsed(frame)
    broken = with_typed(frame, terms).select(
        reduce(
            lambda all_, one: all_ & one,
            (check.holds.fill_null(value=True) for check in term_checks(term, glossary) if check.code in _UNPARSED),
        )
        .not_()
        .alias(term.id)
        for term in terms
    )
    required = [name for name in broken.columns if name not in contract.optional]
    stays = broken.select(pl.any_horizontal(*required, pl.lit(value=False)) | ~pl.any_horizontal(pl.all())).to_series()
    empty = (pl.when(~broken[name]).then(pl.col(name)).alias(name) for name in broken.columns)
    counts = broken.filter(stays).sum().row(0, named=True)
    return Parsed(
        frame.with_columns(empty).filter(stays),
        {name: counts[name] for name in contract.terms if counts.get(name)},
        int((~stays).sum()),
    )
