"""A receipt: what became of one provider's delivery of one term. Its shape is stable; ``docs/receipt.schema.json`` says it.

Counts, codes, row numbers and words. What fills it is ``make``'s; that a receipt is the hub's is ``read``'s to say.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from avbrott import atomic
from avbrott.delivery.report import ROWS_SHOWN, Numbering, Told
from avbrott.findings import Finding, Severity
from avbrott.periods import Term

PLACE = "receipts"
"""The folder of a provider's place that holds a folder of receipts for each term."""

ReceiptStatus = Literal["accepted", "accepted_with_quarantine", "refused", "withdrawn"]
Kind = Literal["plain", "data", "nil", "withdrawal"]


class _Part(BaseModel):
    """A part of a receipt. A key that a later hub adds is no error to an earlier reader."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Words(_Part):
    """A text that a person reads."""

    sv: str
    en: str


class Provider(_Part):
    """Whose delivery it is."""

    id: str
    name: str


class Delivered(_Part):
    """Which delivery it was."""

    digest: str = Field(description="The SHA-256 of what the hub noted of the delivery: it changes with any of its bytes.")
    created: str = Field(description="Its own day, YYYY-MM-DD: that of its newest extract.")
    due: str = Field(description="The last day on which it was in time.")
    late: bool


class Rows(_Part):
    """Rows of one extract. Of a delivery that is refused none are accepted, and none are set aside."""

    delivered: int
    accepted: int
    quarantined: int


class Before(_Part):
    """The same extract of the term before."""

    term: str
    delivered: int
    accepted: int
    change: int = Field(description="Rows delivered now less rows delivered then.")
    share: float | None = Field(description="Rows delivered now by rows delivered then; null where there were none.")


class Jump(_Part):
    """Accepted rows that are out of the ordinary beside those of an earlier delivery of the same extract."""

    term: str = Field(description="The term that it is held against.")
    accepted_then: int
    accepted: int


class Mapping(_Part):
    """What the provider's own words did, in counts."""

    headers: int
    values: dict[str, int] = Field(description="By term, the values that stood in the provider's own codes.")
    readings: dict[str, str] = Field(description="By disputed term, the provider's reading where the statistics' is another.")


class ExtractReceipt(_Part):
    """One extract of the delivery."""

    extract: str
    title: Words
    kind: Kind = Field(description="How it came: plain, or sealed with rows, with nothing to report, or to take back.")
    file: str
    sha256: str = Field(description="The SHA-256 of the file as it came.")
    number: int | None = Field(description="Of a sealed one its number among the provider's of this term and extract.")
    package_sha256: str | None = Field(description="Of a sealed one the SHA-256 of its datapackage.json.")
    contract_version: str
    key_epoch: str | None = Field(description="The epoch of the county's key that its pseudonyms were made with.")
    key_fingerprint: str | None = Field(default=None, description="The fingerprint of that key; null where it is not told.")
    rows: Rows
    before: Before | None = Field(description="Null where the extract of the term before has not been checked.")
    mapping: Mapping
    jumped: Jump | None = Field(default=None, description="Null where the rows are not out of the ordinary (ROWS_JUMPED).")
    replaced_rows: int | None = Field(
        default=None,
        description="Of a sealed one the rows of the delivery before, in the same term; null where there was none.",
    )
    replaced_number: int | None = Field(default=None, description="The number of that delivery before.")
    withdrawn_by: int | None = Field(
        default=None,
        description="The number of the withdrawal that took it back, where this one came anew after that.",
    )


class RefusedFile(_Part):
    """A file that was not accepted, beside what was."""

    extract: str = Field(description="Empty where it cannot be told.")
    code: str = Field(description="Why: the code of a finding of the same extract.")
    file: str = Field(description="Its name; empty where it is not called as a delivery to this place is.")
    number: int | None = Field(description="The number that it is called by.")
    counts: int | None = Field(description="The number of the extract that still counts; null where none does.")
    sha256: str = Field(default="", description="The SHA-256 of the file as it came; empty where it is not named.")


class FindingReceipt(_Part):
    """One rule that does not hold, or one thing that was assumed."""

    extract: str = Field(description="Empty for the delivery as a whole.")
    code: str
    severity: Severity
    field: str = Field(description="Empty for a rule over several fields, and for the file as a file.")
    count: int
    rows: tuple[int, ...] = Field(description="The first twenty: physical lines, the header is 1.")
    beside: tuple[int, ...] = Field(description="For a rule about two rows, the line that each of the rows is held against.")
    rule: Words
    mend: Words


class NextStep(_Part):
    """What to do, and the commands that do it."""

    what: Words
    commands: tuple[str, ...]


class Receipt(_Part):
    """The whole of it."""

    form: Literal["avbrott-receipt/1"] = Field(default="avbrott-receipt/1", alias="schema")
    """A key that is new does not change it; one that is gone or means something else does."""
    provider: Provider
    term: str = Field(pattern="^(HT|VT)[0-9]{4}$")
    status: ReceiptStatus
    delivery: Delivered
    extracts: tuple[ExtractReceipt, ...]
    refused_files: tuple[RefusedFile, ...] = Field(
        default=(), description="Files that were not accepted. The status is of what counts without them."
    )
    summary: dict[Severity, int] = Field(description="How many findings there are of each severity.")
    findings: tuple[FindingReceipt, ...]
    next: tuple[NextStep, ...]
    page_sha256: str = Field(default="", description="The SHA-256 of the page (.html) that was made with it.")

    @property
    def counts(self) -> bool:
        """Whether anything of the delivery is counted."""
        return self.status in ("accepted", "accepted_with_quarantine")

    @property
    def is_late(self) -> bool:
        """Whether something counts, or would, that came too late: what was taken back is none of it."""
        return self.delivery.late and self.status != "withdrawn"

    @property
    def told(self) -> list[Told]:
        """The findings as reports print them."""
        return [_told(self, one) for one in self.findings]

    def content(self) -> bytes:
        """The bytes that are signed: the same receipt has the same."""
        return atomic.json_bytes(self.model_dump(mode="json", by_alias=True))


def finding_receipt(entry: Told) -> FindingReceipt:
    """A finding as a receipt holds it."""
    found = entry.finding
    return FindingReceipt(
        extract=found.extract,
        code=found.code,
        severity=found.severity,
        field=found.field,
        count=found.count,
        rows=found.rows[:ROWS_SHOWN],
        beside=found.beside[:ROWS_SHOWN],
        rule=Words(**entry.rule),
        mend=Words(**entry.mend),
    )


def receipt_names(provider: str, term: Term) -> tuple[str, str, str]:
    """What the page, the signature and the receipt itself are called: in the order in which they are laid."""
    name = f"{provider}-{str(term).lower()}"
    return f"{name}.html", f"{name}.json.sig", f"{name}.json"


def json_schema() -> str:
    """The JSON Schema of a receipt, as ``docs/receipt.schema.json`` has it."""
    made: dict[str, Any] = Receipt.model_json_schema(by_alias=True, mode="serialization")
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _told(receipt: Receipt, one: FindingReceipt) -> Told:
    finding = Finding(
        receipt.provider.id, receipt.term, one.extract, one.code, one.severity, one.field, one.count, one.rows, one.beside
    )
    is_prepared = any(each.extract == one.extract and each.kind == "data" for each in receipt.extracts)
    numbering = Numbering.PREPARED if is_prepared else Numbering.FILE
    return Told(finding, {"sv": one.rule.sv, "en": one.rule.en}, {"sv": one.mend.sv, "en": one.mend.en}, numbering)
