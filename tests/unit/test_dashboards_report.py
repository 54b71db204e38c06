"""The report before it is printed: its chapters, nothing that leads out of it, and what is said where nothing prints it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from dashboards.layout import load_layout
from dashboards.report import write_html, write_report
from dashboards.site import contexts
from tests.mini_release import write_mini_release


@pytest.fixture(scope="module")
def release(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    return folder


@pytest.fixture(scope="module")
def report(release, contracts, tmp_path_factory) -> Path:
    return write_html(next(contexts(release, contracts)), tmp_path_factory.mktemp("report"))


def test_every_chapter_that_is_listed_is_there_in_its_order(report, contracts):
    """Each listed page is a chapter with its own figures, and the contents lead to it."""
    text = report.read_text("utf-8")
    chapters = re.findall(r'<section class="chapter" id="chapter-(\w+)">', text)
    assert chapters == list(load_layout(contracts.folder).report)
    assert re.findall(r'<a href="#chapter-(\w+)">', text) == chapters
    drawn = set(re.findall(r'data-figure="([^"]+)"', text))
    figures = (report.parent / "data" / "report.js").read_text("utf-8")
    assert len(drawn) > 20
    assert all(f'"{name}":{{"data"' in figures for name in drawn)


def test_nothing_leads_out_of_the_report(report):
    """Each link, pattern and label is within the page and there, no identifier stands twice, and no path of the machine."""
    text = report.read_text("utf-8")
    ids = re.findall(r' id="([^"]+)"', text)
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    links = re.findall(r'<a [^>]*href="([^"]*)"', text)
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)
    labels = [name for names in re.findall(r'aria-labelledby="([^"]+)"', text) for name in names.split()]
    assert set(labels) <= set(ids)
    assert str(report.parent) not in text


def test_a_machine_without_a_browser_is_told_what_to_install(release, contracts, tmp_path, monkeypatch):
    """The error names what was looked for, and no file is written."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput) as refused:
        write_report(release, contracts, tmp_path / "report.pdf")
    assert refused.value.code == "PDF_NO_BROWSER"
    assert "chromium" in refused.value.parameters["names"]
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_prints_nothing_is_told(release, contracts, tmp_path, monkeypatch):
    """One that ends without a PDF leaves no file behind, and an earlier report as it was."""
    browser = tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    browser.write_text("#!/bin/sh\nexit 1\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(browser.parent))
    pdf = tmp_path / "report.pdf"
    pdf.write_text("the last one")
    with pytest.raises(BadInput, match="PDF_NOT_PRINTED"):
        write_report(release, contracts, pdf)
    assert pdf.read_text() == "the last one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "report.pdf"]
