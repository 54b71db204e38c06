"""From a study path code (studievägskod) to its programme: the longest listed programme code that it begins with.

Replaced programme codes count as their successor, and those of GY25 (with the suffix 25) as the programme of the same name
(``programme`` in ``contracts/glossary/programmes.yaml``).
"""

from __future__ import annotations

import duckdb

from avbrott.glossary import Code, Glossary
from avbrott.linking.codes import counted_codes

TERM = "programme"


def programmes_of(connection: duckdb.DuckDBPyConnection, glossary: Glossary, unlisted: str | None) -> None:
    """Make ``programmes`` (study_path, programme, programme_type) of every study path in the table ``reports``.

    A path that begins with no listed code gets ``unlisted``; without one its programme is null.
    """
    prefixes = counted_codes(glossary, TERM)
    parents = {code.code: code.parent or code.code for code in _listed(glossary)}
    connection.register("programme_prefixes", prefixes.to_arrow())
    connection.execute("CREATE TEMP TABLE programme_parents (programme VARCHAR, programme_type VARCHAR)")
    if parents:
        connection.executemany("INSERT INTO programme_parents VALUES (?, ?)", list(parents.items()))
    connection.execute(
        """
        CREATE TEMP TABLE programmes AS
        WITH paths AS (SELECT DISTINCT study_path FROM reports),
        fitting AS (
            SELECT study_path, code,
                   row_number() OVER (PARTITION BY study_path ORDER BY length(delivered) DESC, delivered) AS place
            FROM paths JOIN programme_prefixes ON starts_with(study_path, delivered)
        ),
        named AS (
            SELECT paths.study_path, coalesce(code, $unlisted) AS programme
            FROM paths LEFT JOIN fitting ON fitting.study_path = paths.study_path AND place = 1
        )
        SELECT study_path, programme, programme_type FROM named LEFT JOIN programme_parents USING (programme)
        """,
        {"unlisted": unlisted},
    )


def _listed(glossary: Glossary) -> tuple[Code, ...]:
    return glossary.codes(TERM) if TERM in glossary.terms else ()
