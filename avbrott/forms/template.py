"""An empty extract to fill in: Swedish headers, code lists as drop-downs, a page of instructions. From a contract alone.

The rows of a template are those of the provider's own register: a term that takes the place of a sensitive one
(``pseudonym``) has the sensitive one's column, and ``prepare`` replaces it before anything leaves.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from avbrott.contract import ExtractContract
from avbrott.documentation.fields import codes_of_field, general_rules
from avbrott.documentation.glossary import both, remark
from avbrott.documentation.words import LANGUAGES, Words
from avbrott.forms.workbook import (
    LAST_ROW,
    drop_down,
    new_workbook,
    workbook_bytes,
    write_heading,
    write_paragraph,
    write_rows,
    write_title,
)
from avbrott.glossary import Code, Glossary, Term
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts, load_messages

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Format = Literal["xlsx", "csv"]
BOOLEAN = ("true", "false")
_BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet program shows å as two signs."""


def template_bytes(contract: ExtractContract, contracts: Contracts, form: Format, *, prepared: bool = False) -> bytes:
    """The bytes of an empty template. ``prepared``: with the pseudonym's own column, for a file that is ready to leave."""
    if form == "csv":
        return _csv(header(contract, contracts.glossary, prepared=prepared))
    return _xlsx(contract, contracts, prepared=prepared)


def columns(contract: ExtractContract, glossary: Glossary, *, prepared: bool) -> list[Term]:
    """The term of each column: the contract's, or the sensitive one whose place it takes."""
    terms = [glossary.terms[name] for name in contract.terms]
    return [glossary.terms[term.replaces] if term.replaces and not prepared else term for term in terms]


def header(contract: ExtractContract, glossary: Glossary, *, prepared: bool = False) -> list[str]:
    """The Swedish headers; ``headers`` knows the term of each."""
    return [term.name.sv for term in columns(contract, glossary, prepared=prepared)]


def _csv(names: list[str]) -> bytes:
    """One line that a Swedish spreadsheet program opens as columns."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(names)
    return (_BYTE_ORDER_MARK + text.getvalue()).encode("utf-8")


def _xlsx(contract: ExtractContract, contracts: Contracts, *, prepared: bool) -> bytes:
    words, texts = Words(contracts.folder), load_messages(contracts.folder)
    book = new_workbook(both(contract.title))
    _rows(book, contract, contracts.glossary, texts, prepared=prepared)
    for language in LANGUAGES:
        sheet = book.create_sheet(texts.get("FORM_SHEET_INSTRUCTIONS", language))
        _instructions(sheet, contract, contracts, words, texts, language, prepared=prepared)
    _codes(book.create_sheet(texts.get("FORM_SHEET_CODES", "sv")), contract, contracts.glossary, words)
    return workbook_bytes(book)


def _rows(book: Workbook, contract: ExtractContract, glossary: Glossary, texts: Texts, *, prepared: bool) -> None:
    """The sheet to fill in, the first one: every cell is text, so that no program takes a zero away or turns a date round."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(contract.name)
    shown = columns(contract, glossary, prepared=prepared)
    write_heading(sheet, 1, [term.name.sv for term in shown])
    sheet.freeze_panes = "A2"
    for place, (name, term) in enumerate(zip(contract.terms, shown, strict=True), start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, len(term.name.sv) + 4)
        sheet.column_dimensions[letter].number_format = "@"
        if choices := _choices(name, glossary):
            first, last = _place_of_codes(name, contract, glossary)
            drop_down(
                sheet,
                f"{letter}2:{letter}{LAST_ROW}",
                f"'{texts.get('FORM_SHEET_CODES', 'sv')}'!$B${first}:$B${last}",
                title=term.name.sv,
                said=texts.get("FORM_NOT_A_CODE", "sv", count=len(choices)),
                strict=not term.open_list,
            )


def _choices(name: str, glossary: Glossary) -> list[tuple[str, str, str, str]]:
    """The values a drop-down offers: a code, what it means in Swedish and English, and a remark."""
    if glossary.terms[name].type == "boolean":
        return [(value, "", "", "") for value in BOOLEAN]
    return [(_chosen(code), code.sv, code.en, "") for code in codes_of_field(name, glossary)]


