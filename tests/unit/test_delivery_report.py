"""A check as a page, as JSON and as JUnit: the same findings in each, whole, and never a value but on a screen."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from avbrott.delivery.command import check_command
from avbrott.delivery.report import told
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Finding, Severity
from avbrott.registry import Contracts
from avbrott.texts import Language, load_messages
from tests import export_case
from tests.unit.test_delivery_command import FIXTURES, run

FAULTY = (
    "name_in_sex.csv",
    "missing_value.csv",
    "ragged_row.csv",
    "semicolons.csv",
    "dates_day_or_month_first.csv",
    "empty_file.csv",
)
GIVEN = {"term": "HT2012", "provider": "2480"}


@pytest.fixture
def reports(tmp_path: Path, contracts: Contracts) -> dict[str, str]:
    """The report of ``FAULTY`` in every form, by its ending."""
    written = {}
    for ending in (".html", ".json", ".xml"):
        run(contracts, *FAULTY, report=tmp_path / f"report{ending}", **GIVEN)
        written[ending] = (tmp_path / f"report{ending}").read_text("utf-8")
    return written


def test_every_form_has_every_finding(reports: dict[str, str]) -> None:
    """Code, severity, count and rows; the same in the file as on the screen."""
    files = json.loads(reports[".json"])["files"]
    assert [file["file"] for file in files] == list(FAULTY)
    findings = [found for file in files for found in file["findings"]]
    assert {found["severity"] for found in findings} == {"blocking", "quarantine", "warning", "assumed"}
    cases = ET.fromstring(reports[".xml"]).iter("testcase")  # noqa: S314  the program's own file
    names = [case.get("name") for case in cases]
    for found in findings:
        label = " ".join(filter(None, (found["code"], found["field"])))
        assert label in names
        assert f"<code>{label}</code>" in reports[".html"]
        assert found["rule"]["sv"].replace("'", "&#x27;").split("(")[0] in reports[".html"]


def test_json_has_a_version_and_a_summary(reports: dict[str, str]) -> None:
    """What a program that reads it leans on."""
    content = json.loads(reports[".json"])
    assert content["schema"] == "avbrott-check/1"
    assert (content["provider"], content["term"]) == ("2480", "HT2012")
    assert content["files"][0]["summary"] == {"blocking": 1, "quarantine": 0, "warning": 0, "assumed": 0}
    assert [file["is_read"] for file in content["files"]] == [True] * 5 + [False]


def test_junit_fails_where_rows_are_set_aside_or_files_refused(reports: dict[str, str]) -> None:
    """Counts that agree with the cases; rules that hold pass, rules not judged are skipped, warnings fail nothing."""
    suites = list(ET.fromstring(reports[".xml"]))  # noqa: S314  the program's own file
    for suite in suites:
        assert int(suite.get("failures")) == len(list(suite.iter("failure")))
        assert int(suite.get("tests")) == len(list(suite.iter("testcase")))
        assert int(suite.get("skipped")) == len(list(suite.iter("skipped"))) == 1
    assert [int(suite.get("failures")) for suite in suites] == [1, 1, 1, 0, 0, 1]
    assert "END_BEFORE_START" in [case.get("name") for case in suites[0].iter("testcase")]


def test_the_page_stands_alone_and_speaks_swedish_first(reports: dict[str, str]) -> None:
    """No script, no address, every file under a heading, English marked as such."""
    page = reports[".html"]
    assert page.startswith('<!doctype html>\n<html lang="sv">')
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<h2 ") == len(FAULTY)
    assert page.index("Att rätta: fynd som stoppar") < page.index("To mend: findings that refuse")
    assert '<p lang="en">' in page


@pytest.mark.parametrize("ending", [".html", ".json", ".xml"])
def test_no_report_has_a_value(reports: dict[str, str], ending: str) -> None:
    """Neither the name that was found nor a pseudonym."""
    assert "Andersson" not in reports[ending]
    for name in FAULTY:
        for line in (FIXTURES / name).read_text("utf-8").splitlines()[1:]:
            assert not line[:64] or line[:64] not in reports[ending]


def test_a_name_of_a_file_is_no_markup(tmp_path: Path, contracts: Contracts) -> None:
    """A file may be called anything."""
    file = tmp_path / "<b>&enrolments.csv"
    file.write_bytes((FIXTURES / "missing_value.csv").read_bytes())
    for ending in (".html", ".xml"):
        check_command(
            [file], contracts, report=tmp_path / f"r{ending}", contract="enrolments", console=Console(file=io.StringIO())
        )
        assert "<b>&enrol" not in (tmp_path / f"r{ending}").read_text("utf-8")
    ET.parse(tmp_path / "r.xml")  # noqa: S314  the program's own file


def shown(contracts: Contracts, *files: Path, **options) -> str:
    """What a terminal shows."""
    out = io.StringIO()
    screen = Console(file=out, width=200, force_terminal=True, no_color=True)
    check_command(files, contracts, contract="enrolments", console=screen, show_values=True, **(GIVEN | options))
    return out.getvalue()


def test_values_are_shown_on_a_screen(contracts: Contracts) -> None:
    """Beside their row, and what is wrong with no single row has none."""
    printed = shown(contracts, FIXTURES / "name_in_sex.csv", FIXTURES / "repeated_row.csv")
    assert "6: Anna Andersson" in printed
    assert ", 99248001, EKJUR, 2012-08-20" in printed
    assert "Andersson" not in run(contracts, "name_in_sex.csv", **GIVEN)[1]


def test_a_value_moves_no_cursor(tmp_path: Path, contracts: Contracts) -> None:
    """A file could otherwise write on the owner's screen what it likes."""
    file = tmp_path / "enrolments.csv"
    lines = (FIXTURES / "clean.csv").read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines, lines[1].replace("Man", "\x9b2JK\u202e")]), "utf-8")
    printed = shown(contracts, file)
    assert "6: ·2JK·" in printed


