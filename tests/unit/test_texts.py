"""Texts: whatever the program can say is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.texts import grouped, load_messages, load_texts

ROOT = Path(__file__).parent.parent.parent
RAISED = re.compile(r'(?:BadInput|DoesNotHold|CannotProtect|need_hub)\(\s*"([A-Z_]+)"')
SAID = re.compile(r'(?:say|texts\.get)\([^"()]*"([A-Z_]+)"')


def codes(pattern: re.Pattern[str]) -> list[str]:
    """The codes that stand in the sources where ``pattern`` finds them."""
    files = [file for part in ("avbrott", "assets", "pipelines", "dashboards") for file in (ROOT / part).rglob("*.py")]
    return sorted({code for file in files for code in pattern.findall(file.read_text("utf-8"))})


@pytest.mark.parametrize("code", sorted({*codes(RAISED), *codes(SAID)}))
def test_whatever_is_said_is_there_in_both_languages(code: str) -> None:
    """No command answers with a bare code."""
    told = load_messages()._texts.get(code, {})
    assert [key for key in ("sv", "en") if not told.get(key)] == []


def test_a_text_that_stands_in_two_files_is_an_error(tmp_path: Path) -> None:
    """Which of the two a reader sees would depend on the order of the files."""
    (tmp_path / "texts").mkdir()
    for name in ("one", "two"):
        (tmp_path / "texts" / f"{name}.yaml").write_text("SAID: {sv: hej, en: hello}\n", "utf-8")
    with pytest.raises(BadInput, match=r"TEXT_TWICE .*SAID"):
        load_texts(tmp_path, "one", "two")


def test_a_file_of_your_own_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    """Every text of that file; those of the other files are the packaged ones."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "messages.yaml").write_text("TERM_UNREADABLE: {sv: Vårt, en: Ours}\n", "utf-8")
    texts = load_messages(tmp_path)
    assert texts.get("TERM_UNREADABLE", "sv") == "Vårt"
    assert "CONTRACT_INVALID" not in texts
    assert texts.get("NOTHING_NEW", "en") == load_messages().get("NOTHING_NEW", "en")


@pytest.mark.parametrize("text", ["{}", "{sv: Hej}", "{en: 'Hello {name}'}", "{en: 'Hello {'}"])
def test_a_text_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    """One that is missing, in this language or at all, and one that names what is not filled in."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "site.yaml").write_text(f"SAID: {text}\n", "utf-8")
    texts = load_texts(tmp_path, "site")
    with pytest.raises(BadInput, match=r"TEXT_UNUSABLE .*SAID"):
        texts.get("SAID", "en")


def test_counts_have_a_sign_between_their_thousands():
    """A no-break space in Swedish and a comma in English; what is no count stays."""
    told = {"cells": 12345, "few": 999, "day": "2026", "yes": True}
    assert grouped(told, "sv") == {"cells": "12\u00a0345", "few": "999", "day": "2026", "yes": True}
    assert grouped(told, "en")["cells"] == "12,345"
