"""What starts a run by itself: a delivery that is new, or that a provider has corrected. Each is asked for once."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import register
from assets.resources import Installation
from avbrott.delivery.pull import offered
from pipelines.jobs import deliveries_job


@dg.sensor(job=deliveries_job, minimum_interval_seconds=300)
def new_deliveries(
    context: dg.SensorEvaluationContext, installation: Installation
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for a run of each provider and term whose extracts differ from what was pulled last."""
    contracts = installation.promised()
    offers, problems = offered(installation.place, contracts)
    for problem in problems:
        context.log.warning(str(problem))
    waiting = [offer for offer in offers if offer.is_new]
    register(context.instance, contracts.suppliers.by_id, {offer.term for offer in waiting})
    for offer in waiting:
        key = dg.MultiPartitionKey({"provider": offer.provider, "term": str(offer.term)})
        yield dg.RunRequest(run_key=f"{key}:{offer.digest}", partition_key=key)
    if not waiting:
        yield dg.SkipReason("No delivery is new.")
