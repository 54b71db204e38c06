"""What really happened, for tests and benchmarks: the spells, each pupil's outcome by school year, the planted flaws.

The pipeline has no path to it. A person is known by the first pseudonym; ``later`` is one that took its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from avbrott.atomic import write_parquet
from avbrott.periods import SchoolYear, Term
from avbrott.synthetic.county import County
from avbrott.synthetic.draws import OPEN, day
from avbrott.synthetic.pupils import CERTIFICATE, DECEASED, DIPLOMA, EMIGRATED, EVENTS, NONE, PAUSE, SCHOOL_CHANGE
from avbrott.synthetic.simulation import Simulated

FLAW_ROWS = {
    "flaw": pl.String,
    "provider": pl.String,
    "term": pl.String,
    "extract": pl.String,
    "line": pl.Int64,
    "pseudonym": pl.String,
}
"""One planted flaw a row; ``line`` is the physical line (the header is 1), null for a whole delivery or a row left out."""


CORRECTION = "correction.json"
"""What ``correct`` has changed since the county was made."""


@dataclass
class Touched:
    """Which rows and deliveries each flaw has touched, as they are written."""

    frames: list[pl.DataFrame] = field(default_factory=list)

    def rows(self, provider: str, term: Term, extract: str, frame: pl.DataFrame) -> None:
        """Take down the rows of a file whose column ``flaw`` is filled; ``frame`` is in the order of the file."""
        numbered = frame.with_row_index("line", offset=2).filter(pl.col("flaw").is_not_null())
        self._add(numbered, provider, term, extract, pl.col("line").cast(pl.Int64))

    def without_line(self, provider: str, term: Term, extract: str, frame: pl.DataFrame) -> None:
        """Take down what has no line: rows left out, or (a frame of ``flaw`` and ``pseudonym``) whole deliveries."""
        self._add(frame, provider, term, extract, pl.lit(None, dtype=pl.Int64))

    def _add(self, frame: pl.DataFrame, provider: str, term: Term, extract: str, line: pl.Expr) -> None:
        if frame.height:
            names = {"provider": provider, "term": str(term), "extract": extract}
            literals = [pl.lit(value).alias(name) for name, value in names.items()]
            self.frames.append(frame.select("flaw", *literals, line.alias("line"), "pseudonym"))

    def table(self) -> pl.DataFrame:
        """All of it as one frame of ``FLAW_ROWS``."""
        return pl.concat(self.frames).sort(pl.all()) if self.frames else pl.DataFrame(schema=FLAW_ROWS)

    def counts(self) -> dict[str, int]:
        """How many rows, persons or deliveries each flaw touched."""
        return {str(flaw): count for flaw, count in self.table().group_by("flaw").len().sort("flaw").iter_rows()}


def write_truth(
    folder: Path,
    county: County,
    simulated: Simulated,
    reported: pl.DataFrame,
    changed: pl.DataFrame,
    touched: Touched,
    school_years: list[int],
) -> None:
    """Write ``persons``, ``spells``, ``outcomes`` and ``flaws`` under ``folder``."""
    (folder / CORRECTION).unlink(missing_ok=True)
    names = simulated.persons.select("person", "pseudonym").hstack(changed)
    spells = _spells(reported)
    first = day(school_years[0], 7, 1)
    season = pl.when(pl.col("from_term") % 2 == 1).then(pl.lit("HT")).otherwise(pl.lit("VT"))
    from_term = season + (pl.col("from_term") // 2).cast(pl.String)
    persons = names.select("pseudonym", "later", from_term.alias("from_term"))
    found = [outcomes(county, simulated.segments, year) for year in school_years]
    write_parquet(folder / "persons.parquet", persons)
    write_parquet(
        folder / "spells.parquet",
        spells.filter(pl.col("end").is_null() | (pl.col("end") >= pl.from_epoch(pl.lit(first), "d")))
        .join(names.select("person", "pseudonym"), on="person", how="left", maintain_order="left")
        .drop("person"),
    )
    write_parquet(
        folder / "outcomes.parquet",
        pl.concat(found).join(names, on="person", how="left").drop("person").sort("school_year", "pseudonym"),
    )
    write_parquet(folder / "flaws.parquet", touched.table())


def _spells(reported: pl.DataFrame) -> pl.DataFrame:
    """One row an enrolment, with its real dates, how it ended, and when the school registered that."""
    events = pl.Series("event", EVENTS)
    frame = reported.group_by("person", "school_unit", "study_path", "spell_start", maintain_order=True).agg(
        pl.col("provider", "start_event").first(), pl.col("end", "end_event", "end_registered").last()
    )
    return frame.select(
        "person",
        "provider",
        "school_unit",
        "study_path",
        _date("spell_start").alias("start"),
        pl.when(pl.col("end") < OPEN).then(_date("end")).alias("end"),
        events[frame["start_event"]].alias("began"),
        events[frame["end_event"]].alias("ended"),
        pl.when(pl.col("end_event") != NONE).then(_date("end_registered")).alias("registered"),
    )


def outcomes(county: County, segments: pl.DataFrame, school_year: int) -> pl.DataFrame:
    """Where each pupil of 15 October was a year later. Columns: person, school_year, provider, outcome, left, end_event."""
    start, end = day(school_year, 10, 15), day(school_year + 1, 10, 15)
    programmes = pl.Series(["", *county.programmes], dtype=pl.String)
    introductory = pl.Series([False, *county.introductory.tolist()])
    # A segment that runs on has no end of its own: it counts in its own school year only.
    of_year, of_next = (pl.col("school_year") == year for year in (school_year, school_year + 1))
    mine = segments.filter(of_year & (pl.col("start") <= start) & (pl.col("end") >= start) & ~pl.col("folk_high_school"))
    later = segments.filter(of_next & (pl.col("start") <= end) & (pl.col("end") >= end)).select(
        "person", next_unit="unit", next_programme="programme", next_folk_high_school="folk_high_school"
    )
    between = segments.filter((pl.col("end") >= start) & (pl.col("end") <= end) & ~pl.col("folk_high_school"))
    last = (
        between.sort("person", "end")
        .group_by("person")
        .agg(
            last_event=pl.col("end_event").last(),
            left=pl.col("end").last(),
            diploma=(pl.col("end_event") == DIPLOMA).any(),
            certificate=(pl.col("end_event") == CERTIFICATE).any(),
        )
    )
    frame = mine.join(later, on="person", how="left").join(last, on="person", how="left").sort("person")
    now, then = introductory[frame["programme"] + 1], introductory[(frame["next_programme"].fill_null(-1) + 1)]
    same_programme = pl.col("programme") == pl.col("next_programme")
    return frame.with_columns(now.alias("now"), then.alias("then")).select(
        "person",
        pl.lit(str(SchoolYear(school_year))).alias("school_year"),
        "provider",
        programmes[frame["programme"] + 1].alias("programme"),
        pl.when("diploma").then(pl.lit("diploma"))
        .when("certificate").then(pl.lit("study_certificate"))
        .when("next_folk_high_school").then(pl.lit("equivalent"))
        .when(same_programme & (pl.col("unit") == pl.col("next_unit"))).then(pl.lit("stayed"))
        .when(same_programme).then(pl.lit("changed_school"))
        .when(pl.col("next_unit").is_not_null() & pl.col("then") & ~pl.col("now")).then(pl.lit("to_introductory"))
        .when(pl.col("next_unit").is_not_null() & pl.col("now") & ~pl.col("then")).then(pl.lit("to_national"))
        .when(pl.col("next_unit").is_not_null()).then(pl.lit("changed_programme"))
        .when(pl.col("last_event") == PAUSE).then(pl.lit("pause"))
        .when(pl.col("last_event") == SCHOOL_CHANGE).then(pl.lit("changed_school"))
        .when(pl.col("last_event").is_in([EMIGRATED, DECEASED])).then(pl.lit("left_population"))
        .otherwise(pl.lit("dropout")).alias("outcome"),
        _date("left").alias("left"),
        pl.Series(EVENTS)[frame["last_event"].fill_null(NONE)].alias("last_event"),
    )  # fmt: skip


def _date(column: str) -> pl.Expr:
    return pl.from_epoch(pl.col(column).cast(pl.Int32), "d")
