"""A provider's own words read as the glossary's: its headers, its codes, codes in other letters, and readings that differ.

What a provider's words are stands in its mapping (``contracts/mappings``). Everything that was read otherwise than it stands
is told, by field and with how often; rules are judged afterwards, and every row keeps its number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.forms import assumed_of
from avbrott.delivery.table import Assumed, Table
from avbrott.findings import Finding, Severity
from avbrott.glossary import Code, Glossary, Term
from avbrott.headers import normal_header
from avbrott.mapping import ProviderMapping, Translated
from avbrott.registry import Contracts
from avbrott.schema import deliverable

HEADER, CODE, READING = "MAPPED_HEADER", "MAPPED_CODE", "READING_OTHER"
"""The findings that tell what a mapping did."""
_OTHER_LETTERS, _SYNONYM, _NAMED = "READ_CODE_LETTERS", "READ_CODE_SYNONYM", "READ_CODE_NAMED"
_NAME_ALONE = "READ_CODE_NAME_ALONE"
_BESIDE = r"[\s,;:()\-]+"
"""Between a code and its name, where both stand."""
_BLANKS = " \t\u00a0\u202f"
"""Around a code they say nothing; a line break there is a fault of the file."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a mapping did with one extract, in counts."""

    headers: int
    values: dict[str, int]
    """By term, the values that stood in the provider's own codes."""
    readings: dict[str, str]
    """By disputed term, the reading that the provider follows where it is not that of the statistics."""

    def __bool__(self) -> bool:
        return any(self.counts.values())

    @property
    def translated(self) -> Translated | None:
        """What a delivery says of it; None where no header and no value was translated."""
        found = Translated(self.headers, tuple(self.values.items()))
        return found if found != Translated() else None

    @property
    def counts(self) -> dict[str, int]:
        """Headers and values that were translated, and readings that differ."""
        return {"headers": self.headers, "values": sum(self.values.values()), "readings": len(self.readings)}


def translation(findings: Iterable[Finding], extract: str, mapping: ProviderMapping | None) -> Translation:
    """What the findings of one delivery say that the mapping did with an extract."""
    own = [finding for finding in findings if finding.extract == extract]
    values = {finding.field: finding.count for finding in own if finding.code == CODE}
    readings = mapping.readings if mapping is not None else {}
    return Translation(
        headers=sum(finding.code == HEADER for finding in own),
        values=dict(sorted(values.items())),
        readings={name: readings[name] for name in sorted(f.field for f in own if f.code == READING) if name in readings},
    )


def own_headers(header: Sequence[str], contract: ExtractContract, contracts: Contracts, provider: str | None) -> list[str]:
    """A header with the provider's own words in it called by the terms that they stand for."""
    return [term or name for name, term in _translated(header, contract, contracts, provider)]


def with_own_headers(table: Table, contract: ExtractContract, contracts: Contracts, provider: str | None) -> Table:
    """The table with its columns called by their terms where the provider's mapping says what they are."""
    pairs = _translated(table.header, contract, contracts, provider)
    below = tuple((row, tuple(own_headers(cells, contract, contracts, provider))) for row, cells in table.below)
    told = [Assumed(HEADER, term, (1,)) for term in sorted({term for _, term in pairs if term})]
    if not told:
        return replace(table, below=below)
    return replace(table, below=below, header=tuple(term or name for name, term in pairs), assumed=(*table.assumed, *told))


def with_codes(
    frame: pl.DataFrame, terms: Iterable[Term], glossary: Glossary, mapping: ProviderMapping | None
) -> tuple[pl.DataFrame, list[Assumed]]:
    """The frame of a reading with its codes as the glossary writes them, and what was read otherwise than it stands.

    The provider's own codes; codes in small or capital letters; blanks around a code; the glossary's other words for a code;
    a code with its name beside it, or its name alone. What could be two codes is left.
    """
    own = mapping.codes if mapping is not None else {}
    columns, assumed = [], []
    for name, odd in odd_codes(frame, terms, glossary, own).items():
        meant = _meant(odd, deliverable(glossary.known_codes(name)), own.get(name, {}))
        if meant.height:
            columns.append(pl.col(name).replace(meant["text"], meant["meant"]))
            assumed += assumed_of(frame, name, meant)
    return (frame.with_columns(columns) if columns else frame), assumed


