"""The record of an output beside its public files: the whole proof, its digests, and its words. Without a solver."""

from __future__ import annotations

import polars as pl

from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.sums import released
from avbrott.tabular import made
from avbrott.tabular import output as files
from avbrott.tabular.audit_folder import Fault, folder_faults
from avbrott.tabular.layout import Layout
from avbrott.tabular.output import Output, Public, Record
from avbrott.tabular.public import public_cells, public_layout
from avbrott.tabular.told import columns_told, tables_told

STATUSES = ("shown", "unsafe", "complementary")
RULES = ("count", "complement", "base", "revision", "provider")
UNPUBLISHED = "unpublished"
FACTS = ("previous", "known")
"""The words of a cell of the record: of ``RULES`` where the status is unsafe, ``UNPUBLISHED`` where no table has the cell,
and a fact where the attacker had it."""


def record_faults(output: Output, public: Public, record: Record) -> list[Fault]:
    """The record by itself, its digests, and the public files beside it."""
    whole = record.whole()
    proof = check_protection(
        whole.system,
        whole.policy,
        whole.cells,
        whole.witnesses,
        whole.facts("previous"),
        whole.facts("known"),
        whole.parts,
    )
    faults = [Fault(f"PROOF_{fault.code}", files.CONFIDENTIAL, fault.number) for fault in proof]
    if not record.previous and whole.facts("previous").height:
        faults.append(Fault("FACT_WITHOUT_SOURCE", files.CONFIDENTIAL, whole.facts("previous").height))
    return [*_bound_faults(output, public, record), *faults]


def changes(output: Output) -> tuple[Fault, ...]:
    """What of an output with its record is not as it was made, without a look at the proof."""
    found = [fault for fault in folder_faults(output) if fault.code == "FILE_CHANGED"]
    return (*found, *_bound_faults(output, output.public(), output.record()))


def _bound_faults(output: Output, public: Public, record: Record) -> list[Fault]:
    """Digests of the record, and public files that it does not show.

    Where no digest is the certified one, not even of files that are not there, the record was written with another key.
    """
    seals = {name: output.sealed.get(name) == output.seal(name, record.salt) for name in files.SEALED}
    seals[files.KNOWN] = output.sealed.get("known") == files.known_seal(record.names, record.known, record.salt)
    if not any(seals.values()):
        return [Fault("RECORD_OF_ANOTHER", files.CONFIDENTIAL)]
    faults = [Fault("FILE_CHANGED", f"{files.CONFIDENTIAL}/{name}") for name, holds in seals.items() if not holds]
    layout = Layout(record.system, record.names)
    listed = record.cells.with_columns(published=pl.Series(released(record.system, record.cells)))
    if misstated := int(record.cells.select(_is_misstated(listed["published"]).sum()).item()):
        faults.append(Fault("CELL_MISSTATED", f"{files.CONFIDENTIAL}/{files.CELLS}", misstated))
    if not public_cells(layout, listed).equals(public.cells.sort(list(layout.names))):
        faults.append(Fault("PUBLIC_DIFFERS", made.PUBLIC))
    stated = {
        "tables": tables_told(public_layout(layout), record.columns) == output.certificate.get("tables"),
        "dimensions": columns_told(record.names) == output.certificate.get("dimensions"),
        "policy": _same_policy(output, record),
        "previous": list(record.previous) == output.certificate.get("previous"),
    }
    return faults + [Fault("STATEMENT_WRONG", key) for key, same in stated.items() if not same]


def _is_misstated(published: pl.Series) -> pl.Expr:
    """Whether a cell of the record is said to be published and is not, or the other way, or has a word that no record has."""
    rules = pl.col("rule").is_in(RULES).fill_null(value=False)
    silent = (pl.col("rule") == UNPUBLISHED).fill_null(value=False) & ~published
    return (
        pl.col("published").ne_missing(published)
        | ~pl.col("status").is_in(STATUSES).fill_null(value=False)
        | ~pl.when(pl.col("status") == "unsafe").then(rules | silent).otherwise(pl.col("rule").is_null() | silent)
        | ~pl.col("fact").is_in(FACTS).fill_null(value=True)
    )


def _same_policy(output: Output, record: Record) -> bool:
    """Whether the policy that the certificate tells is the one that the proof was made for."""
    from pydantic import ValidationError

    from avbrott.tabular.spec import PolicySpec

    try:
        told = PolicySpec.model_validate(output.certificate.get("policy"))
        names = {outside: name for name, outside in record.names.items()}
        column = told.providers.column if told.providers else None
        level = f"l{record.columns.index(column)}" if column in record.columns else None
        return told.policy(names, level) == record.policy
    except (ValidationError, KeyError):
        return False