def _chosen(code: Code) -> str:
    """What stands in a drop-down: digits with their name beside them, which is read as the code."""
    return f"{code.code} {code.sv}" if code.code.isdecimal() and code.code != code.sv else code.code


def _place_of_codes(name: str, contract: ExtractContract, glossary: Glossary) -> tuple[int, int]:
    """The first and last row of a field's codes on the sheet of codes."""
    row = 2
    for other in contract.terms:
        count = len(_choices(other, glossary))
        if other == name:
            return row, row + count - 1
        row += count
    raise KeyError(name)


def _codes(sheet: Worksheet, contract: ExtractContract, glossary: Glossary, words: Words) -> None:
    write_heading(sheet, 1, [words.both("DOC_FIELD"), words.both("DOC_CODE"), "Svenska", "English"])
    for letter, width in zip("ABCD", (26, 22, 50, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    write_rows(sheet, 2, _code_rows(contract, glossary, words))


def _code_rows(contract: ExtractContract, glossary: Glossary, words: Words) -> Iterator[tuple[str, str, str, str]]:
    for name in contract.terms:
        label = glossary.terms[name].name.sv
        if glossary.terms[name].type == "boolean":
            yield from ((label, value, words.one(f"DOC_{value}", "sv"), words.one(f"DOC_{value}", "en")) for value in BOOLEAN)
        for code in codes_of_field(name, glossary):
            yield label, _chosen(code), code.sv + remark(code, words, "sv"), code.en + remark(code, words, "en")


def _instructions(
    sheet: Worksheet,
    contract: ExtractContract,
    contracts: Contracts,
    words: Words,
    texts: Texts,
    language: Language,
    *,
    prepared: bool,
) -> None:
    """How to fill in and what to do then, every field, every rule."""
    glossary = contracts.glossary
    for letter, width in zip("ABCDEF", (28, 60, 44, 12, 18, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    row = write_title(sheet, 1, str(getattr(contract.title, language)))
    said = [
        str(getattr(contract.description, language)),
        words.one("DOC_VERSION", language, version=contract.version, day=contract.valid_from),
        texts.get("FORM_FILL_IN", language, sheet=contract.name),
    ]
    identity = {term.id for term in columns(contract, glossary, prepared=prepared)} - set(contract.terms)
    said += [
        texts.get("FORM_IDENTITY", language, name=getattr(glossary.terms[one].name, language)) for one in sorted(identity)
    ]
    if identity:
        said.append(texts.get("FORM_PROTECTED", language))
    said.append(texts.get("FORM_THEN", language, name=contract.name))
    for text in said:
        row = write_paragraph(sheet, row, text, 6)
    row = write_title(sheet, row + 1, words.one("DOC_FIELDS", language), size=12)
    keys = ("DOC_FIELD", "DOC_MEANING", "DOC_FORM", "DOC_MAY_BE_EMPTY", "DOC_EXAMPLE", "DOC_RULES")
    write_heading(sheet, row, [words.one(key, language) for key in keys])
    shown = columns(contract, glossary, prepared=prepared)
    row = write_rows(
        sheet,
        row + 1,
        (
            [
                str(getattr(term.name, language)),
                str(getattr(term.definition, language)),
                words.form(term, language),
                words.one("DOC_YES" if name in contract.optional else "DOC_NO", language),
                term.example or "",
                ", ".join(code for code, _ in general_rules(name, contract, glossary)) if name == term.id else "",
            ]
            for name, term in zip(contract.terms, shown, strict=True)
        ),
    )
    row = write_title(sheet, row + 1, words.one("DOC_RULES", language), size=12)
    write_heading(sheet, row, [words.one(key, language) for key in ("DOC_CODE", "DOC_RULE", "DOC_MEND", "DOC_EFFECT")])
    write_rows(
        sheet,
        row + 1,
        (
            [
                rule.code,
                getattr(rule.text, language),
                getattr(rule.mend, language),
                words.one(f"DOC_{rule.severity}", language),
            ]
            for rule in contract.rules
        ),
    )
