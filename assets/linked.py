"""One person's path across providers, and where it stands on each 15 October. Rows of persons stay in the store."""

from __future__ import annotations

import dagster as dg

from assets.accepted import accepted
from assets.automation import FOLLOWS_DELIVERIES
from assets.checks import PLAUSIBLE, plausibility_check
from assets.guard import Made, stage_of
from assets.resources import Installation
from avbrott.at_rest.files import write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.coverage import pulled_terms
from avbrott.expectations.frames import count_frames
from avbrott.expectations.kept import keep_counts, keep_watches
from avbrott.expectations.process import watch_apart
from avbrott.linking.link import link
from avbrott.release.ledger import frozen_rows
from avbrott.release.stage import DECISIONS, linking


@dg.asset(
    deps=[accepted],
    check_specs=[PLAUSIBLE],
    group_name="linked",
    kinds={"duckdb", "parquet"},
    automation_condition=FOLLOWS_DELIVERIES,
)
@stage_of
def linked(installation: Installation) -> Made:
    """Join the accepted extracts by pseudonym; school years that are published stay as they were published."""
    home, contracts = installation.place, installation.promised()
    terms = pulled_terms(home)
    with linking(home):
        summary = link(home, contracts, terms, frozen=frozen_rows(home))
    write_frame(vault_of(home), home.linked(DECISIONS), summary.decisions)
    frames = count_frames(home, contracts, terms)
    watches = watch_apart(frames, contracts)
    keep_counts(home, frames)
    keep_watches(home, watches)
    return Made(
        metadata={
            "school_years": len(summary.school_years),
            "rows": sum(summary.rows.values()),
            "frozen_differences": int(summary.decisions["rows"].sum()),
            "watched": len(watches),
            "implausible": sum(not watch.success for watch in watches),
        },
        check_results=[plausibility_check(watches)],
    )
