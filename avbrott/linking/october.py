"""Who is where on 15 October: every spell that covers the day, and one main spell a person for the population.

Of several simultaneous enrolments in the population the main one is the owner's before another supplier's, then the one
that started first, then the smallest school unit and study path. What a member has not delivered is presumed to
continue; a supplier that is no longer a member ends the view, and its pupils are not observed.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules

_PRESENT = """
CREATE TEMP TABLE present AS
SELECT *, CASE WHEN role = 'population' AND observed THEN row_number() OVER (
           PARTITION BY pseudonym, year, role, observed
           ORDER BY owner DESC, start_date, school_unit, study_path) END AS place
FROM (
    SELECT s.*, o.year, o.published,
           s.end_date IS NOT NULL OR s.last_term >= o.term OR m.provider IS NOT NULL AS observed
    FROM spells AS s
    JOIN octobers AS o ON s.start_date <= o.reference_date AND coalesce(s.end_date, DATE '9999-12-31') >= o.reference_date
    LEFT JOIN members AS m ON m.provider = s.delivered_by AND m.term = o.term
    WHERE s.role IS NOT NULL
)
"""

# A person's own values are those that the main spell's provider had delivered by the reference date's term; where it
# delivered late, the first that came.
_POPULATION = """
CREATE TEMP TABLE population AS
WITH main AS (SELECT * FROM present WHERE place = 1 AND published),
described AS (
    SELECT m.pseudonym, m.year,
           arg_max((r.home_municipality, r.sex),
                   (CASE WHEN r.term <= o.term THEN r.term ELSE -r.term END, r.home_municipality, r.sex)) AS described
    FROM main AS m
    JOIN octobers AS o USING (year)
    JOIN reports AS r ON r.pseudonym = m.pseudonym AND r.school_unit = m.school_unit AND r.study_path = m.study_path
                     AND r.start_date = m.start_date AND r.provider = m.delivered_by
    GROUP BY ALL
)
SELECT m.pseudonym, m.year, o.school_year, o.reference_date, o.outcome_date, m.provider, m.school_unit, m.programme,
       m.programme_type, coalesce(municipality_codes.code, $municipality) AS home_municipality,
       coalesce(sex_codes.code, described[2]) AS sex
FROM main AS m
JOIN octobers AS o USING (year)
JOIN described USING (pseudonym, year)
LEFT JOIN municipality_codes ON municipality_codes.delivered = described[1]
LEFT JOIN sex_codes ON sex_codes.delivered = described[2]
"""


def make_population(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``present`` (spells by October) and ``population`` (one row a pupil and published school year)."""
    connection.execute(_PRESENT)
    connection.execute(_POPULATION, {"municipality": rules.unlisted.municipality})
