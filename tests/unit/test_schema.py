"""Checks come from contracts and glossary alone; what is accepted is held against them by Pandera, without a value."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from avbrott.contract import ExtractContract, Rule
from avbrott.delivery.gate import gate, pandera_schema
from avbrott.delivery.rules import Situation
from avbrott.delivery.typed import with_typed
from avbrott.findings import Severity
from avbrott.glossary import Code, Glossary, Term
from avbrott.model import Text
from avbrott.periods import Term as SchoolTerm
from avbrott.schema import RowCheck, failures, row_checks

WORDS = Text(sv="x", en="x")
ASIDE = Severity.QUARANTINE


def term(identifier: str, kind: str, **more) -> Term:
    """A term of the test's own glossary."""
    return Term(id=identifier, name=WORDS, definition=WORDS, type=kind, source="x", **more)


def code(name: str, **more) -> Code:
    """A code of the test's own list."""
    return Code(code=name, sv=name, en=name, **more)


TERMS = (
    term("colour", "code", codes=(code("warm"), code("red", parent="warm"), code("blue", valid_to=date(2012, 6, 30)))),
    term("place", "code", pattern="[0-9]{2}", open_list=True, codes=(code("01"),)),
    term("born", "year", minimum=1990, maximum=2000),
    term("first", "date"),
    term("last", "date"),
    term("size", "integer", minimum=0),
    term("part", "integer"),
    term("name", "string", pattern="[a-z]+|b"),
    term("month", "month"),
    term("yes", "boolean"),
    term(
        "grade",
        "code",
        codes=(code("a", valid_to=date(2012, 9, 30)), code("b", valid_from=date(2012, 10, 1)), code("bb"), code("c")),
    ),
    term("path", "string", begins_with="grade"),
)
GLOSSARY = Glossary(terms={found.id: found for found in TERMS})


def contract(*rules: Rule, optional: bool = True, dated_by: str | None = None) -> ExtractContract:
    """A contract over all the terms."""
    names = tuple(GLOSSARY.terms)
    return ExtractContract(
        name="test",
        version="1.0.0",
        valid_from=date(2012, 1, 1),
        title=WORDS,
        description=WORDS,
        terms=names,
        optional=names if optional else (),
        key=("name",),
        dated_by=dated_by,
        rules=rules,
    )


def rule(kind: str, *fields: str, **more) -> Rule:
    """A rule with the code RULE."""
    return Rule(code="RULE", kind=kind, severity=ASIDE, fields=fields, text=WORDS, mend=WORDS, **more)


def broken(promised: ExtractContract, *rows: dict[str, str], season: str = "HT", provider: str = "a") -> dict:
    """Which rows (0, 1 ...) break what, by code and field."""
    schema = {**dict.fromkeys(promised.terms, pl.String), "provider": pl.String}
    frame = pl.DataFrame([{"provider": provider} | row for row in rows], schema=schema)
    situation = Situation(SchoolTerm(season, 2012), {"a": ("01", "02")})
    found = failures(promised, with_typed(frame, TERMS), row_checks(promised, GLOSSARY, situation))
    return {(failure.code, failure.field): failure.fails.arg_true().to_list() for failure in found}


