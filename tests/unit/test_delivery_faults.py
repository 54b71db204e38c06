"""Each fault of a delivered file is a finding with its line, and the other providers' work goes on.

The fixtures are named after their fault. All are enrolments of provider 2480 for HT2012.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.pull import pull_many
from avbrott.findings import Finding, Severity
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests import stored

FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"
TERM = Term("HT", 2012)
FAULTY, OTHER = "2480", "2482"

REFUSED = [
    ("empty_file.csv", "FILE_EMPTY", "", ()),
    ("only_blank_lines.csv", "FILE_EMPTY", "", ()),
    ("zero_bytes.csv", "FILE_ENCODING", "", (6,)),
    ("utf_32.csv", "FILE_ENCODING", "", (1,)),
    ("a_spreadsheet.csv", "FILE_ENCODING", "", (1,)),
    ("corrupt.parquet", "FILE_UNREADABLE", "", ()),
    ("truncated.parquet", "FILE_UNREADABLE", "", ()),
    ("corrupt.xlsx", "FILE_UNREADABLE", "", ()),
    ("unpacks_to_too_much.xlsx", "FILE_TOO_LARGE", "", ()),
    ("empty.xlsx", "FILE_EMPTY", "", ()),
    ("cells_beyond_the_header.xlsx", "ROW_WIDTH", "", (4,)),
    ("missing_column.csv", "COLUMN_MISSING", "sex", (1,)),
    ("unknown_column.csv", "COLUMN_UNKNOWN", "klass", (1,)),
    ("unknown_column_of_names.csv", "COLUMN_UNKNOWN", "#12", (1,)),
    ("unknown_column_of_names.csv", "IDENTITY_CONTENT", "#12", (2, 3, 4, 5)),
    ("unknown_column_of_names.csv", "IDENTITY_CONTENT", "", (1,)),
    ("duplicated_column.csv", "COLUMN_DUPLICATE", "sex", (1,)),
    ("no_header_line.csv", "HEADER_NONE", "", (1,)),
    ("ragged_row.csv", "ROW_WIDTH", "", (4, 7)),
    ("unclosed_quotation_mark.csv", "ROW_WIDTH", "", (4, 5, 6)),
    ("quotation_mark_inside_a_field.csv", "ROW_WIDTH", "", (4, 5, 6)),
    ("quotation_marks_of_two_rows.csv", "ROW_WIDTH", "", (4, 5)),
    ("personnummer_as_pseudonym.csv", "IDENTITY_CONTENT", "pseudonym", (6,)),
    ("personnummer_in_study_path.csv", "IDENTITY_CONTENT", "study_path", (6,)),
    ("samordningsnummer_with_hyphen.csv", "IDENTITY_CONTENT", "school_unit", (6,)),
    ("tf_number_in_municipality.csv", "IDENTITY_CONTENT", "home_municipality", (6,)),
    ("personnummer_with_plus.csv", "IDENTITY_CONTENT", "study_year", (6,)),
    ("birth_date_as_birth_year.csv", "IDENTITY_CONTENT", "birth_year", (6,)),
    ("name_in_sex.csv", "IDENTITY_CONTENT", "sex", (6,)),
    ("e_mail_in_school_type.csv", "IDENTITY_CONTENT", "school_type", (6,)),
    ("telephone_in_cancelled.csv", "IDENTITY_CONTENT", "cancelled", (6,)),
    ("free_text_in_end_date.csv", "IDENTITY_CONTENT", "end_date", (6,)),
    ("surname_in_study_path.csv", "IDENTITY_CONTENT", "study_path", (6,)),
    ("two_names_in_study_path.csv", "IDENTITY_CONTENT", "study_path", (6,)),
    ("name_and_more_in_study_path.csv", "IDENTITY_CONTENT", "study_path", (6,)),
    ("birth_date_in_study_path.csv", "IDENTITY_CONTENT", "study_path", (6,)),
    ("diagnosis_in_study_path.csv", "HEALTH_CONTENT", "study_path", (6,)),
    ("diagnosis_code_in_study_path.csv", "HEALTH_CONTENT", "study_path", (6,)),
]

SET_ASIDE = [
    ("line_breaks_inside_quotes.csv", "VALUE_FORMAT", "end_date", (2,)),
    ("line_breaks_inside_quotes.csv", "VALUE_FORMAT", "study_path", (4,)),
    ("line_breaks_inside_quotes.csv", "VALUE_CODE", "sex", (6, 9)),
    ("blank_lines.csv", "VALUE_CODE", "sex", (6,)),
    ("carriage_returns_alone.csv", "VALUE_CODE", "sex", (6,)),
    ("duplicated_key.csv", "KEY_DUPLICATE", "", (3, 6)),
    ("repeated_row.csv", "KEY_DUPLICATE", "", (6,)),
    ("missing_value.csv", "VALUE_MISSING", "sex", (6,)),
    ("malformed_date.csv", "VALUE_FORMAT", "start_date", (6,)),
    ("impossible_date.csv", "VALUE_NO_DAY", "start_date", (6,)),
    ("boolean_in_words.csv", "VALUE_FORMAT", "cancelled", (6,)),
    ("code_not_listed.csv", "VALUE_CODE", "sex", (6,)),
    ("code_of_a_group.csv", "VALUE_FORMAT", "home_municipality", (6,)),
    ("year_out_of_range.csv", "VALUE_RANGE", "birth_year", (6,)),
    ("uppercase_pseudonym.csv", "VALUE_FORMAT", "pseudonym", (6,)),
    ("short_pseudonym.csv", "VALUE_FORMAT", "pseudonym", (6,)),
    ("end_before_start.csv", "END_BEFORE_START", "", (6,)),
    ("outside_term.csv", "ENROLMENT_OUTSIDE_TERM", "", (6,)),
    ("cancelled_without_end.csv", "CANCELLED_WITHOUT_END", "end_date", (6,)),
    ("too_old_at_start.csv", "AGE_AT_START", "", (6,)),
]
TOLD = [
    ("dates_day_or_month_first.csv", "READ_DATE_AMBIGUOUS", "start_date", (2, 3, 4, 5)),
    ("school_unit_of_another.csv", "UNIT_NOT_OWN", "school_unit", (6,)),
    ("study_path_of_a_later_curriculum.csv", "CODE_NOT_VALID", "study_path", (6,)),
    ("study_path_of_no_programme.csv", "PROGRAMME_UNKNOWN", "study_path", (6,)),
]

ASSUMED = [
    ("windows_1252.csv", "READ_WINDOWS_1252", "", ()),
    ("utf_16.csv", "READ_UTF_16", "", ()),
    ("utf_16_without_a_mark.csv", "READ_UTF_16", "", ()),
    ("semicolons.csv", "READ_SEMICOLON", "", (1,)),
    ("tabs.csv", "READ_TAB", "", (1,)),
    ("swedish_headers.csv", "READ_HEADER", "school_unit", (1,)),
    ("compact_dates.csv", "READ_DATE_COMPACT", "start_date", (2, 3, 4, 5)),
    ("dates_day_first.csv", "READ_DATE_DAY_FIRST", "start_date", (2, 3, 4, 5)),
    ("dates_month_first.csv", "READ_DATE_MONTH_FIRST", "start_date", (2, 3, 4, 5)),
    ("dates_with_points.csv", "READ_DATE_OTHER", "start_date", (2, 3, 4, 5)),
    ("dates_at_midnight.csv", "READ_DATE_TIME", "start_date", (2, 3, 4, 5)),
    ("decimals_of_excel.csv", "READ_DECIMAL", "study_year", (2, 3, 4, 5)),
    ("booleans_of_excel.csv", "READ_BOOLEAN", "cancelled", (2, 3, 4, 5)),
    ("lost_leading_zero.csv", "READ_LEADING_ZERO", "home_municipality", (2, 3)),
    ("codes_in_other_letters.csv", "READ_CODE_LETTERS", "sex", (2, 3, 4)),
    ("codes_in_other_letters.csv", "READ_CODE_LETTERS", "school_type", (2, 4)),
    ("total_row.csv", "READ_TOTAL_ROW", "", (6,)),
    ("short_total_row.csv", "READ_TOTAL_ROW", "", (6,)),
    ("workbook.xlsx", "READ_LEADING_ZERO", "home_municipality", (5,)),
    ("workbook.xlsx", "READ_TOTAL_ROW", "", (8,)),
    ("workbook.xlsx", "READ_FIRST_SHEET", "#2", ()),
]

ACCEPTED = [
    *("clean.csv", "header_line_alone.csv", "byte_order_mark.csv", "windows_line_ends.csv", "quoted.csv"),
    "municipality_of_another_county.csv",
]
ALL = sorted({name for name, *_ in [*REFUSED, *SET_ASIDE, *TOLD, *ASSUMED]} | {*ACCEPTED, "municipality_of_no_county.csv"})


def outcome_of(name: str, tmp_path: Path, contracts: Contracts) -> Outcome:
    """What becomes of the fixture, delivered beside another provider's clean file."""
    home = Home(tmp_path)
    for provider, file in ((FAULTY, FIXTURES / name), (OTHER, FIXTURES / "clean.csv")):
        outbox = home.outbox(provider, str(TERM))
        outbox.mkdir(parents=True)
        shutil.copy(file, outbox / f"enrolments{file.suffix}")
    clean = home.outbox(OTHER, str(TERM)) / "enrolments.csv"
    clean.write_text(clean.read_text().replace("99248001", "99248201"))
    home.sources.write_text(
        "sources:\n" + "".join(f'  "{p}": {{folder: providers/{p}/outbox, plain: true}}\n' for p in (FAULTY, OTHER))
    )
    pull_many(home, contracts, {TERM: [FAULTY, OTHER]})
    faulty, other = check_term(home, contracts, TERM, [FAULTY, OTHER])
    assert other.status is Status.ACCEPTED
    assert other.accepted == {"enrolments": 4}
    assert stored.rows(home, home.accepted("enrolments", OTHER, str(TERM))).height == 4
    return faulty


