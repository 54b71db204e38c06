"""How much invalid absence a pupil had in a school year (July to June): none, low, high, or not reported.

High is ``absence_high_minutes`` or more a reported month, on average; a reported month is one for which attendance was
reported at all. Where two suppliers report the same pupil and school unit, the owner is believed.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules
from avbrott.linking.seen import BIT

_ATTENDANCE = f"""
CREATE TEMP TABLE attendance AS
WITH monthly AS (
    SELECT pseudonym, school_unit, provider, owner, {BIT} AS term, reported_minutes > 0 AS is_reported,
           invalid_absence_minutes AS minutes, CAST(substr(month, 6, 2) AS INTEGER) AS month,
           CAST(substr(month, 1, 4) AS INTEGER) - CASE WHEN substr(month, 6, 2) < '07' THEN 1 ELSE 0 END AS year
    FROM absence_reports
)
SELECT pseudonym, year, school_unit, provider, owner, sum(minutes) FILTER (is_reported) AS minutes,
       bit_or(1 << month) FILTER (is_reported) AS months, bit_or(term) AS terms
FROM monthly GROUP BY ALL
"""

_BANDS = """
CREATE TEMP TABLE absence_bands AS
WITH by_unit AS (
    SELECT pseudonym, year, school_unit,
           arg_max((minutes, months), (owner, provider)) AS best
    FROM attendance WHERE months IS NOT NULL GROUP BY ALL
),
by_person AS (
    SELECT pseudonym, year, sum(best[1]) AS minutes, bit_count(bit_or(best[2])) AS months FROM by_unit GROUP BY ALL
)
SELECT pseudonym, year,
       CASE WHEN minutes = 0 THEN 'none' WHEN minutes < $high * months THEN 'low' ELSE 'high' END AS absence_band
FROM by_person
"""


def make_absence_bands(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``absence_bands`` (pseudonym, year a school year starts in, band) of those with any reported month.

    ``attendance`` is what each supplier reported of a pupil, school year and school unit, and in which terms (``seen``).
    """
    connection.execute(_ATTENDANCE)
    connection.execute(_BANDS, {"high": rules.absence_high_minutes})
