"""Earlier outputs read in the dimensions of now: their cells, tables and witnesses, and codes that only they have.

An output that revised others brings what these had of the revised slices. Not here: what has changed since (``revisions``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.disclosure.sums import released
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.table import TOTAL
from avbrott.tabular.audit_record import changes
from avbrott.tabular.layout import Layout
from avbrott.tabular.made import is_output
from avbrott.tabular.order import in_order
from avbrott.tabular.output import Record, read_output
from avbrott.tabular.spec import PART_COLUMNS, RECORD_COLUMNS, VINTAGE
from avbrott.tabular.spec_file import SpecFile

ID, OWN = "_id", "_own"
"""Of a row of witnesses: the output whose cell it moves, and whether that is the output that found it."""


@dataclass(frozen=True, slots=True)
class Source:
    """An output that SPEC names, as it was written."""

    folder: Path
    id: str
    record: Record


@dataclass(frozen=True, slots=True)
class Previous:
    """What one earlier output had: cells (dimensions of now, then as in its record) and the tables that they stood in."""

    folder: Path
    id: str
    cells: pl.DataFrame
    tables: tuple[Table, ...]
    parts: pl.DataFrame | None
    """Whose persons the cells held (dimensions of now, ``provider``, ``count``); None where no rule asked."""

    @property
    def codes(self) -> dict[str, set[str]]:
        """By dimension the codes that it had."""
        return {name: set(self.cells[name].to_list()) for name in self.cells.columns[: -len(RECORD_COLUMNS)]}


@dataclass(frozen=True, slots=True)
class Before:
    """Earlier outputs, oldest first, and all their witnesses: ``witness``, ``ID``, ``OWN``, the dimensions, ``delta``."""

    outputs: tuple[Previous, ...]
    witnesses: pl.DataFrame
    nobody: pl.DataFrame
    """What the attacker knew to be zero then, cells or not: the dimensions, ``count``."""


def read_sources(spec: SpecFile) -> tuple[Source, ...]:
    """The outputs that SPEC names. ``BadInput`` where one cannot be read, or is not as it was made."""
    folders = [spec.beside(name) for name in spec.spec.previous]
    for place, folder in enumerate(folders):
        if not is_output(folder):
            raise BadInput("PREVIOUS_MISSING", file=spec.path, line=spec.line("previous", place), folder=folder)
    outputs = [read_output(folder) for folder in folders]
    for output in outputs:
        if not output.has_record:
            raise BadInput("PREVIOUS_WITHOUT_RECORD", folder=output.folder)
        faults = changes(output)
        if faults:
            told = ", ".join(f"{fault.code} {fault.where}" for fault in faults)
            raise BadInput("PREVIOUS_CHANGED", folder=output.folder, faults=told)
    return tuple(Source(output.folder, output.id, output.record()) for output in outputs)


def with_codes(layout: Layout, sources: tuple[Source, ...]) -> Layout:
    """``layout`` with the codes that earlier outputs had and INPUT no longer has: nobody is there now.

    Only where the dimension has a total, and its levels are told by other codes.
    """
    dimensions = dict(layout.system.dimensions)
    for source in sources:
        for old, name in _dimensions(layout, source).items():
            if dimensions[name].total:
                dimensions[name] = _with_codes(layout, dimensions[name], source, old)
    return replace(layout, system=replace(layout.system, dimensions=dimensions))


def read_previous(layout: Layout, sources: tuple[Source, ...]) -> Before:
    """``sources`` in the dimensions of now: a new one stands at its total, one that is gone must have stood there."""
    outputs: dict[str, Previous] = {}
    named = {source.id for source in sources}
    witnesses = [_no_witnesses(layout)]
    start = 0
    for source in sources:
        record = source.record
        rows = [record.witnesses.with_columns(pl.lit(source.id).alias(ID), pl.lit(value=True).alias(OWN))]
        if record.vintages is not None:
            for code, one in record.vintages.ids.items():
                cells = record.vintages.cells.filter(pl.col(VINTAGE) == code).drop(VINTAGE)
                parts = record.vintages.parts
                if parts is not None:
                    parts = parts.filter(pl.col(VINTAGE) == code).drop(VINTAGE)
                if one not in named:
                    found = _previous(layout, source, one, cells, _of_vintage(record.vintages.spec, code), parts)
                    seen = outputs.get(one)
                    outputs[one] = found if seen is None else _both(layout, seen, found)
                moved = record.vintages.witnesses.filter(pl.col(VINTAGE) == code).drop(VINTAGE)
                rows.append(moved.with_columns(pl.lit(one).alias(ID), pl.lit(value=False).alias(OWN)))
        outputs.setdefault(source.id, _previous(layout, source, source.id, record.cells, record.system.tables, record.parts))
        found_rows = pl.concat(row.select(rows[0].columns) for row in rows)
        numbered = found_rows.with_columns(pl.col("witness") + start)
        start = start if found_rows.is_empty() else 1 + int(numbered["witness"].to_numpy().max())
        witnesses.append(_placed(layout, source, numbered).select(witnesses[0].columns))
    return Before(tuple(outputs.values()), pl.concat(witnesses), _nobody(layout, sources))


def _nobody(layout: Layout, sources: tuple[Source, ...]) -> pl.DataFrame:
    """Of what was known the zeros with codes of now: the others are cells, and have their facts with them."""
    names = list(layout.names)
    zeros = [pl.DataFrame(schema={**dict.fromkeys(names, pl.String()), "count": pl.Int64()})]
    for source in sources:
        if source.record.known is not None:
            nobody = _placed(layout, source, source.record.known.filter(pl.col("count") == 0))
            there = [pl.col(name).is_in(sorted(layout.level_of(name))) for name in names]
            zeros.append(nobody.filter(pl.all_horizontal(there)).select(*names, "count"))
    return pl.concat(zeros).unique(names).sort(names)


def _no_witnesses(layout: Layout) -> pl.DataFrame:
    kinds = {"witness": pl.Int64(), ID: pl.String(), OWN: pl.Boolean(), **dict.fromkeys(layout.names, pl.String())}
    return pl.DataFrame(schema={**kinds, "delta": pl.Int64()})


def _previous(
    layout: Layout, source: Source, one: str, cells: pl.DataFrame, tables: tuple[Table, ...], parts: pl.DataFrame | None
) -> Previous:
    told = _placed(layout, source, cells)
    for name, outside in layout.names.items():
        _refuse(told.filter(~pl.col(name).is_in(sorted(layout.level_of(name)))), source.folder, outside)
    levels = _levels(layout, source)
    inside = _dimensions(layout, source)
    # A dimension that is gone stood at its total, so that no table divided by it.
    translated = [
        Table(
            table.name,
            {inside[name]: tuple(levels[level] for level in held if level in levels) for name, held in table.levels.items()},
            windows=frozenset(inside[name] for name in table.windows),
            latent=table.latent,
        )
        for table in tables
        if set(table.levels) <= set(inside)
    ]
    if parts is not None:
        parts = _placed(layout, source, parts).select(*layout.names, *PART_COLUMNS)
    return Previous(source.folder, one, told.select(*layout.names, *RECORD_COLUMNS), tuple(translated), parts)


def _both(layout: Layout, seen: Previous, found: Previous) -> Previous:
    """One output of which two later ones brought different slices."""
    names = list(layout.names)
    cells = pl.concat([seen.cells, found.cells]).unique(names, keep="first", maintain_order=True)
    parts = None
    if seen.parts is not None and found.parts is not None:
        parts = pl.concat([seen.parts, found.parts]).unique([*names, "provider"], keep="first", maintain_order=True)
    return replace(seen, cells=cells, parts=parts)


def _of_vintage(spec: SystemSpec, code: str) -> tuple[Table, ...]:
    """The tables of one vintage, without the vintage."""
    return tuple(
        replace(table, levels={name: held for name, held in table.levels.items() if name != VINTAGE}, where={})
        for table in spec.tables
        if table.where.get(VINTAGE, code) == code
    )


def _dimensions(layout: Layout, source: Source) -> dict[str, str]:
    """By dimension of the earlier output, the one of now of the same name."""
    inside = {outside: name for name, outside in layout.names.items()}
    return {old: inside[outside] for old, outside in source.record.names.items() if outside in inside}


def _levels(layout: Layout, source: Source) -> dict[str, str]:
    """By level of the earlier output, the one of now that has its codes."""
    found: dict[str, str] = {}
    for old, name in _dimensions(layout, source).items():
        members, level_of = source.record.system.dimensions[old].members, layout.level_of(name)
        for level in members.columns:
            now = {level_of[code] for code in members[level].drop_nulls().to_list() if code in level_of}
            if len(now) > 1:
                raise BadInput("PREVIOUS_CODES_MOVED", folder=source.folder, dimension=layout.names[name])
            if now:
                found[level] = now.pop()
    return found


def _with_codes(layout: Layout, dimension: Dimension, source: Source, old: str) -> Dimension:
    """``dimension`` with the codes of the earlier output that it lacks; refused where one stood elsewhere than now."""
    levels = {level: now for level, now in _levels(layout, source).items() if now in dimension.levels}
    earlier = _by_levels(source.record.system.dimensions[old].members, levels)
    record = source.record
    listed = {*record.cells[old].to_list(), *(record.vintages.cells[old].to_list() if record.vintages else ())}
    known = {code for level in dimension.levels for code in dimension.members[level].to_list()}
    if set(dimension.levels) - set(earlier.columns) or not listed - known - {TOTAL}:
        return dimension
    gone = earlier.select(dimension.members.columns).filter(~pl.col(dimension.finest).is_in(sorted(known)))
    members = pl.concat([dimension.members, gone]).unique().sort(dimension.levels)
    members_of = [set(members[level].to_list()) for level in dimension.levels]
    if sum(map(len, members_of)) > len(set().union(*members_of)):
        raise BadInput("PREVIOUS_CODES_MOVED", folder=source.folder, dimension=layout.names[dimension.name])
    codes = {*dimension.sequence, *gone[dimension.finest].to_list()}
    return replace(dimension, members=members, sequence=in_order(codes))


def _by_levels(members: pl.DataFrame, levels: dict[str, str]) -> pl.DataFrame:
    """Members of an earlier output in the levels of now that it has."""
    found = {levels[level]: level for level in reversed(members.columns) if level in levels}
    return members.select(pl.col(level).alias(now) for now, level in found.items())


def refuse_other_terms(layout: Layout, sources: tuple[Source, ...], policy: Policy) -> None:
    """``BadInput`` where dimensions, zeros, the policy or the place of a code would not keep an earlier promise."""
    named = {source.id for source in sources}
    for source in sources:
        _refuse_gone_dimensions(layout, source, source.record.cells)
        if source.record.policy.zeros == "shown" and policy.zeros != "shown":
            raise BadInput("PREVIOUS_ZEROS", folder=source.folder)
        _refuse_other_listing(layout, source)
        if not named.issuperset(source.record.previous) and any(table.latent for table in source.record.system.tables):
            raise BadInput("PREVIOUS_UNNAMED", folder=source.folder)
        for field in _looser(_dimensions(layout, source), source.record.policy, policy):
            raise BadInput("PREVIOUS_POLICY_STRICTER", folder=source.folder, field=f"policy.{field}")
        _refuse_moved_codes(layout, source)


def _refuse_other_listing(layout: Layout, source: Source) -> None:
    """What a listed hidden cell told then must still be told: that somebody is in it, by the tables and totals of now."""
    record, inside = source.record, _dimensions(layout, source)
    for old, name in inside.items():
        if record.system.dimensions[old].total != layout.system.dimensions[name].total:
            raise BadInput("PREVIOUS_ADDITIVE", folder=source.folder, dimension=layout.names[name])
    if record.policy.zeros == "shown":
        hidden = record.cells.filter(pl.col("published") & (pl.col("status") != "shown"))
        gone = int((~released(layout.system, _placed(layout, source, hidden))).sum())
        if gone:
            raise BadInput("PREVIOUS_ZEROS_TABLES", folder=source.folder, cells=gone)


def _looser(inside: dict[str, str], then: Policy, now: Policy) -> list[str]:
    """What the policy of ``now`` asks less of than that of ``then``: what was secret would no longer be."""
    found = {
        "threshold": now.threshold < then.threshold,
        "width": now.width < then.width,
        "complement": any(inside.get(dimension) not in now.complement for dimension in then.complement),
        "insiders": then.insiders and not now.insiders,
    }
    if then.base is not None:
        base = now.base
        found["base"] = (
            base is None
            or base.dimension != inside.get(then.base.dimension)
            or base.minimum < then.base.minimum
            or (then.base.known and not base.known)
        )
    if then.providers is not None:
        less = ("minimum", "coalition", "share")
        found["providers"] = (
            now.providers is None
            or now.providers.column != then.providers.column
            or any(getattr(now.providers, field) < getattr(then.providers, field) for field in less)
        )
    return [field for field, less in found.items() if less]


def _refuse_moved_codes(layout: Layout, source: Source) -> None:
    """A code stood under another one than now: a sum of then is then no sum of the same parts."""
    levels = _levels(layout, source)
    for old, name in _dimensions(layout, source).items():
        dimension = layout.system.dimensions[name]
        earlier = _by_levels(source.record.system.dimensions[old].members, levels)
        shared = [level for level in dimension.levels if level in earlier.columns]
        if dimension.finest in shared:
            both = earlier.select(shared).join(dimension.members.select(shared), on=dimension.finest, how="inner")
            moved = [pl.col(level) != pl.col(f"{level}_right") for level in shared if level != dimension.finest]
            if both.filter(pl.any_horizontal(pl.lit(value=False), *moved)).height:
                raise BadInput("PREVIOUS_CODES_MOVED", folder=source.folder, dimension=layout.names[name])


def _placed(layout: Layout, source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of an earlier output by the dimensions of now."""
    inside = _dimensions(layout, source)
    _refuse_gone_dimensions(layout, source, frame)
    frame = frame.drop(set(source.record.names) - set(inside))
    frame = frame.rename({old: f"_{old}" for old in inside}).rename({f"_{old}": name for old, name in inside.items()})
    return frame.with_columns(pl.lit(TOTAL).alias(name) for name in layout.names if name not in frame.columns)


def _refuse_gone_dimensions(layout: Layout, source: Source, frame: pl.DataFrame) -> None:
    """Rows of an earlier output are divided by a dimension that is not there now, or has another name."""
    inside = _dimensions(layout, source)
    for old, then in source.record.names.items():
        codes = set() if old in inside else {*frame[old].to_list()} - {TOTAL}
        if not codes:
            continue
        of_now = {name: len(codes & layout.level_of(name).keys()) for name in layout.names}
        new = [name for name in layout.names if layout.names[name] not in source.record.names.values() and of_now[name]]
        if not new:
            raise BadInput("PREVIOUS_DIMENSION_GONE", folder=source.folder, dimension=then)
        now = layout.names[max(new, key=lambda name: of_now[name])]
        raise BadInput("PREVIOUS_DIMENSION_RENAMED", folder=source.folder, dimension=then, now=now)


def _refuse(rows: pl.DataFrame, folder: Path, dimension: str) -> None:
    if rows.height:
        raise BadInput("PREVIOUS_CODE_UNKNOWN", folder=folder, dimension=dimension, cells=rows.height)
