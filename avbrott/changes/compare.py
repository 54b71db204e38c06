"""Two sets of contracts, or two versions of one extract's contract, read and held against each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from avbrott.changes.change import PARTIES, Change, gone_and_new
from avbrott.changes.extracts import extract_changes
from avbrott.changes.published import supplier_changes, table_changes
from avbrott.changes.terms import term_changes
from avbrott.contract import ExtractContract
from avbrott.errors import BadInput
from avbrott.registry import Contracts, load_contracts, read_contract


def compare(old: Path, new: Path) -> list[Change]:
    """Every change from ``old`` to ``new``, in the order of the contracts: both folders, or both files of one extract.

    ``BadInput`` where one cannot be read, or they are not of one kind.
    """
    for one in (old, new):
        if not one.exists():
            raise BadInput("DIFF_MISSING", path=one)
    if old.is_dir() != new.is_dir():
        raise BadInput("DIFF_KINDS", old=old, new=new)
    if old.is_dir():
        return list(_of_sets(load_contracts(old), load_contracts(new)))
    before, after = read_contract(old, ExtractContract), read_contract(new, ExtractContract)
    if before.name != after.name:
        raise BadInput("DIFF_NAMES", old=old, new=new)
    return list(extract_changes(before, after))


def _of_sets(old: Contracts, new: Contracts) -> Iterator[Change]:
    yield from gone_and_new("extracts", "EXTRACT", old.extracts, new.extracts, gone=PARTIES)
    for name, contract in new.extracts.items():
        if name in old.extracts:
            yield from extract_changes(old.extracts[name], contract)
    yield from term_changes(old.glossary, new.glossary)
    yield from table_changes(old, new)
    yield from supplier_changes(old, new)
