"""The agencies' counts by municipality and month. Counts, never rows of persons."""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.periods import Term
from avbrott.synthetic.county import County
from avbrott.synthetic.draws import generator
from avbrott.synthetic.life import trend
from avbrott.synthetic.reports import school_year_of

AGENCIES = 8
"""The part of the county with a generator of its own."""


def agency_counts(county: County, term: Term, seed: int) -> pl.DataFrame:
    """One row a municipality, month and indicator of the term; each agency delivers every n-th indicator of the glossary."""
    rng = generator(seed, AGENCIES, term.index)
    calibration = county.calibration.agency_counts
    indicators = [code.code for code in county.contracts.glossary.codes("indicator")]
    agencies = [s.id for s in county.contracts.suppliers.suppliers if "agency_counts" in s.extracts]
    half = 0 if term.season == "HT" else 6
    season = calibration.season[half : half + 6]
    factor = trend(calibration.by_school_year, school_year_of(term))
    frames = []
    for at, indicator in enumerate(indicators if agencies else []):
        rate = calibration.by_indicator.get(indicator, calibration.default) / 1000 * factor
        expected = np.outer(county.home_weights[: county.inside] * rate, season)
        frames.append(
            pl.DataFrame(
                {
                    "provider": agencies[at % len(agencies)],
                    "municipality": np.repeat(np.array(county.homes[: county.inside], dtype=object), 6),
                    "month": [
                        f"{term.year}-{7 - half + month:02d}" if half == 0 else f"{term.year}-{month + 1:02d}"
                        for month in range(6)
                    ]
                    * county.inside,
                    "indicator": indicator,
                    "persons": rng.poisson(expected).ravel(),
                },
                schema_overrides={"municipality": pl.String},
            )
        )
    schema = {
        "provider": pl.String,
        "municipality": pl.String,
        "month": pl.String,
        "indicator": pl.String,
        "persons": pl.Int64,
    }
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
