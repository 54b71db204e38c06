"""When: Dagster's jobs, schedules and sensors over the assets, and the hub's commands. No asset, no rule is defined here."""
