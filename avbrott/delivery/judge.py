"""All rules held against what several providers delivered for one term. No file is read or written here.

The providers of an extract are judged together: a rule costs the same for thirty small files as for one large. What comes
out is findings, and for each extract its rows with the codes that set them aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.across import between_extracts, repeated_keys
from avbrott.delivery.due import tells_of_person, tells_whose
from avbrott.delivery.gate import gate
from avbrott.delivery.of_another import of_another
from avbrott.delivery.one_person import of_one_person
from avbrott.delivery.read import Reading
from avbrott.delivery.rules import Situation
from avbrott.delivery.scan import Scanner
from avbrott.delivery.typed import accepted_schema, value, with_typed
from avbrott.findings import ROWS_KEPT, Finding, Severity
from avbrott.registry import Contracts
from avbrott.schema import OF_FORM, Failure, RowCheck, failures, row_checks

_SCANNED = OF_FORM | {"VALUE_CODE", "VALUE_RANGE"}
"""The rules that a value breaks by not being what its field holds: it can then be anything."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One extract of all providers."""

    extract: str
    contract: ExtractContract
    """What the rows were held against."""
    frame: pl.DataFrame
    """Text and typed columns, ``provider`` and ``row``."""
    set_aside: pl.DataFrame
    """``position`` of a row in ``frame`` (UInt32) and ``codes`` (List[String], sorted)."""
    checks: tuple[RowCheck, ...]
    """What was asked of each row."""

    def accepted(self, contracts: Contracts, term: str, providers: list[str]) -> pl.DataFrame:
        """The rows of ``providers`` that keep every rule, typed; columns of ``accepted_schema``.

        ``contracts`` may be of another version than the rows were judged by: a term that theirs lacks is then empty.
        """
        terms = [contracts.glossary.terms[name] for name in contracts.extracts[self.extract].terms]
        rows = self._of(providers).join(self.set_aside, on="position", how="anti", maintain_order="left").drop("position")
        gate(self.contract, rows, self.checks)
        lacking = [found for found in terms if found.id not in rows.columns]
        whole = with_typed(rows.with_columns(pl.lit(None, pl.String).alias(found.id) for found in lacking), lacking)
        typed = whole.with_columns(*(value(found).alias(found.id) for found in terms), term=pl.lit(term))
        return typed.select(pl.col(name).cast(kind) for name, kind in accepted_schema(terms).items())

    def quarantined(self, contracts: Contracts, providers: list[str]) -> pl.DataFrame:
        """The rows of ``providers`` that are set aside, as they were read, with ``provider``, ``row`` and ``codes``."""
        rows = self._of(providers).join(self.set_aside, on="position", how="inner", maintain_order="left")
        return rows.select(*contracts.extracts[self.extract].terms, "provider", "row", "codes")

    def _of(self, providers: list[str]) -> pl.DataFrame:
        return self.frame.with_row_index("position").filter(pl.col("provider").is_in(providers))


def judge(
    contracts: Contracts, situation: Situation, scanner: Scanner, readings: Mapping[str, Mapping[str, Reading]]
) -> tuple[dict[str, Judged], list[Finding]]:
    """Hold readings (by extract and provider) against every rule of their contracts."""
    frames = {extract: _together(contracts, extract, found) for extract, found in readings.items()}
    broken: dict[str, list[Failure]] = {}
    checks: dict[str, list[RowCheck]] = {}
    tells, of_person = tells_whose(contracts), tells_of_person(contracts)
    for extract, frame in frames.items():
        contract = contracts.extracts[extract]
        checks[extract] = row_checks(contract, contracts.glossary, situation)
        found = failures(contract, frame, checks[extract])
        refusing = [
            *_personal(contracts, extract, frame, found, scanner),
            *of_another(contracts, extract, frame, tells),
        ]
        broken[extract] = [
            *_without_refusing(_without_missing_columns(found, frame, readings[extract]), refusing),
            *repeated_keys(contract, frame),
            *of_one_person(contracts, extract, frame, of_person),
            *refusing,
        ]
    usable = {
        extract: {provider: set(contracts.extracts[extract].terms) - set(r.missing) for provider, r in found.items()}
        for extract, found in readings.items()
    }
    for extract, failure in between_extracts(contracts.extracts, frames, usable):
        broken[extract].append(failure)
    term = str(situation.term or "")
    findings = [
        finding
        for extract, failed in broken.items()
        for failure in failed
        for finding in _findings(extract, term, frames[extract], failure)
    ]
    for extract, found_readings in readings.items():
        for provider, reading in found_readings.items():
            findings += _file_findings(extract, provider, term, reading, scanner)
    judged = {
        extract: Judged(extract, contracts.extracts[extract], frame, _set_aside(broken[extract]), tuple(checks[extract]))
        for extract, frame in frames.items()
    }
    return judged, findings


