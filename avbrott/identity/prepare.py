"""From an export with identities to the rows of a delivery without: what is dropped, replaced and refused. Writes nothing.

A row keeps its number of the export, so that a finding says where to mend it; no value of a row leaves in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.check import of_provider, scanner_of
from avbrott.delivery.judge import judge
from avbrott.delivery.read import Reading
from avbrott.delivery.rules import Situation
from avbrott.delivery.scan import IDENTITY
from avbrott.delivery.table import Assumed, Table
from avbrott.delivery.translate import with_own_headers
from avbrott.findings import ROWS_KEPT, Finding, Severity, is_blocked
from avbrott.identity.aliases import with_aliases
from avbrott.identity.all_aside import OtherTerm, all_aside, other_term
from avbrott.identity.keys import Key
from avbrott.identity.numbers import read_numbers
from avbrott.identity.numbers_held import impossible, of_other_years, year_of
from avbrott.identity.own_digits import own_digits
from avbrott.identity.pseudonym import pseudonyms
from avbrott.identity.source import (
    REPLACED,
    Export,
    SourceContract,
    as_reading,
    fit_export,
    is_unclear,
    marks_protection,
    says_not_open,
)
from avbrott.identity.source import read_source_contract as read_source
from avbrott.identity.unparsed import without_unparsed
from avbrott.identity.words import beside_refused, without_words, words_found
from avbrott.periods import Term
from avbrott.registry import Contracts


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an export became."""

    extract: str
    frame: pl.DataFrame
    """The columns of the contract, sorted by its key: the order of an export can be that of names."""
    findings: tuple[Finding, ...]
    places: pl.Series
    """By row of ``frame``, its row in the export."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """``rows`` of the export, ``protected`` rows left out (``protected_elsewhere`` for another export's mark),
    ``birth_dates`` cut, birth years ``from_number``, ``aliases``, ``persons``; rows that the hub will set ``aside``, and rows
    ``left_out`` that could not be read."""
    dropped: tuple[str, ...] = ()
    """Columns that may not leave, as they may be called."""
    marks_protection: bool = True
    """Whether the export says whose identity is protected."""
    emptied: Mapping[str, int] = field(default_factory=dict)
    """By term, the values that could not be read and are left empty."""
    cut: Mapping[str, int] = field(default_factory=dict)
    """By term, the codes that had a word in them and are cut to what is read of them."""
    other_term: OtherTerm | None = None
    """The term that most rows are of, where it is another than was given."""

    @property
    def is_refused(self) -> bool:
        return is_blocked(self.findings)


def prepare(
    table: Table,
    contracts: Contracts,
    contract: ExtractContract,
    provider: str,
    term: Term,
    key: Key | None,
    aliases: pl.DataFrame | None = None,
    elsewhere: pl.Series | None = None,
) -> Prepared:
    """Make a delivery of an export: checked, without what may not leave, and with pseudonyms in place of identities.

    ``elsewhere``: identities that other exports mark as protected.
    """
    table = with_own_headers(table, contract, contracts, provider)
    made = as_delivery(table, contracts, contract, provider, term, key, aliases, elsewhere)
    situation = Situation.of(term, [contracts.suppliers.by_id[provider]])
    read = {contract.name: {provider: made.reading}}
    judged, found = judge(contracts, situation, scanner_of(contracts, term), read)
    whole = judged[contract.name]
    findings = [*of_provider(contracts, contract.name, provider, term), *made.with_needed(found)]
    findings += all_aside(whole, findings, provider, str(term))
    parsed = without_unparsed(made.reading.frame.select(*contract.terms, "row"), contract, contracts.glossary, found)
    cut = without_words(parsed.frame, [contracts.glossary.terms[name] for name in contract.terms], contracts.glossary)
    ordered = _sorted(cut.frame, contract)
    return Prepared(
        contract.name,
        ordered.drop("row"),
        tuple(findings),
        ordered["row"],
        {**made.counts, "aside": whole.set_aside.height - parsed.left_out, "left_out": parsed.left_out},
        made.dropped,
        made.marks_protection,
        parsed.emptied,
        cut.counts,
        other_term(whole, contracts.glossary, term),
    )


@dataclass(frozen=True, slots=True)
class AsDelivery:
    """An export as the delivery that it would become, and what became of it on the way."""

    reading: Reading
    findings: tuple[Finding, ...]
    """What is wrong with identities."""
    counts: Mapping[str, int]
    dropped: tuple[str, ...]
    marks_protection: bool
    derived: str
    """The term that is read from an identity where the export has it not."""
    unread: frozenset[int]
    """The rows whose identity cannot be read."""
    own: Mapping[str, list[int]]
    """By term, the rows that hold their own identity there."""
    identities: pl.DataFrame = field(repr=False)
    """By ``row``, the identity as it stands (under its term); empty of counts. For its owner's screen alone."""

    def with_needed(self, found: Sequence[Finding]) -> list[Finding]:
        """``findings`` and those of ``judge``, but such as only follow from another or tell of the same value."""
        return [*beside_refused(self.findings, found), *self._without_needless(found)]

    def _without_needless(self, found: Iterable[Finding]) -> list[Finding]:
        return [rest for one in found if not self._only_follows(one) and (rest := self._beside_own(one)) is not None]

    def _beside_own(self, one: Finding) -> Finding | None:
        """A finding about other rows than those whose value is of their own identity; None where there are none."""
        if one.field not in self.own or one.count > ROWS_KEPT:
            return one
        rows = tuple(row for row in one.rows if row not in {*self.own[one.field]})
        return replace(one, rows=rows, count=len(rows)) if rows else None

    def _only_follows(self, one: Finding) -> bool:
        if one.code != "VALUE_MISSING":
            return False
        return one.field == REPLACED or (one.field == self.derived and one.count <= ROWS_KEPT and self.unread >= {*one.rows})


def as_delivery(
    table: Table,
    contracts: Contracts,
    contract: ExtractContract,
    provider: str,
    term: Term,
    key: Key | None,
    aliases: pl.DataFrame | None = None,
    elsewhere: pl.Series | None = None,
) -> AsDelivery:
    """An export without what may not leave, and with pseudonyms in place of identities; what it holds is not judged here.

    ``table`` has the provider's own headers translated (``translate.with_own_headers``). ``elsewhere``: as in ``prepare``.
    """
    source, scanner = read_source(contracts), scanner_of(contracts, term)
    export = fit_export(table, contract, source, scanner.contract, contracts.glossary, contracts.mappings.get(provider))
    frame, counts, findings = export.frame, {"rows": export.frame.height}, list[Finding]()
    unread, own, identities = frozenset[int](), dict[str, list[int]](), pl.DataFrame()
    lost_zeros = list[Assumed]()
    if REPLACED in contract.terms:
        assert key is not None
        numbers = read_numbers(frame[source.identity.term], term)
        here = _protected(frame, numbers["identity"], aliases, source, None)
        nameless = frame["row"].filter(here & numbers["identity"].is_null()).sort()
        protected = _protected(frame, numbers["identity"], aliases, source, elsewhere)
        frame, numbers = frame.filter(~protected), numbers.filter(~protected)
        counts["protected"], counts["protected_elsewhere"] = int(protected.sum()), int((protected & ~here).sum())
        identities = frame.select("row", source.identity.term)
        lost_zeros = _lost_zeros(frame, numbers, source)
        findings = _unclear(export, frame, protected, provider, str(term), contract.name, source)
        if elsewhere is None and source.protected.term not in export.held and source.protected.marks_any(table.beside):
            where = (provider, str(term), contract.name)
            findings.append(Finding(*where, "PROTECTION_SHEET", Severity.BLOCKING, source.protected.term, 1))
        if nameless.len():
            told, first = (provider, str(term), contract.name), tuple(nameless.head(ROWS_KEPT))
            field = source.protected.term
            findings.append(Finding(*told, "PROTECTION_UNREAD", Severity.WARNING, field, nameless.len(), first))
        if source.identity.term in export.held:
            findings += impossible(frame, numbers, provider, str(term), contract.name, source)
            findings += of_other_years(frame, numbers, provider, str(term), contract, source)
        unread = frozenset(frame["row"].filter(numbers["identity"].is_null()).to_list())
        terms = [contracts.glossary.terms[name] for name in contract.terms if name != REPLACED]
        own = own_digits(frame, numbers["identity"], terms, contracts.glossary)
        findings += [
            Finding(provider, str(term), contract.name, IDENTITY, Severity.BLOCKING, name, len(rows), tuple(rows[:ROWS_KEPT]))
            for name, rows in own.items()
        ]
        findings += words_found(frame, terms, contracts.glossary, provider, str(term), contract.name)
        frame = _named(frame, numbers, key, aliases, counts)
        frame = _with_birth_year(frame, numbers, contract, source, counts)
    reading = as_reading(export, contract, frame)
    reading = replace(reading, assumed=(*reading.assumed, *lost_zeros))
    dropped, marks = _dropped(export, source), _marks(export, source, contract)
    return AsDelivery(reading, tuple(findings), counts, dropped, marks, source.birth_date.gives, unread, own, identities)


def _lost_zeros(frame: pl.DataFrame, numbers: pl.DataFrame, source: SourceContract) -> list[Assumed]:
    """That numbers were read which a spreadsheet took their first zeros from."""
    rows = frame.filter(numbers["identity"].is_not_null() & (numbers["zeros"] > 0))["row"].sort()
    if not rows.len():
        return []
    return [Assumed("READ_IDENTITY_ZERO", source.identity.term, tuple(rows.head(ROWS_KEPT)), rows.len())]


def _protected(
    frame: pl.DataFrame,
    identities: pl.Series,
    aliases: pl.DataFrame | None,
    source: SourceContract,
    elsewhere: pl.Series | None,
) -> pl.Series:
    """Which rows are about somebody who is marked as protected, be it in another row of the export, or in another one."""
    marked = frame.select(marks_protection(source.protected.term, source.protected).alias("marked"))["marked"]
    others = pl.Series("identity", [], pl.String) if elsewhere is None else elsewhere
    whose, theirs = (one if aliases is None else with_aliases(one, aliases) for one in (identities, others))
    who = pl.concat([whose.filter(marked).drop_nulls(), theirs.rename(whose.name)])
    return marked | whose.is_in(who.implode()).fill_null(value=False)


def _unclear(
    export: Export,
    frame: pl.DataFrame,
    protected: pl.Series,
    provider: str,
    term: str,
    extract: str,
    source: SourceContract,
) -> list[Finding]:
    """What may be a mark of protection and is not understood: a column by its place, a value by its rows.

    ``frame`` is without the rows that are ``protected``.
    """
    told, columns = (provider, term, extract), _unrecognised(export, protected, source)
    findings = [Finding(*told, "PROTECTION_COLUMN", Severity.BLOCKING, name, 1, (1,)) for name in columns]
    rows = frame.filter(is_unclear(source.protected.term, source.protected))["row"].sort()
    if rows.len():
        field, first = source.protected.term, tuple(rows.head(ROWS_KEPT))
        findings.append(Finding(*told, "PROTECTION_VALUE", Severity.BLOCKING, field, rows.len(), first))
    return findings


def _unrecognised(export: Export, protected: pl.Series, source: SourceContract) -> list[str]:
    """The columns that look like a mark; beside one that is recognised, those that may mark somebody whom it does not."""
    columns = export.alike.columns
    if source.protected.term not in export.held:
        return columns
    says = export.alike.select(says_not_open(name, source.protected) for name in columns)
    return [name for name, said in zip(columns, says, strict=True) if (said & ~protected).any()]


def _named(
    frame: pl.DataFrame, numbers: pl.DataFrame, key: Key, aliases: pl.DataFrame | None, counts: dict[str, int]
) -> pl.DataFrame:
    identities = numbers["identity"]
    if aliases is not None:
        counts["aliases"] = identities.filter(identities.is_in(aliases["former"].implode())).n_unique()
        identities = with_aliases(identities, aliases)
    counts["persons"] = identities.drop_nulls().n_unique()
    return frame.with_columns(pseudonyms(key.secret, key.epoch, identities).alias(REPLACED))


def _with_birth_year(
    frame: pl.DataFrame, numbers: pl.DataFrame, contract: ExtractContract, source: SourceContract, counts: dict[str, int]
) -> pl.DataFrame:
    """Dates of birth cut to years; where there is neither date nor year, the year of the number."""
    name, given = source.birth_date.gives, source.birth_date.term
    if name not in contract.terms:
        return frame
    of_year, of_date = year_of(name), year_of(given)
    year = pl.coalesce(of_year, pl.col(name), of_date)
    counts["birth_dates"] = frame.select((of_year.is_not_null() | pl.col(given).is_not_null()).sum()).item()
    counts["from_number"] = frame.select(year.is_null().sum()).item()
    return frame.with_columns(pl.coalesce(year, numbers["birth_year"].cast(pl.String)).alias(name))


def _sorted(frame: pl.DataFrame, contract: ExtractContract) -> pl.DataFrame:
    """By the key and then by all else, so that equal rows in any order are equal bytes."""
    others = (term for term in contract.terms if term not in contract.key)
    return frame.sort(*contract.key, *others, "row", nulls_last=True)


def _dropped(export: Export, source: SourceContract) -> tuple[str, ...]:
    return (*(sorted(export.held & {source.protected.term, source.birth_date.term})), *export.dropped)


def _marks(export: Export, source: SourceContract, contract: ExtractContract) -> bool:
    return source.protected.term in export.held or REPLACED not in contract.terms
