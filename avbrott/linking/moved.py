"""Both sides' view of a move: what a supplier reported as changes of school, and what is seen at other schools.

A move is seen where an enrolment ended in the term and the same person has another on the same programme at another school
unit, that started later than this one and at most ``move_days`` after its end. Counts only; expectations watch how far
the two differ.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules

_MOVED = """
CREATE TEMP TABLE moved AS
WITH reported AS (
    SELECT provider, t.name AS term, count(DISTINCT pseudonym) AS persons
    FROM happenings AS e JOIN terms AS t ON e.event_date BETWEEN t.first_day AND t.last_day
    WHERE role = 'moved'
    GROUP BY ALL
),
seen AS (
    SELECT s.delivered_by AS provider, t.name AS term, count(DISTINCT s.pseudonym) AS persons
    FROM spells AS s JOIN terms AS t ON s.end_date BETWEEN t.first_day AND t.last_day
    WHERE s.role = 'population' AND EXISTS (
        FROM spells AS n
        WHERE n.pseudonym = s.pseudonym AND n.role = 'population' AND n.school_unit <> s.school_unit
          AND n.programme IS NOT DISTINCT FROM s.programme
          AND n.start_date > s.start_date AND n.start_date <= s.end_date + CAST($days AS INTEGER))
    GROUP BY ALL
),
delivered AS (SELECT provider, name AS term, term AS number FROM enrolments_delivered JOIN terms USING (term))
SELECT provider, number, term,
       coalesce(reported.persons, 0) AS moved_out_reported, coalesce(seen.persons, 0) AS moved_out_seen
FROM delivered LEFT JOIN reported USING (provider, term) LEFT JOIN seen USING (provider, term)
"""


def make_moved(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``moved``, one row a delivered term: provider, number and term, moved_out_reported, moved_out_seen."""
    connection.execute(_MOVED, {"days": rules.move_days})
