"""Whose rows are linked at a time: some of the store's persons by their pseudonyms, and of these those who are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from avbrott.at_rest.tables import Words


@dataclass(frozen=True, slots=True)
class Whom:
    """``words`` are the pseudonyms. ``touched``: of them only those that stand in the session's table ``touched``."""

    words: Words
    touched: bool = False

    @property
    def among(self) -> str:
        """What to say after a table's name to have the rows of those persons alone."""
        return " SEMI JOIN touched USING (pseudonym)" if self.touched else ""
