"""All contracts of one installation, read and held against each other. What each part means is in its own module.

Packaged contracts are the default; ``--contracts DIR`` replaces them. Mistakes are ``BadInput`` with the code
``CONTRACT_INVALID``, all of them at once, each with its file and key: first what a file says (``contract_files``), then how
the files fit together (``consistency``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from avbrott.catalogue import FILE as CATALOGUE
from avbrott.catalogue import Catalogue
from avbrott.contract import ExtractContract
from avbrott.contract_files import ContractFiles, read_contract
from avbrott.contract_folder import chosen_contracts, packaged_contracts
from avbrott.expectations.contract import Expectations
from avbrott.glossary import Code, Glossary, Term
from avbrott.mapping import ProviderMapping
from avbrott.mistakes import Mistake, raise_mistakes
from avbrott.policy import Policy, Retention
from avbrott.suppliers import Suppliers
from avbrott.table import OTHER, DimensionContract, FirstKnown, SeriesBreak, SystemContract, TableContract

__all__ = ["Contracts", "load_contracts", "packaged_contracts", "read_contract"]

EARLIER = "extracts/earlier"
"""The folder of the earlier versions of extracts' contracts; it may be left out."""

MAPPINGS = "mappings"
"""The folder of what providers call things; it may be left out."""

N = TypeVar("N", ExtractContract, TableContract, ProviderMapping)


@dataclass(frozen=True, slots=True)
class Contracts:
    """Everything that was promised."""

    folder: Path
    glossary: Glossary
    extracts: dict[str, ExtractContract]
    suppliers: Suppliers
    policies: dict[str, Policy]
    dimensions: dict[str, DimensionContract]
    systems: dict[str, SystemContract]
    tables: dict[str, TableContract]
    breaks: tuple[SeriesBreak, ...] = ()
    """Breaks in the series, oldest first."""
    first_known: FirstKnown | None = None
    """What breaks after the first school year of a release."""
    expectations: Expectations = field(default_factory=Expectations)
    earlier: tuple[ExtractContract, ...] = ()
    """Earlier versions of the extracts' contracts."""
    retention: Retention | None = None
    """How long rows are kept; None: nothing is said of it, and nothing is erased."""
    mappings: dict[str, ProviderMapping] = field(default_factory=dict)
    """By provider, its own words; only of those that have some."""
    catalogue: Catalogue | None = None
    """Who publishes at which address; None: releases have no open data formats."""

    def tables_of(self, system: str) -> list[TableContract]:
        """The tables that are protected together, by name."""
        return [table for table in self.tables.values() if table.system == system]

    @property
    def published(self) -> dict[str, TableContract]:
        """The tables that anyone may see, by name."""
        return {name: table for name, table in self.tables.items() if table.audience == "public"}

    def codes(self, dimension: str) -> tuple[Code, ...]:
        """The codes of a dimension: those of its term's code list, or the school units of suppliers."""
        contract = self.dimensions[dimension]
        if not contract.units_of:
            return self.glossary.codes(contract.term)
        units = [unit for one in self.suppliers.suppliers if one.kind in contract.units_of for unit in one.units]
        listed = [
            Code(code=u.code, sv=u.name, en=u.name, level=contract.levels[-1], valid_from=u.valid_from, valid_to=u.valid_to)
            for u in sorted(units, key=lambda unit: unit.code)
        ]
        if contract.other is not None:
            listed.append(Code(code=OTHER, sv=contract.other.sv, en=contract.other.en, level=contract.levels[-1]))
        return tuple(listed)

    def versions(self, extract: str) -> list[ExtractContract]:
        """Every version of an extract's contract, newest first."""
        found = [self.extracts[extract], *(one for one in self.earlier if one.name == extract)]
        return sorted(found, key=lambda one: one.number, reverse=True)

    def accepted_versions(self, extract: str, day: date) -> list[ExtractContract]:
        """The versions that a delivery of ``day`` may follow: the one that is current on that day, and the one before it.

        On a day before all of them, the first.
        """
        versions = self.versions(extract)
        begun = [one for one in versions if one.valid_from <= day] or versions[-1:]
        return [one for one in begun[:2] if one.valid_to is None or day <= one.valid_to]

    def following(self, extracts: Mapping[str, ExtractContract]) -> Contracts:
        """The same contracts with these versions in place of the current ones."""
        return replace(self, extracts={**self.extracts, **extracts})


