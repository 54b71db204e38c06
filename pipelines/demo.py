"""The demonstration: an invented county, and three releases in a row, the last after a correction by one.

What it writes lies under one home folder that it makes and may remake; what it says at its end is in ``summary``.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

from rich.console import Console

from avbrott import atomic
from avbrott.errors import ExitCode
from avbrott.home import Home
from avbrott.identity.rekey import place_key
from avbrott.periods import SchoolYear, Term
from avbrott.registry import Contracts
from avbrott.screen import showing_progress
from avbrott.synthetic.correct import correct
from avbrott.synthetic.generate import generate
from avbrott.synthetic.invented import refuse_taken
from avbrott.texts import load_messages
from pipelines import headless
from pipelines.instance import keep_instance
from pipelines.screen import say, show_release, show_watches
from pipelines.summary import Demonstration, show_summary

_MADE_HERE = ("providers", "truth", "store", "confidential", "private", "releases", "dagster")


def show_demo(home: Home, contracts: Contracts, *, pupils: int, years: int, seed: int, screen: Console) -> ExitCode:
    """Make the county and its releases; ``BadInput`` where ``home`` holds something that was not invented."""
    started = time.perf_counter()
    texts = load_messages(contracts.folder)
    clear(home)
    invented = time.perf_counter()
    with showing_progress(screen, texts):
        county = generate(home, contracts, pupils=pupils, years=years, seed=seed)
    county_seconds = time.perf_counter() - invented
    say(screen, texts, "DEMO_COUNTY", pupils=pupils, years=years)
    # An invented county has no secret: with a known seed, the same demonstration gives the same releases anywhere.
    atomic.write_bytes(home.seed, hashlib.sha256(f"demonstration {seed}".encode()).digest())
    place_key(home, hashlib.sha256(f"demonstration's key {seed}".encode()).digest())
    last = Term("HT", county.last_school_year + 1)
    runs = []
    for step, until in (("DEMO_FIRST", last.next(-2)), ("DEMO_SECOND", last), ("DEMO_THIRD", last)):
        if step == "DEMO_THIRD":
            correct(home, contracts)
        say(screen, texts, step, year=SchoolYear(until.year - 1))
        with showing_progress(screen, texts):
            runs.append(headless.run(home, contracts, until=until))
        show_release(screen, texts, runs[-1])
    show_watches(screen, contracts, texts, runs[-1])
    keep_instance(home)
    show_summary(screen, home, contracts, texts, Demonstration(county_seconds, runs, time.perf_counter() - started))
    return ExitCode.DONE


def clear(home: Home) -> None:
    """Make room for the demonstration where nothing, or an earlier invented county, lies."""
    refuse_taken(home)
    for name in _MADE_HERE:
        _remove(home.root / name)
    home.sources.unlink(missing_ok=True)
    home.hub_key.unlink(missing_ok=True)
    home.store_key.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Remove a folder of an earlier demonstration; releases are write-protected, so that is undone first."""
    if not folder.exists():
        return
    for inside in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
        inside.chmod(0o700)
    shutil.rmtree(folder)
