"""What assets are given: where the installation lies and what was promised. Nothing is read until an asset asks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg

from avbrott.counting.engine import DUCKDB, EngineName, engine_named
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts


class Installation(dg.ConfigurableResource["Installation"]):
    """One installation: its home folder and its contracts (empty: those that come with the program)."""

    home: str = "var"
    contracts: str = ""
    release_date: str = ""
    """The date of the release (YYYY-MM-DD); empty: that of the last delivery."""
    until: str = ""
    """The last term to pull; later ones that were pulled before are checked as they are. Empty: all."""

    engine: str = DUCKDB
    """What counts: ``duckdb``, or ``spark`` where it is installed."""

    @property
    def place(self) -> Home:
        """The folders of the installation."""
        return Home(Path(self.home))

    def promised(self) -> Contracts:
        """The contracts, read and checked."""
        return load_contracts(Path(self.contracts) if self.contracts else None)

    def counting(self) -> EngineName:
        """The engine to count with."""
        return engine_named(self.engine)

    def last_term(self) -> Term | None:
        """The last term to pull, where one is given."""
        return Term.parse(self.until) if self.until else None

    def day(self) -> date | None:
        """The release's date, where one is given."""
        if not self.release_date:
            return None
        try:
            return date.fromisoformat(self.release_date)
        except ValueError:
            raise BadInput("DATE_UNREADABLE", date=self.release_date) from None
