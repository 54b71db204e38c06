"""Which assets run together: deliveries as they come, a release when it is due, everything for a headless run."""

from __future__ import annotations

import dagster as dg

from assets.accepted import accepted
from assets.counted import counted
from assets.delivered import delivered
from assets.in_time import in_time
from assets.linked import linked
from assets.protected import protected
from assets.released import released

deliveries_job = dg.define_asset_job(
    "deliveries",
    selection=dg.AssetSelection.assets(delivered, accepted) - dg.AssetSelection.checks(in_time),
    description="Pull and check what providers deliver, by provider and term.",
)
release_job = dg.define_asset_job(
    "release",
    selection=dg.AssetSelection.assets(linked, counted, protected, released),
    description="Link, count, protect and publish what has been accepted.",
)
proposal_job = dg.define_asset_job(
    "proposal",
    selection=dg.AssetSelection.assets(linked, counted, protected),
    description="Link, count and protect what has been accepted, and publish nothing.",
)
everything_job = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all() - dg.AssetSelection.checks(in_time),
    description="From deliveries to a release in one run.",
)
in_time_job = dg.define_asset_job(
    "in_time",
    selection=dg.AssetSelection.checks(in_time),
    description="Tell which deliveries are late.",
)
