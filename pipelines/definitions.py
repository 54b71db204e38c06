"""The one code location. Production and tests build the same definitions; tests give other resources."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from assets.accepted import accepted
from assets.counted import counted
from assets.delivered import delivered
from assets.in_time import in_time
from assets.linked import linked
from assets.protected import protected
from assets.released import released
from assets.resources import Installation
from pipelines.alerts import failed_runs
from pipelines.jobs import deliveries_job, everything_job, in_time_job, proposal_job, release_job
from pipelines.schedules import in_time_schedule, release_schedule
from pipelines.sensors import new_deliveries
from pipelines.spread import spread_job


def build_defs(
    resources: Mapping[str, object] | None = None, executor: dg.ExecutorDefinition | None = None
) -> dg.Definitions:
    """Everything that Dagster shows and runs; ``resources`` replaces those of the same name, ``executor`` Dagster's own."""
    return dg.Definitions(
        assets=[delivered, accepted, linked, counted, protected, released],
        asset_checks=[in_time],
        jobs=[deliveries_job, in_time_job, proposal_job, release_job, everything_job, spread_job],
        schedules=[release_schedule, in_time_schedule],
        sensors=[new_deliveries, failed_runs],
        executor=executor,
        resources={"installation": Installation(), **(resources or {})},
    )


defs = build_defs()
