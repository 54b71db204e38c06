"""Who delivers: municipalities, independent schools, a folk high school, labour-market units, agencies.

File: ``contracts/suppliers.yaml``. Where an extract is pulled from is not here (``<home>/sources.yaml``).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from avbrott.model import Model
from avbrott.periods import Term

SupplierKind = Literal["municipality", "independent", "folk_high_school", "labour_market_unit", "agency"]


class SchoolUnit(Model):
    """A school unit (skolenhet) of a supplier."""

    code: str
    name: str
    municipality: str
    """Where it lies (skolkommun)."""
    valid_from: date | None = None
    valid_to: date | None = None


class Membership(Model):
    """A period of membership, in terms; ``last`` empty: still."""

    first: str
    last: str | None = None


class Supplier(Model):
    """One provider of extracts."""

    id: str
    name: str
    kind: SupplierKind
    municipality: str | None = None
    """The municipality it is, or lies in; empty for an agency."""
    extracts: tuple[str, ...]
    units: tuple[SchoolUnit, ...] = ()
    member: tuple[Membership, ...]
    may_deliver: tuple[str, ...] = ()
    """Functions (a registrar's office, a shared mailbox) that may deliver, never a person's name; empty: not said."""

    def is_member(self, term: Term) -> bool:
        """Whether deliveries are expected and accepted for ``term``."""
        return any(
            Term.parse(period.first) <= term and (period.last is None or term <= Term.parse(period.last))
            for period in self.member
        )


class Suppliers(Model):
    """All suppliers, in the order of the file."""

    suppliers: tuple[Supplier, ...]

    def __getitem__(self, identifier: str) -> Supplier:
        return self.by_id[identifier]

    @property
    def by_id(self) -> dict[str, Supplier]:
        return {supplier.id: supplier for supplier in self.suppliers}

    def members(self, term: Term) -> list[Supplier]:
        """The suppliers that are members in ``term``, in the order of the file."""
        return [supplier for supplier in self.suppliers if supplier.is_member(term)]
