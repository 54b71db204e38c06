"""Whether all that a provider delivered of an extract is about another's schools or municipality: then it is another's.

Some rows elsewhere are a rule's finding (UNIT_NOT_OWN). A code that nobody has in ``suppliers.yaml`` may be new, and is
nobody else's. Which field tells stands in ``contracts/delivery.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from avbrott.delivery.due import OfAnother
from avbrott.delivery.typed import form
from avbrott.findings import Severity
from avbrott.registry import Contracts
from avbrott.schema import Failure

CODE = "DELIVERY_OF_ANOTHER"


def of_another(contracts: Contracts, extract: str, frame: pl.DataFrame, tells: OfAnother) -> Iterator[Failure]:
    """The rows of each provider that has none but others'; one with no codes of its own may have any."""
    suppliers = contracts.suppliers.suppliers
    if (field := tells.units.get(extract)) is not None:
        owned = {one.id: {unit.code for unit in one.units} for one in suppliers if one.units}
    elif (field := tells.municipality.get(extract)) is not None:
        owned = {one.id: {one.municipality} for one in suppliers if one.municipality is not None}
    if field is None or field not in contracts.extracts[extract].terms or frame.is_empty():
        return
    others, is_judged = _others(field, owned), pl.col("provider").is_in(list(owned))
    pattern = form(contracts.glossary.terms[field])
    is_unread = pl.lit(False) if pattern is None else ~pl.col(field).str.contains(f"^(?:{pattern})$")
    whole = (others | is_unread.fill_null(True) | pl.col(field).is_null()).all().over("provider")
    enough = others.sum().over("provider") >= tells.rows
    fails = frame.select((is_judged & others & whole & enough).fill_null(False)).to_series()
    if fails.any():
        yield Failure(CODE, field, Severity.BLOCKING, fails)


def _others(field: str, owned: Mapping[str, set[str]]) -> pl.Expr:
    """True where the code is somebody's, and not the provider's."""
    listed = sorted({code for codes in owned.values() for code in codes})
    own = sorted(f"{provider}/{code}" for provider, codes in owned.items() for code in codes)
    is_own = pl.concat_str("provider", field, separator="/").is_in(own)
    return pl.col(field).is_in(listed).fill_null(False) & ~is_own.fill_null(False)
