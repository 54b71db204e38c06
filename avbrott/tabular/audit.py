"""An output verified from its files alone, without a solver: what anyone can check, and with the record the whole proof.

What is in the folder is ``audit_folder``'s, and the record ``audit_record``'s. Printing is in ``command``; bounding hidden
cells by programs in ``attack``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from avbrott.disclosure.sums import released
from avbrott.table import TOTAL
from avbrott.tabular import made
from avbrott.tabular import output as files
from avbrott.tabular.as_spec import other_statements, unproved
from avbrott.tabular.audit_folder import Fault, folder_faults
from avbrott.tabular.audit_record import record_faults
from avbrott.tabular.certificate import misstatements
from avbrott.tabular.output import Output, Public, Record
from avbrott.tabular.public import Ints, alone, equations
from avbrott.tabular.public_witnesses import two_values
from avbrott.tabular.spec import PUBLIC_COLUMNS
from avbrott.tabular.spec_file import SpecFile
from avbrott.tabular.told import columns_told


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
    facts: dict[str, int]
    """How many cells the record says that the attacker had before, by where from: earlier outputs, or ``known``."""
    below: int
    """Shown figures below the threshold that the certificate states: earlier outputs had shown them."""
    threshold: int
    systems_checked: bool
    """Whether the public systems could be read beside the cells: not where those have faults."""

    @property
    def holds(self) -> bool:
        return not self.faults


def audit_output(output: Output, spec: SpecFile | None = None) -> Audit:
    """Verify an output, with ``spec`` also what it says of SPEC. ``BadInput`` where a file is missing or cannot be read."""
    public = output.public()
    faults = folder_faults(output)
    faults += _certificate_faults(output, public)
    faults += _cell_faults(output, public)
    threshold = _threshold(output)
    below = below_threshold(public.cells, threshold)
    if below and not output.certificate.get("previous"):
        faults.append(Fault("SHOWN_BELOW_THRESHOLD", made.PUBLIC, below))
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
    witnesses, facts, record = 0, {}, None
    if output.has_record:
        record = output.record()
        witnesses = record.witnesses["witness"].n_unique()
        facts = {kind: record.whole().facts(kind).height for kind in ("previous", "known")}
        faults += record_faults(output, public, record)
    number = 0 if systems is None else len(systems)
    if spec is not None:
        faults += _spec_faults(output, spec, record)
    return Audit(
        faults=tuple(dict.fromkeys(faults)),
        cells=public.cells.height,
        hidden=hidden,
        systems=number,
        two_values=two,
        one_value=one,
        witnesses=witnesses,
        proved=output.has_record,
        facts=facts,
        below=below,
        threshold=threshold,
        systems_checked=systems is not None,
    )


def below_threshold(cells: pl.DataFrame, threshold: int) -> int:
    """How many figures of ``public.csv`` are shown and small: nothing but an earlier output can be the reason."""
    return cells.filter(~pl.col("hidden") & (pl.col("count") > 0) & (pl.col("count") < threshold)).height


def shared_shown(cells: pl.DataFrame, dimensions: Iterable[str], threshold: int) -> int:
    """How many shown cells leave less than the threshold of a shown total over one of ``dimensions``.

    Columns: the dimensions, ``count`` and ``hidden``. Of a group where all, or nearly all, share a code, it tells that.
    """
    names = [name for name in cells.columns if name not in PUBLIC_COLUMNS]
    shown = cells.filter(~pl.col("hidden"), pl.col("count") > 0).drop("hidden")
    found = 0
    for dimension in dimensions:
        others = [name for name in names if name != dimension]
        totals = shown.filter(pl.col(dimension) == TOTAL).drop(dimension)
        parts = shown.filter(pl.col(dimension) != TOTAL)
        pairs = parts.join(totals, on=others) if others else parts.join(totals, how="cross")
        found += pairs.filter(pl.col("count_right") - pl.col("count") < threshold).height
    return found


def _threshold(output: Output) -> int:
    """The threshold that the certificate states; 0 where it states none, which is a fault of its own."""
    policy = output.certificate.get("policy")
    told = policy.get("threshold") if isinstance(policy, dict) else None
    return told if type(told) is int else 0


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


def _certificate_faults(output: Output, public: Public) -> list[Fault]:
    found = Counter(misstatements(output.certificate))
    if columns_told(public.layout.names) != output.certificate.get("dimensions"):
        found["dimensions", False] += 1
    return [Fault("KEY_UNKNOWN" if strange else "STATEMENT_WRONG", key, n) for (key, strange), n in found.items()]


def _cell_faults(output: Output, public: Public) -> list[Fault]:
    """The rows of ``public.csv`` by themselves, and columns that do not belong in a public file."""
    cells, names = public.cells, list(public.layout.names)
    hidden, empty = cells["hidden"].fill_null(False), public.texts == ""
    rows = {
        "ROW_TWICE": cells.height - cells.unique(names).height,
        "CELL_UNKNOWN": int((~released(public.layout.system, cells)).sum()),
        "VALUE_NOT_EMPTY": int((hidden & ~empty).sum()),
        "VALUE_EMPTY": int((~hidden & empty).sum()),
        "VALUE_NOT_WHOLE": int((~hidden & ~empty & cells["count"].is_null()).sum()),
        "HIDDEN_UNCLEAR": int(cells["hidden"].is_null().sum()),
        "CELL_ALONE": alone(public.layout, cells.unique(names)),
    }
    faults = [Fault(code, made.PUBLIC, number) for code, number in rows.items() if number]
    faults += [Fault("COLUMN_UNKNOWN", file, number) for file, number in public.strange.items() if number]
    said = {"shown": int((~hidden).sum()), "hidden": int(hidden.sum())}
    return faults + _said(output, "cells", said)


def _left_over(public: Public) -> Ints:
    """What sums of shown cells alone leave over, where there are no systems to check."""
    known = equations(public.layout, public.cells, public.zeros, public.ruled)
    settled = np.diff(known.matrix.indptr) == 0
    wrong: Ints = np.where(settled & ((known.right < 0) | (known.whole & (known.right != 0))), 1, 0)
    return wrong


def _settled(output: Output, most: int) -> int:
    """How many cells the certificate says that what is public settles: programs would have to say it anew."""
    said = output.certificate.get("public_witnesses")
    told = said.get("one_value") if isinstance(said, dict) else None
    return min(told, most) if type(told) is int and told >= 0 else 0


def _said(output: Output, key: str, counted: dict[str, int]) -> list[Fault]:
    return [] if output.certificate.get(key) == counted else [Fault("STATEMENT_WRONG", key)]


def _spec_faults(output: Output, spec: SpecFile, record: Record | None) -> list[Fault]:
    """What the output says of the SPEC that it was made by, what its proof is not about, and facts of no file."""
    told = {key: ("SPEC_SAYS_OTHERWISE", key) for key in output.certificate} | {"spec": ("SPEC_DIFFERS", spec.path.name)}
    faults = [Fault(*told[key]) for key in other_statements(output.certificate, spec)]
    if record is None:
        return faults
    known = record.whole().facts("known").height
    if known and not spec.spec.known and not spec.spec.previous:
        faults.append(Fault("FACT_WITHOUT_SOURCE", files.CONFIDENTIAL, known))
    return [*faults, *(Fault("SPEC_NOT_PROVED", key) for key in unproved(record, spec.spec))]
