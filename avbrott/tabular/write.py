"""An output written: whole, by one rename, or not at all. What is read back stands in ``output``.

Everything but ``run.json`` is the same for the same input, SPEC and seed, whatever the order of rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from avbrott import __version__, atomic
from avbrott.disclosure.files import spec_to_json
from avbrott.policy import Policy
from avbrott.tabular import made as marks
from avbrott.tabular import output
from avbrott.tabular.layout import Layout
from avbrott.tabular.notes import Note
from avbrott.tabular.public import Ints, Mask
from avbrott.tabular.read import Base
from avbrott.tabular.spec import (
    EARLIER_COLUMNS,
    EARLIER_PART_COLUMNS,
    EARLIER_WITNESS_COLUMNS,
    KNOWN_COLUMNS,
    PART_COLUMNS,
    PUBLIC_COLUMNS,
    PUBLIC_WITNESS_COLUMNS,
    RECORD_COLUMNS,
    REVISION_COLUMNS,
    VINTAGE,
    WITNESS_COLUMNS,
)
from avbrott.tabular.spec_file import SpecFile
from avbrott.tabular.target import input_seal, replacing_folder
from avbrott.tabular.told import columns_told, tables_told


@dataclass(frozen=True, slots=True)
class Revised:
    """What earlier outputs had of the slices that differ, and what was decided on each figure. Confidential."""

    vintages: output.Vintages
    decisions: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made, in the engine's names. ``cells``, ``witnesses`` and ``parts`` are confidential, the others public."""

    layout: Layout
    policy: Policy
    cells: pl.DataFrame
    witnesses: pl.DataFrame
    parts: pl.DataFrame | None
    """Whose persons the cells hold; None where no rule asks."""
    public_layout: Layout
    public: pl.DataFrame
    systems: Ints
    two_values: Mask
    one_value: Mask
    """By hidden cell, whether what is public leaves it one value."""
    seed: bytes
    own_seed: bool
    """The seed is this output's own, and is kept in it."""
    base: Base
    known: pl.DataFrame
    """What the attacker has from elsewhere: dimensions, count; by SPEC's files, and of earlier outputs what is so still."""
    notes: tuple[Note, ...]
    """What to say of the input, as nothing in it is wrong."""
    previous: tuple[str, ...]
    """The digests of the certificates of the outputs that it was made after."""
    revised: Revised | None


def write_output(target: Path, spec: SpecFile, made: Made, run: Mapping[str, Any]) -> None:
    """Write ``made`` as the folder ``target``; ``run`` says how long it took."""
    with replacing_folder(target) as folder:
        _write_public(folder, made)
        confidential = folder / output.CONFIDENTIAL
        confidential.mkdir(mode=0o700)
        _write_record(confidential, made)
        told = _told(folder, spec, made)
        salt = _salt(confidential, told, made)
        _write_system(confidential, spec, made, salt)
        atomic.write_json(confidential / output.RUN, {**run, "input": made.base.digest})
        if made.own_seed:
            atomic.write_bytes(confidential / output.SEED, made.seed)
        for file in confidential.iterdir():
            file.chmod(0o600)
        atomic.write_json(folder / marks.CERTIFICATE, told | {"sealed": _seals(folder, made, salt)})
        for name in (marks.PUBLIC, marks.PUBLIC_WITNESSES, marks.CERTIFICATE):
            (folder / name).chmod(0o644)


def _write_public(folder: Path, made: Made) -> None:
    layout = made.layout
    table = layout.named(made.public, PUBLIC_COLUMNS)
    atomic.write_bytes(folder / marks.PUBLIC, table.write_csv().encode("utf-8"))
    hidden = made.public.filter("hidden").select(list(layout.names))
    kind = {"system": pl.Int64, "count": pl.Int64}
    frames = [
        hidden.select(pl.lit(number, pl.Int64).alias("system"), *layout.names, pl.Series("count", system, dtype=pl.Int64))
        for number, system in enumerate(made.systems)
    ]
    empty = hidden.clear().select(
        pl.lit(0, kind["system"]).alias("system"), *layout.names, pl.lit(0, kind["count"]).alias("count")
    )
    systems = layout.named(pl.concat([empty.clear(), *frames]), PUBLIC_WITNESS_COLUMNS)
    atomic.write_parquet(folder / marks.PUBLIC_WITNESSES, systems)


