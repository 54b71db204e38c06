"""What a draft is filled with: tables, code lists, their description, downloads, the record, and schools' figures.

Not here: how a draft becomes a release (``writer``), and what the files say (``tables``, ``package``, ``schools`` ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import copy
from avbrott.at_rest.vault import vault_of
from avbrott.disclosure.files import write_record
from avbrott.open_data.downloads import write_downloads
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.release.codes import code_lists, plain_list
from avbrott.release.complete import TOLD, told_schools
from avbrott.release.deliveries import MEASURES as DELIVERY_MEASURES
from avbrott.release.deliveries import coverage_lists, coverage_table
from avbrott.release.manifest import audit_statement
from avbrott.release.package import data_package
from avbrott.release.public import AUDIT, CODELISTS, PACKAGE, TABLES, read_public
from avbrott.release.record import earlier_facts
from avbrott.release.schools import FIGURES, SCHOOLS, lacking_before, school_figures
from avbrott.release.since import changes_since, release_before
from avbrott.release.tables import PERSONS, SHARE, STATUSES, Protected, released_table
from avbrott.release.writer import Draft
from avbrott.texts import Texts, load_messages


def write_tables(
    draft: Draft, contracts: Contracts, systems: Mapping[str, Protected], deliveries: pl.DataFrame, linked: Mapping[str, Path]
) -> None:
    """Write tables, code lists, their description, open data formats and the confidential record into ``draft``.

    ``systems``: by name what the engine left; ``deliveries``: a frame of ``delivery.coverage.COVERAGE``; ``linked``: the
    linked tables that were counted, frozen in the store with the release. ``DoesNotHold`` (FIGURE_CHANGED) where a cell that
    an earlier release showed has another count now.
    """
    texts = load_messages(contracts.folder)
    lists = code_lists(contracts, [system.spec for system in systems.values()])
    lists |= coverage_lists(contracts, deliveries)
    for column, codes in {"measure": (PERSONS, SHARE, *DELIVERY_MEASURES), "status": STATUSES}.items():
        rows = [(code, "", column, *_labels(texts, f"LABEL_{code.upper()}")) for code in codes]
        lists[column] = plain_list(column, rows)
    for listed in lists.values():
        _csv(draft.folder / CODELISTS / f"{listed.dimension}.csv", listed.frame)
    tables = {}
    for table in contracts.published.values():
        if table.system is None:
            tables[table.name] = coverage_table(deliveries, lists)
        elif table.system in systems:
            tables[table.name] = released_table(table, systems[table.system], lists)
    for name, frame in tables.items():
        _csv(draft.folder / TABLES / f"{name}.csv", frame)
    since = changes_since(release_before(draft.home, draft.day), tables)
    atomic.write_json(draft.folder / PACKAGE, data_package(contracts, texts, systems, lists, deliveries, draft.day, since))
    public = read_public(draft.folder)
    atomic.write_json(draft.folder / AUDIT, audit_statement(public, texts))
    write_downloads(public, contracts, texts)
    for name, system in sorted(systems.items()):
        earlier = earlier_facts(draft.home, system.spec, system.protection.cells, system.policy.pages)
        ledger.refuse_changed(system.spec, system.protection.cells, earlier)
        write_record(draft.confidential / name, system.spec, system.policy, system.protection, earlier)
        draft.earlier[name] = earlier
        _write_pages(draft, contracts, system, deliveries)
    atomic.write_json(draft.confidential / TOLD, told_schools(draft.private))
    vault = vault_of(draft.home)
    for name, file in sorted(linked.items()):
        copy(vault, file, draft.frozen / f"{name}.parquet")
    draft.deliveries = deliveries


def _write_pages(draft: Draft, contracts: Contracts, system: Protected, deliveries: pl.DataFrame) -> None:
    """Write what each school may read, a folder each."""
    name = system.spec.name
    told = [draft.home.private(release) for release in ledger.releases(draft.home)]
    lacking = lacking_before(told, name, contracts.systems[name].period)
    for code, page in school_figures(contracts, system, deliveries, lacking):
        atomic.write_json(draft.private / SCHOOLS / code / FIGURES, page)


def _csv(file: Path, frame: pl.DataFrame) -> None:
    atomic.write_bytes(file, frame.write_csv(line_terminator="\n").encode())


def _labels(texts: Texts, key: str) -> tuple[str, str]:
    return texts.get(key, "sv"), texts.get(key, "en")
