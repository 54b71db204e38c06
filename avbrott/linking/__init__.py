"""One person's path across suppliers: enrolments reconciled to spells, and a status on 15 October by a fixed precedence."""
