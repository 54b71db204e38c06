"""Where each person has been seen: which supplier told of her in which term. Nothing is published of it.

It is what a later run needs to find, of one delivery that has changed, the persons in it and the other deliveries that tell
of them (``changed``).
"""

from __future__ import annotations

import duckdb

KINDS = {"pseudonym": "VARCHAR", "provider": "VARCHAR", "terms": "BIGINT"}
"""The table ``seen``: a row a person and supplier. Bit n of ``terms`` is the nth term after the first that is linked."""
LAST_BIT = 62
"""It stands for all terms that come later too: a number has no more bits."""

BIT = f"1::BIGINT << least(term - (SELECT min(term) FROM terms), {LAST_BIT})"
"""Of ``term`` its bit, where the session has the table ``terms``."""

_SEEN = f"""
CREATE TEMP TABLE seen AS
WITH told AS (
    SELECT DISTINCT pseudonym, provider, term FROM reports
    UNION ALL
    SELECT DISTINCT pseudonym, provider, term FROM event_reports
    UNION ALL
    SELECT DISTINCT pseudonym, provider, term FROM kaa_reports
),
every AS (
    SELECT pseudonym, provider, {BIT} AS terms FROM told
    UNION ALL
    SELECT pseudonym, provider, terms FROM attendance
)
SELECT pseudonym, provider, bit_or(terms) AS terms FROM every GROUP BY ALL
"""


def make_seen(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``seen`` from the reports of ``sources`` and the ``attendance`` of ``absence``."""
    connection.execute(_SEEN)
