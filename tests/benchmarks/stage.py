"""The stages of the main path as a benchmark runs them, each in a process of its own: its peak memory is then nobody else's.

``python -m tests.benchmarks.stage NAME HOME TERM,TERM,... [PROVIDER]`` does one stage of a home that the stages before it
have filled, of all providers or of one, and prints its seconds, and the processor seconds of the imports before it. With
AVBROTT_PROFILE a profile of this process is written to that file. Not here: floors, and what is printed (``bench_stages``).
"""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path

from avbrott.at_rest.files import write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.counting.from_contracts import count_system
from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import pull_many
from avbrott.expectations.frames import count_frames
from avbrott.expectations.process import watch_apart
from avbrott.home import Home
from avbrott.linking.link import link
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.release.stage import DECISIONS, draft_release, linking, protect_system
from avbrott.release.writer import seal
from dashboards import build_site


def delivered(home: Home, contracts: Contracts, terms: list[Term]) -> None:
    """Pull every delivery; a second time there is nothing new to pull."""
    pull_many(home, contracts, _members(contracts, terms))


def accepted(home: Home, contracts: Contracts, terms: list[Term]) -> None:
    """Check every delivery against its contract."""
    check_terms(home, contracts, _members(contracts, terms))


def linked(home: Home, contracts: Contracts, terms: list[Term]) -> None:
    """Join the accepted rows by pseudonym, and note what a frozen year would read otherwise."""
    with linking(home):
        write_frame(vault_of(home), home.linked(DECISIONS), link(home, contracts, terms).decisions)


def watched(home: Home, contracts: Contracts, terms: list[Term]) -> None:
    """Count frames of deliveries and have Great Expectations look at them; its process starts cold here."""
    watch_apart(count_frames(home, contracts, terms), contracts)


def counted(home: Home, contracts: Contracts, _: list[Term]) -> None:
    """Count every cell of every system."""
    for system in contracts.systems:
        count_system(home, contracts, system)


def protected(home: Home, contracts: Contracts, _: list[Term]) -> None:
    """Hide, and prove it."""
    for system in contracts.systems:
        protect_system(home, contracts, system)


def released(home: Home, contracts: Contracts, _: list[Term]) -> None:
    """Write the release and its site, check the proof, seal it."""
    with draft_release(home, contracts) as draft:
        build_site(draft.folder, contracts, draft.folder / "site")
        seal(draft, contracts)


def site(home: Home, contracts: Contracts, _: list[Term]) -> None:
    """The site alone, built once more beside the release."""
    build_site(home.current.resolve(), contracts, home.root / "site")


STAGES: dict[str, Callable[[Home, Contracts, list[Term]], None]] = {
    stage.__name__: stage for stage in (delivered, accepted, linked, watched, counted, protected, released, site)
}
"""In the order in which they need each other."""

MOST_TOLD = 12
"""Lines of a profile."""


def _members(contracts: Contracts, terms: list[Term]) -> dict[Term, list[str]]:
    only = sys.argv[4:]
    members = {term: [supplier.id for supplier in contracts.suppliers.members(term)] for term in terms}
    return {term: [one for one in of if not only or one in only] for term, of in members.items()}


def _profiled(work: Callable[[], None], target: Path) -> None:
    profile, told = cProfile.Profile(), io.StringIO()
    profile.runcall(work)
    pstats.Stats(profile, stream=told).strip_dirs().sort_stats("tottime").print_stats(MOST_TOLD)
    target.write_text(told.getvalue(), "utf-8")


if __name__ == "__main__":
    name, folder, listed = sys.argv[1:4]
    place = Home(Path(folder))
    own = place.invented_contracts if place.invented_contracts.is_dir() else None
    promised, wanted = load_contracts(own), [Term.parse(term) for term in listed.split(",")]
    before, started = time.process_time(), time.perf_counter()
    if target := os.environ.get("AVBROTT_PROFILE"):
        _profiled(lambda: STAGES[name](place, promised, wanted), Path(target))
    else:
        STAGES[name](place, promised, wanted)
    print(time.perf_counter() - started, before, flush=True)
