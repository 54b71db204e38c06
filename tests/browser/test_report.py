"""The report as a PDF: printed by the Chromium of this machine."""

import re
from datetime import date
from pathlib import Path

import pytest

from dashboards.browser import print_pdf
from dashboards.report import write_report
from tests.browser.ensure import found

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.skipif(found() is None, reason="no Chromium on PATH")]


def test_the_report_of_a_release_is_printed(site, contracts, tmp_path):
    """It has pages enough for its chapters, the release's date, and no path of this machine."""
    pdf = tmp_path / "report.pdf"
    write_report(site.parent, contracts, pdf, "en")
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", content)) > 20
    assert b"/CreationDate (D:20201231000000" in content
    assert b"file://" not in content


def test_the_same_page_prints_the_same_bytes(tmp_path: Path):
    """Nothing in the file depends on when it was printed."""
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html lang='sv'><title>Sida</title><h1>Rubrik</h1><table><tr><td>1</table>", "utf-8")
    for name in ("one.pdf", "two.pdf"):
        print_pdf(page, tmp_path / name, date(2026, 3, 6))
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
