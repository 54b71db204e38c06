"""What ``avbrott health`` prints and writes. What is looked at is ``notices``'."""

from __future__ import annotations

import json
from datetime import date
from itertools import groupby
from pathlib import Path

from rich.console import Console

from avbrott import atomic, clock, logs
from avbrott.configuration.look import configured
from avbrott.errors import BadInput, ExitCode
from avbrott.help_texts import LANGUAGES
from avbrott.home import Home
from avbrott.identity.keys_command import say
from avbrott.texts import Texts, load_messages
from avbrott.upkeep.metrics import exposition
from avbrott.upkeep.notices import KINDS, Health, Notice, look


def health_command(
    home: Home,
    folder: Path | None,
    day: str | None,
    metrics: Path | None,
    screen: Console,
    *,
    as_json: bool,
    certificate: Path | None = None,
) -> ExitCode:
    """Look, tell, and write the metrics; ``FINDINGS`` where anything is to be done.

    ``BadInput`` (HOME_NOT_BEGUN) where there is no home: a wrong way, or a disk that is not mounted, is not well.
    """
    if not any(place.exists() for place in (home.store, home.sources)):
        raise BadInput("HOME_NOT_BEGUN", home=home.root)
    contracts = configured(home, folder)
    texts = load_messages(contracts.folder)
    try:
        on = date.fromisoformat(day) if day else clock.today()
    except ValueError:
        raise BadInput("DATE_UNREADABLE", date=day) from None
    found = look(home, contracts, on, certificate)
    if metrics is not None:
        atomic.write_bytes(metrics, exposition(found), public=True)
    for notice in found.notices:
        logs.write("warning", notice.code, about={"kind": notice.kind, **notice.parameters})
    logs.write("info", "HEALTH_DONE", counts=found.figures, about={"date": found.day})
    if as_json:
        screen.out(_json(found, texts), highlight=False)
    else:
        _tell(found, screen, texts)
    return ExitCode.FINDINGS if found.notices else ExitCode.DONE


def _tell(found: Health, screen: Console, texts: Texts) -> None:
    for kind in KINDS:
        notices = [notice for notice in found.notices if notice.kind == kind]
        if not notices:
            continue
        say(screen, texts, f"HEALTH_KIND_{kind}")
        for _, group in groupby(sorted(notices, key=lambda one: one.code), key=lambda one: one.code):
            _tell_group(list(group), screen, texts)
    if not found.notices:
        say(screen, texts, "HEALTH_WELL")


def _tell_group(notices: list[Notice], screen: Console, texts: Texts) -> None:
    """Notices of one code: each in Swedish and English, and once what to do."""
    for notice in notices:
        for language in LANGUAGES:
            said = texts.get(notice.code, language, **notice.parameters)
            screen.print(f"  {said}", markup=False, soft_wrap=True, style="dim" if language == "en" else "")
    for language in LANGUAGES:
        mend = texts.mend(notices[0].code, language, **notices[0].parameters)
        screen.print(f"    → {mend}", markup=False, soft_wrap=True, style="dim" if language == "en" else "")


def _json(found: Health, texts: Texts) -> str:
    notices = [
        {
            "kind": one.kind,
            "code": one.code,
            "parameters": {name: str(value) for name, value in sorted(one.parameters.items())},
            "sv": texts.get(one.code, "sv", **one.parameters),
            "en": texts.get(one.code, "en", **one.parameters),
        }
        for one in found.notices
    ]
    content = {"date": found.day.isoformat(), "notices": notices, "figures": found.figures}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
