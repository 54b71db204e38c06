"""Erasing what is due: counts are kept and the log is written first, so that the next run goes on with one that was killed.

Deliveries, their accepted and quarantined rows, and the linked and frozen rows of closed school years go. What is left: their
records and findings, the marks with their counts, receipts, the counts that tables are made of, and all that is public.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from avbrott.at_rest.elsewhere import Line, elsewhere, places
from avbrott.at_rest.files import read_frame, remove, rewrite_frame
from avbrott.at_rest.vault import row_files, vault_of
from avbrott.delivery.settled import without
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.linking.passes import remove_dealt
from avbrott.lock import take
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.retention.closed import close, closed
from avbrott.retention.erased import Erased, all_erased, log
from avbrott.retention.plan import Plan

_RECORD = ".json"
"""What is kept in the folder of a delivery."""


def erase(home: Home, contracts: Contracts, plan: Plan) -> None:
    """Erase what ``plan`` names, and what a killed run left of plans before it. Doing it again does nothing.

    ``BadInput`` (RELEASE_BUSY) while a release is made.
    """
    refuse_versions()
    with alone(home):
        if plan.deliveries or plan.school_years:
            unlink_linked(home)
        if plan.school_years:
            assert plan.frozen is not None
            close(home, contracts, plan.frozen, plan.school_years)
        for (provider, term), erasure in plan.deliveries.items():
            log(home, provider, term, erasure)
        for record in all_erased(home):
            _erase_delivery(home, record)
        _erase_school_years(home)
        sweep(home)


def refuse_versions() -> None:
    """``BadInput`` (STORE_KEEPS_VERSIONS) where rows lie in a bucket that keeps what is removed."""
    for place in places():
        place.refuse_versions()


def sweep(home: Home) -> int:
    """Remove from the bucket what runs that were killed left there, where rows go to one; how many objects.

    One that rows only move from is left alone: what stays there is under the key that the move took away.
    """
    place = elsewhere()
    return place.sweep(line for file in row_files(home) if (line := Line.at(file))) if place else 0


def is_unfinished(home: Home) -> bool:
    """Whether a run that was killed has left something of what it was to erase."""
    left = any(files for record in all_erased(home) for files in _left(home, record).values())
    return left or any(left.height < frame.height for _, frame, left in _frozen(home))


def _erase_delivery(home: Home, record: Erased) -> None:
    for layer, files in _left(home, record).items():
        if layer != "delivered":
            without(home, record.provider, Term.parse(record.term), files)
        for file in files:
            remove(file)


def _left(home: Home, record: Erased) -> dict[str, list[Path]]:
    """By layer, the files of what was erased that are there."""
    provider, term = record.provider, record.term
    layers = {layer for erasure in record.erasures for layer in erasure.layers}
    folder = home.delivered(provider, term)
    came = [file for file in sorted(folder.iterdir()) if file.suffix != _RECORD] if folder.is_dir() else []
    places = {"quarantine": home.quarantine, "accepted": home.accepted}
    rows = {
        layer: sorted(place("-", provider, term).parents[2].glob(f"*/{term}/{provider}.parquet"))
        for layer, place in places.items()
    }
    return {layer: files for layer, files in {"delivered": came, **rows}.items() if layer in layers}


def unlink_linked(home: Home) -> None:
    """Remove what is linked and counted, before anything else: a run makes it anew, of what is then left."""
    home.linked_from.unlink(missing_ok=True)
    home.linked_basis.unlink(missing_ok=True)
    remove_dealt(home)
    for file in [*home.linked("-").parent.glob("*.parquet"), *home.counted("").glob("*/*.parquet")]:
        remove(file)


def _erase_school_years(home: Home) -> None:
    """Take the rows of closed school years out of what releases are frozen with."""
    for file, frame, left in _frozen(home):
        if left.height < frame.height:
            rewrite_frame(vault_of(home), file, left)


def _frozen(home: Home) -> Iterator[tuple[Path, pl.DataFrame, pl.DataFrame]]:
    """What releases are frozen with, file by file, and what is left of it without closed school years; none where none is."""
    years = list(closed(home))
    for file in sorted(home.frozen("").glob("*/*.parquet")) if years else []:
        frame = read_frame(vault_of(home), file)
        yield file, frame, frame.filter(~pl.col("school_year").is_in(years))


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """While no release is made: it would freeze rows that are erased meanwhile."""
    home.releases.mkdir(parents=True, exist_ok=True)
    lock = os.open(home.releases / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not take(lock):
            raise BadInput("RELEASE_BUSY", folder=home.releases)
        yield
    finally:
        os.close(lock)
