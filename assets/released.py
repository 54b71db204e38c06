"""What anyone may see: protected tables, code lists, their description, the pages. By the one writer, or not at all."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl

from assets.checks import PASSES_AUDIT, audit_check
from assets.guard import Made, stage_of
from assets.protected import protected
from assets.resources import Installation
from avbrott.delivery.coverage import pulled_terms
from avbrott.expectations.docs import data_docs, own_frames
from avbrott.expectations.process import submit
from avbrott.release.stage import draft_release
from avbrott.release.writer import seal
from dashboards import build_provider_pages, build_school_pages, build_site


@dg.asset(deps=[protected], check_specs=[PASSES_AUDIT], group_name="released", kinds={"csv", "plotly"})
@stage_of
def released(installation: Installation) -> Made:
    """Write the release, build its pages, prove and seal it; the newest release is switched to in one step."""
    home, contracts = installation.place, installation.promised()
    with draft_release(home, contracts, installation.day()) as draft:
        docs = submit(data_docs, own_frames(home, contracts, pulled_terms(home)), contracts)
        build_site(draft.folder, contracts, draft.folder / "site")
        schools = build_school_pages(draft.private, contracts, draft.day, draft.folder)
        providers = build_provider_pages(draft.private, contracts, draft.day, docs.result())
        sealed = seal(draft, contracts)
    return Made(
        metadata={
            "release": sealed.identifier,
            "new": sealed.new,
            "folder": dg.MetadataValue.path(sealed.folder),
            "tables": len(contracts.published),
            "school_pages": schools,
            "provider_pages": providers,
            "files": sum(file.is_file() for file in sealed.folder.rglob("*")),
            "preview": dg.MetadataValue.md(preview(sealed.folder / "tables")),
        },
        check_results=[audit_check(home, sealed.folder)],
    )


def preview(tables: Path) -> str:
    """The first rows of one released table, as anyone may read them."""
    first = pl.read_csv(min(tables.glob("*.csv")), infer_schema=False, n_rows=10, glob=False)
    rows = [first.columns, ["---"] * first.width, *first.fill_null("").rows()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
