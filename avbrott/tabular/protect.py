"""``avbrott protect`` as one call: INPUT and SPEC in, an output out. Each step is in the module that is named for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.protect import Given, Protection
from avbrott.disclosure.unjoined import unjoined
from avbrott.errors import BadInput, DoesNotHold
from avbrott.policy import Policy
from avbrott.progress import report
from avbrott.tabular.cube import count_cube, count_parts
from avbrott.tabular.dearness import dearness_of
from avbrott.tabular.facts import read_facts, tables_of
from avbrott.tabular.held import Held, hold_facts
from avbrott.tabular.layout import Layout, engine_policy, lay_out, refuse_windows, with_tables
from avbrott.tabular.near import Near
from avbrott.tabular.notes import notes_of
from avbrott.tabular.output import Record
from avbrott.tabular.previous import read_previous, read_sources, refuse_other_terms, with_codes
from avbrott.tabular.public import Ints, Mask, equations, public_cells, public_layout
from avbrott.tabular.public_witnesses import find_systems, two_values
from avbrott.tabular.read import read_base, refuse_rows
from avbrott.tabular.revisions import compare, divided, revision_rows, with_hidden_zeros
from avbrott.tabular.search import Search
from avbrott.tabular.seed import read_seed
from avbrott.tabular.settled import one_value
from avbrott.tabular.spec_file import SpecFile, read_spec
from avbrott.tabular.target import holding, refuse_other_counts, refuse_target
from avbrott.tabular.write import Made, Revised, write_output


def protect_table(source: Path, spec_path: Path, target: Path) -> Made:
    """Protect the table in ``source`` by the SPEC at ``spec_path`` and write the output ``target``.

    ``BadInput`` where a file cannot be used, ``CannotProtect`` where no pattern keeps the promise, ``DoesNotHold`` where the
    checker does not verify the proof; nothing is then written.
    """
    spec = read_spec(spec_path)
    with holding(target):
        refuse_target(target)
        return _protected(source, spec, target)


def _protected(source: Path, spec: SpecFile, target: Path) -> Made:
    """``protect_table`` of a ``target`` that can be written and is held."""
    clock = _Clock()
    seed, own = read_seed(spec, source, target)
    report("read", 0, 1)
    base = read_base(source, spec.spec)
    refuse_other_counts(target, spec, base)
    sources = read_sources(spec)
    layout = with_codes(lay_out(spec.spec, base), sources)
    refuse_windows(spec, layout)
    policy = engine_policy(spec.spec, layout)
    refuse_other_terms(layout, sources, policy)
    facts, before = read_facts(spec, layout), read_previous(layout, sources)
    layout = with_tables(layout, tables_of(layout, [facts.known, *(one.cells for one in before.outputs)]))
    cells = count_cube(layout, base, policy)
    parts = count_parts(layout, base) if policy.providers else None
    since = tuple(compare(layout, one, cells, parts) for one in before.outputs)
    cells = with_hidden_zeros(layout, cells, since)
    held = hold_facts(layout, facts, before, since, cells)
    whose = parts if held.vintages is None else held.vintages.all_parts(parts)
    if policy.providers and whose is None:
        without = [str(one.output.folder) for one in since if one.other.height and one.output.parts is None]
        raise BadInput("PREVIOUS_WITHOUT_PROVIDERS", file=spec.path, folders=", ".join(without))
    _refuse_unpublished(layout, held.keep, cells)
    clock.phase("read")
    report("protect", 0, 1)
    dearness = held.placed(dearness_of(source, spec.spec, layout, base, cells, held))
    given = Given(known=held.known, keep=held.keep, dearness=dearness, parts=whose)
    protection, vintages = divided(Search(spec, layout, policy, held, given, seed).run(), held.vintages)
    clock.phase("protect")
    report("check", 0, 1)
    record = _record(layout, protection, cells, held)
    proof = Record(layout.system, layout.names, policy, "", record, protection.witnesses, vintages).whole()
    faults = check_protection(proof.system, policy, proof.cells, proof.witnesses, held.earlier, held.known, whose)
    if faults:
        raise DoesNotHold("PROTECTION_REFUSED", faults=", ".join(f"{fault.code} {fault.number}" for fault in faults))
    clock.phase("check")
    public = public_cells(layout, record)
    published = public_layout(layout)
    report("witnesses", 0, 1)
    systems, settled = _public_systems(published, public, policy)
    clock.phase("public_witnesses")
    made = Made(
        layout,
        policy,
        record,
        protection.witnesses,
        parts,
        published,
        public,
        systems,
        two_values(systems),
        settled,
        seed,
        own,
        base,
        held.told,
        notes_of(source, base, layout),
        tuple(source.id for source in sources),
        None if vintages is None else Revised(vintages, revision_rows(layout, vintages, record)),
    )
    run = {"seconds": clock.seconds, "search": protection.seconds, "summary": protection.summary, "peak_mb": _peak_mb()}
    write_output(target, spec, made, run)
    return made


def _public_systems(published: Layout, public: pl.DataFrame, policy: Policy) -> tuple[Ints, Mask]:
    """Public witnesses, and by hidden cell whether it has one value; none where it is not said how hierarchies add up."""
    if unjoined(published.system):
        none = np.zeros((0, int(public["hidden"].sum())), np.int64)
        return none, two_values(none)
    near = Near(published, public.filter("hidden"))
    known = equations(published, public, policy.zeros, policy.ruled)
    systems = find_systems(known, near, _told("witnesses"))
    return systems, one_value(known, systems)


def _record(layout: Layout, protection: Protection, cells: pl.DataFrame, held: Held) -> pl.DataFrame:
    """The engine's cells, whether a published table has each, and which the attacker had before."""
    names = list(layout.names)
    told = {"previous": held.of_now(held.earlier), "known": held.of_now(held.known)}
    facts = [frame.select(*names, fact=pl.lit(kind)) for kind, frame in told.items()]
    found = protection.cells.join(cells.select(*names, "published"), on=names, how="left")
    return found.join(pl.concat(facts), on=names, how="left").sort(names)


def _refuse_unpublished(layout: Layout, keep: pl.DataFrame, cells: pl.DataFrame) -> None:
    """A cell can be kept where a published table has it; one that nobody is in is shown in any case."""
    names = list(layout.names)
    latent = keep.join(cells.filter(~pl.col("published")), on=names, how="semi")
    if latent.height:
        refuse_rows(latent, pl.lit(True), "KEEP_UNPUBLISHED", Path(latent["file"][0]), next(iter(layout.names.values())))


def _told(stage: str) -> Callable[[int, int], None]:
    return lambda done, of: report(stage, done, of)


def _peak_mb() -> float | None:
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def phase(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now
