"""One term's deliveries: every member's extracts in the form of their contracts, with the flaws of whole deliveries."""

from __future__ import annotations

from datetime import date

import polars as pl

from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.suppliers import Supplier
from avbrott.synthetic.county import County
from avbrott.synthetic.delivery_flaws import DELIVERY_FLAWS, Chosen, flawed_delivery, late_by
from avbrott.synthetic.draws import generator
from avbrott.synthetic.outbox import Outboxes
from avbrott.synthetic.truth import Touched

EXTRACTS = ("enrolments", "events", "absence", "kaa", "agency_counts")

_LEFT_OUT = pl.col("flaw").eq_missing("cancelled_without_event")


def deliver(
    boxes: Outboxes, county: County, term: Term, frames: dict[str, pl.DataFrame], chosen: Chosen, touched: Touched, seed: int
) -> None:
    """Write each member's delivery of a term, and take down what the flaws touched."""
    contracts = county.contracts
    there = [name for name in EXTRACTS if name in contracts.extracts and name in frames]
    parts = {name: _by_provider(_ordered(contracts, name, frames[name])) for name in there}
    for at, supplier in enumerate(contracts.suppliers.members(term)):
        flaws = chosen.of(supplier.id, term)
        whole = pl.DataFrame({"flaw": sorted(flaws)}, schema={"flaw": pl.String}).with_columns(
            pseudonym=pl.lit(None, dtype=pl.String)
        )
        touched.without_line(supplier.id, term, "", whole)
        if "missing_delivery" not in flaws:
            rng = generator(seed, DELIVERY_FLAWS, term.index, at)
            mine = {name: parts[name].get(supplier.id, parts[name][""]) for name in supplier.extracts if name in parts}
            flawed = {name: flawed_delivery(name, frame, flaws, rng) for name, frame in mine.items()}
            files = _write(boxes, supplier, term, flawed, flaws, touched)
            created = late_by(county, supplier.id, term, chosen, delivered_on(county, term), seed)
            boxes.close(contracts, supplier.id, term, files, created)


def _write(
    boxes: Outboxes, supplier: Supplier, term: Term, mine: dict[str, pl.DataFrame], flaws: frozenset[str], touched: Touched
) -> list[str]:
    """Write the extracts of one delivery; their files."""
    files = []
    encoding = "utf-32" if "wrong_encoding" in flaws else "utf-8"
    for name, frame in mine.items():
        extract = frame
        if "flaw" in frame.columns:
            touched.without_line(supplier.id, term, name, frame.filter(_LEFT_OUT))
            extract = frame.filter(~_LEFT_OUT)
            touched.rows(supplier.id, term, name, extract)
            extract = extract.drop("flaw")
        files.append(boxes.put(supplier.id, term, name, extract, encoding))
    return files


def _ordered(contracts: Contracts, extract: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the contract in their order, rows by key: a term that nobody here invents is empty."""
    contract = contracts.extracts[extract]
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in contract.terms if name not in frame.columns]
    flaw = ["flaw"] if "flaw" in frame.columns else []
    return (
        frame.with_columns(missing)
        .select("provider", *contract.terms, *flaw)
        .sort("provider", *contract.key, maintain_order=True)
    )


def _by_provider(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of each provider without that column; under the empty name a frame without rows."""
    parts = {str(key[0]): part for key, part in frame.partition_by("provider", as_dict=True, include_key=False).items()}
    return parts | {"": frame.clear().drop("provider")}


def delivered_on(county: County, term: Term) -> date:
    """The day on which a delivery of the term comes when it is not late."""
    deliveries = county.calibration.deliveries
    autumn = term.season == "HT"
    month, day = map(int, (deliveries.autumn if autumn else deliveries.spring).split("-"))
    return date(term.year + (1 if autumn else 0), month, day)
