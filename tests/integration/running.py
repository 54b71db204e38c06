"""The program as a person starts it: its own process, its output as text, its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

START = "from avbrott.entry import main; main()"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. ``output`` is standard output and standard error, each whole."""

    code: int
    output: str


def avbrott(*arguments: object, **environment: str) -> Ended:
    """Run ``avbrott`` with ``arguments`` to its end."""
    return ended(begun(*arguments, **environment))


def ended(process: subprocess.Popen[str]) -> Ended:
    """How ``process`` ends; waits for it."""
    output, errors = process.communicate(timeout=600)
    return Ended(process.returncode, output + errors)


def begun(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Just started, in ``environment``, on a wide screen, with every warning of Python shown."""
    command = [sys.executable, "-c", START, *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "400", "PYTHONWARNINGS": "default", **environment}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def write_sources(home: Path, providers: list[str]) -> None:
    """Say that each provider's deliveries are in its outbox under ``home``."""
    sources = {provider: {"folder": f"providers/{provider}/outbox", "plain": True} for provider in providers}
    home.mkdir(parents=True, exist_ok=True)
    (home / "sources.yaml").write_text(yaml.safe_dump({"sources": sources}), "utf-8")
