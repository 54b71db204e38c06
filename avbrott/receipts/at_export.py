"""The rows of a receipt as those of the export that its delivery was prepared from, by what ``avbrott prepare`` left there.

A receipt has the rows of the prepared file, in the order of pseudonyms. Which row of the export each is stands in a file
beside the export; which file belongs to which number is remembered by ``avbrott deliver``. Nothing is sent for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from avbrott.delivery.report import Numbering, Told
from avbrott.identity.places import FOLDER, read_places
from avbrott.receipts.receipt import ExtractReceipt, Receipt
from avbrott.sending.record import records_of

BESIDE = Path(FOLDER)
"""Where it is looked for unless somebody says where: the export often lies where the command is given."""


def places_of(receipt: Receipt, memory: Path | None, folder: Path) -> dict[str, tuple[Path, dict[int, int]]]:
    """By extract, the file in ``folder`` and the export's row by line of the delivery, where both sides are there."""
    records = records_of(memory) if memory is not None else {}
    found = {}
    for extract in receipt.extracts:
        record = records.get(f"{receipt.provider.id}-{receipt.term.lower()}-{extract.extract}")
        sent = record.sent if record is not None else None
        if sent is None or sent.number != extract.number or sent.places is None:
            continue
        file = folder / Path(sent.places).name
        if (rows := read_places(file)) is not None and len(rows) == sent.rows:
            found[extract.extract] = file, rows
    return found


def as_at_export(entry: Told, rows: Mapping[int, int] | None) -> Told:
    """A finding with the export's rows, rising, in place of the delivery's; as it is where they are not all known."""
    finding = entry.finding
    if entry.numbering is not Numbering.PREPARED or rows is None or not {*finding.rows, *finding.beside} <= rows.keys():
        return entry
    pairs = sorted((rows[row], rows.get(other, 0)) for row, other in zip_longest(finding.rows, finding.beside))
    beside = tuple(other for _, other in pairs) if finding.beside else ()
    found = replace(finding, rows=tuple(row for row, _ in pairs), beside=beside)
    return replace(entry, finding=found, numbering=Numbering.EXPORT)


def needs_places(extract: ExtractReceipt, told: list[Told]) -> bool:
    """Whether a finding of a prepared extract names rows, which its owner looks for in the export."""
    return any(
        one.finding.rows and one.finding.extract == extract.extract and one.numbering is Numbering.PREPARED for one in told
    )
