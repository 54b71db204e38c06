"""What the linked tables were made of, and so what a later run need not link again: sums of files, and no row.

``store/linked/basis.json`` is written last of all and taken away first, so that where it is the tables are whole and of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from avbrott import atomic
from avbrott.at_rest.files import read_bytes, sums_of
from avbrott.at_rest.vault import Vault
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.linking.freeze import AGENCY, KAA, OUTCOMES
from avbrott.linking.kept import KEPT
from avbrott.linking.sources import Source, of_persons
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.retention.closed import closed

Place = tuple[str, Term]
"""A supplier and a term."""
_TELL_WHO_IS_LEFT = ("enrolments", "kaa")
"""That a supplier delivered one of these in a term says of all its persons that they were there, or were not."""


class Basis(Model):
    """The content of ``basis.json``."""

    made_by: str
    """A sum of the contracts, the closed school years and the program that linked."""
    terms: tuple[str, ...]
    files: dict[str, str]
    """Of each accepted file, by its path in the store, the sum of its bytes."""
    frozen: dict[str, str]
    """Of each frozen table the sum of what it holds."""
    tables: dict[str, str] = {}
    """The same of each linked table."""
    rows: dict[str, int] = {}
    """How many rows the tables of persons have."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What has changed since the tables were linked."""

    places: frozenset[Place]
    """Deliveries with a file that is another, or is new, or gone."""
    suppliers: frozenset[str]
    """Suppliers that have delivered in other terms than then."""
    is_published: bool
    """Whether the tables have been published since: what is frozen now is what they hold."""


def basis_of(vault: Vault, source: Source, frozen: Path | None) -> Basis:
    """What linking would be made of now; ``BadInput`` of a file that cannot be read."""
    files = [file for of_extract in source.accepted.values() for file in of_extract]
    tables = sorted(table.name for table in (OUTCOMES, KAA, AGENCY))
    there = {name: frozen / f"{name}.parquet" for name in tables} if frozen else {}
    return Basis(
        made_by=_made_by(source),
        terms=tuple(map(str, source.terms)),
        files={str(file.relative_to(source.home.store)): held for file, held in zip(files, sums_of(files), strict=True)},
        frozen={name: _held(vault, file) for name, file in there.items() if file.is_file()},
    )


def take_basis(vault: Vault, home: Home) -> Basis | None:
    """The basis of the linked tables as they lie there, taken away; None where there is none that can be gone on from."""
    try:
        found = Basis.model_validate_json(home.linked_basis.read_bytes())
    except (OSError, ValueError):
        return None
    home.linked_basis.unlink()
    try:
        return found if found.tables == _tables(vault, home) else None
    except BadInput:
        return None


def keep_basis(vault: Vault, home: Home, basis: Basis, rows: dict[str, int]) -> None:
    """Say that the linked tables, as they lie there, are made of ``basis`` and have ``rows``."""
    whole = basis.model_copy(update={"tables": _tables(vault, home), "rows": rows})
    atomic.write_json(home.linked_basis, whole.model_dump(mode="json"))


def changed(before: Basis, now: Basis) -> Changed | None:
    """What has changed from one basis to another; None where everybody is to be linked again."""
    if (before.made_by, before.terms) != (now.made_by, now.terms):
        return None
    is_published = before.frozen != now.frozen
    if is_published and not (before.frozen.keys() <= now.frozen.keys() and now.frozen.items() <= before.tables.items()):
        return None
    other = {path for path, held in before.files.items() ^ now.files.items()}
    come_or_gone = _of(before.files.keys() ^ now.files.keys(), _TELL_WHO_IS_LEFT)
    return Changed(_of(other, of_persons()), frozenset(supplier for supplier, _ in come_or_gone), is_published)


def _of(paths: Iterable[str], extracts: Iterable[str]) -> frozenset[Place]:
    """The deliveries that the files of ``extracts`` among ``paths`` are of."""
    parts = [Path(path).parts for path in paths]
    return frozenset((Path(name).stem, Term.parse(term)) for _, extract, term, name in parts if extract in extracts)


def _tables(vault: Vault, home: Home) -> dict[str, str]:
    return {name: _held(vault, home.linked(name)) for name in sorted([AGENCY.name, *(kept.name for kept in KEPT)])}


def _held(vault: Vault, file: Path) -> str:
    """The sum of what is encrypted in a file: it is the same in another place."""
    return sum_of(read_bytes(vault, file))


def _made_by(source: Source) -> str:
    contracts = source.contracts
    decided: Mapping[str, object] = {
        "glossary": contracts.glossary.model_dump(mode="json"),
        "suppliers": contracts.suppliers.model_dump(mode="json"),
        "rules": source.rules.model_dump(mode="json"),
        "extracts": sorted(contracts.extracts),
        "closed": sorted(closed(source.home)),
        "engine": duckdb.__version__,
        "program": [sum_of(file.read_bytes()) for file in sorted(Path(__file__).parent.glob("*.py"))],
    }
    return sum_of(atomic.json_bytes(decided))