def found(outcome: Outcome, code: str, field: str) -> Finding:
    """The one finding of a code and field."""
    matching = [finding for finding in outcome.findings if (finding.code, finding.field) == (code, field)]
    assert len(matching) == 1, [(finding.code, finding.field, finding.rows) for finding in outcome.findings]
    return matching[0]


@pytest.mark.parametrize(("name", "code", "field", "rows"), REFUSED)
def test_a_fault_of_the_file_refuses_it(name, code, field, rows, tmp_path, contracts) -> None:
    """A blocking fault is named with its lines, refuses the delivery whole, and leaves no accepted row."""
    outcome = outcome_of(name, tmp_path, contracts)
    finding = found(outcome, code, field)
    assert finding.rows == rows
    assert finding.count == max(1, len(rows))
    assert outcome.status is Status.REFUSED
    home = Home(tmp_path)
    assert not home.accepted("enrolments", FAULTY, str(TERM)).exists()
    assert not home.quarantine("enrolments", FAULTY, str(TERM)).exists()


@pytest.mark.parametrize(("name", "code", "field", "rows"), SET_ASIDE)
def test_a_fault_of_a_row_sets_it_aside(name, code, field, rows, tmp_path, contracts) -> None:
    """A row that breaks a rule is quarantined with its line and code; the other rows are accepted."""
    outcome = outcome_of(name, tmp_path, contracts)
    finding = found(outcome, code, field)
    assert finding.rows == rows
    assert finding.count == len(rows)
    assert outcome.status is Status.ACCEPTED_WITH_QUARANTINE
    home = Home(tmp_path)
    aside = stored.rows(home, home.quarantine("enrolments", FAULTY, str(TERM)))
    assert set(aside.filter(pl.col("codes").list.contains(code))["row"]) >= set(rows)
    accepted = stored.rows(home, home.accepted("enrolments", FAULTY, str(TERM)))
    assert not set(accepted["row"]) & set(aside["row"])
    assert outcome.accepted["enrolments"] == accepted.height
    assert outcome.quarantined["enrolments"] == aside.height


