"""``avbrott check`` tells a data owner what to mend, by line, in both languages, with a documented exit code."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from avbrott import clock
from avbrott.delivery import at_home
from avbrott.delivery.command import check_command
from avbrott.errors import BadInput, ExitCode
from avbrott.registry import Contracts

FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"


def run(contracts: Contracts, *names: str, **options) -> tuple[ExitCode, str]:
    """Exit code and what is printed."""
    out = io.StringIO()
    options = {"contract": "enrolments"} | options
    code = check_command([FIXTURES / name for name in names], contracts, console=Console(file=out, width=200), **options)
    return code, out.getvalue()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("clean.csv", ExitCode.DONE),
        ("municipality_of_no_county.csv", ExitCode.DONE),
        ("missing_value.csv", ExitCode.FINDINGS),
        ("missing_column.csv", ExitCode.FINDINGS),
        ("name_in_sex.csv", ExitCode.FINDINGS),
        ("empty_file.csv", ExitCode.BAD_INPUT),
        ("zero_bytes.csv", ExitCode.BAD_INPUT),
        ("unpacks_to_too_much.xlsx", ExitCode.BAD_INPUT),
        ("semicolons.csv", ExitCode.DONE),
        ("workbook.xlsx", ExitCode.DONE),
        ("corrupt.parquet", ExitCode.BAD_INPUT),
    ],
)
def test_the_exit_code_says_how_it_went(name: str, code: ExitCode, contracts: Contracts) -> None:
    """0 clean or only warnings, 1 findings that set aside or refuse, 2 cannot be read."""
    assert run(contracts, name, term="HT2012", provider="2480")[0] == code


def test_the_report_has_lines_and_both_languages(contracts: Contracts) -> None:
    """What, where and how to mend, Swedish first."""
    _, printed = run(contracts, "missing_value.csv", term="HT2012", provider="2480")
    assert printed.index("sex (Kön) är tomt.") < printed.index("Rader i filen: 6") < printed.index("sex (Sex) is empty.")
    assert "Så rättar du: Fyll i fältet" in printed


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("code_not_listed.csv", ("Koderna: Kvinna (Kvinnor), Man (Män), Okänt.", "Okänt (Unknown).")),
        ("uppercase_pseudonym.csv", ("Så skrivs fältet: 64 tecken, 0-9 och a-f med små bokstäver.",)),
        ("code_of_a_group.csv", ("Så skrivs fältet: fyra siffror, till exempel 2425.", "four digits, for example 2425")),
        ("malformed_date.csv", ("datum ÅÅÅÅ-MM-DD, till exempel 2012-08-20", "date YYYY-MM-DD, for example 2012-08-20")),
        ("boolean_in_words.csv", ("Så skrivs fältet: true eller false, till exempel false",)),
        ("year_out_of_range.csv", ("år ÅÅÅÅ, 1980 till 2025, till exempel 1997",)),
        ("repeated_row.csv", ("Rader i filen: 6 (samma nyckel som 3)", "Lines of the file: 6 (the same key as 3)")),
        ("duplicated_key.csv", ("Rader i filen: 3 (samma nyckel som 6), 6 (samma nyckel som 3)",)),
        ("semicolons.csv", ("ANTAGET VID LÄSNINGEN", "Fälten är lästa som åtskilda av semikolon.")),
    ],
)
def test_the_report_says_enough_to_mend_it(name: str, said: tuple[str, ...], contracts: Contracts) -> None:
    """The form and codes of the very field, the line that a row repeats, the separator that was expected."""
    _, printed = run(contracts, name, term="HT2012", provider="2480")
    joined = " ".join(printed.split())
    for words in said:
        assert words in joined


def test_a_file_with_another_separator_is_read_and_told(contracts: Contracts) -> None:
    """What was assumed is all that is told of it, and nothing stops the delivery."""
    code, printed = run(contracts, "semicolons.csv", term="HT2012", provider="2480", json=True)
    (file,) = json.loads(printed)["files"]
    assert [(found["code"], found["severity"]) for found in file["findings"]] == [("READ_SEMICOLON", "assumed")]
    assert file["separator"] == ";"
    assert code is ExitCode.DONE


def test_a_long_code_list_is_pointed_to(tmp_path: Path, contracts: Contracts) -> None:
    """Where the codes are too many for a line, the term of the glossary is named."""
    file = tmp_path / "agency_counts.csv"
    file.write_text("municipality,month,indicator,persons\n9999,2012-10,jobseekers_16_19,3\n", "utf-8")
    out = io.StringIO()
    check_command([file], contracts, console=Console(file=out, width=200))
    assert "Koderna: se municipality i ordlistan, docs/glossary.md" in out.getvalue()


def test_what_cannot_be_judged_is_said(contracts: Contracts) -> None:
    """Without term and provider their rules are named as not judged."""
    code, printed = run(contracts, "outside_term.csv")
    assert code is ExitCode.DONE
    assert "ENROLMENT_OUTSIDE_TERM, UNIT_NOT_OWN" in printed
    assert run(contracts, "outside_term.csv", term="HT2012")[0] is ExitCode.FINDINGS


def test_json_is_whole_and_without_values(contracts: Contracts) -> None:
    """Every finding with its rule and at most twenty lines; what was found is not in it."""
    _, printed = run(contracts, "name_in_sex.csv", json=True, term="HT2012", provider="2480")
    (file,) = json.loads(printed)["files"]
    (finding,) = [found for found in file["findings"] if found["code"] == "IDENTITY_CONTENT"]
    assert finding["rows"] == [6]
    assert finding["rule"]["sv"]
    assert finding["mend"]["en"]
    assert "Andersson" not in printed


def test_the_contract_is_guessed_from_name_or_header(tmp_path: Path, contracts: Contracts) -> None:
    """A file named for its contract, or with its columns, needs no option; another must say."""
    assert run(contracts, "clean.csv", contract=None)[0] is ExitCode.DONE
    nameless = tmp_path / "export.csv"
    nameless.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="CHECK_CONTRACT_UNCLEAR"):
        check_command([nameless], contracts, console=Console(file=io.StringIO()))
    named = tmp_path / "2480 HT2012 events.csv"
    named.write_text("a,b\n1,2\n")
    assert check_command([named], contracts, console=Console(file=io.StringIO())) is ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("export.csv", b"", "CHECK_FILE_EMPTY"),
        ("export.csv", b"a;b\n1;\x00\n", "CHECK_FILE_NO_TEXT"),
        ("export.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "CHECK_FILE_DAMAGED"),
        ("export.xlsx", b"<html><table></table></html>", "CHECK_FILE_DAMAGED"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_that(
    name: str, content: bytes, code: str, tmp_path: Path, contracts: Contracts
) -> None:
    """And not as one whose contract cannot be seen, which to say would help nobody."""
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadInput, match=code):
        check_command([file], contracts, console=Console(file=io.StringIO()))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"contract": "nothing"}, "CHECK_CONTRACT_UNKNOWN"),
        ({"provider": "nobody"}, "CHECK_PROVIDER_UNKNOWN"),
        ({"term": "autumn"}, "TERM_UNREADABLE"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], code: str, contracts: Contracts) -> None:
    """A contract, provider or term that is not there is the user's to mend."""
    with pytest.raises(BadInput, match=code):
        run(contracts, "clean.csv", **options)


