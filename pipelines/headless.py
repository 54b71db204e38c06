"""The same assets without Dagster's servers: one run in this process, and what it says reduced to counts and durations.

The instance is kept in memory, so that ten years of partitions cost seconds; ``record`` keeps the run in the
installation's own instance (``<home>/dagster``), where ``dagster dev`` shows it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.instance.ref import InstanceRef

from assets.checks import KEEPS_CONTRACT
from assets.partitions import register
from assets.resources import Installation
from avbrott import atomic
from avbrott.delivery.pull import offered
from avbrott.delivery.settled import waiting
from avbrott.errors import BadInput
from avbrott.expectations import process
from avbrott.expectations.kept import kept_watches
from avbrott.expectations.suites import Watch
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.release import ledger

_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_INSTANCE = "telemetry:\n  enabled: false\n"
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


@contextmanager
def instance_of(home: Home, *, record: bool) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of this installation, or one in memory."""
    if not record:
        with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
            yield instance
        return
    keep_instance(home)
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home.dagster.resolve()))) as instance:
        yield instance


def keep_instance(home: Home) -> None:
    """Make the folder of the installation's own instance, where ``dagster dev`` and ``--record`` keep runs."""
    if not (home.dagster / "dagster.yaml").exists():
        atomic.write_text(home.dagster / "dagster.yaml", _INSTANCE)


def run(home: Home, contracts: Contracts, *, until: Term | None = None, record: bool = False) -> Ran:
    """Pull what is new up to ``until``, check it and what an earlier run pulled only, and release all that is accepted."""
    from pipelines.definitions import build_defs

    _heed_terminations()
    offers, problems = offered(home, contracts)
    taken_up = [one for one in waiting(home, offers) if one.is_pulled or until is None or one.term <= until]
    if not taken_up and not any(until is None or offer.term <= until for offer in offers):
        raise problems[0] if problems else BadInput("NOTHING_OFFERED", home=home.root)
    installation = Installation(home=str(home.root), contracts=str(contracts.folder), until=str(until or ""))
    definitions = build_defs({"installation": installation})
    with instance_of(home, record=record) as instance:
        if not taken_up:
            return replace(_execute(definitions, "release", home, instance, {}), problems=tuple(problems))
        terms = {one.term for one in taken_up}
        concerned = {one.provider for one in taken_up}
        providers = [*contracts.suppliers.by_id, *sorted(concerned - contracts.suppliers.by_id.keys())]
        register(instance, providers, terms)
        chosen = [provider for provider in providers if provider in concerned]
        tags = {_RANGE_START: f"{chosen[0]}|{min(terms)}", _RANGE_END: f"{chosen[-1]}|{max(terms)}"}
        return replace(_execute(definitions, "everything", home, instance, tags), problems=tuple(problems))


def release(home: Home, contracts: Contracts, *, date: str | None = None) -> Ran:
    """Make a release of what is accepted; its date is that of the last delivery, or ``date`` (YYYY-MM-DD)."""
    from pipelines.definitions import build_defs

    _heed_terminations()
    installation = Installation(home=str(home.root), contracts=str(contracts.folder), release_date=date or "")
    if (day := installation.day()) is not None:  # A date that cannot be is told before anything is counted.
        ledger.refuse_older(home, day)
    with instance_of(home, record=False) as instance:
        return _execute(build_defs({"installation": installation}), "release", home, instance, {})


def _heed_terminations() -> None:
    """Let a termination end a run as Ctrl-C does, with a word and an exit code, also where Dagster does not see to it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _execute(definitions: dg.Definitions, job: str, home: Home, instance: dg.DagsterInstance, tags: dict[str, str]) -> Ran:
    """Run ``job`` here; the first error that an asset raises is raised as it was, an interrupt as ``KeyboardInterrupt``."""
    process.start()
    try:
        result = definitions.resolve_job_def(job).execute_in_process(instance=instance, tags=tags, run_config=_QUIET)
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