@pytest.mark.parametrize(
    ("field", "good", "bad", "expected"),
    [
        ("colour", "red", "green", "VALUE_CODE"),
        ("colour", "red", "warm", "VALUE_CODE"),
        ("colour", "red", "blue", "CODE_NOT_VALID"),
        ("place", "01", "02", "CODE_UNKNOWN"),
        ("place", "01", "1", "VALUE_FORMAT"),
        ("born", "1990", "1989", "VALUE_RANGE"),
        ("born", "2000", "2001", "VALUE_RANGE"),
        ("born", "1995", "95", "VALUE_FORMAT"),
        ("first", "2012-02-29", "2013-02-29", "VALUE_NO_DAY"),
        ("first", "2012-02-29", "2012-2-29", "VALUE_FORMAT"),
        ("first", "2012-02-29", " 2012-02-29", "VALUE_FORMAT"),
        ("size", "0", "-1", "VALUE_RANGE"),
        ("size", "7", "7.0", "VALUE_FORMAT"),
        ("size", "7", "+7", "VALUE_FORMAT"),
        ("name", "abc", "abc\n", "VALUE_FORMAT"),
        ("name", "b", "bB", "VALUE_FORMAT"),
        ("month", "2012-12", "2012-13", "VALUE_FORMAT"),
        ("yes", "true", "True", "VALUE_FORMAT"),
    ],
)
def test_a_term_s_form_codes_and_range_are_checked(field: str, good: str, bad: str, expected: str) -> None:
    """Each part of a term of the glossary becomes a check; an empty value keeps them all."""
    found = broken(contract(), {field: good}, {field: bad}, {})
    assert found[expected, field] == [1]
    assert all(rows == [1] for rows in found.values())


def test_a_term_that_may_not_be_empty_is_required() -> None:
    """Emptiness is judged by the contract, not by the glossary."""
    assert broken(contract(optional=False), {})["VALUE_MISSING", "name"] == [0]
    assert broken(contract(), {}) == {}


def test_a_code_is_valid_by_the_term_of_the_delivery() -> None:
    """The same code is in its time before it expires."""
    assert broken(contract(), {"colour": "blue"}, season="VT") == {}


@pytest.mark.parametrize("field", ["grade", "path"])
def test_a_code_is_valid_by_the_row_s_own_date(field: str) -> None:
    """On its last day and its first it is; the day after or before it is not. A row without a date keeps the rule."""
    rows = [
        {field: "a", "first": "2012-09-30"},
        {field: "a", "first": "2012-10-01"},
        {field: "b", "first": "2012-10-01"},
        {field: "b", "first": "2012-09-30"},
        {field: "c", "first": "1990-01-01"},
        {field: "a"},
        {field: "a", "first": "2012-13-01"},
    ]
    found = broken(contract(dated_by="first"), *rows)
    assert found["CODE_NOT_VALID", field] == [1, 3]
    in_term = broken(contract(), *rows)
    assert ("CODE_NOT_VALID", field) not in in_term
    assert broken(contract(), {field: "a"}, {field: "b"}, season="VT")["CODE_NOT_VALID", field] == [1]


def test_a_value_begins_with_its_longest_code() -> None:
    """``bb`` is always valid, though ``b`` was not yet; what begins with no code is the rule's, and an empty value is not."""
    dated = contract(dated_by="first")
    assert broken(dated, {"path": "bbx", "first": "2012-01-01"}, {"path": "bx", "first": "2012-01-01"}) == {
        ("CODE_NOT_VALID", "path"): [1]
    }
    begins = contract(rule("begins_with_code", "path"))
    assert broken(begins, {"path": "c1"}, {"path": "x1"}, {"path": "1c"}, {})["RULE", "path"] == [1, 2]


@pytest.mark.parametrize(
    ("tested", "good", "bad"),
    [
        (
            rule("order", "first", "last"),
            {"first": "2012-01-01", "last": "2012-01-01"},
            {"first": "2012-01-02", "last": "2012-01-01"},
        ),
        (rule("requires", "last", when={"yes": ("true",)}), {"yes": "false"}, {"yes": "true"}),
        (rule("together", "first", "last"), {}, {"first": "2012-01-01"}),
        (rule("at_most", "part", limit="size"), {"part": "3", "size": "3"}, {"part": "4", "size": "3"}),
        (
            rule("overlaps_term", "first", "last"),
            {"first": "2012-01-01", "last": "2012-07-01"},
            {"first": "2012-01-01", "last": "2012-06-30"},
        ),
        (rule("overlaps_term", "first", "last"), {"first": "2012-12-31"}, {"first": "2013-01-01"}),
        (rule("within_term", "month"), {"month": "2012-07"}, {"month": "2012-06"}),
        (rule("within_term", "first"), {"first": "2012-12-31"}, {"first": "2013-01-01"}),
        (
            rule("lag", "first", "last", maximum=2),
            {"first": "2012-10-31", "last": "2012-12-31"},
            {"first": "2012-10-31", "last": "2013-01-01"},
        ),
        (
            rule("age", "born", "first", minimum=14, maximum=16),
            {"born": "1996", "first": "2012-01-01"},
            {"born": "1999", "first": "2012-12-31"},
        ),
        (rule("own_unit", "place"), {"place": "02"}, {"place": "03"}),
    ],
)
def test_every_kind_of_rule_holds_and_breaks(tested: Rule, good: dict[str, str], bad: dict[str, str]) -> None:
    """One row that keeps the rule at its edge, one just past it, and one without values."""
    found = broken(contract(tested), good, bad)
    field = tested.fields[0] if len(tested.fields) == 1 else ""
    assert found["RULE", field] == [1]


