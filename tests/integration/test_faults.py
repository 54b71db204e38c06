"""A dozen faults on a tiny county; ``make faults`` does them by the hundred. What each does is ``tests/faults``'."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from tests.faults.county import County, county
from tests.faults.kinds import FAULTS, killed

pytestmark = pytest.mark.xdist_group("faults")

TIMES = {"disk full": 3, "store corrupted": 3}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> County:
    return county(tmp_path_factory.mktemp("faults"), contracts, pupils=120)


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind in FAULTS for number in range(TIMES.get(kind, 1))])
def test_a_fault_is_told_and_made_good_by_the_next_run(kind: str, number: int, tiny: County, tmp_path: Path) -> None:
    """With a code and without a traceback; the release is what it would have been, and no delivery is lost."""
    outcome = FAULTS[kind](tiny, tmp_path, random.Random(f"{kind} {number}"))  # noqa: S311  it keeps no secret
    assert outcome.faults == (), outcome
    assert outcome.said


def test_a_run_that_is_killed_anywhere_is_made_good(tiny: County, tmp_path: Path) -> None:
    """At one instant of many; the stages that matter most are killed one by one in ``test_interrupted``."""
    outcome = killed(tiny, tmp_path, random.Random(7), seconds=20)  # noqa: S311  it keeps no secret
    assert outcome.faults == (), outcome
