"""Persons taken out of a store: out of what was delivered, accepted and set aside, in every term and of every provider.

Published figures stay. The rows that a published school year is frozen with lose the person's name: another one takes its
place that was drawn by lot and is kept nowhere, so that the figures can be published on and nobody can tell whose row it was.
They are remembered first, so that whatever a killed run has left comes in nowhere, and the next one goes on with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from avbrott.at_rest.files import read_frame, rewrite_frame
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.opened import table_of
from avbrott.delivery.record import Delivery, Extract, delivered, stored
from avbrott.home import Home
from avbrott.identity.bridge import Place
from avbrott.identity.pseudonym import at_hub
from avbrott.identity.rekey import PSEUDONYM, hub_key
from avbrott.registry import Contracts
from avbrott.retention.erase import alone, refuse_versions, unlink_linked
from avbrott.retention.erased import is_erased
from avbrott.retention.persons import Persons, known_as, remember
from avbrott.retention.reduced import finish_rest, write_rest

_LAYERS = ("accepted", "quarantine")


@dataclass(frozen=True, slots=True)
class Found:
    """What a store holds of persons, in counts."""

    rows: Mapping[str, int]
    """By layer: ``delivered``, ``accepted``, ``quarantine``, ``frozen``."""
    terms: tuple[str, ...]
    """The terms that they are in."""
    releases: tuple[str, ...]
    """The releases that counted them; no table and no cell."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of them is there."""
        return not any(self.rows.values())


def find(home: Home, contracts: Contracts, places: frozenset[Place]) -> Found:
    """Look for persons in a store, changing nothing."""
    if not home.store.is_dir():
        return Found({}, (), ())
    persons, rows, terms = known_as(home, places), dict[str, int](), set[str]()
    for delivery, extract in _extracts(home, contracts):
        table = table_of(home, delivery, extract, ())
        if gone := table.frame.height - persons.without(table.frame).height:
            rows["delivered"] = rows.get("delivered", 0) + gone
            terms.add(str(delivery.term))
    for layer in _LAYERS:
        for file, frame, left in _rows(home, layer, persons):
            if gone := frame.height - left.height:
                rows[layer] = rows.get(layer, 0) + gone
                terms.add(file.parent.name)
    frozen = {file: frame.height - left.height for file, frame, left in _frozen(home, persons)}
    rows["frozen"] = sum(frozen.values())
    return Found(rows, tuple(sorted(terms)), tuple(sorted({file.parent.name for file, gone in frozen.items() if gone})))


def erase_persons(home: Home, contracts: Contracts, places: frozenset[Place]) -> None:
    """Take persons out of the store for good. Doing it again does nothing.

    ``BadInput`` (RELEASE_BUSY) while a release is made.
    """
    refuse_versions()
    with alone(home):
        remember(home, places)
        unlink_linked(home)
        persons, vault = known_as(home, places), vault_of(home)
        for delivery, extract in _extracts(home, contracts):
            folder = home.delivered(delivery.provider, str(delivery.term))
            table = table_of(home, delivery, extract, ())
            left = persons.without(table.frame)
            if left.height < table.frame.height:
                write_rest(vault, folder, extract, replace(table, frame=left, below=()))
            finish_rest(folder, extract)
        for layer in _LAYERS:
            for file, frame, left in _rows(home, layer, persons):
                if left.height < frame.height:
                    rewrite_frame(vault, file, left)
        for file, frame, left in _frozen(home, persons):
            if left.height < frame.height:
                rewrite_frame(vault, file, _nameless(frame, left))


def _extracts(home: Home, contracts: Contracts) -> Iterator[tuple[Delivery, Extract]]:
    """The extracts in the store that name persons."""
    naming = {name for name, contract in contracts.extracts.items() if PSEUDONYM in contract.terms}
    for provider, term in stored(home):
        delivery = delivered(home, provider, term)
        for extract in delivery.extracts:
            if extract.name in naming and extract.kind in (None, "data") and _is_there(home, delivery):
                yield delivery, extract


def _is_there(home: Home, delivery: Delivery) -> bool:
    """Whether the rows of a delivery are not erased after their period."""
    return not is_erased(home, delivery.provider, delivery.term)


def _rows(home: Home, layer: str, persons: Persons) -> Iterator[tuple[Path, pl.DataFrame, pl.DataFrame]]:
    """Each file of a layer: its rows, and those that are not of ``persons``."""
    for file in sorted((home.store / layer).glob("*/*/*.parquet")):
        yield from _without(home, file, persons)


def _frozen(home: Home, persons: Persons) -> Iterator[tuple[Path, pl.DataFrame, pl.DataFrame]]:
    """The same of what releases are frozen with."""
    for file in sorted(home.frozen("").glob("*/*.parquet")):
        yield from _without(home, file, persons)


def _without(home: Home, file: Path, persons: Persons) -> Iterator[tuple[Path, pl.DataFrame, pl.DataFrame]]:
    frame = read_frame(vault_of(home), file)
    if PSEUDONYM in frame.columns:
        yield file, frame, frame.filter(~pl.col(PSEUDONYM).is_in(_at_hub(home, persons)).fill_null(False))


def _at_hub(home: Home, persons: Persons) -> list[str]:
    """What the hub may call persons: one of their pseudonyms is the first of all, whose name they bear."""
    return at_hub(hub_key(home).secret, pl.Series(sorted(persons.received), dtype=pl.String)).to_list()


def _nameless(frame: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """The rows with a name drawn by lot in place of each that is not among ``left``."""
    gone = ~frame[PSEUDONYM].is_in(left[PSEUDONYM].implode())
    drawn = pl.Series([secrets.token_hex(32) for _ in range(frame.height)], dtype=pl.String)
    return frame.with_columns(frame[PSEUDONYM].zip_with(~gone, drawn).alias(PSEUDONYM))