def odd_codes(
    frame: pl.DataFrame, terms: Iterable[Term], glossary: Glossary, own: Collection[str] = ()
) -> dict[str, pl.Series]:
    """By term the distinct values that are no code of its list, where there are any; those with blanks around without a list.

    ``own``: the terms that the provider has codes of its own for; without a list all their values are such.
    """
    coded = [term.id for term in terms if term.type == "code"]
    if not coded:
        return {}
    distinct = frame.select(pl.col(coded).drop_nulls().unique().implode())
    found = {}
    for name in coded:
        values = distinct[name].explode(empty_as_null=False)
        if listed := [code.code for code in deliverable(glossary.known_codes(name))]:
            values = values.filter(~values.is_in(listed))
        elif name not in own:
            values = values.filter(values.str.strip_chars(_BLANKS) != values)
        if len(values):
            found[name] = values
    return found


def reading_findings(contracts: Contracts, provider: str, term: str, extract: str) -> Iterator[Finding]:
    """A finding for each disputed term of an extract that the provider reads otherwise than the statistics do."""
    mapping = contracts.mappings.get(provider)
    for name in contracts.extracts[extract].disputed if mapping is not None else ():
        followed = mapping.readings.get(name) if mapping is not None else None
        if followed is not None and followed != contracts.glossary.terms[name].used:
            yield Finding(provider, term, extract, READING, Severity.ASSUMED, name)


def _translated(
    header: Sequence[str], contract: ExtractContract, contracts: Contracts, provider: str | None
) -> list[tuple[str, str | None]]:
    """Each name of a header, and the term that it stands for in the provider's words alone."""
    mapping = contracts.mappings.get(provider or "")
    own = mapping.headers.get(contract.name, {}) if mapping is not None else {}
    replaced = {contracts.glossary.terms[name].replaces for name in contract.terms}
    words = {normal_header(name): term for name, term in own.items() if term in contract.terms or term in replaced}
    return [(name, words.get(normal_header(name))) for name in header]


def _meant(odd: pl.Series, codes: Sequence[Code], own: dict[str, str]) -> pl.DataFrame:
    """``text`` as it stands, the code that is ``meant``, and the ``code`` of the finding that tells of it."""
    listed = [code.code for code in codes]
    exact = {code: code for code in listed} | own
    spelled = [(word.lower(), code) for word, code in exact.items()]
    times = Counter(word for word, _ in set(spelled))
    letters = {word: code for word, code in spelled if times[word] == 1}
    theirs = ({word.lower() for word in own} - {code.lower() for code in listed}) & letters.keys()
    synonyms = {word.lower(): code.code for code in codes for word in code.synonyms if word.lower() not in times}
    named = {f"{code.code} {label}".lower(): code.code for code in codes for label in (code.sv, code.en)}
    text, bare = pl.col("text"), pl.col("text").str.strip_chars(_BLANKS)
    small = bare.str.to_lowercase()
    ways = (
        (_looked_up(bare, exact), _OTHER_LETTERS),
        (_looked_up(small, letters), _OTHER_LETTERS),
        (_looked_up(small, synonyms), _SYNONYM),
        (_looked_up(_apart(small), {_plain(name): code for name, code in named.items()}), _NAMED),
        (_looked_up(small, _names_alone(codes, {*times, *synonyms})), _NAME_ALONE),
        (pl.when(bare.str.len_bytes() > 0).then(bare), _OTHER_LETTERS),
    )
    by_mapping = bare.is_in(list(own)) | (~bare.is_in(listed) & small.is_in(sorted(theirs)))
    told = pl.coalesce(pl.when(meant.is_not_null()).then(pl.lit(code)) for meant, code in ways)
    code = pl.when(by_mapping).then(pl.lit(CODE)).otherwise(told)
    found = pl.DataFrame({"text": odd}).with_columns(meant=pl.coalesce(meant for meant, _ in ways), code=code)
    return found.filter(pl.col("meant").is_not_null() & (pl.col("meant") != text))


def _names_alone(codes: Sequence[Code], taken: Collection[str]) -> dict[str, str]:
    """The names of codes in small letters, each with its code, but those that two codes have or that say something else."""
    named = {(label.lower(), code.code) for code in codes for label in (code.sv, code.en)}
    times = Counter(label for label, _ in named)
    return {label: code for label, code in sorted(named) if times[label] == 1 and label not in taken}


def _apart(text: pl.Expr) -> pl.Expr:
    """A code and its name with one blank between what is apart."""
    return text.str.replace_all(_BESIDE, " ").str.strip_chars()


def _plain(name: str) -> str:
    """``_apart`` of a name that is known."""
    return re.sub(_BESIDE, " ", name).strip()


def _looked_up(text: pl.Expr, words: dict[str, str]) -> pl.Expr:
    if not words:
        return pl.lit(None, pl.String)
    return text.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
