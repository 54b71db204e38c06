"""True counts: base cells in one pass over the linked rows, then every table of every system. Still confidential."""

from __future__ import annotations

import dagster as dg

from assets.automation import FOLLOWS_DELIVERIES
from assets.guard import Made, stage_of
from assets.linked import linked
from assets.resources import Installation
from avbrott.counting.from_contracts import count_system
from avbrott.progress import report


@dg.asset(deps=[linked], group_name="counted", kinds={"duckdb", "parquet"}, automation_condition=FOLLOWS_DELIVERIES)
@stage_of
def counted(installation: Installation) -> Made:
    """Count each system's cells."""
    home, contracts = installation.place, installation.promised()
    cells = 0
    for done, system in enumerate(contracts.systems):
        report("counted", done, len(contracts.systems))
        cells += count_system(home, contracts, system, installation.counting())[1].height
    return Made(metadata={"systems": len(contracts.systems), "cells": cells})
