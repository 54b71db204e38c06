"""A dozen faults on a tiny county; ``make faults`` does them by the hundred. What each does is ``tests/faults``'."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from avbrott.delivery.pull import stored
from avbrott.receipts.receipt import PLACE, receipt_names
from tests.faults.county import County, county, faults_of
from tests.faults.kinds import FAULTS, killed

pytestmark = pytest.mark.xdist_group("faults")

TIMES = {"disk full": 2, "store corrupted": 3}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> County:
    return county(tmp_path_factory.mktemp("faults"), pupils=120)


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind in FAULTS for number in range(TIMES.get(kind, 1))])
def test_a_fault_is_told_and_made_good_by_the_next_run(kind: str, number: int, tiny: County, tmp_path: Path) -> None:
    """With a code and without a traceback; the release is what it would have been, and no delivery is lost."""
    outcome = FAULTS[kind](tiny, tmp_path, random.Random(f"{kind} {number}"))  # noqa: S311  it keeps no secret
    assert outcome.faults == (), outcome
    assert outcome.said


def test_a_run_that_is_killed_anywhere_is_made_good(tiny: County, tmp_path: Path) -> None:
    """At one instant of many; the stages that matter most are killed one by one in ``test_interrupted``."""
    outcome = killed(tiny, tmp_path, random.Random(7), seconds=12)  # noqa: S311  it keeps no secret
    assert outcome.faults == (), outcome


def test_receipts_that_a_killed_run_owes_are_written_by_the_next(tiny: County, tmp_path: Path) -> None:
    """It had checked every delivery and come no further: there is nothing left to take up."""
    home = tiny.copied(tmp_path, tiny.undisturbed)
    for number, (provider, term) in enumerate(stored(home)):
        file = home.receipts(str(term)) / receipt_names(provider, term)[-1]
        if number % 2:
            file.unlink()
        else:
            file.with_suffix(".sent").unlink()
            shutil.rmtree(home.outbox(provider, str(term)).parent / PLACE / str(term))
    assert tiny.run(home).code == 0
    assert faults_of(tiny, home) == []


def test_what_a_killed_run_had_begun_to_write_is_gone_after_the_next(tiny: County, tmp_path: Path) -> None:
    """Of every file that a run writes into the store: true counts were left there, and pages of receipts."""
    home, store = tiny.copied(tmp_path), tiny.undisturbed.store
    for file in (home.hub_key, home.store_key, home.sealed_by, home.named_by):
        file.parent.mkdir(exist_ok=True, mode=0o700)
        shutil.copy2(tiny.undisturbed.root / file.relative_to(home.root), file)
    written = [file for file in sorted(store.rglob("*")) if file.is_file() and "frozen" not in file.parts]
    for file in written:
        left = home.store / file.relative_to(store).with_name(f".{file.name}.ab12cd_3.part")
        left.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        left.write_bytes(b"begun")
    assert {file.relative_to(store).parts[0] for file in written} >= {"counted", "protected", "receipts", "watched"}
    assert tiny.run(home).code == 0
    assert faults_of(tiny, home) == []
