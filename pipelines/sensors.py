"""What starts a run by itself: a delivery that is new, that a provider has corrected, or whose run came to no end."""

import json
from collections.abc import Iterator

import dagster as dg

from assets.partitions import register
from assets.resources import Installation
from avbrott import logs
from avbrott.delivery.pull import offered
from avbrott.delivery.settled import Waiting, waiting
from pipelines.jobs import deliveries_job


@dg.sensor(job=deliveries_job, minimum_interval_seconds=300)
def new_deliveries(
    context: dg.SensorEvaluationContext, installation: Installation
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask once for each provider and term whose extracts differ from what was pulled last.

    What was pulled and is not checked may be in the hands of a run; it is asked for when it is still so at the next tick, and
    then ever more seldom: after 1, 2, 4, 8 ... ticks. The cursor holds how many ticks each has waited.
    """
    contracts = installation.promised()
    offers, problems = offered(installation.place, contracts)
    for problem in problems:
        context.log.warning(str(problem))
        logs.write("warning", problem.code, about=problem.parameters)
    found = waiting(installation.place, offers)
    providers = dict.fromkeys([*contracts.suppliers.by_id, *(one.provider for one in found)])
    register(context.instance, providers, {one.term for one in found})
    before = json.loads(context.cursor or "{}")
    ticks = {}
    for one in found:
        key = dg.MultiPartitionKey({"provider": one.provider, "term": str(one.term)})
        content = f"{key}:{one.digest}"
        if not one.is_pulled:
            yield dg.RunRequest(run_key=content, partition_key=key, tags=_tags(one))
            continue
        waited = ticks[content] = before.get(content, -1) + 1
        if waited and waited & (waited - 1) == 0:
            yield dg.RunRequest(run_key=f"{content}:{waited}", partition_key=key, tags=_tags(one))
    context.update_cursor(json.dumps(ticks, sort_keys=True))
    if not found:
        yield dg.SkipReason("No delivery is new.")


def _tags(one: Waiting) -> dict[str, str]:
    """What runs are found by."""
    return {"avbrott/provider": one.provider, "avbrott/term": str(one.term)}
