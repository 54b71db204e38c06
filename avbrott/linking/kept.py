"""The tables of persons that linking keeps in the store: their columns, and the order in which their rows lie.

Each has rows of a person together, in the order of pseudonyms, so that those of some persons can be taken out and put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from avbrott.at_rest.tables import Words
from avbrott.linking import seen, told
from avbrott.linking.freeze import KAA, OUTCOMES, LinkedTable


@dataclass(frozen=True, slots=True)
class Kept:
    """A file ``store/linked/<name>.parquet``, written of the session's table ``made``."""

    name: str
    made: str
    kinds: Mapping[str, str]
    order: str

    @property
    def rows(self) -> str:
        """A query: all rows that were made, in their order."""
        return f"{self._selected} FROM {self.made} ORDER BY {self.order}"

    def with_those_before(self, before: str, words: Words, kind: str) -> str:
        """A query: the rows that were made of ``words``, and those of ``before`` of who is not in ``touched``.

        ``kind`` replaces the column of that name of the latter; other tables than ``told`` have none.
        """
        bounds = [f"pseudonym >= '{words.first}'"] if words.first else []
        bounds += [f"pseudonym < '{words.end}'"] if words.end else []
        old = ", ".join(f"{kind} AS kind" if name == "kind" else name for name in self.kinds)
        return f"""
            {self._selected} FROM (
                SELECT {old} FROM {before} ANTI JOIN touched USING (pseudonym)
                UNION ALL
                {self._selected} FROM {self.made} WHERE {" AND ".join(bounds) or "true"}
            ) ORDER BY {self.order}
        """

    @property
    def _selected(self) -> str:
        return f"SELECT {', '.join(self.kinds)}"


def _linked(table: LinkedTable) -> Kept:
    return Kept(table.name, f"linked_{table.name}", table.kinds, ", ".join(table.key))


_WORDS_OF_A_SPELL = ("provider", "school_unit", "school_type", "study_path", "programme")

ENROLMENTS = Kept(
    "enrolments",
    "spells",
    dict.fromkeys(("pseudonym", *_WORDS_OF_A_SPELL), "VARCHAR")
    | {"start_date": "DATE", "end_date": "DATE", "ended_how": "VARCHAR"}
    | {"home_municipality": "VARCHAR", "sex": "VARCHAR", "birth_year": "INTEGER"},
    "ALL",
)
"""Spells with the values of their latest delivery."""
TOLD = Kept("told", "told", told.KINDS, "ALL")
SEEN = Kept("seen", "seen", seen.KINDS, "pseudonym, provider")

KEPT = (ENROLMENTS, _linked(OUTCOMES), _linked(KAA), TOLD, SEEN)
