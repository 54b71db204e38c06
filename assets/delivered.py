"""Extracts as they came, one partition a provider and term. What they hold is judged in ``accepted``."""

import dagster as dg

from assets.guard import Made, stage_of
from assets.partitions import DELIVERIES, by_term
from assets.resources import Installation
from avbrott.delivery.coverage import awaited
from avbrott.delivery.pull import pull_many


@dg.asset(
    partitions_def=DELIVERIES,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="delivered",
    kinds={"csv"},
)
@stage_of
def delivered(context: dg.AssetExecutionContext, installation: Installation) -> Made:
    """Pull every extract that its provider offers, byte for byte, into the hub's store."""
    home, contracts, last = installation.place, installation.promised(), installation.last_term()
    wanted = {term: providers for term, providers in by_term(context).items() if last is None or term <= last}
    deliveries = pull_many(home, contracts, wanted)
    arrived = [delivery for delivery in deliveries if delivery.came]
    problems = [delivery.problem for delivery in deliveries if delivery.problem]
    return Made(
        metadata={
            "deliveries": len(arrived),
            "awaited": len(awaited(home, contracts, wanted)),
            "unreadable": len({str(problem) for problem in problems}),
            "problems": sorted({str(problem) for problem in problems}),
            "extracts": sum(len(delivery.extracts) for delivery in arrived),
            "bytes": sum(extract.bytes for delivery in arrived for extract in delivery.extracts),
        }
    )
