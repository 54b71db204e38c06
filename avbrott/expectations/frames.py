"""Frames of counts over the deliveries of some terms: coverage, rows, shares, moves. Only counts leave this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from avbrott.at_rest.files import read_frame
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.pull import delivered
from avbrott.expectations.contract import BESIDE, COLUMNS, KEYS, Frame
from avbrott.expectations.counted import ROWS, base_of, counted, part_of
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.retention.erased import was_accepted

_FRACTIONS = ("ratio", "change_points", "seen_per_reported")


def count_frames(home: Home, contracts: Contracts, terms: Iterable[Term]) -> dict[Frame, pl.DataFrame]:
    """The frames that the contracts' suites look at, each sorted by its keys (``KEYS``)."""
    wanted = sorted(set(terms))
    numbers = counted(home, contracts, wanted)
    return {
        "coverage": coverage(home, contracts, wanted),
        "rows": rows(numbers, contracts),
        "shares": shares(numbers, contracts),
        "moves": moves(home, contracts, wanted),
    }


def coverage(home: Home, contracts: Contracts, terms: list[Term], provider: str | None = None) -> pl.DataFrame:
    """Per term and extract: deliveries expected, delivered and accepted, and their shares (of expected, of delivered).

    Those of every provider together, or of ``provider`` alone.
    """
    found = []
    for term in terms:
        for supplier in (one for one in contracts.suppliers.members(term) if provider in (None, one.id)):
            came = {extract.name for extract in delivered(home, supplier.id, term).extracts}
            found += [
                (str(term), name, name in came, name in came and was_accepted(home, name, supplier.id, term))
                for name in supplier.extracts
            ]
    schema = {"term": pl.String, "extract": pl.String, "delivered": pl.Boolean, "accepted": pl.Boolean}
    frame = pl.DataFrame(found, schema=schema, orient="row").group_by("term", "extract")
    return (
        frame.agg(pl.len().alias("expected").cast(pl.Int64), pl.col("delivered", "accepted").sum().cast(pl.Int64))
        .with_columns(
            delivered_share=pl.col("delivered") / pl.col("expected"),
            accepted_share=pl.when(pl.col("delivered") > 0).then(pl.col("accepted") / pl.col("delivered")),
        )
        .sort("term", "extract")
    )


def rows(numbers: Mapping[str, pl.DataFrame], contracts: Contracts) -> pl.DataFrame:
    """Per provider, extract and term: accepted rows, those of the earlier term it is held against, and their ratio.

    ``numbers``: ``counted``.
    """
    parts = []
    for watched in contracts.expectations.rows:
        paired = _beside(numbers[watched.extract].select("provider", "term", ROWS), [ROWS], watched.terms_back)
        large = pl.max_horizontal("rows", "rows_before") >= watched.minimum
        ratio = pl.col("rows") / pl.max_horizontal(pl.col("rows_before"), pl.lit(1))
        parts.append(
            paired.select(
                "provider",
                pl.lit(watched.extract).alias("extract"),
                "term",
                "rows",
                "rows_before",
                BESIDE,
                pl.when(large & pl.col("rows_before").is_not_null()).then(ratio).alias("ratio"),
            )
        )
    return _together(parts, "rows")


def shares(numbers: Mapping[str, pl.DataFrame], contracts: Contracts) -> pl.DataFrame:
    """Per provider, share and term: base, part, and how many percentage points the share has changed.

    ``numbers``: ``counted``.
    """
    parts = []
    for watched in contracts.expectations.shares:
        own = numbers[watched.extract].select("provider", "term", base=base_of(watched), part=part_of(watched))
        paired = _beside(own, ["base", "part"], watched.terms_back)
        large = pl.min_horizontal("base", "base_before") >= watched.minimum
        change = 100 * (pl.col("part") / pl.col("base") - pl.col("part_before") / pl.col("base_before"))
        parts.append(
            paired.select(
                "provider",
                pl.lit(watched.name).alias("share"),
                "term",
                "base",
                "part",
                "base_before",
                "part_before",
                BESIDE,
                pl.when(large & pl.col("base_before").is_not_null()).then(change).alias("change_points"),
            )
        )
    return _together(parts, "shares")


def moves(home: Home, contracts: Contracts, terms: list[Term]) -> pl.DataFrame:
    """Per provider and term: pupils reported as moved, those seen at another school, and the second per the first."""
    file = home.linked("moved")
    if not file.is_file():
        return _together([], "moves")
    large = pl.max_horizontal("moved_out_reported", "moved_out_seen") >= contracts.expectations.moves.minimum
    per = pl.col("moved_out_seen") / pl.max_horizontal(pl.col("moved_out_reported"), pl.lit(1))
    return (
        read_frame(vault_of(home), file)
        .filter(pl.col("term").is_in([str(term) for term in terms]))
        .with_columns(pl.when(large).then(per).alias("seen_per_reported"))
        .sort(KEYS["moves"])
    )


def _beside(counted: pl.DataFrame, columns: list[str], terms_back: int) -> pl.DataFrame:
    """Each row beside the same provider's row of ``terms_back`` terms before (columns with the ending ``_before``).

    Where nothing was accepted of that term, beside the row of as many terms before it again: a comparison that goes back two
    terms stays one of autumn with autumn. A provider's first row stands alone.
    """
    index = pl.Series("index", [Term.parse(term).index for term in counted["term"].to_list()], dtype=pl.Int64)
    placed = counted.with_columns(index, (index % terms_back).alias("turn")).sort("index")
    before = placed.select("provider", "turn", "index", pl.col("term", *columns).name.suffix("_before"))
    paired = placed.join_asof(before, on="index", by=["provider", "turn"], allow_exact_matches=False, check_sortedness=False)
    return paired.drop("index", "turn")


def _together(parts: list[pl.DataFrame], frame: Frame) -> pl.DataFrame:
    """The parts as one frame, sorted; with the frame's columns also where there is no part."""
    schema: dict[str, type[pl.DataType]] = dict.fromkeys(KEYS[frame], pl.String)
    schema |= {name: pl.Float64 if name in _FRACTIONS else pl.Int64 for name in COLUMNS[frame]}
    schema |= {BESIDE: pl.String} if frame in ("rows", "shares") else {}
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(list(schema)) for part in parts)]).sort(KEYS[frame])