def _write_record(folder: Path, made: Made) -> None:
    layout = made.layout
    names = list(layout.names)
    cells = made.cells.select(*names, *RECORD_COLUMNS).sort(names)
    atomic.write_parquet(folder / output.CELLS, layout.named(cells, RECORD_COLUMNS))
    witnesses = made.witnesses.select("witness", *names, "delta").sort("witness", *names)
    atomic.write_parquet(folder / output.WITNESSES, layout.named(witnesses, WITNESS_COLUMNS))
    if made.parts is not None:
        atomic.write_parquet(folder / output.PROVIDERS, layout.named(made.parts, PART_COLUMNS))
    if not made.known.is_empty():
        atomic.write_parquet(folder / output.KNOWN, layout.named(made.known, KNOWN_COLUMNS))
    if made.revised is not None:
        vintages = made.revised.vintages
        frames = {
            output.EARLIER_CELLS: (vintages.cells, EARLIER_COLUMNS),
            output.EARLIER_WITNESSES: (vintages.witnesses, EARLIER_WITNESS_COLUMNS),
            output.REVISIONS: (made.revised.decisions, REVISION_COLUMNS),
        }
        if vintages.parts is not None:
            frames[output.EARLIER_PROVIDERS] = (vintages.parts, EARLIER_PART_COLUMNS)
        for file, (frame, columns) in frames.items():
            first = [name for name in ("witness", VINTAGE) if name in columns]
            others = [name for name in columns if name not in first]
            sorted_rows = frame.select(*first, *names, *others).sort(*first, *names)
            atomic.write_parquet(folder / file, layout.named(sorted_rows, columns))


def _write_system(folder: Path, spec: SpecFile, made: Made, salt: str) -> None:
    told = {
        "spec": spec_to_json(made.layout.system),
        "policy": made.policy.model_dump(mode="json"),
        "names": made.layout.names,
        "columns": spec.spec.columns,
        "salt": salt,
        "previous": made.previous,
    }
    if made.revised is not None:
        vintages = made.revised.vintages
        told["vintages"] = {"spec": spec_to_json(vintages.spec), "ids": vintages.ids}
    rows = [(key, json.dumps(value, ensure_ascii=False, sort_keys=True)) for key, value in told.items()]
    atomic.write_parquet(
        folder / output.SYSTEM, pl.DataFrame(rows, schema={"key": pl.String, "value": pl.String}, orient="row")
    )


def _told(folder: Path, spec: SpecFile, made: Made) -> dict[str, Any]:
    """What the publisher says of the output, but for the seals. Nothing about which or how many cells are unsafe."""
    found = output.Output(folder, {})
    hidden = int(made.public["hidden"].sum())
    return {
        "format": output.FORMAT,
        "engine": {"name": "avbrott", "version": __version__},
        "cells": {"shown": made.public.height - hidden, "hidden": hidden},
        "policy": spec.spec.policy.model_dump(mode="json"),
        "previous": list(made.previous),
        "known": {"files": len(spec.spec.known)},
        "dimensions": columns_told(made.layout.names),
        "tables": tables_told(made.public_layout, spec.spec.columns),
        "public_witnesses": {
            "systems": len(made.systems),
            "two_values": int(made.two_values.sum()),
            "one_value": int(made.one_value.sum()),
            "undecided": hidden - int(made.two_values.sum()) - int(made.one_value.sum()),
        },
        "sha256": {
            "spec": hashlib.sha256(spec.content).hexdigest(),
            **{name: found.digest(name) for name in (marks.PUBLIC, marks.PUBLIC_WITNESSES)},
        },
    }


def _salt(folder: Path, told: Mapping[str, Any], made: Made) -> str:
    """The key of the seals: another for each output that differs in anything, so that equal seals tell of no equal counts."""
    bound = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}
    content = atomic.json_bytes({"told": told, "files": bound, "input": made.base.frame.write_csv()})
    key = hashlib.blake2b(made.seed, digest_size=64).digest()
    return hashlib.blake2b(content, key=key, digest_size=32, person=b"avbrott-seals").hexdigest()


def _seals(folder: Path, made: Made, salt: str) -> dict[str, str]:
    found = output.Output(folder, {})
    known = output.known_seal(made.layout.names, made.known, salt)
    return {"input": input_seal(made.base, salt), "known": known, **{name: found.seal(name, salt) for name in output.SEALED}}
