"""The tool of trends: a reader chooses, compares, pools, sends the address and goes back; without a script she has tables."""

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.intervals import wilson
from tests.browser.conftest import listened

pytestmark = pytest.mark.xdist_group("browser")

LINES = "() => document.querySelector('[data-part=plot]').data.filter(t => t.mode !== 'markers').map(t => t.meta)"
TRACES = "() => document.querySelector('[data-part=plot]').data"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


def opened(page: Page, site: Path, choice: str = "", name: str = "trender.html") -> None:
    page.goto("about:blank")
    page.goto((site / name).as_uri() + choice)
    page.wait_for_selector("[data-part=plot] .main-svg, [data-part=empty]:not([hidden])", state="attached")


def drawn(page: Page, *codes: str) -> None:
    """Wait until just these lines are drawn, in this order."""
    page.wait_for_function(
        "want => { const p = document.querySelector('[data-part=plot]');"
        " const found = [...new Set((p.data || []).filter(t => t.mode !== 'markers').map(t => t.meta))];"
        " return JSON.stringify(found) === JSON.stringify(want); }",
        arg=list(codes),
    )


def released(site: Path, table: str) -> dict[tuple[str, ...], tuple[str, str]]:
    with (site.parent / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return {tuple(row[:-2]): (row[-2], row[-1]) for row in rows}


def test_a_reader_compares_municipalities_and_sends_the_address(page, site):
    """Two lines are added from the lists, one is taken away; the address draws the same elsewhere, and back undoes it."""
    heard = listened(page)
    opened(page, site)
    drawn(page, "Total,Total,dropout")
    page.select_option("#explorer select[name=home_municipality]", "2480")
    page.select_option("#explorer select[name=sex]", "Kvinna")
    page.click("[data-part=add]")
    drawn(page, "Total,Total,dropout", "2480,Kvinna,dropout")
    page.locator("[data-line='Total,Total,dropout'] [data-act=remove]").click()
    drawn(page, "2480,Kvinna,dropout")
    address = page.url
    assert "line=2480,Kvinna,dropout" in unquote(address)
    page.go_back()
    drawn(page, "Total,Total,dropout", "2480,Kvinna,dropout")
    page.go_forward()
    drawn(page, "2480,Kvinna,dropout")
    page.goto("about:blank")
    page.goto(address)
    drawn(page, "2480,Kvinna,dropout")
    assert "Umeå, Kvinnor, Avbrott" in page.locator("[data-part=legend]").inner_text()
    assert heard.errors == []
    assert heard.requests == []


def test_the_figures_are_the_released_ones_with_wilsons_intervals(page, site):
    """Each point is the share of the table, its bar Wilson's interval, its words and its row of the table say the same."""
    opened(page, site)
    drawn(page, "Total,Total,dropout")
    table = released(site, "dropouts_by_municipality")
    years = sorted({key[0] for key in table})
    found: dict[float, tuple[float, float, float]] = {}
    for trace in page.evaluate(TRACES):
        for at, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
            if y is not None and (trace["error_y"]["array"][at] or round(x) not in found):
                found[round(x)] = (y, y - trace["error_y"]["arrayminus"][at], y + trace["error_y"]["array"][at])
    for place, year in enumerate(years):
        share = table[year, "Total", "Total", "dropout", "share"][0]
        part, base = (int(table[year, "Total", "Total", code, "persons"][0]) for code in ("dropout", "Total"))
        low, high = wilson(part / base, base)
        assert found[place][0] == pytest.approx(float(share) * 100)
        # The mini release's shares are not those of its numbers: a bound beyond the point is drawn at the point.
        assert found[place][1] == pytest.approx(min(low * 100, found[place][0]))
        assert found[place][2] == pytest.approx(max(high * 100, found[place][0]))
    rows = page.locator("[data-part=tables] tbody tr")
    assert rows.count() == len(years)
    share = f"{float(table[years[0], 'Total', 'Total', 'dropout', 'share'][0]) * 100 + 1e-9:.1f}".replace(".", ",")
    assert rows.first.locator("td").first.inner_text().startswith(share)


def test_preliminary_years_and_breaks_are_drawn_as_such(page, site):
    """The year that awaits another delivery has a dotted way and an open sign; a break has its line and its words."""
    opened(page, site)
    drawn(page, "Total,Total,dropout")
    late = page.evaluate(TRACES)[1]
    assert late["line"]["dash"] == "dot"
    assert late["marker"]["symbol"] == "circle-open"
    assert page.locator("[data-part=tables] tbody tr").last.locator("th").inner_text() == "2019/20 (prel.)"
    page.select_option("#explorer select[name=table]", "kaa_registrations")
    drawn(page, "Total,Total")
    assert page.locator("#explorer input[value=share]").is_disabled()
    expect(page.locator("[data-part=breaks-list] li").first).to_contain_text("2018/19")
    shapes = page.evaluate("() => document.querySelector('[data-part=plot]').layout.shapes")
    assert [shape["x0"] for shape in shapes] == [3.5]
    line = page.evaluate(TRACES)[0]
    assert [(round(x), y is None) for x, y in zip(line["x"], line["y"], strict=True)][2:6] == [
        (2, False), (3, False), (4, True), (4, False),
    ]  # fmt: skip


def test_three_years_are_pooled_where_single_ones_are_hidden(page, site):
    """A line with hidden years offers the pooled ones: drawn in their place, tabled by themselves, and in the address."""
    table = released(site, "dropouts_by_municipality")
    pooled = released(site, "dropouts_pooled")
    home = next(
        key[1]
        for key, (_, status) in table.items()
        if status == "hidden" and key[2:] == ("Total", "dropout", "share")
        and any(one[1:] == (key[1], "dropout", "share") and said == "shown" for one, (_, said) in pooled.items())
    )  # fmt: skip
    opened(page, site, f"#table=dropouts_by_municipality&measure=share&line={home},Total,dropout")
    page.click(f"[data-line='{home},Total,dropout'] [data-act=pooled]")
    drawn(page, f"{home},Total,dropout~pooled")
    windows = sorted({key[0] for key in pooled if key[1] == home})
    heads = page.locator("[data-part=tables] tbody th").all_inner_texts()
    assert [head.removesuffix(" (prel.)") for head in heads] == [window.replace("..", "–") for window in windows]
    assert "pooled" in page.url
    page.click("[data-act=single]")
    drawn(page, f"{home},Total,dropout")


def test_a_cell_that_is_not_shown_says_why_in_the_tool_too(page, site):
    """Hidden reads as one sentence, has no number, and answers the keyboard with the answer that it has everywhere."""
    table = released(site, "dropouts_by_municipality")
    home = next(
        key[1] for key, (_, status) in table.items() if status == "hidden" and key[2:] == ("Total", "dropout", "share")
    )
    opened(page, site, f"#table=dropouts_by_municipality&line={home},Total,dropout")
    cell = page.locator("[data-part=tables] .absent-hidden button").first
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#why-hidden")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#why-hidden")).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "why-button"


def test_a_choice_in_the_tool_draws_no_other_chart_anew(page, site):
    """Not those that a reader can choose in by themselves either: theirs is as it was."""
    opened(page, site)
    page.wait_for_selector("[data-figure=trend_groups] .main-svg")
    page.evaluate(
        "() => { window.drawnAnew = [];"
        " for (const plot of document.querySelectorAll('.plot'))"
        " plot.on('plotly_afterplot', () => window.drawnAnew.push(plot.dataset.figure || 'tool')); }"
    )
    page.locator("#explorer [name=intervals]").uncheck()
    page.wait_for_function("() => window.drawnAnew.includes('tool')")
    assert set(page.evaluate("window.drawnAnew")) == {"tool"}


def test_six_lines_are_the_most(page, site):
    """With six lines nothing can be added, and the page says so; a seventh of an address is not drawn."""
    codes = ["Total", "2480", "2481", "2482", "2403", "2404", "2409"]
    opened(page, site, "#table=dropouts_by_municipality" + "".join(f"&line={code},Total,dropout" for code in codes))
    drawn(page, *(f"{code},Total,dropout" for code in codes[:6]))
    assert page.locator("[data-part=add]").is_disabled()
    assert page.locator("[data-part=full]").is_visible()


@pytest.mark.parametrize(
    "choice", ["#table=nothing&line=a,b", "#line=%E5%", "#table=returns&line=Total,dropout,x&measure=7", "#x=1"]
)
def test_an_address_that_says_nothing_draws_the_beginning(page, site, choice):
    """A cut or invented address is read as far as it goes, and breaks nothing."""
    heard = listened(page)
    opened(page, site, choice)
    assert page.locator("#explorer").is_visible()
    assert heard.errors == []


def test_without_a_line_there_is_nothing_to_save_or_read(page, site):
    """An address that was cut before its first line says that none is chosen, under no empty heading; a line brings them."""
    opened(page, site, "#table=returns&measure=share&l")
    expect(page.locator("[data-part=empty]")).to_be_visible()
    below = [page.locator(f"#explorer {part}") for part in (".save", "[data-part=heading]", "[data-part=figures]")]
    for part in below:
        expect(part).to_be_hidden()
    page.locator("[data-part=add]").click()
    for part in below:
        expect(part).to_be_visible()
    title = page.locator("[data-part=title]").inner_text()
    assert page.locator("#explorer .save button").first.inner_text().endswith(f": {title}")


def test_the_choice_stays_when_the_language_is_changed(page, site):
    """The link in the head leads to the same lines in English."""
    opened(page, site, "#table=dropouts_by_municipality&line=2480,Total,dropout")
    drawn(page, "2480,Total,dropout")
    page.click("header a[hreflang=en]")
    drawn(page, "2480,Total,dropout")
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Umeå, Dropout" in page.locator("[data-part=legend]").inner_text()


def test_a_chart_is_saved_with_title_source_and_date(page, site):
    """As SVG, whose words can be read, and as PNG; named for the figure and the release."""
    opened(page, site)
    drawn(page, "Total,Total,dropout")
    with page.expect_download() as saved:
        page.locator("#explorer .save button").nth(1).click()
    assert saved.value.suggested_filename == "trends-2020-12-31.svg"
    picture = saved.value.path().read_text("utf-8")
    for words in ("Avbrott, uppehåll och byten efter hemkommun", "Andel av eleverna", "Källa:", "Utgåva 2020-12-31"):
        assert words in picture
    with page.expect_download() as saved:
        page.locator("#trend_sex .save button").first.click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_chart_saved_in_dark_mode_has_the_colours_of_paper(page, site):
    """A picture is for a report: its ground is white whatever the screen's is, and the screen stays as it is."""
    page.emulate_media(color_scheme="dark")
    opened(page, site)
    drawn(page, "Total,Total,dropout")
    with page.expect_download() as saved:
        page.locator("#explorer .save button").nth(1).click()
    picture = saved.value.path().read_text("utf-8")
    assert "rgb(255, 255, 255)" in picture
    assert "rgb(11, 83, 148)" in picture
    assert "rgb(127, 180, 236)" not in picture
    assert page.evaluate(TRACES)[0]["line"]["color"] == "rgb(127, 180, 236)"


def test_without_a_script_the_tool_is_away_and_the_tables_are_there(browser, site):
    """The page says where to go instead, and its own tables can be read."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "trender.html").as_uri())
    assert not page.locator("#explorer").is_visible()
    assert page.locator("noscript a").first.is_visible()
    assert page.locator("main table").count() == 4
    context.close()