def load_contracts(folder: Path | None = None) -> Contracts:
    """Read every contract under ``folder``; ``BadInput`` names the file and key of all that cannot be used.

    Where no folder is given, that of the setting ``AVBROTT_CONTRACTS`` is read, or the packaged one.

    ``series_breaks.yaml``, ``expectations.yaml`` and ``catalogue.yaml`` may be left out: then series have no
    breaks, nothing is watched, and releases have no open data formats.
    """
    from avbrott.consistency import inconsistencies

    files = ContractFiles(chosen_contracts(folder))
    terms = [(name, term) for name in files.names("glossary") for term in files.listed(name, "terms", Term)]
    extracts = _each(files, "extracts", ExtractContract)
    earlier = _each(files, EARLIER, ExtractContract) if files.has_yaml(EARLIER) else []
    mappings = _each(files, MAPPINGS, ProviderMapping) if files.has_yaml(MAPPINGS) else []
    tables = _each(files, "releases", TableContract)
    suppliers = files.one("suppliers.yaml", Suppliers)
    policies = files.listed("policies.yaml", "policies", Policy)
    retention = files.part("policies.yaml", "retention", Retention)
    dimensions = files.listed("dimensions.yaml", "dimensions", DimensionContract)
    systems = files.listed("systems.yaml", "systems", SystemContract)
    breaks = files.listed("series_breaks.yaml", "breaks", SeriesBreak) if files.has("series_breaks.yaml") else []
    first_known = files.part("series_breaks.yaml", "first_known", FirstKnown) if files.has("series_breaks.yaml") else None
    watched = files.one("expectations.yaml", Expectations) if files.has("expectations.yaml") else Expectations()
    catalogue = files.one(CATALOGUE, Catalogue) if files.has(CATALOGUE) else None
    files.mistakes += [
        *_twice([(name, term.id) for name, term in terms]),
        *_twice([("policies.yaml", policy.name) for policy in policies]),
        *_twice([("dimensions.yaml", dimension.name) for dimension in dimensions]),
        *_twice([("systems.yaml", system.name) for system in systems]),
        *_twice([("series_breaks.yaml", found.id) for found in breaks]),
    ]
    files.raise_mistakes()
    assert suppliers is not None
    assert watched is not None
    contracts = Contracts(
        folder=files.folder,
        glossary=Glossary(terms={term.id: term for _, term in terms}),
        extracts={found.name: found for found in extracts},
        suppliers=suppliers,
        policies={policy.name: policy for policy in policies},
        dimensions={dimension.name: dimension for dimension in dimensions},
        systems={system.name: system for system in systems},
        tables={found.name: found for found in tables},
        breaks=tuple(sorted(breaks, key=lambda found: (found.date, found.id))),
        first_known=first_known,
        expectations=watched,
        earlier=tuple(earlier),
        retention=retention,
        mappings={found.provider: found for found in mappings},
        catalogue=catalogue,
    )
    raise_mistakes(inconsistencies(contracts, {term.id: name for name, term in terms}), files.folder)
    return contracts


def _each(files: ContractFiles, folder: str, kind: type[N]) -> list[N]:
    """One contract a file; the file is called as what it holds, with its version where that is an earlier one."""
    found = []
    for name in files.names(folder):
        read = files.one(name, kind)
        if read is not None:
            found.append(read)
            key, called = ("provider", read.provider) if isinstance(read, ProviderMapping) else ("name", read.name)
            if folder == EARLIER and isinstance(read, ExtractContract):
                called = f"{read.name}-{read.version}"
            if Path(name).stem != called:
                files.mistakes.append(Mistake(name, key, "MISTAKE_FILE_NAME", {"name": called}))
    return found


def _twice(names: Sequence[tuple[str, str]]) -> list[Mistake]:
    """Names that are given more than once, each in the file where it comes again."""
    seen: set[str] = set()
    mistakes = []
    for file, name in names:
        if name in seen:
            mistakes.append(Mistake(file, name, "MISTAKE_TWICE", {"name": name}))
        seen.add(name)
    return mistakes
