"""Both sides' view of a move: what a supplier reported as changes of school, and what is seen at other schools.

A move is seen where an enrolment ended in the term and the same person has another on the same programme at another school
unit, that started later than this one and at most ``move_days`` after its end. Only counts are told (``told``);
expectations watch how far the two differ.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules

_MOVES = """
CREATE TEMP TABLE moves AS
SELECT DISTINCT 'reported' AS side, pseudonym, provider, t.name AS term
FROM happenings AS e JOIN terms AS t ON e.event_date BETWEEN t.first_day AND t.last_day
WHERE role = 'moved'
UNION ALL
SELECT DISTINCT 'seen', s.pseudonym, s.delivered_by, t.name
FROM spells AS s JOIN terms AS t ON s.end_date BETWEEN t.first_day AND t.last_day
WHERE s.role = 'population' AND EXISTS (
    FROM spells AS n
    WHERE n.pseudonym = s.pseudonym AND n.role = 'population' AND n.school_unit <> s.school_unit
      AND n.programme IS NOT DISTINCT FROM s.programme
      AND n.start_date > s.start_date AND n.start_date <= s.end_date + CAST($days AS INTEGER))
"""


def make_moves(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``moves``, one row a person, supplier and term in which she moved: side (reported or seen), provider, term."""
    connection.execute(_MOVES, {"days": rules.move_days})
