"""When a release is made: in February on the autumn's deliveries, in September on the spring's; each morning, who is late.

Off until switched on.
"""

from __future__ import annotations

import dagster as dg

from pipelines.jobs import in_time_job, release_job

release_schedule = dg.ScheduleDefinition(
    name="release_schedule",
    job=release_job,
    cron_schedule="0 6 15 2,9 *",
    execution_timezone="Europe/Stockholm",
    description="A release of what has been accepted, mid-February and mid-September.",
)

in_time_schedule = dg.ScheduleDefinition(
    name="in_time_schedule",
    job=in_time_job,
    cron_schedule="30 6 * * *",
    execution_timezone="Europe/Stockholm",
    description="Which deliveries are late, each morning.",
)
