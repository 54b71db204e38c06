"""The one code location. Production and tests build the same definitions; tests give other resources."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from assets.accepted import accepted
from assets.counted import counted
from assets.delivered import delivered
from assets.linked import linked
from assets.protected import protected
from assets.released import released
from assets.resources import Installation
from pipelines.jobs import deliveries_job, everything_job, release_job
from pipelines.schedules import release_schedule
from pipelines.sensors import new_deliveries


def build_defs(resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Everything that Dagster shows and runs; ``resources`` replaces those of the same name."""
    return dg.Definitions(
        assets=[delivered, accepted, linked, counted, protected, released],
        jobs=[deliveries_job, release_job, everything_job],
        schedules=[release_schedule],
        sensors=[new_deliveries],
        resources={"installation": Installation(), **(resources or {})},
    )


defs = build_defs()
