"""The offending values of findings, for the screen of the one whose file it is. Nothing else may call this."""

from __future__ import annotations

import polars as pl

from avbrott.delivery.at_home import Checked
from avbrott.delivery.due import tells_of_person
from avbrott.delivery.report import ROWS_SHOWN
from avbrott.findings import Finding
from avbrott.identity.source import REPLACED
from avbrott.registry import Contracts

_LONGEST = 60


def values_of(entry: Checked, contracts: Contracts) -> dict[Finding, list[tuple[int, str]]]:
    """By finding, the first rows that break it, each with its values; nothing for what is no row's."""
    return {finding: found for finding in entry.findings if (found := _values(entry, finding, contracts))}


def _values(entry: Checked, finding: Finding, contracts: Contracts) -> list[tuple[int, str]]:
    frame, fields = entry.reading.frame, _fields(finding, contracts)
    if entry.identities.width:
        # What stands in the file, in place of the pseudonym that nobody keeps.
        frame = frame.drop(REPLACED).join(entry.identities, on="row", how="left")
        (identity,) = (name for name in entry.identities.columns if name != "row")
        fields = tuple(identity if field == REPLACED else field for field in fields)
    if finding.field in entry.reading.unknown.columns:
        frame, fields = entry.reading.unknown, (finding.field,)
    fields = tuple(field for field in fields if field in frame.columns)
    if not fields or not finding.rows:
        return []
    rows = frame.filter(pl.col("row").is_in(finding.rows[:ROWS_SHOWN])).select("row", *fields)
    return [(row, ", ".join(_shown(value) for value in values)) for row, *values in rows.iter_rows()]


def _fields(finding: Finding, contracts: Contracts) -> tuple[str, ...]:
    if finding.field:
        return (finding.field,)
    if finding.code == "KEY_DUPLICATE":
        return contracts.extracts[finding.extract].key
    if finding.code == "SPELLS_OVERLAP":
        spell = tells_of_person(contracts).spells[finding.extract]
        return (spell.place, spell.begins, spell.ends)
    rules = [rule for contract in contracts.extracts.values() for rule in contract.rules if rule.code == finding.code]
    return rules[0].fields if rules else ()


def _shown(value: str | None) -> str:
    """A value on a screen: what would move its cursor or colour it is shown as a dot."""
    if value is None:
        return "-"
    printable = "".join(letter if letter.isprintable() else "·" for letter in value)
    return printable if len(printable) <= _LONGEST else f"{printable[:_LONGEST]}…"
