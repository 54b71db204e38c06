"""One released table as every format sees it: axes with codes and words in both languages, its cells in any order.

It is read from the public files; what the tables say beyond these (notes, breaks in a series) comes from the contracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any

import polars as pl

from avbrott.model import Text
from avbrott.registry import Contracts
from avbrott.release.public import PublicRelease, PublicTable
from avbrott.release.tables import MEASURE_COLUMNS, NOT_APPLICABLE, SHARE, SHOWN, STATUSES
from avbrott.table import TOTAL
from avbrott.texts import Texts

MEASURE = MEASURE_COLUMNS[0]
SHARE_DECIMALS = 4
REASONS = tuple(status for status in STATUSES if status != SHOWN)


@dataclass(frozen=True)
class Axis:
    """A dimension of a cube, or its measures: the codes that the table has, in their order."""

    name: str
    title: Text
    definition: Text
    labels: dict[str, Text]
    """By code its label; the order is the codes'."""
    parents: dict[str, str]
    """By code the one above it, where both are here."""
    notes: dict[str, tuple[Text, ...]] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.labels)


@dataclass(frozen=True)
class Cube:
    """A table. ``frame``: its rows as they are released (String; the dimensions, ``measure``, ``value``, ``status``)."""

    name: str
    title: Text
    description: Text
    unit: Text
    """What is counted."""
    notes: tuple[Text, ...]
    axes: dict[str, Axis]
    """The dimensions, then the measures."""
    frame: pl.DataFrame
    reasons: dict[str, Text]
    """By status why a figure is not shown."""
    time: str | None
    places: tuple[str, ...]
    day: date
    """The release's date."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.axes)[:-1]

    @property
    def measures(self) -> Axis:
        return self.axes[MEASURE]

    @property
    def size(self) -> tuple[int, ...]:
        return tuple(len(axis.labels) for axis in self.axes.values())

    def across(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The axes that stand at the rows and at the columns of a printed table: time and measure are columns."""
        columns = tuple(name for name in (MEASURE, self.time) if name is not None)
        return tuple(name for name in self.axes if name not in columns), columns

    def arranged(self, names: Sequence[str]) -> pl.DataFrame:
        """Every combination of codes, the last of the axes ``names`` fastest: ``value`` and ``status``.

        What the table does not list, as the share of a whole in itself, is not applicable.
        """
        axes = [pl.DataFrame({name: self.axes[name].codes}, schema={name: pl.String}) for name in names]
        every = reduce(lambda left, right: left.join(right, how="cross", maintain_order="left_right"), axes)
        found = every.join(self.frame, on=list(names), how="left", validate="1:1", maintain_order="left")
        return found.select("value", pl.col("status").fill_null(NOT_APPLICABLE))

    def decimals(self, measure: str) -> int:
        return SHARE_DECIMALS if measure == SHARE else 0


def cubes(public: PublicRelease, contracts: Contracts, texts: Texts) -> Iterator[Cube]:
    """Every table that the release lists downloads of, by name; ``contracts`` are those that it is made from."""
    resources = {str(one["name"]): one for one in public.package["resources"]}
    listed = public.package["avbrott"]["downloads"]
    return (_cube(public, contracts, texts, public.tables[name], resources) for name in sorted(listed))


def _cube(
    public: PublicRelease, contracts: Contracts, texts: Texts, table: PublicTable, resources: Mapping[str, dict[str, Any]]
) -> Cube:
    assert contracts.catalogue is not None
    resource = resources[table.name]
    fields = {str(one["name"]): one for one in resource["schema"]["fields"]}
    time = next((name for name in table.dimensions if name in contracts.catalogue.time), None)
    measures = [code for code in public.codelists[MEASURE]["code"] if code in set(table.frame[MEASURE].unique())]
    axes = {}
    for name in (*table.dimensions, MEASURE):
        codes = table.codes.get(name, measures)
        notes = _broken(codes, contracts, table.name) if name == time else {}
        axes[name] = _axis(public.codelists[name], fields[name], codes, notes)
    said = [*_where(public, table, resources, texts), *_share(public, table, texts)]
    said += [Text(**note) for note in resource.get("notes", ())]
    systems = public.package["avbrott"]["systems"]
    status = public.codelists["status"]
    return Cube(
        name=table.name,
        title=_both(resource, "title"),
        description=_both(resource, "description"),
        unit=Text(**systems[table.system]["unit"]) if table.system else _said(texts, "OPEN_DATA_DELIVERIES"),
        notes=tuple(said),
        axes=axes,
        frame=table.frame,
        reasons={code: label for code, label in _labels(status, status["code"].to_list()).items() if code in REASONS},
        time=time,
        places=tuple(name for name in table.dimensions if name in contracts.catalogue.places),
        day=date.fromisoformat(public.package["version"]),
    )


def _axis(listed: pl.DataFrame, about: Mapping[str, Any], codes: Sequence[str], notes: dict[str, tuple[Text, ...]]) -> Axis:
    labels = _labels(listed, codes)
    above = dict(listed.select("code", "parent").rows())
    parents = {code: above[code] for code in codes if above.get(code) in labels}
    return Axis(str(about["name"]), _both(about, "title"), _both(about, "description"), labels, parents, notes)


def _labels(listed: pl.DataFrame, codes: Sequence[str]) -> dict[str, Text]:
    known = {code: Text(sv=sv, en=en) for code, sv, en in listed.select("code", "label_sv", "label_en").rows()}
    return {code: known[code] for code in codes}


def _broken(codes: Sequence[str], contracts: Contracts, table: str) -> dict[str, tuple[Text, ...]]:
    """By school year the breaks that lie before it in figures of ``table``."""
    contract, known = contracts.tables.get(table), contracts.first_known
    if contract is None:
        return {}
    told = [(str(one.school_year), one.title, one.text) for one in contracts.breaks if one.concerns(contract)]
    if known is not None and known.concerns(contract):
        told += [(year, known.title, known.text) for year in sorted(codes)[1:2]]
    found: dict[str, tuple[Text, ...]] = {}
    for year, title, text in told:
        if year in codes:
            said = Text(sv=f"{title.sv}. {text.sv}", en=f"{title.en}. {text.en}")
            found[year] = (*found.get(year, ()), said)
    return found


def _where(
    public: PublicRelease, table: PublicTable, resources: Mapping[str, dict[str, Any]], texts: Texts
) -> Iterator[Text]:
    """Which part of the persons a table is about, where it is a part only."""
    for name, code in table.where.items():
        label = _labels(public.codelists[name], [code])[code]
        title = _both(resources[f"codelist_{name}"], "title")
        yield _filled(texts, "OPEN_DATA_WHERE", dimension=title, label=label)


def _share(public: PublicRelease, table: PublicTable, texts: Texts) -> Iterator[Text]:
    """What a share is a share of."""
    if table.share is not None:
        name = str(table.share["dimension"])
        yield _filled(texts, "OPEN_DATA_SHARE", total=_labels(public.codelists[name], [TOTAL])[TOTAL])


def _both(about: Mapping[str, Any], key: str) -> Text:
    return Text(sv=about[key], en=about[f"{key}_en"])


def _said(texts: Texts, key: str) -> Text:
    return Text(sv=texts.get(key, "sv"), en=texts.get(key, "en"))


def _filled(texts: Texts, key: str, **words: Text) -> Text:
    """The text ``key`` with words that have both languages themselves."""
    return Text(
        sv=texts.get(key, "sv", **{name: word.sv for name, word in words.items()}),
        en=texts.get(key, "en", **{name: word.en for name, word in words.items()}),
    )
