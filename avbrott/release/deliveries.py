"""What deliveries say about figures: the table of what came, and the cells whose deliveries did not come.

A cell without its deliveries would be a false zero; it is not delivered, or not applicable where no delivery was due, and
stays so once it was published. Which deliveries a code's figures rest on stands in ``contracts/systems.yaml``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec
from avbrott.periods import SchoolYear, Term
from avbrott.registry import Contracts
from avbrott.release.codes import CodeList, plain_list
from avbrott.release.tables import MEASURE_COLUMNS, NOT_APPLICABLE, NOT_DELIVERED, SHOWN
from avbrott.suppliers import Supplier
from avbrott.table import TOTAL, Delivery

KEY = ("provider", "term", "extract")
MEASURES = ("delivered", "late", "refused")
OWN = ("municipality", "labour_market_unit")
"""The kinds of supplier that deliver for the municipality they are in; a school delivers for wherever its pupils live."""


def coverage_lists(contracts: Contracts, deliveries: pl.DataFrame) -> dict[str, CodeList]:
    """The code lists of the coverage table: every provider, the terms there are, the extracts that anyone delivers."""
    terms = sorted((Term.parse(text) for text in deliveries["term"].unique().to_list()), key=lambda term: term.index)
    return {
        "provider": plain_list("provider", [(s.id, "", s.kind, s.name, s.name) for s in contracts.suppliers.suppliers]),
        "term": plain_list("term", [(str(term), "", "term", str(term), str(term)) for term in terms]),
        "extract": plain_list(
            "extract",
            [(one.name, "", "extract", one.title.sv, one.title.en) for one in contracts.extracts.values()],
        ),
    }


def coverage_table(deliveries: pl.DataFrame, lists: dict[str, CodeList]) -> pl.DataFrame:
    """``provider, term, extract, measure, value, status`` for every combination; the measures of ``MEASURES``.

    ``delivered`` is 1 where something acceptable came, else not delivered; ``late`` is 1 or 0 of that. ``refused`` is 1 where
    an extract came and was refused, 0 where it was accepted, and not delivered where none came. A delivery that nobody
    expected is not applicable.
    """
    matrix = lists["provider"].frame.select(provider="code")
    for name in KEY[1:]:
        matrix = matrix.join(lists[name].frame.select(pl.col("code").alias(name)), how="cross", maintain_order="left_right")
    found = matrix.with_row_index("place").join(deliveries, on=KEY, how="left", validate="1:1", maintain_order="left")
    accepted, came = pl.col("delivered"), pl.col("delivered") | pl.col("refused")
    parts = []
    for measure in MEASURES:
        known = came if measure == "refused" else accepted
        status = (
            pl.when(accepted.is_null())
            .then(pl.lit(NOT_APPLICABLE))
            .when(known)
            .then(pl.lit(SHOWN))
            .otherwise(pl.lit(NOT_DELIVERED))
        )
        value = pl.when(known).then(pl.col(measure).cast(pl.Int8)).cast(pl.String)
        parts.append(found.select("place", *KEY, measure=pl.lit(measure), value=value, status=status))
    return pl.concat(parts).sort("place", "measure").select(*KEY, *MEASURE_COLUMNS)


def withheld_cells(
    contracts: Contracts,
    spec: SystemSpec,
    cells: pl.DataFrame,
    deliveries: pl.DataFrame,
    frozen: Mapping[str, Collection[str]] = {},
    rests_on: Delivery | None = None,
) -> pl.DataFrame:
    """The coordinates of ``cells`` whose own deliveries did not all come, and as ``status`` the reason.

    A code is without its deliveries in a school year when, for one of the terms that the year needs, none of its suppliers
    delivered anything acceptable; a code above it when all below it are, a window when one of its years is. It is not
    delivered where one that was due did not come, and else not applicable. A school year of ``frozen`` was published before:
    not delivered are the codes that were so then (``ledger.lacking_when_published``), whatever came or was withdrawn since.
    ``rests_on`` is by rule the system's.
    """
    names = list(spec.dimensions)
    system = contracts.systems[spec.name]
    rests_on = rests_on or system.delivery
    if rests_on is None:
        return cells.clear().select(*names, pl.lit(NOT_DELIVERED).alias("status"))
    dimension, years = spec.dimensions[rests_on.dimension], spec.dimensions[system.period]
    expected = deliveries.filter(pl.col("extract") == rests_on.extract)
    due = set(expected.select("provider", "term").rows())
    came = set(expected.filter("delivered").select("provider", "term").rows())
    missing: list[tuple[str, str, str]] = []
    for year in years.members[years.finest].to_list():
        needed = [str(term) for term in SchoolYear.parse(year).needed_terms[: rests_on.terms]]
        leaves: dict[str, set[str]] = {NOT_DELIVERED: set(), NOT_APPLICABLE: set()}
        for code in dimension.members[dimension.finest].to_list():
            own = _suppliers(contracts, rests_on, code)
            lacking = [term for term in needed if not any((supplier, term) in came for supplier in own)]
            if own and lacking:
                awaited = any((supplier, term) in due for supplier in own for term in lacking)
                leaves[NOT_DELIVERED if awaited else NOT_APPLICABLE].add(code)
        never = _with_parents(dimension, leaves[NOT_APPLICABLE])
        without = _with_parents(dimension, leaves[NOT_DELIVERED] | leaves[NOT_APPLICABLE])
        if year in frozen:
            never, without = never - set(frozen[year]), never | set(frozen[year])
        missing += [(year, code, NOT_APPLICABLE if code in never else NOT_DELIVERED) for code in sorted(without)]
    over = years.windows().items()
    missing += [(window, code, why) for window, inside in over for year, code, why in missing if year in inside]
    known = {system.period: pl.String, rests_on.dimension: pl.String, "status": pl.String}
    # What was due and did not come is the stronger reason, where the years of a window differ.
    reasons = pl.DataFrame(missing, schema=known, orient="row").sort("status", descending=True)
    on = [system.period, rests_on.dimension]
    return cells.select(names).join(reasons.unique(on, keep="first", maintain_order=True), on=on, how="inner")


def _suppliers(contracts: Contracts, rests_on: Delivery, code: str) -> list[str]:
    """The suppliers that a code's figures rest on: those named in the contract, or the municipality's own."""
    if rests_on.suppliers:
        return list(rests_on.suppliers.get(code, ()))

    def own(supplier: Supplier) -> bool:
        return supplier.municipality == code and supplier.kind in OWN and rests_on.extract in supplier.extracts

    return [supplier.id for supplier in contracts.suppliers.suppliers if own(supplier)]


def _with_parents(dimension: Dimension, leaves: set[str]) -> set[str]:
    """``leaves`` and every code all of whose finest codes are among them."""
    inside = dimension.members.with_columns(lacks=pl.col(dimension.finest).is_in(sorted(leaves)))
    found = set(leaves)
    for level in dimension.levels:
        whole = inside.group_by(level).agg(pl.col("lacks").all()).filter("lacks")
        found |= set(whole[level].to_list())
    if dimension.total and inside["lacks"].all():
        found.add(TOTAL)
    return found
