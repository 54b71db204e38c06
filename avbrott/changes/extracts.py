"""Changes of one extract's contract: its fields, key, rules and version."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.changes.change import Change, Party, gone_and_new
from avbrott.contract import ExtractContract, Rule
from avbrott.findings import Severity

_STRICTNESS = {Severity.WARNING: 0, Severity.QUARANTINE: 1, Severity.BLOCKING: 2}
_WORDS = {"text", "mend", "severity"}
"""Of a rule: what it says, and what it does; the rest is what it asks."""


def extract_changes(old: ExtractContract, new: ExtractContract) -> Iterator[Change]:
    """Every change, and at last whether the version says less than they do."""
    changes = [*_fields(old, new), *_rules(old, new)]
    yield from changes
    place = new.name
    if old.version != new.version:
        yield Change(place, "CHANGE_VERSION", (), {"old": old.version, "new": new.version})
    if (old.valid_from, old.valid_to) != (new.valid_from, new.valid_to):
        yield Change(place, "CHANGE_VALIDITY")
    if (old.title, old.description) != (new.title, new.description):
        yield Change(place, "CHANGE_WORDS")
    if any("provider" in change.breaks for change in changes) and new.number[0] <= old.number[0]:
        yield Change(place, "CHANGE_NEEDS_MAJOR", (), {"version": f"{old.number[0] + 1}.0.0"})


def _fields(old: ExtractContract, new: ExtractContract) -> Iterator[Change]:
    """A file has every column of its contract and no other, so a column more is as much a break as one less."""
    place = new.name
    yield from gone_and_new(place, "FIELD", old.terms, new.terms, gone=("provider", "hub"), added=("provider",))
    for name in (name for name in new.terms if name in old.terms):
        if name in old.optional and name not in new.optional:
            yield Change(f"{place}.{name}", "CHANGE_FIELD_REQUIRED", ("provider",))
        if name not in old.optional and name in new.optional:
            yield Change(f"{place}.{name}", "CHANGE_FIELD_OPTIONAL", ("hub",))
    if old.key != new.key:
        yield Change(place, "CHANGE_KEY", ("provider", "hub"), {"old": ", ".join(old.key), "new": ", ".join(new.key)})
    if old.dated_by != new.dated_by:
        yield Change(place, "CHANGE_DATED_BY")
    if old.rows_of_persons != new.rows_of_persons:
        yield Change(place, "CHANGE_PERSONS", ("provider", "hub", "reader"))


def _rules(old: ExtractContract, new: ExtractContract) -> Iterator[Change]:
    before, after = ({rule.code: rule for rule in one.rules} for one in (old, new))
    for code, rule in after.items():
        place = f"{new.name}.{code}"
        if code not in before:
            yield Change(place, "CHANGE_RULE_NEW", _stops(rule))
            continue
        earlier = before[code]
        if earlier.model_dump(exclude=_WORDS) != rule.model_dump(exclude=_WORDS):
            yield Change(place, "CHANGE_RULE_ASKS", (*_stops(rule), "hub"))
        if _STRICTNESS[rule.severity] > _STRICTNESS[earlier.severity]:
            yield Change(place, "CHANGE_RULE_STRICTER", ("provider",))
        elif rule.severity != earlier.severity:
            yield Change(place, "CHANGE_RULE_MILDER", ("hub",))
        if (earlier.text, earlier.mend) != (rule.text, rule.mend):
            yield Change(place, "CHANGE_WORDS")
    yield from (Change(f"{new.name}.{code}", "CHANGE_RULE_GONE", ("hub",)) for code in before if code not in after)


def _stops(rule: Rule) -> tuple[Party, ...]:
    """Whom a rule stops: a warning stops nobody."""
    return () if rule.severity is Severity.WARNING else ("provider",)
