"""Extracts that keep their contract, typed; rows and deliveries that do not are set aside with codes and row numbers."""

import dagster as dg

from assets.checks import KEEPS_CONTRACT, contract_check
from assets.delivered import delivered
from assets.guard import Made, stage_of
from assets.partitions import DELIVERIES, by_term
from assets.resources import Installation
from avbrott.delivery.coverage import awaited
from avbrott.delivery.many import alone, check_terms
from avbrott.receipts.write import answer


@dg.asset(
    partitions_def=DELIVERIES,
    deps=[delivered],
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[KEEPS_CONTRACT],
    group_name="accepted",
    kinds={"pandera", "polars", "parquet"},
)
@stage_of
def accepted(context: dg.AssetExecutionContext, installation: Installation) -> Made:
    """Hold every delivery against its contract, a term at a time over all its providers."""
    home, contracts, wanted = installation.place, installation.promised(), by_term(context)
    with alone(home):
        outcomes = check_terms(home, contracts, wanted)
        answered = answer(home, contracts, wanted)
    return Made(
        metadata={
            "accepted": sum(outcome.status.startswith("accepted") for outcome in outcomes),
            "refused": sum(outcome.status == "refused" for outcome in outcomes),
            "missing": len(awaited(home, contracts, wanted)),
            "rows_accepted": sum(sum(outcome.accepted.values()) for outcome in outcomes),
            "rows_quarantined": sum(sum(outcome.quarantined.values()) for outcome in outcomes),
            **answered.metadata(),
        },
        check_results=[contract_check(outcomes)],
    )
