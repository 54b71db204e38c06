"""From enrolments as reported, term after term and perhaps by two suppliers, to spells: one row an enrolment.

The rules, in the order in which they are applied:

1. An enrolment is a pseudonym, school unit, study path and start date. The supplier that owns the school unit is believed
   before others, and its latest term before earlier ones.
2. An enrolment that should still run, but that its provider no longer delivers in a later term that it did deliver, has
   vanished: it ends on the day of the event that its school reported of it since, else with the last day of the last
   term it was in. What was never delivered is presumed to continue.
3. Another supplier's account of an enrolment gives way to the owner's where the two overlap at one school unit.
4. A vanished enrolment that overlaps one that the same provider first delivered afterwards at the same school unit was
   corrected: it ends the day before the other starts, or was never there.
5. A diploma or a death ends the enrolment that it falls within.

Where a person is on a given day is ``october``'s.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules
from avbrott.linking.study_path import programmes_of
from avbrott.registry import Contracts

_EVENTS = """
CREATE TEMP TABLE happenings AS
SELECT pseudonym, school_unit, role, event_date, registered_date, coalesce(code, $unlisted) AS cause, provider, term
FROM (
    SELECT e.*, roles.role,
           row_number() OVER (PARTITION BY pseudonym, school_unit, e.event, event_date
                              ORDER BY owner DESC, registered_date DESC NULLS LAST, term DESC, provider, cause) AS place
    FROM event_reports AS e JOIN event_roles AS roles ON roles.event = e.event
)
LEFT JOIN cause_codes ON cause_codes.delivered = cause
WHERE place = 1
"""

_LATEST = """
CREATE TEMP TABLE latest AS
SELECT * EXCLUDE (place, next_day, last_day),
       next_day IS NOT NULL AND (end_date IS NULL OR end_date >= next_day) AS vanished,
       CASE WHEN vanished THEN last_day ELSE end_date END AS until
FROM (
    SELECT *, min(term) OVER (PARTITION BY pseudonym, school_unit, study_path, start_date) AS first_term,
           row_number() OVER (PARTITION BY pseudonym, school_unit, study_path, start_date
                              ORDER BY owner DESC, term DESC, provider, end_date) AS place
    FROM reports
)
JOIN (SELECT term, last_day FROM terms) USING (term)
LEFT JOIN (
    SELECT provider, term, lead(first_day) OVER (PARTITION BY provider ORDER BY term) AS next_day
    FROM enrolments_delivered JOIN terms USING (term)
) USING (provider, term)
WHERE place = 1
"""

# A vanished enrolment whose school reported its end late: the event says the day better than the last delivery does.
_ENDED = """
CREATE TEMP TABLE ended AS
WITH reported AS (
    SELECT l.pseudonym, l.school_unit, l.study_path, l.start_date, max(e.event_date) AS reported_on
    FROM latest AS l JOIN happenings AS e
      ON e.pseudonym = l.pseudonym AND e.school_unit = l.school_unit AND e.role <> 'resumed' AND e.term >= l.term
     AND e.event_date >= l.start_date AND e.event_date <= l.until
    WHERE l.vanished
    GROUP BY ALL
)
SELECT latest.* EXCLUDE (until), coalesce(reported_on, until) AS until, reported_on IS NOT NULL AS was_reported
FROM latest LEFT JOIN reported USING (pseudonym, school_unit, study_path, start_date)
"""

_RECONCILED = """
CREATE TEMP TABLE reconciled AS
WITH believed AS (
    SELECT * FROM ended AS other
    WHERE owner OR NOT EXISTS (
        FROM ended AS own
        WHERE own.owner AND own.pseudonym = other.pseudonym AND own.school_unit = other.school_unit
          AND own.start_date <= coalesce(other.until, DATE '9999-12-31')
          AND coalesce(own.until, DATE '9999-12-31') >= other.start_date)
),
corrected AS (
    SELECT gone.pseudonym, gone.school_unit, gone.study_path, gone.start_date, min(kept.start_date) AS replaced_on
    FROM believed AS gone JOIN believed AS kept
      ON kept.pseudonym = gone.pseudonym AND kept.school_unit = gone.school_unit AND kept.provider = gone.provider
     AND kept.first_term > gone.term AND kept.start_date <= gone.until
    WHERE gone.vanished
    GROUP BY ALL
)
SELECT believed.* EXCLUDE (until),
       CASE WHEN replaced_on IS NULL THEN until ELSE replaced_on - 1 END AS until,
       replaced_on IS NOT NULL AS was_corrected
FROM believed LEFT JOIN corrected USING (pseudonym, school_unit, study_path, start_date)
WHERE replaced_on IS NULL OR replaced_on > start_date
"""

_SPELLS = """
CREATE TEMP TABLE spells AS
WITH final AS (
    SELECT r.pseudonym, r.school_unit, r.study_path, r.start_date, arg_min(e.role, (e.event_date, e.role)) AS final_role,
           min(e.event_date) AS final_day
    FROM reconciled AS r JOIN happenings AS e
      ON e.pseudonym = r.pseudonym AND e.role IN ('diploma', 'deceased')
     AND e.event_date >= r.start_date AND (r.until IS NULL OR e.event_date < r.until)
    GROUP BY ALL
)
SELECT pseudonym, coalesce(owners.provider, r.provider) AS provider, r.provider AS delivered_by, school_unit,
       school_type, type_roles.role, study_path, programme, programme_type, start_date,
       CASE WHEN type_roles.role = 'population' THEN coalesce(final_day, until) ELSE until END AS end_date,
       CASE WHEN type_roles.role = 'population' AND final_day IS NOT NULL THEN final_role
            WHEN was_corrected THEN 'corrected' WHEN was_reported THEN 'reported'
            WHEN vanished THEN 'vanished' WHEN until IS NULL THEN 'open'
            WHEN cancelled THEN 'cancelled' ELSE 'ended' END AS ended_how,
       r.owner, r.term AS last_term, home_municipality, sex, birth_year
FROM reconciled AS r
LEFT JOIN final USING (pseudonym, school_unit, study_path, start_date)
LEFT JOIN type_roles USING (school_type)
LEFT JOIN programmes USING (study_path)
LEFT JOIN (
    SELECT o.school_unit, t.term, min(o.provider) AS provider
    FROM unit_owners AS o JOIN terms AS t ON t.last_day >= o.valid_from AND t.first_day <= o.valid_to
    GROUP BY ALL
) AS owners USING (school_unit, term)
"""


def make_spells(connection: duckdb.DuckDBPyConnection, contracts: Contracts, rules: LinkingRules) -> None:
    """Make ``happenings`` (events by their role) and ``spells`` from the views of ``sources``."""
    programmes_of(connection, contracts.glossary, rules.unlisted.programme)
    connection.execute(_EVENTS, {"unlisted": rules.unlisted.cause})
    for step in (_LATEST, _ENDED, _RECONCILED, _SPELLS):
        connection.execute(step)
