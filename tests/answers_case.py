"""A questionnaire of a provider that joins, filled in as an invented school would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook

from avbrott.forms.answers import Answers, read_answers
from avbrott.forms.questionnaire import questionnaire_bytes, sheet_name
from avbrott.forms.questions import sections
from avbrott.registry import Contracts
from avbrott.texts import load_messages

Fill = Callable[[dict[str, dict[str, list[object]]]], None]
"""A change of the answers: by sheet and key, what stands in the columns to fill in."""


def answered(change: Fill | None = None) -> dict[str, dict[str, list[object]]]:
    """The answers of an invented school, by sheet and key."""
    said: dict[str, dict[str, list[object]]] = {
        "Lämnare": {
            "id": ["fri-polcirkel"],
            "name": ["Friskolan Polcirkeln"],
            "kind": ["independent"],
            "municipality": [2480.0],
            "first": ["HT2025"],
            "may_deliver": ["expeditionen; register@midvinter.example"],
        },
        "Skolenheter": {
            "1": [99977001, "Polcirkelns gymnasium", "2480", datetime(2025, 7, 1), None],  # noqa: DTZ001  as openpyxl gives it
            "2": ["99977002", "Norrskenets gymnasium", "2480", None, None],
        },
        "Utdrag": {"enrolments": ["ja", "Elevplan 4"], "events": ["Ja", None], "kaa": ["nej", None]},
        "Rubriker": {
            "enrolments.personnummer": ["Elev-id"],
            "enrolments.study_path": ["STKOD"],
            "enrolments.sex": ["Elevens kön"],
            "kaa.kaa_reason": ["Skäl"],
        },
        "Koder": {"sex.Kvinna": ["K; 2"], "sex.Man": ["M;Man"], "school_type.GY": ["GYM"]},
        "Läsningar": {"dropout.every_event": ["ja"], "pause.granted": ["nej"]},
    }
    if change:
        change(said)
    return said


def fill(file: Path, contracts: Contracts, said: dict[str, dict[str, list[object]]]) -> Path:
    """Write the empty questionnaire and the answers in it, as a provider would."""
    form = "md" if file.suffix == ".md" else "xlsx"
    file.write_bytes(questionnaire_bytes(contracts, form))
    texts = load_messages()
    if form == "xlsx":
        book = load_workbook(file)
        for section in sections(contracts, texts):
            sheet = book[sheet_name(section, texts)]
            for row in sheet.iter_rows(min_row=2):
                for place, answer in enumerate(said[sheet.title].get(str(row[0].value), [])):
                    row[1 + len(section.told) + place].value = answer
        book.save(file)
        return file
    lines, sheet_now = [], ""
    for line in file.read_text("utf-8").splitlines():
        sheet_now = line[3:] if line.startswith("## ") else sheet_now
        cells = line.strip("|").split("|")
        given = said.get(sheet_now, {}).get(cells[0].strip(), [])
        if line.startswith("|") and given:
            written = [str(one)[:10] if isinstance(one, datetime) else str(one or "").removesuffix(".0") for one in given]
            line = f"|{'|'.join([*cells[: len(cells) - len(written)], *written])}|"  # noqa: PLW2901  the row, filled in
        lines.append(line)
    file.write_text("\n".join(lines), "utf-8")
    return file


def read(tmp_path: Path, contracts: Contracts, change: Fill | None = None, name: str = "svar.xlsx") -> Answers:
    """What a filled-in questionnaire says."""
    return read_answers(fill(tmp_path / name, contracts, answered(change)), contracts)
