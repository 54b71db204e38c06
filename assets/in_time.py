"""Whether every provider delivered in time: by each term's own deadline, which is data. Looked at each day, without a run."""

from __future__ import annotations

import dagster as dg

from assets.delivered import delivered
from assets.resources import Installation
from avbrott import clock
from avbrott.upkeep.notices import late, limits_of


@dg.asset_check(asset=delivered, name="in_time", description="Deliveries have come by their terms' deadlines.")
def in_time(installation: Installation) -> dg.AssetCheckResult:
    """Fails, as a warning, where something was due and has not come; tells provider, term and days, most days first."""
    home, contracts = installation.place, installation.promised()
    found = [one.parameters for one in late(home, contracts, clock.today(), limits_of(contracts))]
    told = sorted(((one["days"], str(one["provider"]), str(one["term"])) for one in found), reverse=True)
    return dg.AssetCheckResult(
        passed=not told,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"late": [f"{provider} {term}: {days}" for days, provider, term in told]},
    )