@pytest.mark.parametrize("provider", [None, "2482"])
def test_a_term_that_has_not_begun_is_told(
    provider: str | None, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub would take nothing of it; on its first day it is a term as any other."""
    options = {"provider": provider, "term": "HT2052"} if provider else {"term": "HT2052"}
    monkeypatch.setattr(clock, "today", lambda: date(2052, 6, 30))
    assert "TERM_NOT_BEGUN" in run(contracts, "clean.csv", **options)[1]
    monkeypatch.setattr(clock, "today", lambda: date(2052, 7, 1))
    assert "TERM_NOT_BEGUN" not in run(contracts, "clean.csv", **options)[1]


@pytest.mark.parametrize(
    ("name", "code"),
    [("not_there.csv", "CHECK_FILE_MISSING"), (".", "CHECK_FILE_IS_FOLDER"), ("../../conftest.py", "CHECK_FILE_KIND")],
)
def test_a_file_that_is_no_delivery_is_named(name: str, code: str, contracts: Contracts) -> None:
    """A path that is wrong, or a file of another kind."""
    with pytest.raises(BadInput, match=code):
        run(contracts, name)


def test_files_of_one_contract_are_checked_apart(contracts: Contracts) -> None:
    """The same rows in two files are no repeated keys."""
    assert run(contracts, "clean.csv", "windows_line_ends.csv")[0] is ExitCode.DONE


def test_every_municipality_of_the_country_is_a_home_without_a_word(contracts: Contracts, tmp_path: Path) -> None:
    """All 290, by code, by code with its name and by name; a code that none has is told, with what becomes of its row."""
    homes = [code for code in contracts.glossary.known_codes("home_municipality") if code.code.isdecimal()]
    assert len(homes) == 290
    header, row, *_ = (FIXTURES / "clean.csv").read_text("utf-8").splitlines()
    assert row.split(",")[3] == "2480"
    file = tmp_path / "enrolments.csv"
    for written, found in (
        ([code.code for code in homes], set()),
        ([f"{code.code} {code.sv}" for code in homes], {"READ_CODE_NAMED"}),
        ([code.sv for code in homes], {"READ_CODE_NAME_ALONE"}),
        (["9999"], {"CODE_UNKNOWN"}),
    ):
        rows = (row.replace(row[:64], f"{place:064x}").replace(",2480,", f",{home},") for place, home in enumerate(written))
        file.write_text("\n".join([header, *rows, ""]), "utf-8")
        _, printed = run(contracts, str(file), term="HT2012", provider="2480")
        codes = {"READ_CODE_NAMED", "READ_CODE_NAME_ALONE", "CODE_UNKNOWN", "VALUE_CODE", "VALUE_FORMAT"}
        assert {code for code in codes if code in printed} == found
    assert "home_municipality (Hemkommun) har en kod som ingen svensk kommun har. Raden räknas till andra län." in printed


def test_a_pattern_that_a_shell_leaves_to_the_program_is_every_file_that_it_matches(
    contracts: Contracts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in Windows; what matches nothing is no file, and elsewhere a pattern is a name as any other."""
    for name in ("b.csv", "a.csv", "~$a.csv"):
        (tmp_path / name).write_bytes((FIXTURES / "clean.csv").read_bytes())
    pattern = str(tmp_path / "*.csv")
    with pytest.raises(BadInput, match="CHECK_FILE_MISSING"):
        run(contracts, pattern)
    monkeypatch.setattr(at_home, "LEFT_TO_PROGRAMS", True)
    _, printed = run(contracts, pattern, term="HT2012", provider="2480")
    assert printed.index("a.csv: 4 rader") < printed.index("b.csv: 4 rader")
    assert "~$" not in printed
    with pytest.raises(BadInput, match="CHECK_FILE_MISSING"):
        run(contracts, str(tmp_path / "*.xlsx"))


def test_json_can_be_read_whatever_the_screen_writes(contracts: Contracts) -> None:
    """A file of a Windows screen is in its code page, and JSON is read as UTF-8."""
    for encoding in ("utf-8", "cp1252", "cp850"):
        out = io.BytesIO()
        screen = Console(file=io.TextIOWrapper(out, encoding), width=200)
        check_command(
            [FIXTURES / "missing_value.csv"], contracts, contract="enrolments", term="HT2012", json=True, console=screen
        )
        screen.file.flush()
        assert "Kön" in json.dumps(json.loads(out.getvalue().decode("utf-8")), ensure_ascii=False)


def test_a_file_of_another_contract_is_told_as_that(tmp_path: Path, contracts: Contracts) -> None:
    """Beside the columns that it lacks; not where it is the right one though a column is missing, nor where it is of none."""
    told = "Rubrikerna är de som enrolments har, och filen är prövad som events."
    assert told in run(contracts, "clean.csv", contract="events")[1]
    assert "The headers are those of enrolments" in run(contracts, "clean.csv", contract="events")[1]
    assert "Rubrikerna är de som" not in run(contracts, "clean.csv")[1]
    assert "Rubrikerna är de som" not in run(contracts, "missing_column.csv")[1]
    nameless = tmp_path / "export.csv"
    nameless.write_text("a,b\n1,2\n")
    out = io.StringIO()
    check_command([nameless], contracts, contract="events", console=Console(file=out))
    assert "Rubrikerna är de som" not in out.getvalue()


def test_a_term_that_the_rows_are_not_of_is_told(contracts: Contracts) -> None:
    """With the one that they are of, as when a delivery is prepared."""
    printed = run(contracts, "clean.csv", term="VT2011", provider="2480")[1]
    assert "rader hör till HT2012, och ni skrev VT2011." in printed
    assert "write --term HT2012" in printed
    assert "Terminen kan vara fel" not in run(contracts, "clean.csv", term="HT2012", provider="2480")[1]
    assert "Terminen kan vara fel" not in run(contracts, "clean.csv")[1]
