"""The pipeline's outcomes beside the invented county's truth: equal where nobody was late, and wrong only by named flaws."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from tests.benchmarks.bench_linking_flaws import by_flaw, compared, linked, touched


@pytest.mark.parametrize("flaws", ["none", "mild"])
def test_outcomes_are_the_truth_where_no_flaw_could_tell(tmp_path: Path, contracts: Contracts, flaws: str) -> None:
    """A pupil whom no flaw and no late report touched has in the result the outcome that is true."""
    home = Home(tmp_path)
    linked(home, contracts, generate(home, contracts, pupils=1200, years=2, seed=8, flaws=flaws))
    years = compared(home)
    untouched = years.join(touched(home, years), on=["pseudonym", "school_year"], how="anti")
    assert untouched.height > 1500
    assert untouched.filter(pl.col("outcome").ne_missing(pl.col("result"))).height == 0


def test_a_changed_pseudonym_looks_like_a_dropout(tmp_path: Path, contracts: Contracts) -> None:
    """Most pupils whose pseudonym changes within the year are missed links: the county that the benchmark measures."""
    home = Home(tmp_path)
    linked(home, contracts, generate(home, contracts, pupils=800, years=1, seed=8, flaws={"changed_pseudonym": 0.2}))
    found = by_flaw(home, contracts).filter(flaw="changed_pseudonym").row(0, named=True)
    assert found["pupil_years"] > 50
    assert found["missed_links"] > 0.5 * found["pupil_years"]
