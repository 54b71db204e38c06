"""``manifest.json`` and ``audit.json``: what a release consists of and was made by, and what a reader can verify of it.

Nothing in either says which hidden cells are unsafe, or how many.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from avbrott import __version__
from avbrott.registry import Contracts
from avbrott.release.checks import relations_checked
from avbrott.release.public import MANIFEST, PublicRelease
from avbrott.release.tables import STATUSES
from avbrott.texts import Texts

Json = dict[str, Any]


def audit_statement(release: PublicRelease, texts: Texts) -> Json:
    """The content of ``audit.json``: the promise, the sums that a reader can add up, and how many cells have which status."""
    counted = {
        name: {
            (measure, status): number for measure, status, number in table.frame.group_by("measure", "status").len().rows()
        }
        for name, table in release.tables.items()
    }
    return {
        "promise": _both(texts, "AUDIT_PROMISE"),
        "limits": _both(texts, "AUDIT_LIMITS"),
        "verify": [_both(texts, f"AUDIT_VERIFY_{number}") for number in range(1, 5)],
        "engine": __version__,
        "policies": {name: policy.model_dump(mode="json") for name, policy in sorted(release.policies.items())},
        "sums": relations_checked(release),
        "cells": {
            name: {
                measure: {status: rows[measure, status] for status in STATUSES if (measure, status) in rows}
                for measure in sorted({key[0] for key in rows})
            }
            for name, rows in sorted(counted.items())
        },
    }


def manifest(
    release: PublicRelease,
    contracts: Contracts,
    deliveries: pl.DataFrame,
    *,
    identifier: str,
    previous: str | None,
    periods: Mapping[str, Json],
) -> Json:
    """The content of ``manifest.json`` for the files that lie in the release's folder now."""
    came = deliveries.filter("delivered")
    return {
        "release": identifier,
        "date": release.package["version"],
        "previous": previous,
        "program": __version__,
        "policies": {policy.name: policy.model_dump(mode="json") for policy in release.policies.values()},
        "systems": {name: {"policy": release.policies[name].name, **periods[name]} for name in sorted(release.systems)},
        "contracts": {
            "extracts": {name: contract.version for name, contract in sorted(contracts.extracts.items())},
            "files": _digests(contracts.folder, (f for f in contracts.folder.rglob("*.yaml") if "texts" not in f.parts)),
        },
        "coverage": {
            "expected": deliveries.height,
            "delivered": came.height,
            "late": came.filter("late").height,
            "refused": deliveries.filter("refused").height,
        },
        "files": file_digests(release.folder),
    }


def file_digests(folder: Path) -> dict[str, str]:
    """The sha256 of every file under ``folder`` but the manifest itself, by its path there."""
    files = (file for file in folder.rglob("*") if file.is_file() and file != folder / MANIFEST)
    return _digests(folder, files)


def _digests(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    named = {file.relative_to(folder).as_posix(): file for file in files}
    return {name: hashlib.sha256(named[name].read_bytes()).hexdigest() for name in sorted(named)}


def _both(texts: Texts, key: str) -> dict[str, str]:
    return {"sv": texts.get(key, "sv"), "en": texts.get(key, "en")}