def test_a_provider_without_units_may_name_any() -> None:
    """A municipality without schools reports pupils of others."""
    assert ("RULE", "place") not in broken(contract(rule("own_unit", "place")), {"place": "03"}, provider="b")


def test_when_narrows_a_rule_of_any_kind() -> None:
    """Rows where the condition does not hold, or is empty, keep the rule."""
    narrowed = contract(rule("order", "first", "last", when={"colour": ("red",)}))
    dates = {"first": "2012-01-02", "last": "2012-01-01"}
    assert broken(narrowed, dates | {"colour": "red"}, dates, dates | {"colour": "blue"})["RULE", ""] == [0]


def test_pandera_keeps_positions_and_no_values() -> None:
    """What a failed validation holds of the rows is their position."""
    import pandera.polars as pa
    from pandera.config import ValidationDepth, config_context

    promised = contract(optional=False)
    frame = pl.DataFrame([{"name": "Anna Andersson"}], schema=dict.fromkeys(promised.terms, pl.String))
    checks = row_checks(promised, GLOSSARY, Situation())
    numbered = with_typed(frame, TERMS).with_columns(position=pl.lit(0, pl.UInt32))
    with (
        config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA),
        pytest.raises(pa.errors.SchemaErrors) as caught,
    ):
        pandera_schema(promised, checks).validate(numbered, lazy=True)
    assert "Anna" not in str(caught.value)
    assert set(caught.value.failure_cases["failure_case"].drop_nulls()) == {"0"}


def test_a_check_that_cannot_be_carried_out_is_an_error_of_the_program() -> None:
    """It never passes for a finding, and its message has the rule's code and no value."""
    check = RowCheck("RULE", "name", ASIDE, pl.col("name").str.to_integer(strict=True) > 0)
    frame = pl.DataFrame([{"name": "secret"}], schema=dict.fromkeys(contract().terms, pl.String))
    with pytest.raises(RuntimeError, match="RULE") as caught:
        failures(contract(), frame, [check])
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_row_that_breaks_a_rule_is_never_accepted() -> None:
    """Pandera stops the program where a row slipped through; a warning stops nothing, and no value is told."""
    promised = contract(rule("order", "first", "last"))
    checks = row_checks(promised, GLOSSARY, Situation())
    good = {"first": "2012-01-01", "last": "2012-01-02", "place": "99"}
    schema = dict.fromkeys(promised.terms, pl.String)
    gate(promised, with_typed(pl.DataFrame([good], schema=schema), TERMS), checks)
    for bad, code_of in (({"last": "2011-12-31"}, "RULE"), ({"colour": "secret"}, "VALUE_CODE")):
        with pytest.raises(RuntimeError, match=f"test {code_of}") as caught:
            gate(promised, with_typed(pl.DataFrame([good, good | bad], schema=schema), TERMS), checks)
        assert "secret" not in str(caught.value)
    filled = contract(optional=False)
    with pytest.raises(RuntimeError, match="test VALUE_MISSING"):
        gate(filled, with_typed(pl.DataFrame([good], schema=schema), TERMS), [])