@pytest.mark.parametrize("options", [{"json": True}, {"report": Path("r.html")}, {}])
def test_values_go_nowhere_else(options: dict[str, object], contracts: Contracts) -> None:
    """Not into a report, not into JSON, not into what is no screen."""
    screen = Console(file=io.StringIO(), force_terminal=bool(options))
    with pytest.raises(BadInput, match="CHECK_VALUES_ON_SCREEN_ALONE"):
        check_command([FIXTURES / "clean.csv"], contracts, console=screen, show_values=True, **options)


@pytest.mark.parametrize(
    ("name", "code"),
    [("report.pdf", "CHECK_REPORT_KIND"), ("report", "CHECK_REPORT_KIND"), ("folder.html", "CHECK_REPORT_UNWRITABLE")],
)
def test_a_report_that_cannot_be_written_is_told(name: str, code: str, tmp_path: Path, contracts: Contracts) -> None:
    """Before anything is checked."""
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(BadInput, match=code):
        run(contracts, "clean.csv", report=tmp_path / name)


def test_a_file_that_is_checked_is_not_overwritten(tmp_path: Path, contracts: Contracts) -> None:
    """A slip of the hand costs no export."""
    file = tmp_path / "persons.json"
    file.write_text("[]", "utf-8")
    with pytest.raises(BadInput, match="CHECK_REPORT_UNWRITABLE"):
        check_command([file], contracts, report=file, console=Console(file=io.StringIO()))
    assert file.read_text("utf-8") == "[]"


