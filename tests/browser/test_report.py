"""The report as a PDF: printed by the Chromium of this machine."""

import re
from datetime import date
from pathlib import Path

import pytest

from dashboards.browser import print_pdf
from dashboards.report import write_html, write_report
from dashboards.site import contexts
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


PAGE = 680, 994
"""Of an A4 page within its margins, in pixels."""


@pytest.fixture(scope="module", params=["sv", "en"])
def report(request, browser, site, contracts, tmp_path_factory):
    """The page of the report as it is when it is about to be printed."""
    context = next(context for context in contexts(site.parent, contracts) if context.language == request.param)
    page = browser.new_page(viewport={"width": PAGE[0], "height": PAGE[1]})
    page.emulate_media(media="print")
    page.goto(write_html(context, tmp_path_factory.mktemp("report")).as_uri())
    charts = page.locator("[data-figure]").count()
    page.wait_for_function(
        "n => document.querySelectorAll('[data-figure]:has(.main-svg)').length === n", arg=charts, timeout=60_000
    )
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(500)
    yield page
    page.close()


def test_no_table_or_chart_is_wider_than_the_paper(report):
    """Not those of seven groups of municipalities with a share and a number each, in the longer words either."""
    wide = report.evaluate(
        """width => [...document.querySelectorAll('table, .plot, svg')]
          .filter(one => getComputedStyle(one).display !== 'none' && one.getBoundingClientRect().right > width)
          .map(one => `${one.tagName} ${one.closest('.block')?.id}`)""",
        PAGE[0] + 1,
    )
    assert wide == []


def test_each_chart_has_room_under_its_title_on_one_page(report):
    """From the title, or the chapter's where it is the first, to the chart's end; and no break may come between."""
    split = report.evaluate(
        """height => [...document.querySelectorAll('.block')].filter(block => {
          const chart = block.querySelector(':scope > .plot, :scope > .drawn');
          if (!chart || !chart.getClientRects().length) return false;
          const all = [...block.children].filter(one => one.getClientRects().length);
          const before = all.slice(0, all.indexOf(chart));
          const first = block.matches('.lead + .block') ? block.parentElement : block;
          return chart.getBoundingClientRect().bottom - first.getBoundingClientRect().top > height
            || getComputedStyle(chart).breakInside !== 'avoid'
            || before.some(one => getComputedStyle(one).breakAfter !== 'avoid');
        }).map(block => block.id)""",
        PAGE[1],
    )
    assert split == []


def test_each_table_stays_with_its_title(report):
    """It is not broken where a page has room for it, and its title and the signs below it stay with it."""
    loose = report.evaluate(
        """() => [...document.querySelectorAll('.block:not(.explorer) > details.data')].filter(one =>
          getComputedStyle(one).breakInside !== 'avoid'
          || getComputedStyle(one.querySelector('summary')).breakAfter !== 'avoid'
          || (one.nextElementSibling && getComputedStyle(one.nextElementSibling).breakBefore !== 'avoid')
        ).map(one => one.closest('.block').id)"""
    )
    assert loose == []


def test_no_bar_has_a_pattern_on_paper(report):
    """The browser would print each as a picture: an outline with lines across it tells the same."""
    assert report.locator("[data-figure] pattern").count() == 0
    shapes = report.evaluate("() => document.querySelector('[data-figure=providers]').layout.shapes.map(one => one.path)")
    assert shapes
    assert all(path.startswith("M") for path in shapes)
