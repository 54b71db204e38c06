"""Counts that are out of the ordinary reach whoever runs the program, and stay in the home when the run is over."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
import yaml

from avbrott.expectations.kept import kept_watches
from avbrott.home import Home
from avbrott.registry import Contracts
from tests.integration.running import Ended, avbrott

pytestmark = pytest.mark.xdist_group("watches")

PROVIDER, TERM = "2480", "HT2025"
PLACE = f"{PROVIDER} enrolments {TERM}"


@dataclass(frozen=True)
class Jumped:
    home: Home
    contracts: Path
    ran: Ended

    def again(self, command: str) -> Ended:
        return avbrott(command, "--home", self.home.root, "--contracts", self.contracts)


@pytest.fixture(scope="module")
def jumped(tmp_path_factory: pytest.TempPathFactory, few: Contracts) -> Jumped:
    """A sound county but for one provider's enrolments, four times as many in the last term, after ``avbrott run``."""
    home = Home(tmp_path_factory.mktemp("jumped") / "home")
    told = ("--home", home.root, "--contracts", few.folder)
    made = avbrott("synth", "--pupils", 400, "--years", 1, "--flaws", "none", *told)
    assert made.code == 0, made.output
    file = home.outbox(PROVIDER, TERM) / "enrolments.csv"
    enrolled = pl.read_csv(file, infer_schema=False)
    others = [enrolled.with_columns(_others(enrolled["pseudonym"], copy)) for copy in range(3)]
    pl.concat([enrolled, *others]).write_csv(file)
    return Jumped(home, few.folder, avbrott("run", *told))


def _others(pseudonyms: pl.Series, copy: int) -> pl.Series:
    """As many pseudonyms of nobody."""
    return pl.Series("pseudonym", [hashlib.sha256(f"{copy} {one}".encode()).hexdigest() for one in pseudonyms])


def test_a_planted_jump_is_told_and_stops_nothing(jumped: Jumped) -> None:
    """The expectation, where it does not hold and what to do, in both languages; the run ends as well as without it."""
    output = jumped.ran.output
    assert jumped.ran.code == 0, output
    assert "ATT KONTROLLERA / TO CHECK  ROWS_JUMPED" in output
    told = output[output.index("ROWS_JUMPED") :]
    assert f"Är inte så för: {PLACE}" in told
    assert f"Is not so for: {PLACE}" in told
    assert "Väntat: Antalet rader är varken mer än tre gånger" in told
    assert "Så rättar du: Kontrollera urvalet i utdraget" in told
    assert "To mend it: Check the selection of the extract" in told
    assert jumped.home.current.is_dir()


def test_the_store_holds_what_the_watches_said(jumped: Jumped) -> None:
    """Every expectation with what it looked at; of those that fail the provider, the extract and the term."""
    watches = {watch.code: watch for watch in kept_watches(jumped.home)}
    assert {"COVERAGE_LOW", "ROWS_JUMPED", "SHARE_CHANGED"} <= set(watches)
    assert (PROVIDER, "enrolments", TERM) in watches["ROWS_JUMPED"].failing
    assert watches["ROWS_JUMPED"].looked_at > 1
    assert watches["COVERAGE_LOW"].success
    assert jumped.home.watched.is_relative_to(jumped.home.store)


def test_a_later_run_and_a_release_tell_it_again(jumped: Jumped) -> None:
    """Nothing new has come, and the jump is still in what is published."""
    for command in ("run", "release"):
        ended = jumped.again(command)
        assert ended.code == 0, ended.output
        assert f"Är inte så för: {PLACE}" in ended.output


def test_without_its_suite_the_jump_is_not_told(jumped: Jumped, tmp_path: Path) -> None:
    """It was the suite that saw it: with contracts that have none for rows, neither the run nor the store knows of it."""
    folder = tmp_path / "contracts"
    shutil.copytree(jumped.contracts, folder)
    file = folder / "expectations.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["suites"] = [suite for suite in content["suites"] if suite["name"] != "plausibility"]
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    home = Home(tmp_path / "home")
    shutil.copytree(jumped.home.root / "providers", home.root / "providers")
    shutil.copy(jumped.home.sources, home.sources)
    ended = avbrott("run", "--home", home.root, "--contracts", folder)
    assert ended.code == 0, ended.output
    assert "ROWS_JUMPED" not in ended.output
    assert PLACE not in ended.output
    assert "ROWS_JUMPED" not in {watch.code for watch in kept_watches(home)}
