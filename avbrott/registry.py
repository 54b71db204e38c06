"""All contracts of one installation, read and held against each other. What each part means is in its own module.

Packaged contracts are the default; ``--contracts DIR`` replaces them. A mistake in a contract is ``BadInput`` with the file
and the key, all mistakes of a file at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from avbrott.contract import ExtractContract
from avbrott.errors import BadInput
from avbrott.glossary import Glossary, Term
from avbrott.policy import Policy
from avbrott.suppliers import Suppliers
from avbrott.table import DimensionContract, SystemContract, TableContract


T = TypeVar("T")


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

    def tables_of(self, system: str) -> list[TableContract]:
        """The tables that are protected together, by name."""
        return [table for table in self.tables.values() if table.system == system]


def packaged_contracts() -> Path:
    """The contracts that come with the program: beside it in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_contracts"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "contracts"


def load_contracts(folder: Path | None = None) -> Contracts:
    """Read every contract under ``folder``; ``BadInput`` names the file and key of what cannot be used."""
    folder = folder or packaged_contracts()
    terms = _read_many(folder / "glossary", "terms", Term)
    return Contracts(
        folder=folder,
        glossary=Glossary(terms={term.id: term for term in terms}),
        extracts={found.name: found for found in _read_each(folder / "extracts", ExtractContract)},
        suppliers=read_contract(folder / "suppliers.yaml", Suppliers),
        policies={p.name: p for p in _read_list(folder / "policies.yaml", "policies", Policy)},
        dimensions={d.name: d for d in _read_list(folder / "dimensions.yaml", "dimensions", DimensionContract)},
        systems={s.name: s for s in _read_list(folder / "systems.yaml", "systems", SystemContract)},
        tables={found.name: found for found in _read_each(folder / "releases", TableContract)},
    )


def _yaml(file: Path) -> Any:
    if not file.is_file():
        raise BadInput("CONTRACT_FILE_MISSING", file=file)
    try:
        return yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadInput("CONTRACT_NOT_YAML", file=file, line=mark.line + 1 if mark else 1) from None


def _checked(file: Path, kind: Any, content: Any) -> Any:
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        places = "; ".join(".".join(map(str, e["loc"])) + ": " + e["msg"] for e in error.errors(include_input=False))
        raise BadInput("CONTRACT_INVALID", file=file, places=places) from None


def read_contract(file: Path, kind: type[T]) -> T:
    """Read one contract file as ``kind``; ``BadInput`` names the file and the key of what cannot be used."""
    found: T = _checked(file, kind, _yaml(file))
    return found


def _read_list(file: Path, key: str, kind: type[T]) -> tuple[T, ...]:
    content = _yaml(file)
    listed = content.get(key) if isinstance(content, dict) else content
    found: tuple[T, ...] = _checked(file, tuple[kind, ...], listed)  # type: ignore[valid-type]
    return found


def _read_many(folder: Path, key: str, kind: type[T]) -> list[T]:
    return [found for file in _files(folder) for found in _read_list(file, key, kind)]


def _read_each(folder: Path, kind: type[T]) -> list[T]:
    return [read_contract(file, kind) for file in _files(folder)]


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadInput("CONTRACT_FILE_MISSING", file=folder / "*.yaml")
    return files