@pytest.mark.parametrize("ending", [".html", ".json", ".xml"])
def test_a_report_writes_over_an_earlier_report_alone(ending: str, tmp_path: Path, contracts: Contracts) -> None:
    """Not a package, a key or a receipt; and no folder is made for it."""
    report = tmp_path / f"report{ending}"
    run(contracts, "clean.csv", report=report)
    run(contracts, "clean.csv", report=report)
    for content in ("", '{"avbrott_key": "county"}', "<!doctype html>\n<title>Kvitto</title>", "<testsuites/>"):
        report.write_text(content, "utf-8")
        with pytest.raises(BadInput, match="CHECK_REPORT_TAKEN"):
            run(contracts, "clean.csv", report=report)
        assert report.read_text("utf-8") == content
    with pytest.raises(BadInput, match="CHECK_REPORT_NO_FOLDER"):
        run(contracts, "clean.csv", report=tmp_path / "new" / report.name)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, contracts: Contracts) -> None:
    """A file where a folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="CHECK_REPORT_NO_FOLDER"):
        run(contracts, "clean.csv", report=tmp_path / "file" / "report.html")


def test_the_exit_code_is_the_same_with_a_report(tmp_path: Path, contracts: Contracts) -> None:
    """A schedule can lean on it."""
    assert run(contracts, "missing_value.csv", report=tmp_path / "r.xml", **GIVEN)[0] is ExitCode.FINDINGS
    assert run(contracts, "clean.csv", report=tmp_path / "r.xml", **GIVEN)[0] is ExitCode.DONE


def test_no_report_names_a_folder(reports: dict[str, str]) -> None:
    """Where a file lies at its owner's is nobody else's business: a folder is often called for a person."""
    assert not any(folder in text for text in reports.values() for folder in (str(FIXTURES), f"/{FIXTURES.name}/"))


def test_what_was_assumed_is_a_line_each_on_the_screen(contracts: Contracts, tmp_path: Path) -> None:
    """Of several fields once, with all of them; the report has each."""
    file = tmp_path / "export.csv"
    content = FIXTURES.joinpath("clean.csv").read_text("utf-8")
    head, rest = content.split("\n", 1)
    file.write_text(
        head.replace("sex", "Gender").replace("start_date", "Start") + "\n" + rest.replace(",false", ",nej"), "utf-8"
    )
    out = io.StringIO()
    check_command([file], contracts, contract="enrolments", console=Console(file=out, width=300), **GIVEN)
    block = out.getvalue().split("ANTAGET VID LÄSNINGEN / ASSUMED WHEN READ")
    assert len(block) == 2
    lines = block[1].split("\n\n")[0].splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == ["READ_BOOLEAN"] * 2 + ["READ_HEADER"] * 2
    assert "sex, start_date" in lines[2]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("inskrivningar HT2012 (2).csv", "inskrivningar HT2012 (2).csv"),
        ("2480-ht2012-enrolments.csv", "2480-ht2012-enrolments.csv"),
        ("elever 2012-09-01.csv", "elever 2012-09-01.csv"),
        ("elev_199705031234.csv", "….csv"),
        ("Inskrivning Anna Andersson.csv", "….csv"),
        ("anna_andersson_2012.csv", "….csv"),
    ],
)
def test_a_report_has_no_name_of_a_file_that_looks_like_a_persons(
    name: str, shown: str, tmp_path: Path, contracts: Contracts
) -> None:
    """Of such a file the ending alone, in every form; on the owner's own screen the whole."""
    file = tmp_path / name
    file.write_bytes((FIXTURES / "missing_value.csv").read_bytes())
    for ending in (".html", ".json", ".xml"):
        report = tmp_path / f"report{ending}"
        out = io.StringIO()
        console = Console(file=out, width=400)
        check_command([file], contracts, contract="enrolments", report=report, console=console, **GIVEN)
        written = report.read_text("utf-8")
        assert shown in written
        assert name == shown or name.removesuffix(".csv") not in written
        assert name in out.getvalue()


def test_what_is_one_is_said_of_one(tmp_path: Path, contracts: Contracts) -> None:
    """And what are several with how many."""
    for names, said in (("namn", "En kolumn som inte får lämnas"), ("namn,adress", "Kolumner som inte får lämnas")):
        file = tmp_path / "export.csv"
        file.write_text(f"{names},personnummer\n{'x,' * (names.count(',') + 1)}{export_case.ANNA}\n", "utf-8")
        out = io.StringIO()
        check_command([file], contracts, contract="enrolments", console=Console(file=out, width=400), **GIVEN)
        assert said in out.getvalue()


@pytest.mark.parametrize(("language", "title"), [("sv", "Händelser (events)"), ("en", "Events (events)")])
def test_an_extract_is_called_by_its_title_and_as_commands_have_it(
    language: Language, title: str, contracts: Contracts
) -> None:
    """One that is missing, and one that is not the provider's, with those that are."""
    texts = load_messages()
    missing, other = Finding("2482", "HT2025", "events", "EXTRACT_MISSING", Severity.WARNING), "EXTRACT_NOT_EXPECTED"
    (said,) = told([missing], contracts, texts)
    assert f" {title} " in said.rule[language]
    assert title in said.mend[language]
    assert "--nil events" in said.mend[language]
    (said,) = told([Finding("2480", "HT2025", "events", other, Severity.BLOCKING)], contracts, texts)
    assert title in said.rule[language]
    assert title in said.mend[language]
    (said,) = told([Finding("2480", "HT2025", "", other, Severity.BLOCKING)], contracts, texts)
    assert "?" in said.rule[language]
