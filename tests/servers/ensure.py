"""Make sure that what tests start is there, OpenSSH's server, PostgreSQL's and Java: those installed, else apt's as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Found = TypeVar("Found")


def found() -> str | None:
    """The path of an installed sshd, which asks to be called by it; none where there is none."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def found_postgres() -> Path | None:
    """The folder of the programs of the newest PostgreSQL; Debian has none of its server's on the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def found_java() -> str | None:
    """The path of Java, which Spark runs on; none where there is none."""
    return shutil.which("java", path=f"{os.environ.get('JAVA_HOME', '')}/bin:{os.environ.get('PATH', '')}")


_WANTED: tuple[tuple[str, str, Callable[[], object]], ...] = (
    ("OpenSSH", "openssh-server", found),
    ("PostgreSQL", "postgresql", found_postgres),
    ("Java", "openjdk-17-jre-headless", found_java),
)


def must_be_there(program: Found | None, missing: str) -> Found:
    """What was found; a test without it is skipped, except where it must run (CI=true)."""
    if program is None:
        missing = f"no {missing}; make servers installs one"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return program


def ensure() -> int:
    """Install the servers that are not there; the exit code says whether all are now."""
    lacking = [(package, is_there) for _, package, is_there in _WANTED if not is_there()]
    if lacking and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # installed, not started
        packages = [package for package, _ in lacking]
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run(command, check=False, env=environment)
    missing = [name for name, _, is_there in _WANTED if not is_there()]
    for name in missing:
        print(f"{name} saknas; tester med den servern kan inte köras. / No {name}; tests with that server cannot run.")
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(ensure())
