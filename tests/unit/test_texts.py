"""Texts: whatever the program can say is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from avbrott.texts import load_messages, load_texts

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
    with pytest.raises(KeyError, match="SAID"):
        load_texts(tmp_path, "one", "two")
