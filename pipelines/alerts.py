"""A run that failed is told to whoever ``<home>/alerts.yaml`` names. What is said there is ``avbrott.upkeep.alerts``'."""

from __future__ import annotations

import re

import dagster as dg

from assets.resources import Installation
from avbrott import logs
from avbrott.errors import BadInput
from avbrott.upkeep.alerts import Failure, tell

_CODE = re.compile(r"\bavbrott\.errors\.\w+: ([A-Z][A-Z0-9_]+)\b")


@dg.run_failure_sensor(name="failed_runs", description="Tell of a run that failed, by mail or webhook.")
def failed_runs(context: dg.RunFailureSensorContext, installation: Installation) -> None:
    """Send what failed and with which code: no message of an exception, and no row's value."""
    steps = [event.step_key or "" for event in context.get_step_failure_events()]
    codes = [code for event in context.get_step_failure_events() if (code := _code_of(event)) is not None]
    run = context.dagster_run
    failure = Failure(run.job_name, run.run_id, tuple(sorted(set(steps))), tuple(sorted(set(codes))))
    about = {"job": failure.job, "stages": failure.steps, "codes": failure.codes}
    logs.write("error", "RUN_FAILED", run=run.run_id, about=about)
    try:
        sent = tell(installation.place, installation.promised(), failure)
    except BadInput as problem:
        context.log.warning("\n".join((str(problem), *getattr(problem, "__notes__", ()))))
        logs.write("warning", problem.code, run=run.run_id, about=problem.parameters)
        return
    context.log.info("alerts sent: %d", sent)


def _code_of(event: dg.DagsterEvent) -> str | None:
    """The code of the mistake that a step ended with; None of any other error."""
    error = event.step_failure_data.error
    while error is not None:
        if (found := _CODE.search(error.message)) is not None:
            return found[1]
        error = error.cause
    return None
