"""Whom linking takes at a time. A person's path is hers alone, so persons are linked some after others, as memory asks.

Persons are divided by the first digits of their pseudonyms, which are as good as drawn: passes are of one size, and what they
find stands one after the other in the order of pseudonyms. Where there are several passes, rows are dealt out to them first,
into files of the store that are gone when linking ends: opening every provider's file in every pass costs more.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from avbrott.at_rest.files import size_of
from avbrott.at_rest.tables import Words, in_groups, stored_rows, written
from avbrott.at_rest.vault import Vault
from avbrott.home import Home
from avbrott.linking.sources import Files, Source, kinds_of, of_persons

PASS_BYTES = 256 << 20
"""So much of accepted extracts, as the store holds them, is linked at a time: some ten million rows, and 4 GB of memory."""
_DIGITS = 8


def passes(source: Source, least: int = 1) -> list[Words]:
    """The persons of each pass, at least so many passes: together they are everybody."""
    number = max(least, -(-accepted_bytes(source) // PASS_BYTES))
    bounds = [f"{place * 16**_DIGITS // number:0{_DIGITS}x}" for place in range(1, number)]
    return [Words("pseudonym", first, end) for first, end in pairwise([None, *bounds, None])]


def accepted_bytes(source: Source) -> int:
    """Bytes of accepted extracts, as the store holds them."""
    return sum(size_of(file) for files in source.accepted.values() for file in files)


@contextmanager
def dealt(vault: Vault, source: Source, parts: list[Words]) -> Iterator[list[Files]]:
    """The files of each pass. ``BadInput`` of a file that cannot be read."""
    accepted = source.accepted
    if len(parts) == 1:
        yield [accepted]
        return
    try:
        found = _deal(vault, source, accepted, parts)
        yield [{extract: places[place] for extract, places in found.items()} for place in range(len(parts))]
    finally:
        remove_dealt(source.home)


def remove_dealt(home: Home) -> None:
    """Remove what a run that was killed had dealt out: rows of persons."""
    if home.dealt.exists():
        shutil.rmtree(home.dealt)


def _deal(vault: Vault, source: Source, accepted: Files, parts: list[Words]) -> dict[str, list[list[Path]]]:
    """By extract and pass, the files of it: of extracts that are of no persons, all of them each time."""
    found = {}
    for extract, files in accepted.items():
        if not files or extract not in of_persons():
            found[extract] = [files] * len(parts)
            continue
        targets = [source.home.dealt / extract / f"{place}.parquet" for place in range(len(parts))]
        with ExitStack() as opened:
            sinks = [opened.enter_context(written(vault, target, here=True)) for target in targets]
            rows = stored_rows(vault, files, kinds_of(extract))
            for sink in sinks:  # also where nobody is in it
                sink.add(pa.RecordBatchReader.from_batches(rows.schema, []))
            for batch in in_groups(rows):
                for part, sink in zip(parts, sinks, strict=True):
                    sink.add(pa.RecordBatchReader.from_batches(rows.schema, [part.of(batch)]))
        found[extract] = [[target] for target in targets]
    return found
