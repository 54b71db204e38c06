"""Examples in the README run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from avbrott.cli import app

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"


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
    public = pl.read_csv(tmp_path / "protected" / "public.csv")
    assert public["hidden"].any()
    totals = public.filter(pl.col("status") == "Total").drop("status")
    parts = public.filter((pl.col("status") != "Total") & ~pl.col("hidden"))
    beside = parts.join(totals, on=["area", "sex"]).filter(pl.col("count") == pl.col("count_right"))
    assert not beside.filter(pl.col("area") != "Total").height, "no group is published that wholly shares a status"


def test_the_examples_of_protect_run_in_their_order(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file under the name that stands before it; every command ends with exit code 0, and what must be shown is."""
    text = (ROOT / "docs" / "protect.md").read_text("utf-8").split("## Exempel / Examples\n", 1)[1].split("\n## ", 1)[0]
    monkeypatch.chdir(tmp_path)
    files = re.findall(r"`([\w.]+)`:\n```(?:csv|yaml)\n(.*?)```", text, re.DOTALL)
    for name, content in files:
        (tmp_path / name).write_text(content, "utf-8")
    assert len(files) == 8
    commands = re.findall(r"^\$ avbrott (.*)$", text, re.MULTILINE)
    assert {name for name, _ in files if name.endswith(".yaml")} <= set(" ".join(commands).split())
    for command in commands:
        result = CliRunner().invoke(app, shlex.split(command), catch_exceptions=False)
        assert result.exit_code == 0, result.output
    shown = pl.read_csv(tmp_path / "cells" / "public.csv").filter(~pl.col("hidden"))
    assert shown.join(pl.read_csv(tmp_path / "visas.csv"), on=["kommun", "läsår", "status"], how="semi").height == 2
