"""An output verified from its files alone, without a solver: what anyone can check, and with the record the whole proof.

Printing is in ``command``; bounding hidden cells by programs in ``attack``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.sums import released
from avbrott.tabular import made
from avbrott.tabular import output as files
from avbrott.tabular.layout import Layout
from avbrott.tabular.output import Output, Public, Record
from avbrott.tabular.public import Ints, equations, public_cells, public_layout
from avbrott.tabular.public_witnesses import two_values
from avbrott.tabular.told import columns_told, tables_told


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: what, in which file, how often."""

    code: str
    where: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found. ``proved``: the record was read, and every witness in it checked."""

    faults: tuple[Fault, ...]
    cells: int
    hidden: int
    systems: int
    two_values: int
    one_value: int
    """Hidden cells of which the certificate says that what is public leaves them one value; taken as it is told."""
    witnesses: int
    proved: bool

    @property
    def holds(self) -> bool:
        return not self.faults


def audit_output(output: Output) -> Audit:
    """Verify an output. ``BadInput`` where a file is missing or cannot be read at all."""
    public = output.public()
    faults = _digest_faults(output)
    faults += _cell_faults(output, public)
    hidden = int(public.cells["hidden"].sum())
    systems = systems_of(public)
    two = one = 0
    if faults:
        systems = None
    elif systems is None:
        faults.append(Fault("PUBLIC_WITNESS_BROKEN", made.PUBLIC_WITNESSES))
    else:
        known = equations(public.layout, public.cells, public.zeros, public.ruled)
        broken = int((~known.hold(systems.T)).sum()) if len(systems) else int((_left_over(public) != 0).sum())
        if broken:
            faults.append(Fault("PUBLIC_WITNESS_BROKEN", made.PUBLIC_WITNESSES, broken))
        two = int(two_values(systems).sum())
        one = _settled(output, hidden - two)
        said = {"systems": len(systems), "two_values": two, "one_value": one, "undecided": hidden - two - one}
        faults += _said(output, "public_witnesses", said)
    witnesses = 0
    if output.has_record:
        record = output.record()
        witnesses = record.witnesses["witness"].n_unique()
        faults += _record_faults(output, public, record)
    number = 0 if systems is None else len(systems)
    return Audit(tuple(faults), public.cells.height, hidden, number, two, one, witnesses, output.has_record)


def systems_of(public: Public) -> Ints | None:
    """The public systems, a row each, in the order of the hidden cells; None where one lacks a cell or has another."""
    names = list(public.layout.names)
    place = public.cells.filter("hidden").select(names).with_row_index("_place")
    found = public.systems.join(place, on=names, how="left")
    numbers = found["system"].unique().sort()
    once = found.select("system", "_place").n_unique() == found.height == len(numbers) * place.height
    if found.select(pl.any_horizontal(pl.all().is_null()).any()).item() or not once:
        return None
    values: Ints = found.sort("system", "_place")["count"].to_numpy().reshape(len(numbers), place.height).astype(np.int64)
    return values


def _digest_faults(output: Output) -> list[Fault]:
    said = output.certificate.get("sha256")
    promised: dict[str, Any] = said if isinstance(said, dict) else {}
    changed = [name for name in (made.PUBLIC, made.PUBLIC_WITNESSES) if promised.get(name) != output.digest(name)]
    allowed = {made.PUBLIC, made.PUBLIC_WITNESSES, made.CERTIFICATE, files.CONFIDENTIAL}
    strange = sorted(entry.name for entry in output.folder.iterdir() if entry.name not in allowed)
    return [*(Fault("FILE_CHANGED", name) for name in changed), *(Fault("FILE_UNKNOWN", name) for name in strange)]


def _cell_faults(output: Output, public: Public) -> list[Fault]:
    """The rows of ``public.csv`` by themselves."""
    cells, names = public.cells, list(public.layout.names)
    hidden, count = cells["hidden"].fill_null(False), cells["count"]
    rows = {
        "ROW_TWICE": cells.height - cells.unique(names).height,
        "CELL_UNKNOWN": int((~released(public.layout.system, cells)).sum()),
        "VALUE_NOT_EMPTY": int((hidden & count.is_not_null()).sum()),
        "VALUE_EMPTY": int((~hidden & (count.is_null() | (count < 0))).sum()) + int(cells["hidden"].is_null().sum()),
    }
    faults = [Fault(code, made.PUBLIC, number) for code, number in rows.items() if number]
    said = {"shown": int((~hidden).sum()), "hidden": int(hidden.sum())}
    return faults + _said(output, "cells", said)


def _left_over(public: Public) -> Ints:
    """What sums of shown cells alone leave over, where there are no systems to check."""
    known = equations(public.layout, public.cells, public.zeros, public.ruled)
    alone = np.diff(known.matrix.indptr) == 0
    wrong: Ints = np.where(alone & ((known.right < 0) | (known.whole & (known.right != 0))), 1, 0)
    return wrong


def _settled(output: Output, most: int) -> int:
    """How many cells the certificate says that what is public settles: programs would have to say it anew."""
    said = output.certificate.get("public_witnesses")
    told = said.get("one_value") if isinstance(said, dict) else None
    return min(told, most) if type(told) is int and told >= 0 else 0


def _said(output: Output, key: str, counted: dict[str, int]) -> list[Fault]:
    return [] if output.certificate.get(key) == counted else [Fault("STATEMENT_WRONG", key)]


def _record_faults(output: Output, public: Public, record: Record) -> list[Fault]:
    """The record by itself, its digests, and the public files beside it."""
    whole = record.whole()
    proof = check_protection(
        whole.system,
        whole.policy,
        whole.cells,
        whole.witnesses,
        whole.facts("previous"),
        whole.facts("known"),
        record.parts,
    )
    faults = [Fault(f"PROOF_{fault.code}", files.CONFIDENTIAL, fault.number) for fault in proof]
    return [*_bound_faults(output, public, record), *faults]


def changes(output: Output) -> tuple[Fault, ...]:
    """What of an output with its record is not as it was made, without a look at the proof."""
    found = [fault for fault in _digest_faults(output) if fault.code == "FILE_CHANGED"]
    return (*found, *_bound_faults(output, output.public(), output.record()))


def _bound_faults(output: Output, public: Public, record: Record) -> list[Fault]:
    """Digests of the record, and public files that it does not show."""
    faults = [
        Fault("FILE_CHANGED", f"{files.CONFIDENTIAL}/{name}")
        for name in files.SEALED
        if output.sealed.get(name) != output.seal(name, record.salt)
    ]
    layout = Layout(record.system, record.names)
    listed = record.cells.with_columns(published=pl.Series(released(record.system, record.cells)))
    if not public_cells(layout, listed).equals(public.cells.sort(list(layout.names))):
        faults.append(Fault("PUBLIC_DIFFERS", made.PUBLIC))
    stated = {
        "tables": tables_told(public_layout(layout), record.columns) == output.certificate.get("tables"),
        "dimensions": columns_told(record.names) == output.certificate.get("dimensions"),
        "policy": _same_policy(output, record),
        "previous": list(record.previous) == output.certificate.get("previous"),
    }
    return faults + [Fault("STATEMENT_WRONG", key) for key, same in stated.items() if not same]


def _same_policy(output: Output, record: Record) -> bool:
    """Whether the policy that the certificate tells is the one that the proof was made for."""
    from pydantic import ValidationError

    from avbrott.tabular.spec import PolicySpec

    try:
        told = PolicySpec.model_validate(output.certificate.get("policy"))
        names = {outside: name for name, outside in record.names.items()}
        level = record.policy.providers.level if record.policy.providers else None
        return told.policy(names, level) == record.policy
    except (ValidationError, KeyError):
        return False
