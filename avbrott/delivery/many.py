"""Many terms checked at once, two at a time: a full load of ten years is twenty terms that know nothing of each other.

What is checked, and what is written, is ``check``'s; this only spreads it over processes. Few terms are checked here, since a
process costs more than they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context

from avbrott import atomic, worker
from avbrott.delivery.check import Outcome, check_term
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.rekey import hub_names
from avbrott.lock import holding
from avbrott.periods import Term
from avbrott.progress import report
from avbrott.registry import Contracts

FEW = 6
WORKERS = 2
PATIENCE_SECONDS = 3600.0
"""So long a run waits for another to have checked."""


@contextmanager
def alone(home: Home, seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """While the block runs no other run checks deliveries here: it would take away the marks that receipts are made of.

    ``BadInput`` (CHECK_BUSY) where another is still at it after so many seconds.
    """
    atomic.private_folder(home.store)
    with holding(home.checking, seconds) as is_held:
        if not is_held:
            raise BadInput("CHECK_BUSY", home=home.root)
        yield


def check_terms(home: Home, contracts: Contracts, wanted: Mapping[Term, Iterable[str]]) -> list[Outcome]:
    """What became of every delivery of ``wanted``, in its order. An error of one term is raised when the others are done."""
    outcomes: dict[Term, list[Outcome]] = {}
    persons = hub_names(home, contracts)
    if len(wanted) <= FEW:
        for term, providers in wanted.items():
            report("accepted", len(outcomes), len(wanted))
            outcomes[term] = check_term(home, contracts, term, providers, persons)
    else:
        # Spawned: a fork would take polars' threads with it in pieces.
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=worker.begin) as pool:
            try:
                work = {
                    pool.submit(check_term, home, contracts, term, list(of), persons): term for term, of in wanted.items()
                }
                for done in as_completed(work):
                    outcomes[work[done]] = done.result()
                    report("accepted", len(outcomes), len(wanted))
            except BaseException:  # nothing is swallowed: what waits is given up first
                pool.shutdown(cancel_futures=True)
                raise
    return [outcome for term in wanted for outcome in outcomes[term]]
