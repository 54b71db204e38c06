"""The pipeline's outcomes beside the invented county's truth: equal where nobody was late, and wrong only by named flaws."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott import atomic
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from pipelines import headless
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


def test_the_truth_makes_no_difference(tmp_path: Path, few: Contracts) -> None:
    """The same deliveries without the truth beside them give the same release, byte for byte."""
    known, unknown = Home(tmp_path / "known"), Home(tmp_path / "unknown")
    generate(known, few, pupils=300, years=1, seed=9)
    atomic.write_bytes(known.seed, bytes(range(32)))
    shutil.copytree(known.root, unknown.root)
    shutil.rmtree(unknown.truth)
    for home in (known, unknown):
        headless.run(home, few)
    files = [file.relative_to(known.releases) for file in sorted(known.releases.rglob("*")) if file.is_file()]
    assert len(files) > 100
    assert files == [file.relative_to(unknown.releases) for file in sorted(unknown.releases.rglob("*")) if file.is_file()]
    assert [file for file in files if (known.releases / file).read_bytes() != (unknown.releases / file).read_bytes()] == []
