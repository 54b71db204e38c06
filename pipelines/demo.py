"""The demonstration: an invented county, and three releases in a row, the last after a correction by one.

What it prints is what a run prints; what it writes lies under one home folder that it makes and may remake.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

from rich.console import Console

from avbrott import atomic
from avbrott.errors import BadInput, ExitCode
from avbrott.home import Home
from avbrott.periods import SchoolYear, Term
from avbrott.registry import load_contracts
from avbrott.started import command
from avbrott.synthetic.correct import correct
from avbrott.synthetic.generate import generate
from avbrott.texts import load_messages
from pipelines import headless
from pipelines.screen import say, show_run, showing_progress

_MARK = "demo.json"
_MADE_HERE = ("providers", "truth", "store", "confidential", "private", "releases", "dagster")


def show_demo(home: Home, *, pupils: int, years: int, seed: int, screen: Console) -> ExitCode:
    """Make the county and its releases; ``BadInput`` where ``home`` holds something that is not a demonstration."""
    started = time.perf_counter()
    texts, contracts = load_messages(), load_contracts()
    clear(home, {"pupils": pupils, "years": years, "seed": seed})
    with showing_progress(screen, texts):
        county = generate(home, contracts, pupils=pupils, years=years, seed=seed)
    say(screen, texts, "DEMO_COUNTY", pupils=pupils, years=years, seconds=f"{time.perf_counter() - started:.0f}")
    # An invented county has no secret: with a known seed, the same demonstration gives the same releases anywhere.
    atomic.write_bytes(home.seed, hashlib.sha256(f"demonstration {seed}".encode()).digest())
    last = Term("HT", county.last_school_year + 1)
    for step, until in (("DEMO_FIRST", last.next(-2)), ("DEMO_SECOND", last), ("DEMO_THIRD", last)):
        if step == "DEMO_THIRD":
            correct(home, contracts)
        say(screen, texts, step, year=SchoolYear(until.year - 1))
        with showing_progress(screen, texts):
            ran = headless.run(home, contracts, until=until)
        show_run(screen, texts, ran)
    headless.keep_instance(home)
    seconds = f"{time.perf_counter() - started:.0f}"
    say(screen, texts, "DEMO_DONE", seconds=seconds, home=home.root, command=command())
    return ExitCode.DONE


def clear(home: Home, parameters: dict[str, int]) -> None:
    """Make room for the demonstration where nothing, or an earlier one, lies."""
    mark = home.root / _MARK
    if home.root.exists() and not mark.exists() and any(home.root.iterdir()):
        raise BadInput("HOME_NOT_EMPTY", home=home.root)
    atomic.write_json(mark, parameters)
    for name in _MADE_HERE:
        _remove(home.root / name)
    home.sources.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Remove a folder of an earlier demonstration; releases are write-protected, so that is undone first."""
    if not folder.exists():
        return
    for inside in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
        inside.chmod(0o700)
    shutil.rmtree(folder)
