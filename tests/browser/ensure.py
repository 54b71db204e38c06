"""Make sure that a Chromium is there for the browser tests: the one on PATH, else apt's as root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def found() -> str | None:
    """The path of an installed Chromium, if any."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure() -> int:
    """Install a Chromium where none is; the exit code says whether there is one now."""
    if found():
        return 0
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, env=environment)
        if found():
            return 0
    installed = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    missing = installed.returncode != 0
    if missing:
        print("Chromium saknas; webbläsartesterna kan inte köras. / No Chromium; browser tests cannot run.")
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(ensure())
