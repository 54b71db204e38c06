"""Whom a changed delivery touches, and in which other deliveries they are: only those are linked again.

A person's path is hers alone. It changes where a delivery that tells, or told, of her has changed, and where a supplier that
tells of her has delivered in another term than before: who is not in it has vanished, or has not.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from avbrott.at_rest.tables import Tables
from avbrott.linking import seen
from avbrott.linking.basis import Changed, Place
from avbrott.linking.kept import SEEN
from avbrott.linking.passes import PASS_BYTES, accepted_bytes
from avbrott.linking.sources import Files, Source, of_persons
from avbrott.periods import Term
from avbrott.session import fetch, put

MOST = 4
"""Where more than one of so many persons is touched, or more than a pass holds, everybody is linked again."""


def put_touched(connection: duckdb.DuckDBPyConnection, stored: Tables, source: Source, changed: Changed) -> Files | None:
    """Make ``touched`` (pseudonym), and give the files that those persons are in; None where they are too many.

    The session has the tables of ``put_beside``.
    """
    bits = [(provider, 1 << min(_place(source, term), seen.LAST_BIT)) for provider, term in changed.places]
    bits += [(provider, (1 << seen.LAST_BIT + 1) - 1) for provider in changed.suppliers]
    put(connection, "changed", pl.DataFrame(bits, schema={"provider": pl.String, "terms": pl.Int64}, orient="row"))
    stored.open("stored_seen", [source.home.linked(SEEN.name)], SEEN.kinds)
    connection.execute("CREATE TEMP TABLE seen_before AS SELECT * FROM stored_seen")
    came = _came(stored, changed, source.accepted)
    connection.execute(f"""
        CREATE TEMP TABLE touched AS
        SELECT s.pseudonym FROM seen_before AS s JOIN changed AS c ON c.provider = s.provider AND c.terms & s.terms <> 0
        {"".join(f" UNION SELECT pseudonym FROM {view}" for view in came)}
    """)
    connection.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT pseudonym FROM touched")
    both = "SELECT (SELECT count(*) FROM touched) AS them, (SELECT count(DISTINCT pseudonym) FROM seen_before) AS everybody"
    ((them, everybody),) = fetch(connection, both).rows()
    if them * MOST > everybody or accepted_bytes(source) * them > PASS_BYTES * everybody:
        return None
    there = changed.places | _places(connection)
    files = {extract: source.accepted.get(extract, ()) for extract in of_persons()}
    return {extract: [file for file in of if _place_of(file) in there] for extract, of in files.items()}


def _came(stored: Tables, changed: Changed, files: Files) -> list[str]:
    """Views of the pseudonyms in the deliveries that have changed, as they are now."""
    views = []
    for extract in sorted(of_persons()):
        if there := [file for file in files.get(extract, ()) if _place_of(file) in changed.places]:
            stored.open(f"changed_{extract}", there, {"pseudonym": "VARCHAR"})
            views.append(f"changed_{extract}")
    return views


def _places(connection: duckdb.DuckDBPyConnection) -> set[Place]:
    """The deliveries that told of those who are touched."""
    found = fetch(
        connection,
        f"""SELECT DISTINCT s.provider, t.name FROM seen_before AS s SEMI JOIN touched USING (pseudonym)
            JOIN terms AS t ON s.terms & ({seen.BIT}) <> 0""",
    )
    return {(provider, Term.parse(term)) for provider, term in found.rows()}


def _place(source: Source, term: Term) -> int:
    return term.index - source.terms[0].index


def _place_of(file: Path) -> Place:
    return file.stem, Term.parse(file.parent.name)
