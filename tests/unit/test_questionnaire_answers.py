"""A filled-in questionnaire turned into contracts; wrong answers are told in place."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from avbrott.errors import BadInput
from avbrott.forms.answers import read_answers
from avbrott.forms.questionnaire import questionnaire_bytes
from avbrott.registry import Contracts, load_contracts
from avbrott.texts import load_messages
from tests.answers_case import Fill, answered, fill, read
from tests.unit.conftest import Run


@pytest.mark.parametrize("name", ["svar.xlsx", "svar.md"])
def test_answers_become_an_entry_and_a_mapping(tmp_path: Path, contracts: Contracts, name: str) -> None:
    """Whichever form was filled in; what is as in the glossary is not repeated, and what is not delivered is left out."""
    found = read(tmp_path, contracts, name=name)
    assert found.supplier.model_dump(exclude_defaults=True) == {
        "id": "fri-polcirkel",
        "name": "Friskolan Polcirkeln",
        "kind": "independent",
        "municipality": "2480",
        "extracts": ("enrolments", "events"),
        "units": (
            {"code": "99977001", "name": "Polcirkelns gymnasium", "municipality": "2480", "valid_from": date(2025, 7, 1)},
            {"code": "99977002", "name": "Norrskenets gymnasium", "municipality": "2480"},
        ),
        "member": ({"first": "HT2025"},),
        "may_deliver": ("expeditionen", "register@midvinter.example"),
    }
    assert found.mapping.model_dump(exclude_defaults=True) == {
        "provider": "fri-polcirkel",
        "systems": {"enrolments": "Elevplan 4"},
        "headers": {"enrolments": {"Elev-id": "personnummer", "Elevens kön": "sex"}},
        "codes": {"sex": {"K": "Kvinna", "2": "Kvinna", "M": "Man"}, "school_type": {"GYM": "GY"}},
        "readings": {"dropout": "every_event"},
    }


@pytest.mark.parametrize(
    ("change", "sheet", "key", "code"),
    [
        (lambda s: s["Lämnare"].update(id=["Midvinter!"]), "Lämnare", "id", "ANSWER_ID"),
        (lambda s: s["Lämnare"].update(name=[""]), "Lämnare", "name", "ANSWER_EMPTY"),
        (lambda s: s["Lämnare"].update(kind=["skola"]), "Lämnare", "kind", "ANSWER_CHOICE"),
        (lambda s: s["Lämnare"].update(municipality=["Umeå"]), "Lämnare", "municipality", "ANSWER_MUNICIPALITY"),
        (lambda s: s["Lämnare"].update(municipality=[""]), "Lämnare", "municipality", "ANSWER_MUNICIPALITY"),
        (lambda s: s["Lämnare"].update(first=["hösten"]), "Lämnare", "first", "ANSWER_TERM"),
        (lambda s: s["Skolenheter"]["2"].__setitem__(0, "9997700"), "Skolenheter", "2", "ANSWER_UNIT_CODE"),
        (lambda s: s["Skolenheter"]["2"].__setitem__(0, "99977001"), "Skolenheter", "2", "ANSWER_UNIT_TWICE"),
        (lambda s: s["Skolenheter"]["2"].__setitem__(0, "99248001"), "Skolenheter", "2", "ANSWER_UNIT_TAKEN"),
        (lambda s: s["Skolenheter"]["2"].__setitem__(1, ""), "Skolenheter", "2", "ANSWER_EMPTY"),
        (lambda s: s["Skolenheter"]["2"].__setitem__(2, "0180"), "Skolenheter", "2", "ANSWER_MUNICIPALITY"),
        (lambda s: s["Skolenheter"]["2"].__setitem__(3, "2025-02-30"), "Skolenheter", "2", "ANSWER_DAY"),
        (lambda s: s["Skolenheter"]["1"].__setitem__(4, "2024-01-01"), "Skolenheter", "1", "ANSWER_DAYS"),
        (lambda s: s["Utdrag"].update(kaa=["kanske", None]), "Utdrag", "kaa", "ANSWER_YES_NO"),
        (lambda s: s.update(Utdrag={}), "Utdrag", None, "ANSWER_NO_EXTRACT"),
        (
            lambda s: s["Rubriker"].update({"enrolments.study_path": ["elev id"]}),
            "Rubriker",
            "enrolments.study_path",
            "ANSWER_HEADER_TWICE",
        ),
        (lambda s: s["Koder"].update({"sex.Man": ["K"]}), "Koder", "sex.Man", "ANSWER_CODE_TWICE"),
        (lambda s: s["Koder"].update({"sex.Man": ["Kvinna"]}), "Koder", "sex.Man", "ANSWER_CODE_TWICE"),
        (
            lambda s: s["Läsningar"].update({"dropout.snapshot_with_pause": ["ja"]}),
            "Läsningar",
            "dropout.every_event",
            "ANSWER_READING_TWICE",
        ),
        (
            lambda s: s["Läsningar"].update({"dropout.every_event": ["?"]}),
            "Läsningar",
            "dropout.every_event",
            "ANSWER_YES_NO",
        ),
    ],
)
def test_a_wrong_answer_is_told_with_sheet_and_row(
    tmp_path: Path, contracts: Contracts, change: Fill, sheet: str, key: str | None, code: str
) -> None:
    """In both languages, with how to mend it, and never what was answered."""
    with pytest.raises(BadInput) as caught:
        read(tmp_path, contracts, change)
    assert caught.value.code == "ANSWERS_INVALID"
    rows = {str(row[0].value): row[0].row for row in load_workbook(tmp_path / "svar.xlsx")[sheet].iter_rows(min_row=2)}
    row = rows[key] if key else 1
    texts = load_messages()
    filled = {"known": "kommun, fristående skola, folkhögskola, arbetsmarknadsenhet, myndighet"}
    assert caught.value.parameters["places_sv"].strip() == f"{sheet}, rad {row}: {texts.get(code, 'sv', **filled)}"
    assert caught.value.parameters["places_en"].strip() == f"{sheet}, row {row}: {texts.get(code, 'en', **filled)}"


def test_all_wrong_answers_are_told_at_once(tmp_path: Path, contracts: Contracts) -> None:
    """In the order of the sheets and rows; a key that was changed or copied is one of them."""

    def change(said: dict[str, dict[str, list[object]]]) -> None:
        said["Lämnare"].update(first=["nu"])
        said["Koder"].update({"sex.Man": ["K"]})

    file = fill(tmp_path / "svar.md", contracts, answered(change))
    lines = file.read_text("utf-8").replace("| events |", "| evens |").splitlines()
    lines.insert(
        lines.index(next(line for line in lines if line.startswith("| pause.granted"))), "| pause.granted | | | | ja |"
    )
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(BadInput) as caught:
        read_answers(file, contracts)
    told = caught.value.parameters["places_sv"].splitlines()
    assert [line.strip().partition(",")[0] for line in told] == ["Lämnare", "Utdrag", "Koder", "Läsningar"]
    numbers = [int(line.split("rad ")[1].partition(":")[0]) for line in told]
    assert lines[numbers[1] - 1].startswith("| evens |")
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("name", ["svar.xlsx", "svar.md"])
def test_what_is_no_questionnaire_is_told(tmp_path: Path, contracts: Contracts, name: str) -> None:
    """An empty file, another table, a damaged one, one that swells, none."""
    with pytest.raises(BadInput, match="ANSWERS_MISSING"):
        read_answers(tmp_path / name, contracts)
    file = tmp_path / name
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="ANSWERS_UNREADABLE"):
        read_answers(file, contracts)
    file.write_bytes(questionnaire_bytes(contracts, "xlsx")[:9000] if name == "svar.xlsx" else b"# Something else\n")
    with pytest.raises(BadInput, match=r"ANSWERS_UNREADABLE|ANSWERS_SHEETS_MISSING"):
        read_answers(file, contracts)
    if name == "svar.xlsx":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
            bomb.writestr("xl/workbook.xml", b"0" * 40_000_000)
        with pytest.raises(BadInput, match="ANSWERS_UNREADABLE"):
            read_answers(file, contracts)
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("word/document.xml", "<w/>")
        with pytest.raises(BadInput, match="ANSWERS_UNREADABLE"):
            read_answers(file, contracts)


def test_written_answers_are_contracts_that_load(
    run: Run, tmp_path: Path, contracts: Contracts, contracts_folder: Path
) -> None:
    """The entry is last in the list, whose other lines are as they were; doing it again changes nothing."""
    file = fill(tmp_path / "svar.xlsx", contracts, answered())
    before = (contracts_folder / "suppliers.yaml").read_text("utf-8")
    ended = run("contracts", "answers", file, "--contracts", contracts_folder, "--write")
    assert (ended.code, ended.err) == (0, "")
    after = (contracts_folder / "suppliers.yaml").read_text("utf-8")
    assert after.startswith(before)
    assert '      - {code: "99977002", name: Norrskenets gymnasium, municipality: "2480"}' in after.splitlines()
    loaded = load_contracts(contracts_folder)
    found = read_answers(file, contracts)
    assert loaded.suppliers.suppliers[-1] == found.supplier
    assert loaded.mappings == {"fri-polcirkel": found.mapping}
    assert run("contracts", "answers", file, "--contracts", contracts_folder, "--write").code == 0
    assert (contracts_folder / "suppliers.yaml").read_text("utf-8") == after


def test_a_provider_that_answers_again_keeps_its_membership(
    run: Run, tmp_path: Path, contracts: Contracts, contracts_folder: Path
) -> None:
    """Its entry is exchanged where it stands; the lines around it, comments too, stay."""

    def change(said: dict[str, dict[str, list[object]]]) -> None:
        said["Lämnare"].update(id=["2418"], name=["Malå kommun"], kind=["municipality"], municipality=["2418"])

    file = fill(tmp_path / "svar.xlsx", contracts, answered(change))
    before = (contracts_folder / "suppliers.yaml").read_text("utf-8")
    assert run("contracts", "answers", file, "--contracts", contracts_folder, "--write").code == 0
    after = (contracts_folder / "suppliers.yaml").read_text("utf-8")
    loaded = load_contracts(contracts_folder)
    assert [one.id for one in loaded.suppliers.suppliers] == [one.id for one in contracts.suppliers.suppliers]
    assert loaded.suppliers["2418"].extracts == ("enrolments", "events")
    assert loaded.suppliers["2418"].member == contracts.suppliers["2418"].member
    others = [one for one in loaded.suppliers.suppliers if one.id != "2418"]
    assert others == [one for one in contracts.suppliers.suppliers if one.id != "2418"]
    assert [line for line in before.splitlines() if "#" in line] == [line for line in after.splitlines() if "#" in line]


def test_without_write_the_answers_are_printed(run: Run, tmp_path: Path, contracts: Contracts) -> None:
    """As YAML; nothing is written, and --write asks where."""
    file = fill(tmp_path / "svar.xlsx", contracts, answered())
    ended = run("contracts", "answers", file)
    assert (ended.code, ended.err) == (0, "")
    first, second = ended.out.split("# suppliers.yaml\n")
    assert yaml.safe_load(first) == read_answers(file, contracts).mapping.model_dump(exclude_defaults=True)
    (entry,) = yaml.safe_load(second.split("\n\n")[0])
    assert entry["id"] == "fri-polcirkel"
    assert entry["units"][0]["valid_from"] == date(2025, 7, 1)
    refused = run("contracts", "answers", file, "--write")
    assert refused.code == 2
    assert "--contracts" in refused.err


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"provider": "nobody"}, "mappings/nobody.yaml: provider:"),
        ({"headers": {"grades": {"A": "sex"}}}, "mappings/2480.yaml: headers.grades:"),
        ({"headers": {"events": {"A": "sex"}}}, "mappings/2480.yaml: headers.events.A:"),
        ({"headers": {"events": {"A b": "event", "AB": "cause"}}}, "mappings/2480.yaml: headers.events:"),
        ({"codes": {"sexes": {"K": "Kvinna"}}}, "mappings/2480.yaml: codes.sexes:"),
        ({"codes": {"event_date": {"K": "Kvinna"}}}, "mappings/2480.yaml: codes.event_date:"),
        ({"codes": {"sex": {"K": "Kvinnor"}}}, "mappings/2480.yaml: codes.sex.K:"),
        ({"codes": {"sex": {"Man": "Kvinna"}}}, "mappings/2480.yaml: codes.sex.Man:"),
        ({"codes": {"sex": {"man": "Kvinna"}}}, "mappings/2480.yaml: codes.sex.man:"),
        ({"headers": {"enrolments": {"Sekretess-markering": "study_year"}}}, "headers.enrolments.Sekretess-markering:"),
        ({"readings": {"dropouts": "home"}}, "mappings/2480.yaml: readings.dropouts:"),
        ({"readings": {"dropout": "home"}}, "mappings/2480.yaml: readings.dropout:"),
        ({"colour": "red"}, "mappings/2480.yaml: colour:"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(contracts_folder: Path, change: dict[str, object], place: str) -> None:
    """With its file and key, as every contract is."""
    content = {"provider": "2480"} | change
    (contracts_folder / "mappings").mkdir()
    (contracts_folder / "mappings" / f"{content['provider']}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(BadInput) as caught:
        load_contracts(contracts_folder)
    assert place in caught.value.parameters["places_sv"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        *(
            ("kommun", "municipality"),
            ("Friskola", "independent"),
            ("fristående", "independent"),
            ("AME", "labour_market_unit"),
        ),
        *(("folkhögskola", "folk_high_school"), ("Myndighet", "agency"), ("independent", "independent")),
    ],
)
def test_a_kind_is_answered_in_swedish(said: str, kind: str, contracts: Contracts, tmp_path: Path) -> None:
    """In any letters; and the word of the contracts still does."""
    given = answered(lambda answers: answers["Lämnare"].update(kind=[said]))
    assert read_answers(fill(tmp_path / "fragor.xlsx", contracts, given), contracts).supplier.kind == kind


def test_who_joins_is_told_what_comes_next(run: Run, contracts: Contracts, tmp_path: Path) -> None:
    """The region has the answers, and is told what to send the provider and how that begins."""
    own = Path(shutil.copytree(contracts.folder, tmp_path / "kontrakt"))
    file = fill(tmp_path / "fragor.xlsx", contracts, answered())
    ended = run("contracts", "answers", file, "--write", "--contracts", own)
    assert ended.code == 0, ended.err
    said = " ".join(ended.out.split())
    assert "avbrott check FIL --provider fri-polcirkel --term HT2025 --contracts kontrakt" in said
    assert "fri-polcirkel.key.pub" in said
