"""What each flaw costs the linking: outcomes as linked beside what really happened, by flaw.

``python -m tests.benchmarks linking_flaws`` invents a county without flaws and with the harsh set of them, lets the
pipeline pull, check and link it, and prints pupil-years. A *missed link* is a dropout in the result of a pupil who went on
somewhere; a *false link* is a pupil who dropped out and in the result did not. Every flaw has a line; one that touched
nobody, or only invented persons as ``event_without_enrolment`` does, has zeros. ``late_report`` is no planted flaw: an end
registered after the term.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import polars as pl

from avbrott.delivery.check import check_term
from avbrott.delivery.pull import pull_many
from avbrott.home import Home
from avbrott.identity.keys import read_key
from avbrott.identity.pseudonym import at_hub
from avbrott.linking.link import link
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts, read_contract
from avbrott.synthetic.flaws import Flaws
from avbrott.synthetic.generate import SynthSummary, generate
from tests import stored

PUPILS, YEARS = 4000, 4
EVERY, UNTOUCHED, LATE = "(all)", "(untouched)", "late_report"


def main() -> None:
    """Print missed and false links by flaw."""
    with tempfile.TemporaryDirectory() as folder:
        home, contracts = Home(Path(folder)), load_contracts()
        for flaws in ("none", "harsh"):
            started = time.perf_counter()
            linked(home, contracts, generate(home, contracts, pupils=PUPILS, years=YEARS, seed=1, flaws=flaws))
            print(f"{flaws}: {PUPILS} pupils, {YEARS} school years, {time.perf_counter() - started:.0f} s")
            print("\n".join(lines(by_flaw(home, contracts))), flush=True)


def linked(home: Home, contracts: Contracts, summary: SynthSummary) -> None:
    """Pull, check and link every term of a county."""
    terms = [Term.parse(term) for term in summary.terms]
    members = {term: [supplier.id for supplier in contracts.suppliers.members(term)] for term in terms}
    pull_many(home, contracts, members)
    for term in terms:
        check_term(home, contracts, term, members[term])
    link(home, contracts, terms)


def compared(home: Home) -> pl.DataFrame:
    """Each pupil and school year of the truth beside the linked outcome (null where the result has none)."""
    truth = pl.read_parquet(home.truth / "outcomes.parquet").filter(pl.col("outcome") != "left_population")
    result = stored.rows(home, home.linked("outcomes")).select("pseudonym", "school_year", result="outcome")
    autumn = pl.col("school_year").str.head(4).cast(pl.Int64) * 2 + 1
    known_as = pl.when(pl.col("from_term") <= autumn).then("later").otherwise("pseudonym")
    years = truth.with_columns(known_as=known_as, autumn=autumn)
    years = years.with_columns(at_hub(read_key(home.hub_key, "hub").secret, years["known_as"]).alias("at_hub"))
    named = years.join(result, left_on=["at_hub", "school_year"], right_on=["pseudonym", "school_year"], how="left")
    return named.drop("at_hub")


def touched(home: Home, years: pl.DataFrame) -> pl.DataFrame:
    """Flaw, pseudonym and school year, for every pupil-year that a flaw could tell in."""
    flaws = pl.read_parquet(home.truth / "flaws.parquet").with_columns(index=_index("term"))
    keys = years.select("pseudonym", "known_as", "school_year", "provider", "autumn")
    in_year = pl.col("index").is_between(pl.col("autumn"), pl.col("autumn") + 2)
    rows = keys.join(flaws.select("flaw", "index", known_as="pseudonym").drop_nulls(), on="known_as").filter(in_year)
    whole = keys.join(flaws.filter(extract="").select("flaw", "index", "provider"), on="provider").filter(in_year)
    changed = years.filter((pl.col("from_term") > pl.col("autumn")) & (pl.col("from_term") <= pl.col("autumn") + 2))
    spells = pl.read_parquet(home.truth / "spells.parquet").filter(pl.col("registered").is_not_null())
    late = spells.filter(_half(pl.col("registered")) > _half(pl.col("end"))).select("pseudonym", index=_half(pl.col("end")))
    late = keys.join(late, on="pseudonym").filter(in_year)
    parts = [
        rows.select("flaw", "pseudonym", "school_year"),
        whole.select("flaw", "pseudonym", "school_year"),
        changed.select(pl.lit("changed_pseudonym").alias("flaw"), "pseudonym", "school_year"),
        late.select(pl.lit(LATE).alias("flaw"), "pseudonym", "school_year"),
    ]
    return pl.concat(parts).unique(maintain_order=True)


def by_flaw(home: Home, contracts: Contracts) -> pl.DataFrame:
    """Pupil-years, missed and false links and those without a result, by flaw, in the order of the contract.

    The first row is every pupil-year, the second those that no flaw touched, the last late reports; each flaw is there.
    """
    years = compared(home)
    marked = touched(home, years)
    untouched = years.join(marked, on=["pseudonym", "school_year"], how="anti").with_columns(flaw=pl.lit(UNTOUCHED))
    every = years.with_columns(flaw=pl.lit(EVERY))
    flawed = years.join(marked, on=["pseudonym", "school_year"])
    dropout, found = pl.col("outcome") == "dropout", pl.col("result") == "dropout"
    counted = (
        pl.concat([every, untouched, flawed.select(every.columns)])
        .group_by("flaw")
        .agg(
            pupil_years=pl.len(),
            dropouts=dropout.sum(),
            missed_links=(found & ~dropout).sum(),
            false_links=(dropout & pl.col("result").is_not_null() & ~found).sum(),
            other_outcome=(~dropout & ~found & (pl.col("outcome") != pl.col("result"))).sum(),
            no_result=pl.col("result").is_null().sum(),
        )
    )
    planted = read_contract(contracts.folder / "flaws.yaml", Flaws).flaws
    listed = pl.DataFrame({"flaw": [EVERY, UNTOUCHED, *(flaw.id for flaw in planted), LATE]})
    return listed.join(counted, on="flaw", how="left", maintain_order="left").fill_null(0)


def lines(found: pl.DataFrame) -> list[str]:
    """The table as it is printed: one line a flaw, each number under its head."""
    heads = [name.replace("_", " ") for name in found.columns]
    wide = max(map(len, [*found["flaw"], heads[0]]))
    rows = [heads, *([str(value) for value in row] for row in found.rows())]
    return [
        "".join([row[0].ljust(wide), *(cell.rjust(len(head) + 2) for head, cell in zip(heads[1:], row[1:], strict=True))])
        for row in rows
    ]


def _index(column: str) -> pl.Expr:
    """Half-years of terms written HT2024."""
    return pl.col(column).str.tail(4).cast(pl.Int64) * 2 + (pl.col(column).str.head(2) == "HT").cast(pl.Int64)


def _half(day: pl.Expr) -> pl.Expr:
    """Half-years of dates."""
    return day.dt.year().cast(pl.Int64) * 2 + (day.dt.month() >= 7).cast(pl.Int64)
