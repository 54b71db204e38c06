"""A correction after delivery: one provider delivers one term anew, because a dropout turned out to be a move.

It changes one pupil's outcome, and so one dropout figure by 1. The provider's file is rewritten as a provider would: the
same rows but one, and a later delivery date.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from avbrott.atomic import write_bytes, write_json
from avbrott.delivery.package import PACKAGE, package
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import SchoolYear, Term
from avbrott.registry import Contracts
from avbrott.synthetic.outbox import EPOCH
from avbrott.synthetic.pupils import DROPOUT, EVENTS, SCHOOL_CHANGE
from avbrott.synthetic.truth import CORRECTION

_DAYS_AFTER = 45
"""How long after the newest delivery the correction comes."""


def correct(home: Home, contracts: Contracts, *, school_year: int | None = None) -> str:
    """Deliver a spring term anew with one dropout of ``school_year`` (by default the last) as a move to another county.

    Returns the provider and the term, ``2480 VT2025``. Done once for a county: asked again, it answers the same and changes
    nothing. ``BadInput`` where there is no invented county, or no such dropout in it.
    """
    file = home.truth / "outcomes.parquet"
    if not file.is_file():
        raise BadInput("SYNTH_NO_TRUTH", folder=home.root)
    record = home.truth / CORRECTION
    if record.is_file():
        done = json.loads(record.read_text("utf-8"))
        return f"{done['provider']} {done['term']}"
    outcomes = pl.read_parquet(file, glob=False)
    year = SchoolYear(school_year) if school_year is not None else SchoolYear.parse(str(outcomes["school_year"].max()))
    term = Term("VT", year.start + 1)
    provider, pseudonym = _correctable(home, outcomes, year, term)
    events = home.outbox(provider, str(term)) / "events.csv"
    rows = _read(events)
    mine = (pl.col("pseudonym") == pseudonym) & (pl.col("event") == EVENTS[DROPOUT])
    corrected = rows.with_columns(
        event=pl.when(mine).then(pl.lit(EVENTS[SCHOOL_CHANGE])).otherwise("event"),
        cause=pl.when(mine).then(None).otherwise("cause"),
    )
    write_bytes(events, corrected.write_csv().encode())
    files = [f"{name}.csv" for name in contracts.suppliers[provider].extracts if (events.parent / f"{name}.csv").is_file()]
    created = _newest(home, contracts) + timedelta(days=_DAYS_AFTER)
    write_bytes(events.parent / PACKAGE, package(contracts, provider, term, files, created, EPOCH))
    write_json(record, {"provider": provider, "term": str(term), "school_year": str(year), "pseudonym": pseudonym})
    return f"{provider} {term}"


def _correctable(home: Home, outcomes: pl.DataFrame, year: SchoolYear, term: Term) -> tuple[str, str]:
    """A provider and a pupil whose only event of the term is a dropout, whom no flaw touched and who did not come back."""
    columns = ["pseudonym", "provider", "term", "flaw"]
    flawed = pl.read_parquet(home.truth / "flaws.parquet", columns=columns, glob=False)
    dropouts = outcomes.filter(
        (pl.col("school_year") == str(year))
        & (pl.col("outcome") == "dropout")
        & (pl.col("last_event") == EVENTS[DROPOUT])
        & pl.col("left").is_between(term.first_day, term.last_day)
        & pl.col("later").is_null()
    ).join(flawed, on="pseudonym", how="anti")
    whole = set(
        flawed.filter(pl.col("pseudonym").is_null() & (pl.col("flaw") != "late_delivery"), term=str(term))["provider"]
    )
    by_size = dropouts["provider"].value_counts().sort("count", "provider", descending=[True, False])["provider"].to_list()
    for provider in (found for found in by_size if found not in whole):
        events = home.outbox(provider, str(term)) / "events.csv"
        if events.is_file():
            rows = _read(events)
            single = rows.filter(pl.len().over("pseudonym") == 1).filter(event=EVENTS[DROPOUT])
            found = single.join(dropouts, on="pseudonym", how="semi")["pseudonym"].sort()
            if len(found):
                return provider, str(found[0])
    raise BadInput("SYNTH_NOTHING_TO_CORRECT", school_year=year, folder=home.root)


def _read(file: Path) -> pl.DataFrame:
    return pl.read_csv(file, infer_schema=False, glob=False)


def _newest(home: Home, contracts: Contracts) -> date:
    """The day of the newest delivery in any outbox."""
    packages = [file for s in contracts.suppliers.suppliers for file in home.outbox(s.id, "").glob(f"*/{PACKAGE}")]
    return max(date.fromisoformat(json.loads(file.read_text("utf-8"))["created"]) for file in packages)
