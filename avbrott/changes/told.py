"""Changes told to a person, by whom they break for, and as JSON of a stable shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from avbrott.changes.change import PARTIES, Change
from avbrott.help_texts import LANGUAGES
from avbrott.texts import Texts


def print_changes(changes: Sequence[Change], texts: Texts, console: Console) -> None:
    """A paragraph for each party whose work breaks, and one for what breaks nobody's; Swedish, then English."""
    for language in LANGUAGES:
        style = "dim" if language == "en" else ""
        if not changes:
            console.print(texts.get("DIFF_NONE", language), style=style)
        for party in (*PARTIES, None):
            found = [change for change in changes if (party in change.breaks if party else not change.breaks)]
            if found:
                heading = texts.get(f"DIFF_{(party or 'nobody').upper()}", language, count=len(found))
                console.print(heading, markup=False, style=f"bold {style}")
                for change in found:
                    said = texts.get(change.code, language, **change.parameters)
                    console.print(f"  {change.place}: {said}", markup=False, soft_wrap=True, style=style)
        console.print()


def as_json(changes: Sequence[Change], texts: Texts) -> dict[str, Any]:
    """The changes, and how many break for each party."""
    return {
        "changes": [
            {
                "place": change.place,
                "code": change.code,
                "breaks": list(change.breaks),
                **{language: texts.get(change.code, language, **change.parameters) for language in LANGUAGES},
            }
            for change in changes
        ],
        "breaks": {party: sum(party in change.breaks for change in changes) for party in PARTIES},
    }