@pytest.mark.parametrize(("name", "code", "field", "rows"), TOLD)
def test_a_warning_sets_nothing_aside(name, code, field, rows, tmp_path, contracts) -> None:
    """A row that linking can reconcile is told about with its line, and accepted."""
    outcome = outcome_of(name, tmp_path, contracts)
    assert found(outcome, code, field).rows == rows
    assert outcome.status is Status.ACCEPTED


@pytest.mark.parametrize(("name", "code", "field", "rows"), ASSUMED)
def test_what_was_assumed_is_told_and_nothing_set_aside(name, code, field, rows, tmp_path, contracts) -> None:
    """A file as a school's system or a spreadsheet writes it is read as it is meant, every row of it, and told so."""
    outcome = outcome_of(name, tmp_path, contracts)
    finding = found(outcome, code, field)
    assert finding.rows == rows
    assert finding.severity is Severity.ASSUMED
    assert outcome.status is Status.ACCEPTED
    accepted = stored.rows(Home(tmp_path), Home(tmp_path).accepted("enrolments", FAULTY, str(TERM)))
    assert accepted["pseudonym"].n_unique() == accepted.height == 4
    assert accepted.select("birth_year", "study_path", "study_year", "cancelled").unique().rows() == [
        (1996, "EKJUR", 1, False)
    ]
    assert accepted["start_date"].cast(pl.String).unique().to_list() in (["2012-08-20"], ["2012-08-09"])
    assert set(accepted["home_municipality"]) <= {"2480", "0684"}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_clean_file_is_accepted_in_every_form(name, tmp_path, contracts) -> None:
    """A byte order mark, Windows line ends or no row at all are no faults; nor is a municipality of another county."""
    outcome = outcome_of(name, tmp_path, contracts)
    assert outcome.status is Status.ACCEPTED
    assert {finding.code for finding in outcome.findings} == {"EXTRACT_MISSING"}