def _together(contracts: Contracts, extract: str, readings: Mapping[str, Reading]) -> pl.DataFrame:
    frames = [reading.frame.with_columns(provider=pl.lit(provider)) for provider, reading in readings.items()]
    terms = [contracts.glossary.terms[name] for name in contracts.extracts[extract].terms]
    return with_typed(pl.concat(frames), terms)


def _without_missing_columns(found: list[Failure], frame: pl.DataFrame, readings: Mapping[str, Reading]) -> Iterator[Failure]:
    """Leave out what only follows from a column that is not there; that has its own finding."""
    for failure in found:
        without = [provider for provider, reading in readings.items() if failure.field in reading.missing]
        if failure.code == "VALUE_MISSING" and without:
            fails = failure.fails & ~frame["provider"].is_in(without)
            if fails.any():
                yield Failure(failure.code, failure.field, failure.severity, fails)
        else:
            yield failure


def _without_refusing(found: Iterable[Failure], refusing: Iterable[Failure]) -> Iterator[Failure]:
    """Leave out what else is wrong with a value that must not be there at all: it is to be removed and not mended."""
    by_field: dict[str, pl.Series] = {}
    for one in refusing:
        by_field[one.field] = by_field[one.field] | one.fails if one.field in by_field else one.fails
    for failure in found:
        if failure.field not in by_field:
            yield failure
        elif (fails := failure.fails & ~by_field[failure.field]).any():
            yield replace(failure, fails=fails)


def _personal(
    contracts: Contracts, extract: str, frame: pl.DataFrame, found: list[Failure], scanner: Scanner
) -> Iterator[Failure]:
    """Scan the values that break their field's form or list, and every value of a field whose form is open."""
    for name in contracts.extracts[extract].terms:
        term = contracts.glossary.terms[name]
        candidates: pl.Series | None = None
        if scanner.is_open(term):
            candidates = pl.repeat(True, frame.height, eager=True)
        else:
            for failure in found:
                if failure.field == name and failure.code in _SCANNED:
                    candidates = failure.fails if candidates is None else candidates | failure.fails
        if candidates is not None:
            for code, personal in scanner.scan(frame[name].filter(candidates), term.type):
                fails = candidates & frame[name].is_in(personal.implode()).fill_null(False)
                yield Failure(code, name, Severity.BLOCKING, fails)


def _findings(extract: str, term: str, frame: pl.DataFrame, failure: Failure) -> Iterator[Finding]:
    rows = frame.select("provider", "row")
    if failure.beside is not None:
        rows = rows.with_columns(beside=frame["row"].gather(failure.beside))
    kept = pl.all().head(ROWS_KEPT)
    by_provider = rows.filter(failure.fails).group_by("provider", maintain_order=True)
    for found in by_provider.agg(kept, count=pl.len()).iter_rows(named=True):
        lines, beside = tuple(found["row"]), tuple(found.get("beside", ()))
        yield Finding(
            found["provider"], term, extract, failure.code, failure.severity, failure.field, found["count"], lines, beside
        )


def _file_findings(extract: str, provider: str, term: str, reading: Reading, scanner: Scanner) -> Iterator[Finding]:
    """What is wrong with the file as a file, and what looks personal in columns that no contract names."""
    for fault in reading.faults:
        yield Finding(
            provider, term, extract, fault.code, Severity.BLOCKING, fault.field, fault.count, fault.rows[:ROWS_KEPT]
        )
    for found in reading.assumed:
        severity = Severity.WARNING if found.doubtful else Severity.ASSUMED
        yield Finding(provider, term, extract, found.code, severity, found.field, found.count, found.rows[:ROWS_KEPT])
    for name in reading.unknown.columns:
        if name == "row":
            continue
        for code, personal in scanner.scan(reading.unknown[name]):
            rows = reading.unknown.filter(pl.col(name).is_in(personal.implode()))["row"]
            first = tuple(rows.head(ROWS_KEPT).to_list())
            yield Finding(provider, term, extract, code, Severity.BLOCKING, name, len(rows), first)
    for code, _ in scanner.scan(pl.Series(reading.foreign_headers, dtype=pl.String)):
        yield Finding(provider, term, extract, code, Severity.BLOCKING, "", 1, (1,))


def _set_aside(failed: list[Failure]) -> pl.DataFrame:
    marks = [
        pl.DataFrame({"position": failure.fails.arg_true()}).with_columns(code=pl.lit(failure.code))
        for failure in failed
        if failure.severity is Severity.QUARANTINE
    ]
    if not marks:
        return pl.DataFrame(schema={"position": pl.UInt32, "codes": pl.List(pl.String)})
    return (
        pl.concat(marks)
        .unique()
        .sort("position", "code")
        .group_by("position", maintain_order=True)
        .agg(pl.col("code").alias("codes"))
    )
