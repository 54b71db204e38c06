"""Persons who are erased: remembered by their pseudonyms, encrypted, so that no delivery brings them in again.

A provider makes the file of their pseudonyms at home (``avbrott keys pseudonyms``). Erasing them is ``erase_persons``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import read_frame, write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.package import EPOCH
from avbrott.delivery.read import read_table
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.bridge import Place, bridges_in, joined

HEADER = ("epoch", "pseudonym")
_PSEUDONYM = "^[0-9a-f]{64}$"


@dataclass(frozen=True, slots=True)
class Persons:
    """Persons by every pseudonym that they are known by to a home, in deliveries of any epoch."""

    received: frozenset[str] = field(repr=False)

    def without(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a delivery in which none of them is named, in whichever column."""
        if not self.received or not frame.width:
            return frame
        named = pl.any_horizontal(
            pl.col(name).str.strip_chars().str.to_lowercase().is_in(list(self.received)).fill_null(False)
            for name, kind in frame.schema.items()
            if kind == pl.String
        )
        return frame.filter(~named)


def read_persons(files: Iterable[Path]) -> frozenset[Place]:
    """The pseudonyms of files that providers made; ``BadInput`` names a file that is missing, or the line of what is none."""
    return frozenset(place for file in files for place in _read(file))


def write_persons(file: Path, epoch: str, pseudonyms: pl.Series) -> int:
    """Write the file that a hub erases persons by, readable by its owner alone; how many there are.

    ``BadInput`` where something is there already.
    """
    lines = [f"{epoch},{one}" for one in pseudonyms.unique().sort()]
    try:
        is_new = atomic.write_new(file, "\n".join([",".join(HEADER), *lines, ""]).encode("ascii"))
    except OSError:
        raise BadInput("KEY_FILE_UNWRITABLE", file=file) from None
    if not is_new:
        raise BadInput("FORM_THERE_ALREADY", file=file)
    return len(lines)


def known_as(home: Home, places: Iterable[Place]) -> Persons:
    """Persons by these pseudonyms and all that bridges join with them."""
    former = joined(bridges_in(home.bridges))
    alike: dict[Place, set[Place]] = {}
    for place, first in former.items():
        alike.setdefault(first, {first}).add(place)
    found = {one for place in places for one in alike.get(former.get(place, place), {place})}
    return Persons(frozenset(pseudonym for _, pseudonym in found))


def erased_persons(home: Home) -> Persons:
    """Who is erased, by the bridges as they are now; nobody where nobody was, and no key is asked for then."""
    places = _remembered(home)
    return known_as(home, places) if places else Persons(frozenset())


def remember(home: Home, places: frozenset[Place]) -> None:
    """Remember persons beside those who are remembered already."""
    every = sorted(_remembered(home) | places)
    atomic.private_folder(home.store)
    frame = pl.DataFrame(every, schema=dict.fromkeys(HEADER, pl.String), orient="row")
    write_frame(vault_of(home), home.erased_persons, frame)


def _remembered(home: Home) -> frozenset[Place]:
    if not home.erased_persons.is_file():
        return frozenset()
    rows = read_frame(vault_of(home), home.erased_persons).iter_rows()
    return frozenset((str(epoch), str(pseudonym)) for epoch, pseudonym in rows)


def _read(file: Path) -> list[Place]:
    if not file.exists():
        raise BadInput("CHECK_FILE_MISSING", file=file)
    table = read_table(file)
    if tuple(name.strip().lower() for name in table.header) != HEADER or table.faults:
        raise BadInput("PERSONS_UNREADABLE", file=file, line=1)
    is_epoch = pl.col("0").fill_null("").str.contains(f"^({EPOCH.pattern})?$")
    wrong = table.frame.filter(~(is_epoch & pl.col("1").str.contains(_PSEUDONYM).fill_null(False)))
    if wrong.height:
        raise BadInput("PERSONS_UNREADABLE", file=file, line=wrong["row"][0])
    if table.frame.is_empty():
        raise BadInput("PERSONS_UNREADABLE", file=file, line=1)
    return [(epoch or "", pseudonym) for epoch, pseudonym in table.frame.select("0", "1").iter_rows()]
