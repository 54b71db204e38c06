"""Young people under the activity responsibility, and the agencies' counts, by school year (1 July to 30 June).

A young person is counted once a school year in which the registration ran on any day, in the municipality whose supplier
delivers its register before others, by the latest registration. What is said of them is what was delivered by the
year's spring term. The agencies' counts are those of October.
"""

from __future__ import annotations

import duckdb

from avbrott.linking.rules import LinkingRules

_REGISTRATIONS = """
CREATE TEMP TABLE registrations AS
SELECT pseudonym, provider, owner, kaa_registered_date, term AS last_term,
       CASE WHEN next_day IS NOT NULL AND (kaa_deregistered_date IS NULL OR kaa_deregistered_date >= next_day)
            THEN last_day ELSE kaa_deregistered_date END AS until
FROM (
    SELECT *, row_number() OVER (PARTITION BY pseudonym, provider, kaa_registered_date
                                 ORDER BY term DESC, kaa_deregistered_date) AS place
    FROM kaa_reports
)
JOIN (SELECT term, last_day FROM terms) USING (term)
LEFT JOIN (
    SELECT provider, term, lead(first_day) OVER (PARTITION BY provider ORDER BY term) AS next_day
    FROM kaa_delivered JOIN terms USING (term)
) USING (provider, term)
WHERE place = 1
"""

_FRESH_KAA = """
CREATE TEMP TABLE registered AS
WITH running AS (
    SELECT r.*, o.year, o.school_year, o.term AS autumn,
           row_number() OVER (PARTITION BY pseudonym, o.year
                              ORDER BY owner DESC, kaa_registered_date DESC, r.provider) AS place
    FROM registrations AS r
    JOIN octobers AS o ON o.published AND r.kaa_registered_date <= make_date(o.year + 1, 6, 30)
                      AND coalesce(r.until, DATE '9999-12-31') >= make_date(o.year, 7, 1)
    LEFT JOIN members AS m ON m.provider = r.provider AND m.term = o.term
    WHERE r.until IS NOT NULL OR r.last_term >= o.term OR m.provider IS NOT NULL
),
said AS (
    SELECT r.pseudonym, r.school_year, r.year,
           arg_max((k.home_municipality, k.sex, k.kaa_reason, k.kaa_occupation, k.kaa_contact_date),
                   (CASE WHEN k.term <= r.autumn + 1 THEN k.term ELSE -k.term END, k.home_municipality)) AS s
    FROM running AS r JOIN kaa_reports AS k USING (pseudonym, provider, kaa_registered_date)
    WHERE r.place = 1
    GROUP BY ALL
)
SELECT pseudonym, school_year, coalesce(m.code, $municipality) AS home_municipality, coalesce(x.code, s[2]) AS sex,
       coalesce(c.code, s[3]) AS kaa_reason, coalesce(w.code, $occupation) AS kaa_occupation,
       CASE WHEN s[5] BETWEEN make_date(year, 7, 1) AND make_date(year + 1, 6, 30)
            THEN 'contacted' ELSE 'not_contacted' END AS kaa_contact
FROM said
LEFT JOIN municipality_codes AS m ON m.delivered = s[1]
LEFT JOIN sex_codes AS x ON x.delivered = s[2]
LEFT JOIN kaa_reason_codes AS c ON c.delivered = s[3]
LEFT JOIN kaa_occupation_codes AS w ON w.delivered = s[4]
"""

_KAA = "CREATE TEMP TABLE fresh_kaa AS SELECT * FROM registered WHERE home_municipality IS NOT NULL"

_KAA_LEFT_OUT = """
INSERT INTO left_out
SELECT pseudonym, school_year, 'municipality_unlisted_kaa' FROM registered WHERE home_municipality IS NULL
"""

# Several agencies never count the same thing; of two deliveries of one count the latest is believed.
_FRESH_AGENCY = """
CREATE TEMP TABLE fresh_agency AS
WITH october AS (
    SELECT o.school_year, a.municipality, a.indicator,
           arg_max(a.persons, (a.term, a.provider)) AS persons
    FROM agency_reports AS a JOIN octobers AS o ON o.published AND substr(a.month, 1, 7) = o.year || '-10'
    GROUP BY ALL
)
SELECT school_year, coalesce(m.code, $municipality) AS home_municipality, coalesce(i.code, indicator) AS indicator,
       CAST(sum(persons) AS BIGINT) AS persons
FROM october
LEFT JOIN municipality_codes AS m ON m.delivered = municipality
LEFT JOIN indicator_codes AS i ON i.delivered = indicator
WHERE coalesce(m.code, $municipality) IS NOT NULL
GROUP BY ALL
"""


def make_kaa(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``fresh_kaa``, and add to ``left_out`` who is in no municipality."""
    unlisted = rules.unlisted
    connection.execute(_REGISTRATIONS)
    connection.execute(_FRESH_KAA, {"municipality": unlisted.municipality, "occupation": unlisted.kaa_occupation})
    connection.execute(_KAA)
    connection.execute(_KAA_LEFT_OUT)


def make_agency(connection: duckdb.DuckDBPyConnection, rules: LinkingRules) -> None:
    """Make ``fresh_agency``: what agencies counted, of no person."""
    connection.execute(_FRESH_AGENCY, {"municipality": rules.unlisted.municipality})
