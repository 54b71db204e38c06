"""``avbrott check``: a file held against its contract where it lies, by the hub's own rules, sending nothing.

What is found is ``at_home``'s. Values are shown on a screen where they are asked for, and never go into a file.
"""

from __future__ import annotations

import json as json_format
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from avbrott import atomic
from avbrott.delivery.at_home import Checked, check_files, matching
from avbrott.delivery.report import on_screen, print_findings
from avbrott.delivery.report_html import as_html, title_of
from avbrott.delivery.report_json import SCHEMA, as_json
from avbrott.delivery.report_junit import SUITES, as_junit
from avbrott.delivery.translate import translation
from avbrott.delivery.values import values_of
from avbrott.errors import BadInput, ExitCode
from avbrott.findings import Severity
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts, load_messages, one_or

_LANGUAGES: tuple[Language, ...] = ("sv", "en")
_HTML, _JSON, _JUNIT = ".html", ".json", ".xml"
_BEGINNING = 500
"""In so many signs from its beginning a report says what it is."""


def check_command(
    files: Sequence[Path],
    contracts: Contracts,
    *,
    contract: str | None = None,
    provider: str | None = None,
    term: str | None = None,
    report: Path | None = None,
    show_values: bool = False,
    json: bool = False,
    console: Console,
) -> ExitCode:
    """Check ``files`` and print what to mend; ``DONE``, ``FINDINGS`` (rows or files refused) or ``BAD_INPUT`` (not readable).

    Files of different contracts are held against each other. ``report`` is written by its ending: ``.html``, ``.json`` or
    ``.xml`` (JUnit). ``BadInput``: no such file, contract, provider or term; values asked for anywhere but on a screen.
    """
    files = matching(files)
    judged_term = Term.said(term) if term else None
    term = str(judged_term) if judged_term else None
    if show_values and (json or report is not None or not console.is_terminal):
        raise BadInput("CHECK_VALUES_ON_SCREEN_ALONE")
    if report is not None:
        _must_be_writable(report, files, load_messages(contracts.folder))
    checked = check_files(files, contracts, contract=contract, provider=provider, term=judged_term)
    texts = load_messages(contracts.folder)
    if report is not None:
        _write(report, checked, contracts, texts, provider, term)
    if json:
        content = as_json(checked, contracts, texts, provider, term)
        # In Windows what goes to a file is in its code page, and JSON is in UTF-8 for whoever reads it.
        is_utf_8 = console.encoding.replace("-", "").startswith("utf8")
        console.print(json_format.dumps(content, ensure_ascii=not is_utf_8, indent=2), markup=False, soft_wrap=True)
    else:
        _print(checked, contracts, texts, console, provider, term, show_values=show_values)
        if report is not None:
            _say(console, texts, "REPORT_WRITTEN", file=report)
    return _exit_code(checked)


def _must_be_writable(report: Path, files: Sequence[Path], texts: Texts) -> None:
    if report.suffix.lower() not in (_HTML, _JSON, _JUNIT):
        raise BadInput("CHECK_REPORT_KIND", file=report)
    if report.is_dir() or report.resolve() in {file.resolve() for file in files}:
        raise BadInput("CHECK_REPORT_UNWRITABLE", file=report)
    if not report.parent.is_dir():
        raise BadInput("CHECK_REPORT_NO_FOLDER", folder=report.parent)
    if os.path.lexists(report) and not _is_report(report, texts):
        raise BadInput("CHECK_REPORT_TAKEN", file=report)


def _is_report(file: Path, texts: Texts) -> bool:
    """Whether ``file`` is a report of an earlier check: nothing else is written over."""
    begins = {_HTML: title_of("REPORT_TITLE", texts), _JUNIT: f'<testsuites name="{SUITES}"'}
    try:
        held = file.read_text("utf-8")
        if (mark := begins.get(file.suffix.lower())) is not None:
            return mark in held[:_BEGINNING]
        content = json_format.loads(held)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("schema") == SCHEMA


def _write(
    report: Path, checked: list[Checked], contracts: Contracts, texts: Texts, provider: str | None, term: str | None
) -> None:
    try:
        match report.suffix.lower():
            case ".html":
                atomic.write_text(report, as_html(checked, contracts, texts, provider, term))
            case ".json":
                atomic.write_json(report, as_json(checked, contracts, texts, provider, term))
            case _:
                atomic.write_text(report, as_junit(checked, contracts, texts))
    except OSError:
        raise BadInput("CHECK_REPORT_UNWRITABLE", file=report) from None


def _exit_code(checked: list[Checked]) -> ExitCode:
    if not all(entry.is_read for entry in checked):
        return ExitCode.BAD_INPUT
    worst = {finding.severity for entry in checked for finding in entry.findings}
    return ExitCode.FINDINGS if worst & {Severity.BLOCKING, Severity.QUARANTINE} else ExitCode.DONE


def _print(
    checked: list[Checked],
    contracts: Contracts,
    texts: Texts,
    console: Console,
    provider: str | None,
    term: str | None,
    *,
    show_values: bool,
) -> None:
    for entry in checked:
        _say(
            console,
            texts,
            one_or("REPORT_FILE", entry.rows) if entry.is_read else "REPORT_UNREAD",
            file=entry.file,
            rows=entry.rows,
            contract=f"{entry.contract.name} {entry.contract.version}",
            encoding=entry.reading.encoding,
        )
        console.print()
        values = values_of(entry, contracts) if show_values else {}
        if did := translation(entry.findings, entry.contract.name, contracts.mappings.get(provider or "")):
            _say(console, texts, "REPORT_MAPPING", provider=provider, **did.counts)
            console.print()
        print_findings(on_screen(entry.findings, contracts, texts), texts, console, values)
        if entry.other is not None:
            _say(console, texts, "REPORT_OTHER_CONTRACT", given=entry.contract.name, name=entry.other.name)
        if (of := entry.other_term) is not None:
            _say(console, texts, "PREPARE_OTHER_TERM", rows=of.rows, of=of.of, term=of.term, given=term)
        if entry.unjudged and entry.is_read:
            _say(console, texts, "REPORT_SKIPPED", missing="--provider / --term", codes=", ".join(entry.unjudged))
        if entry.alone and entry.is_read:
            _say(console, texts, "REPORT_SKIPPED_ALONE", codes=", ".join(entry.alone))
        blocking, quarantine = entry.count(Severity.BLOCKING), entry.count(Severity.QUARANTINE)
        if blocking or quarantine:
            _say(console, texts, "REPORT_FAILED", blocking=blocking, quarantine=quarantine)
        else:
            _say(console, texts, "REPORT_WARNED" if entry.count(Severity.WARNING) else "REPORT_CLEAN")
        console.print()


def _say(console: Console, texts: Texts, key: str, **parameters: object) -> None:
    for language in _LANGUAGES:
        style = "dim" if language == "en" else ""
        console.print(texts.get(key, language, **parameters), markup=False, style=style)
