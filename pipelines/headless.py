"""The same assets without Dagster's servers: one run in this process, and what it says reduced to counts and durations.

The instance is kept in memory, so that ten years of partitions cost seconds; ``record`` keeps the run in the
installation's own instance (``<home>/dagster``), where ``dagster dev`` shows it.
"""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field, replace
from typing import cast

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from assets.checks import KEEPS_CONTRACT
from assets.partitions import register
from assets.resources import Installation
from avbrott.counting.engine import DUCKDB, EngineName
from avbrott.delivery.many import alone
from avbrott.errors import BadInput
from avbrott.expectations import process
from avbrott.expectations.kept import kept_watches
from avbrott.expectations.suites import Watch
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.write import answer
from avbrott.registry import Contracts
from avbrott.release import ledger
from pipelines.instance import instance_of
from pipelines.offers import awaiting, why_nothing

_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

Metadata = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did: seconds and metadata (counts, codes) by asset, in the order they ran."""

    seconds: dict[str, float]
    metadata: dict[str, Metadata]
    refused: tuple[tuple[str, Term], ...] = ()
    """The deliveries that were refused in this run, by provider and term."""
    problems: tuple[BadInput, ...] = ()
    """The providers' folders that could not be read."""
    watches: tuple[Watch, ...] = ()
    """What the watches said of the counts of all deliveries, as the store keeps it."""
    receipts: Metadata = field(default_factory=dict)
    """What became of receipts where nothing was checked: a run before may have been ended before it came to them."""


def run(
    home: Home,
    contracts: Contracts,
    *,
    until: Term | None = None,
    record: bool = False,
    run_id: str | None = None,
    engine: EngineName = DUCKDB,
) -> Ran:
    """Pull what is new up to ``until``, check it and what an earlier run pulled only, and release all that is accepted.

    Receipts that an earlier run owes are written and handed over whatever there is to take up.
    """
    from pipelines.definitions import build_defs

    _heed_terminations()
    found = awaiting(home, contracts, until)
    problems = tuple(found.problems)
    if not found.terms and not any(until is None or offer.term <= until for offer in found.offers):
        raise why_nothing(home, problems)
    installation = Installation(home=str(home.root), contracts=str(contracts.folder), until=str(until or ""), engine=engine)
    definitions = build_defs({"installation": installation})
    with instance_of(home, record=record) as instance:
        if not found.terms:
            with alone(home):
                answered = answer(home, contracts, {})
            ran = _execute(definitions, "release", home, instance, {}, run_id)
            return replace(ran, problems=problems, receipts=answered.metadata())
        register(instance, found.known, found.terms)
        tags = {
            _RANGE_START: f"{found.providers[0]}|{found.terms[0]}",
            _RANGE_END: f"{found.providers[-1]}|{found.terms[-1]}",
        }
        return replace(_execute(definitions, "everything", home, instance, tags, run_id), problems=problems)


def release(
    home: Home, contracts: Contracts, *, date: str | None = None, run_id: str | None = None, engine: EngineName = DUCKDB
) -> Ran:
    """Make a release of what is accepted; its date is that of the last delivery, or ``date`` (YYYY-MM-DD)."""
    from pipelines.definitions import build_defs

    _heed_terminations()
    installation = Installation(home=str(home.root), contracts=str(contracts.folder), release_date=date or "", engine=engine)
    if (day := installation.day()) is not None:  # A date that cannot be is told before anything is counted.
        ledger.refuse_older(home, day)
    with instance_of(home, record=False) as instance:
        return _execute(build_defs({"installation": installation}), "release", home, instance, {}, run_id)


def propose(home: Home, contracts: Contracts, *, engine: EngineName = DUCKDB) -> Ran:
    """Protect what is accepted, as a release of it would be, and publish nothing."""
    from pipelines.definitions import build_defs

    _heed_terminations()
    installation = Installation(home=str(home.root), contracts=str(contracts.folder), engine=engine)
    with instance_of(home, record=False) as instance:
        return _execute(build_defs({"installation": installation}), "proposal", home, instance, {})


def _heed_terminations() -> None:
    """Let a termination end a run as Ctrl-C does, with a word and an exit code, also where Dagster does not see to it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _execute(
    definitions: dg.Definitions,
    job: str,
    home: Home,
    instance: dg.DagsterInstance,
    tags: dict[str, str],
    run_id: str | None = None,
) -> Ran:
    """Run ``job`` here, called ``run_id`` where that is said.

    The first error that an asset raises is raised as it was, an interrupt as ``KeyboardInterrupt``.
    """
    process.start()
    try:
        resolved = definitions.resolve_job_def(job)
        result = resolved.execute_in_process(instance=instance, tags=tags, run_config=_QUIET, run_id=run_id)
    except DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    seconds: dict[str, float] = {}
    metadata: dict[str, Metadata] = {}
    for event in result.all_events:
        if event.is_step_success:
            name = str(event.step_key)
            seconds[name] = event.step_success_data.duration_ms / 1000
            made = result.asset_materializations_for_node(name)
            metadata[name] = {key: value.value for key, value in made[-1].metadata.items()} if made else {}
    return Ran(seconds, metadata, _refused(result), watches=tuple(kept_watches(home)))


def _refused(result: dg.ExecuteInProcessResult) -> tuple[tuple[str, Term], ...]:
    """What the check of deliveries refused."""
    told = [check for check in result.get_asset_check_evaluations() if check.check_name == KEEPS_CONTRACT.name]
    names = [str(name).split() for check in told for name in cast("list[object]", check.metadata["refused"].value)]
    return tuple((provider, Term.parse(term)) for provider, term in names)
