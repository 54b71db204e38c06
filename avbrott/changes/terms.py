"""Changes of the glossary: what a value may be, what a column may be called, which codes there are, which reading is used."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.changes.change import Change, gone_and_new
from avbrott.glossary import Glossary, Term
from avbrott.headers import headers_of


def term_changes(old: Glossary, new: Glossary) -> Iterator[Change]:
    """Every change of every term. A term that only one side has breaks what lists it, which is told there."""
    yield from gone_and_new("glossary", "TERM", old.terms, new.terms, gone=())
    for name, term in new.terms.items():
        if name in old.terms:
            yield from _term(old.terms[name], term)


def _term(old: Term, new: Term) -> Iterator[Change]:
    place = new.id
    if old.type != new.type:
        yield Change(place, "CHANGE_TYPE", ("provider", "hub"), {"old": old.type, "new": new.type})
    if (old.pattern, old.begins_with) != (new.pattern, new.begins_with):
        yield Change(place, "CHANGE_PATTERN", ("provider",))
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        yield Change(place, "CHANGE_RANGE", ("provider",) if _is_narrower(old, new) else ("hub",))
    if old.unit != new.unit:
        yield Change(place, "CHANGE_UNIT", ("provider", "hub", "reader"))
    if old.sensitive != new.sensitive:
        yield Change(place, "CHANGE_SENSITIVE", ("provider",))
    if (lost := set(headers_of(old)) - set(headers_of(new))) and old.type != "concept":
        yield Change(place, "CHANGE_HEADER_GONE", ("provider",), {"name": ", ".join(sorted(lost))})
    if old.open_list and not new.open_list:
        yield Change(place, "CHANGE_LIST_CLOSED", ("provider",))
    yield from _codes(old, new)
    if old.used != new.used:
        yield Change(place, "CHANGE_READING", ("reader",), {"old": old.used or "-", "new": new.used or "-"})
    if (old.name, old.definition) != (new.name, new.definition):
        yield Change(place, "CHANGE_WORDS")


def _codes(old: Term, new: Term) -> Iterator[Change]:
    before, after = ({code.code: code for code in term.codes} for term in (old, new))
    yield from gone_and_new(new.id, "CODE", before, after, gone=("provider", "reader"))
    for name, code in after.items():
        if name not in before:
            continue
        place, earlier = f"{new.id}.{name}", before[name]
        if (earlier.level, earlier.parent, earlier.sum_of) != (code.level, code.parent, code.sum_of):
            yield Change(place, "CHANGE_CODE_PLACE", ("reader",))
        if earlier.counted_as != code.counted_as:
            yield Change(place, "CHANGE_CODE_COUNTS_AS", ("reader",))
        if (earlier.valid_from, earlier.valid_to) != (code.valid_from, code.valid_to):
            yield Change(place, "CHANGE_VALIDITY")
        if (earlier.sv, earlier.en) != (code.sv, code.en):
            yield Change(place, "CHANGE_WORDS")


def _is_narrower(old: Term, new: Term) -> bool:
    """Whether a value that was within the range may be outside it now."""
    raised = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    lowered = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    return raised or lowered