def test_a_code_missing_from_an_open_list_is_a_warning(tmp_path, contracts) -> None:
    """A code that no municipality of the country has is accepted, and told about."""
    outcome = outcome_of("municipality_of_no_county.csv", tmp_path, contracts)
    assert found(outcome, "CODE_UNKNOWN", "home_municipality").rows == (6,)
    assert outcome.accepted == {"enrolments": 6}


@pytest.mark.parametrize("name", ALL)
def test_no_value_is_in_a_finding_or_a_log(name, tmp_path, contracts, caplog, capfd) -> None:
    """Of a row's values only the codes of the contracts may appear in what is told: no pseudonym, number or name."""
    caplog.set_level(logging.DEBUG)
    outcome = outcome_of(name, tmp_path, contracts)
    printed = capfd.readouterr()
    findings = Home(tmp_path).findings(FAULTY, str(TERM))
    told = repr(outcome) + caplog.text + printed.out + printed.err + str(pl.read_parquet(findings).to_dicts())
    content = (FIXTURES / name).read_bytes().decode("utf-8", "ignore")
    for value in {word for line in content.split("\n")[1:] for word in line.replace('"', "").split(",")}:
        if len(value) > 6:
            assert value not in told


def test_every_fixture_is_tested() -> None:
    """No fixture lies unused."""
    assert {file.name for file in FIXTURES.iterdir() if file.suffix} == set(ALL)
