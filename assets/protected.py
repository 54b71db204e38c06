"""Systems of tables in which what could reveal a person is hidden, with the proof that it is. Confidential as a whole."""

from __future__ import annotations

import dagster as dg

from assets.checks import KEEPS_PROMISE, promise_check
from assets.counted import counted
from assets.guard import Made, stage_of
from assets.resources import Installation
from avbrott.progress import report
from avbrott.release.stage import protect_system


@dg.asset(deps=[counted], check_specs=[KEEPS_PROMISE], group_name="protected", kinds={"parquet"})
@stage_of
def protected(installation: Installation) -> Made:
    """Hide what must not be known from each system and from all that was published before, and prove it."""
    home, contracts = installation.place, installation.promised()
    made = {
        system: protect_system(home, contracts, system, progress=lambda done, of: report("protected", done, of))
        for system in contracts.systems
    }
    return Made(
        metadata={
            "cells": sum(protection.cells.height for protection in made.values()),
            "shown": sum(int((protection.cells["status"] == "shown").sum()) for protection in made.values()),
            "hidden": sum(int((protection.cells["status"] != "shown").sum()) for protection in made.values()),
            "witnesses": sum(protection.summary.get("witnesses", 0) for protection in made.values()),
        },
        check_results=[promise_check(home, contracts)],
    )
