"""Examples in the README run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from avbrott.cli import app

README = Path(__file__).parent.parent.parent / "README.md"


def blocks(language: str, section: str) -> list[str]:
    """The code blocks of one language under a heading."""
    text = README.read_text("utf-8").split(f"### {section}\n", 1)[1].split("\n#", 1)[0]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_table_of_ones_own_is_protected_and_audited(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, the SPEC and the commands as printed: each command ends with exit code 0."""
    section = "Any table of your own"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dropouts.csv").write_text(blocks("csv", section)[0], "utf-8")
    (tmp_path / "spec.yaml").write_text(blocks("yaml", section)[0], "utf-8")
    commands = [line.removeprefix("$ avbrott ") for line in blocks("console", section)[0].splitlines()]
    assert len(commands) == 2
    for command in commands:
        result = CliRunner().invoke(app, shlex.split(command), catch_exceptions=False)
        assert result.exit_code == 0, result.output
    assert ",true" in (tmp_path / "protected" / "public.csv").read_text("utf-8")
