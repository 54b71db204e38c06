"""Texts: whatever the program can say is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from avbrott.texts import load_messages

ROOT = Path(__file__).parent.parent.parent
RAISED = re.compile(r'(?:BadInput|DoesNotHold|CannotProtect)\(\s*"([A-Z_]+)"')
SAID = re.compile(r'(?:say|texts\.get)\([^"()]*"([A-Z_]+)"')


def codes(pattern: re.Pattern[str]) -> list[str]:
    """The codes that stand in the sources where ``pattern`` finds them."""
    files = [file for part in ("avbrott", "assets", "pipelines") for file in (ROOT / part).rglob("*.py")]
    return sorted({code for file in files for code in pattern.findall(file.read_text("utf-8"))})


@pytest.mark.parametrize("code", sorted({*codes(RAISED), *codes(SAID)}))
def test_whatever_is_said_is_there_in_both_languages(code: str) -> None:
    """No command answers with a bare code."""
    told = load_messages()._texts.get(code, {})
    assert [key for key in ("sv", "en") if not told.get(key)] == []
