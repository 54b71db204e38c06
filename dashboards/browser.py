"""A browser that prints a page as PDF: which one is on this machine, and how it is asked. What is printed is the caller's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from avbrott.errors import BadInput

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
SECONDS = 300
"""So long a slow machine may draw and print."""
DRAWN = 5_000
"""Milliseconds of the page's own time before it is printed, for what fades in; they pass as fast as its scripts run."""

_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}([^)]*)\)")


def find_browser() -> str:
    """The path of a browser that can print; ``BadInput`` where none is installed."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise BadInput("PDF_NO_BROWSER", names=", ".join(NAMES[:4]))


def print_pdf(page: Path, pdf: Path, dated: date) -> None:
    """Print the HTML file ``page`` to the file ``pdf``, dated ``dated`` at midnight: the same page gives the same bytes.

    The browser has a profile of its own, which is removed, and asks nobody for anything.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="avbrott-", ignore_cleanup_errors=True) as profile:
        written = Path(profile) / "report.pdf"
        command = [
            browser, "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-extensions", "--no-first-run",
            *(["--no-sandbox"] if _is_root() else []), f"--user-data-dir={profile}", f"--virtual-time-budget={DRAWN}",
            "--no-pdf-header-footer", f"--print-to-pdf={written}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)  # noqa: S603  no shell, and our own words
        except (OSError, subprocess.TimeoutExpired):
            raise BadInput("PDF_NOT_PRINTED", browser=browser) from None
        content = written.read_bytes() if written.is_file() else b""
    if not content.startswith(b"%PDF-"):
        raise BadInput("PDF_NOT_PRINTED", browser=browser)
    at = dated.strftime("%Y%m%d").encode() + b"000000"
    pdf.write_bytes(_DATES.sub(rb"/\1 (D:" + at + rb"\2)", content))


def _is_root() -> bool:
    """Whether Chromium's own sandbox cannot be used: it refuses the superuser."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
