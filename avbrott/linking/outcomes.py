"""Where each pupil of a school year came from and where they are a year later: outcome and origin, cause and month.

The first that fits holds: diploma, study certificate, enrolled at the same school and programme, at another school, on
another programme, in equivalent education, on a pause in force, moved to a school outside (as the school reported),
out of the population (emigrated, deceased, not observed any more), and dropout for the rest. A certificate from an earlier
year does not go before an enrolment, but who holds one has not dropped out (the term ``outcome`` of the glossary).
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules

_NEXT = """
CREATE TEMP TABLE next_october AS
SELECT p.pseudonym, p.year,
       bool_or(n.role = 'population' AND n.observed AND n.school_unit = p.school_unit
               AND n.programme IS NOT DISTINCT FROM p.programme) AS same,
       bool_or(n.role = 'population' AND n.observed AND n.programme IS NOT DISTINCT FROM p.programme) AS same_programme,
       bool_or(n.place = 1) AS enrolled,
       max(n.programme_type) FILTER (n.place = 1) AS next_type,
       bool_or(n.role = 'equivalent' AND n.observed) AS equivalent,
       bool_or(NOT n.observed) AS unobserved
FROM population AS p JOIN present AS n ON n.pseudonym = p.pseudonym AND n.year = p.year + 1
GROUP BY ALL
"""

_HAPPENED = """
CREATE TEMP TABLE happened AS
SELECT p.pseudonym, p.year,
       bool_or(e.role = 'diploma') AS held_diploma,
       bool_or(e.role = 'certificate') AS held_certificate,
       bool_or(e.role = 'diploma' AND e.event_date > p.reference_date) AS diploma,
       bool_or(e.role = 'certificate' AND e.event_date > p.reference_date) AS certificate,
       bool_or(e.role IN ('emigrated', 'deceased') AND e.event_date > p.reference_date) AS left_population,
       arg_max(e.role, (e.event_date, coalesce(e.registered_date, e.event_date), e.role))
           FILTER (e.role IN ('pause', 'resumed', 'dropout') AND e.event_date > p.reference_date) = 'pause' AS paused
FROM population AS p JOIN happenings AS e ON e.pseudonym = p.pseudonym AND e.event_date <= p.outcome_date
GROUP BY ALL
"""

# The last spell that ended within the year, and what its school reported of that end.
_LEAVING = """
CREATE TEMP TABLE leaving AS
WITH last_spell AS (
    SELECT p.pseudonym, p.year, p.outcome_date,
           arg_max((s.school_unit, s.start_date, s.end_date), (s.end_date, s.start_date, s.school_unit)) AS spell
    FROM population AS p JOIN spells AS s
      ON s.pseudonym = p.pseudonym AND s.role = 'population'
     AND s.end_date >= p.reference_date AND s.end_date < p.outcome_date
    GROUP BY ALL
),
reported AS (
    SELECT l.pseudonym, l.year,
           bool_or(e.role = 'moved') AS moved,
           arg_min((e.event_date, e.cause), (abs(e.event_date - l.spell[3]), e.event_date, e.cause))
               FILTER (e.role = 'dropout') AS dropout
    FROM last_spell AS l JOIN happenings AS e
      ON e.pseudonym = l.pseudonym AND e.school_unit = l.spell[1] AND e.role IN ('moved', 'dropout')
     AND e.event_date >= l.spell[2] AND e.event_date <= l.outcome_date
    GROUP BY ALL
)
SELECT l.pseudonym, l.year, coalesce(dropout[1], l.spell[3]) AS left_on, dropout[2] AS cause, moved
FROM last_spell AS l LEFT JOIN reported USING (pseudonym, year)
"""

_BEFORE = """
CREATE TEMP TABLE before AS
WITH earlier AS (SELECT pseudonym, min(start_date) AS first_start FROM spells WHERE role = 'population' GROUP BY pseudonym),
previous AS (
    SELECT p.pseudonym, p.year,
           bool_or(b.school_unit = p.school_unit AND b.programme IS NOT DISTINCT FROM p.programme) AS same
    FROM population AS p
    JOIN present AS b ON b.pseudonym = p.pseudonym AND b.year = p.year - 1 AND b.role = 'population'
    GROUP BY ALL
)
SELECT p.pseudonym, p.year, first_start,
       CASE WHEN same THEN 'stayed' WHEN same IS NOT NULL THEN 'changed'
            WHEN first_start <= p.reference_date - INTERVAL 1 YEAR THEN 'returned' ELSE 'entrant' END AS origin
FROM population AS p JOIN earlier USING (pseudonym) LEFT JOIN previous USING (pseudonym, year)
"""

_STATUSES = """
CREATE TEMP TABLE statuses AS
SELECT p.*, origin, first_start, left_on, cause,
       CASE WHEN diploma THEN 'diploma'
            WHEN certificate THEN 'study_certificate'
            WHEN same THEN 'stayed'
            WHEN same_programme THEN 'changed_school'
            WHEN enrolled AND list_contains($introductory, next_type)
                          AND NOT list_contains($introductory, p.programme_type) THEN 'to_introductory'
            WHEN enrolled AND list_contains($national, next_type)
                          AND list_contains($introductory, p.programme_type) THEN 'to_national'
            WHEN enrolled THEN 'changed_programme'
            WHEN equivalent THEN 'equivalent'
            WHEN unobserved THEN 'unobserved'
            WHEN paused THEN 'pause'
            WHEN moved THEN 'changed_school'
            WHEN left_population THEN 'left_population'
            WHEN held_diploma THEN 'diploma'
            WHEN held_certificate THEN 'study_certificate'
            ELSE 'dropout' END AS outcome
FROM population AS p
JOIN before USING (pseudonym, year)
LEFT JOIN next_october USING (pseudonym, year)
LEFT JOIN happened USING (pseudonym, year)
LEFT JOIN leaving USING (pseudonym, year)
"""

# What stands in no table: pupils out of the population, and those whose programme or municipality no list knows.
_LEFT_OUT = """
CREATE TEMP TABLE left_out AS
SELECT pseudonym, school_year,
       CASE WHEN outcome IN ('unobserved', 'left_population') THEN outcome
            WHEN home_municipality IS NULL THEN 'municipality_unlisted' ELSE 'programme_unlisted' END AS reason
FROM statuses
WHERE outcome IN ('unobserved', 'left_population') OR home_municipality IS NULL OR programme IS NULL
"""

_CORE = """
CREATE TEMP TABLE fresh_outcomes AS
SELECT pseudonym, school_year, provider, school_unit, home_municipality, sex, programme, outcome, origin,
       CASE WHEN outcome = 'dropout' THEN coalesce(cause, $cause) END AS cause,
       CASE WHEN outcome = 'dropout' THEN strftime(left_on, '%m') END AS leaving_month,
       coalesce(absence_band, 'not_reported') AS absence_band,
       CASE WHEN outcome = 'dropout' THEN left_on END AS left_on, first_start
FROM statuses LEFT JOIN absence_bands USING (pseudonym, year)
WHERE outcome NOT IN ('unobserved', 'left_population') AND home_municipality IS NOT NULL AND programme IS NOT NULL
"""


def make_outcomes(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``fresh_outcomes`` (one row a pupil and school year) and ``left_out`` (who is in none, by reason)."""
    for step in (_NEXT, _HAPPENED, _LEAVING, _BEFORE):
        connection.execute(step)
    types = {"introductory": list(rules.introductory_types), "national": list(rules.national_types)}
    connection.execute(_STATUSES, types)
    connection.execute(_LEFT_OUT)
    connection.execute(_CORE, {"cause": rules.unlisted.cause})
