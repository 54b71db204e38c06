"""What is known only years later: return within twelve months, completion within three to five years, time to dropout.

Read for every row of ``core_outcomes``, be it fresh or frozen, so that a cohort published long ago gets its last columns.
Until the data reach a horizon the column says unknown; the glossary's ``horizon`` of a code and the offsets here agree.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules
from avbrott.linking.sources import put_bands

_RETURNS = """
CREATE TEMP TABLE returns AS
WITH first_return AS (
    SELECT c.pseudonym, c.school_year, c.left_on, min(s.start_date) AS returned_on
    FROM core_outcomes AS c JOIN spells AS s
      ON s.pseudonym = c.pseudonym AND s.role IS NOT NULL AND s.start_date > c.left_on
    WHERE c.outcome = 'dropout'
    GROUP BY ALL
)
SELECT pseudonym, school_year, min_by(b.code, b.months) AS code
FROM first_return JOIN return_bands AS b ON returned_on <= left_on + to_months(b.months)
GROUP BY ALL
"""

_COMPLETIONS = """
CREATE TEMP TABLE completions AS
SELECT c.pseudonym, c.school_year, min(e.event_date) AS completed_on
FROM core_outcomes AS c JOIN happenings AS e ON e.pseudonym = c.pseudonym AND e.role = 'diploma'
WHERE c.origin = 'entrant'
GROUP BY ALL
"""

_LEAVINGS = """
CREATE TEMP TABLE leavings AS
WITH first_leaving AS (
    SELECT c.pseudonym, c.school_year, c.first_start, min(d.left_on) AS left_on
    FROM core_outcomes AS c JOIN core_outcomes AS d
      ON d.pseudonym = c.pseudonym AND d.outcome = 'dropout' AND d.year BETWEEN c.year AND c.year + 2
    WHERE c.origin = 'entrant'
    GROUP BY ALL
)
SELECT pseudonym, school_year, min_by(b.code, b.months) AS code
FROM first_leaving JOIN leaving_bands AS b ON left_on <= first_start + to_months(b.months)
GROUP BY ALL
"""

_WITH_HORIZONS = """
CREATE TEMP TABLE known_outcomes AS
SELECT c.*,
       CASE WHEN outcome <> 'dropout' THEN NULL
            WHEN year + 2 > $horizon THEN 'return_unknown'
            ELSE coalesce(r.code, 'not_within_12') END AS return_time,
       CASE WHEN origin <> 'entrant' THEN NULL
            WHEN year + 3 > $horizon THEN 'unknown_3'
            WHEN completed_on <= make_date(year + 3, 10, 15) THEN 'within_3'
            WHEN year + 4 > $horizon THEN 'unknown_4'
            WHEN completed_on <= make_date(year + 4, 10, 15) THEN 'year_4'
            WHEN year + 5 > $horizon THEN 'unknown_5'
            WHEN completed_on <= make_date(year + 5, 10, 15) THEN 'year_5'
            ELSE 'not_5' END AS completion,
       CASE WHEN origin <> 'entrant' THEN NULL
            WHEN year + 3 > $horizon THEN 'leaving_unknown'
            ELSE coalesce(l.code, 'not_left') END AS leaving_time
FROM core_outcomes AS c
LEFT JOIN returns AS r USING (pseudonym, school_year)
LEFT JOIN completions USING (pseudonym, school_year)
LEFT JOIN leavings AS l USING (pseudonym, school_year)
"""


def make_horizons(connection: duckdb.DuckDBPyConnection, rules: LinkingRules, horizon: int) -> None:
    """Make ``known_outcomes`` from ``core_outcomes``; ``horizon`` is the year of the last 15 October that is known."""
    put_bands(connection, "return_bands", rules.return_months)
    put_bands(connection, "leaving_bands", rules.leaving_months)
    for step in (_RETURNS, _COMPLETIONS, _LEAVINGS):
        connection.execute(step)
    connection.execute(_WITH_HORIZONS, {"horizon": horizon})
