"""What a reader does with the site: opens it from the file system, reads, chooses, changes language, prints."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from avbrott.texts import load_texts
from tests.browser.conftest import Heard, listened

pytestmark = pytest.mark.xdist_group("browser")

NARROW, WIDE = 360, 1280


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDE, "height": 900})
    yield context.new_page()
    context.close()


def opened(page: Page, site: Path, name: str) -> Heard:
    heard = listened(page)
    page.goto((site / name).as_uri())
    page.wait_for_load_state("load")
    # A function: an expression would be evaluated in the page at the second try, which its policy forbids.
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-figure]')].every(plot => plot.querySelector('.main-svg'))"
    )
    return heard


def test_every_page_opens_and_draws_without_an_error_or_a_request(page, pages):
    """From file:, each page draws each of its charts; nothing is said on the console and nothing leaves the folder."""
    heard = listened(page)
    for file in pages:
        page.goto(file.as_uri())
        charts = page.locator("[data-figure]").count()
        page.wait_for_function(
            "n => document.querySelectorAll('[data-figure]:has(.main-svg)').length === n", arg=charts, timeout=10_000
        )
        assert page.locator("main table, main .term, main .prose").count() > 0, file.name
    assert heard.errors == []
    assert heard.requests == []


def test_names_of_pooled_school_years_stand_on_one_line_where_they_are_on_end(browser, site):
    """At 360 px two lines of many names on end would run into each other; at 1280 px names lie, and two lines are shorter."""
    lines = """() => [...document.querySelectorAll('.xtick text')].filter(text => text.textContent.includes('\u2013'))
      .map(text => text.querySelectorAll('tspan.line').length || 1)"""
    for width, wanted in ((NARROW, {1}), (WIDE, {2, 3})):
        context = browser.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        opened(page, site, "kommun-2481.html")
        found = page.evaluate(lines)
        context.close()
        assert len(found) > 2
        assert set(found) <= wanted, width


def test_a_hidden_cell_reads_as_one_sentence(page, site, contracts):
    """What a screen reader reads of a hidden cell is the sentence, and nothing else."""
    sentence = load_texts(contracts.folder, "site").get("status.hidden.sentence", "sv")
    opened(page, site, "kommun-2481.html")
    cell = page.locator("td.absent-hidden button").first
    read = cell.evaluate("it => [...it.children].filter(c => c.ariaHidden !== 'true').map(c => c.textContent).join('')")
    assert read == sentence


def test_a_hidden_headline_answers_why(browser, page, site, contracts):
    """As a hidden cell does: its question opens the answer of every hidden figure; without a script it leads to the signs."""
    why = load_texts(contracts.folder, "site").get("status.hidden.why", "sv")
    asked = '.tile a[data-why="hidden"]'
    name = next(file.name for file in sorted(site.glob("kommun-*.html")) if 'data-why="hidden"' in file.read_text("utf-8"))
    opened(page, site, name)
    page.locator(asked).first.click()
    assert why in page.locator("dialog[open]").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((site / name).as_uri())
    plain.locator(asked).first.click()
    assert plain.url.endswith("/metod.html#signs")
    context.close()


def test_the_language_is_changed_on_the_same_page(page, site):
    """The link in the head leads to the same page in English, and back."""
    opened(page, site, "kommun-2481.html")
    heading = page.locator("h1").inner_text()
    page.click("header a[hreflang=en]")
    assert page.url.endswith("/en/municipality-2481.html")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == heading
    page.click("header a[hreflang=sv]")
    assert page.url.endswith("/kommun-2481.html")


def test_the_reader_chooses_what_is_drawn_and_can_send_it(page, site):
    """A ticked municipality is drawn, the choice is in the address, and the address draws it again; six at most."""
    opened(page, site, "kommuner.html")
    drawn = (
        "p => [...new Set(document.querySelector(p).data"
        ".filter(t => t.visible !== false && t.mode === 'lines+markers').map(t => t.meta))]"
    )
    plot = "[data-figure=compare_municipalities]"
    assert page.evaluate(drawn, plot) == ["Total", "2480", "2482"]
    page.check("[data-legend=compare_municipalities] [data-series='2481'] input")
    assert "2481" in page.evaluate(drawn, plot)
    address = page.url
    assert "2481" in address
    page.go_back()
    page.wait_for_function(f"plot => !({drawn})(plot).includes('2481')", arg=plot)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(f"{plot} .main-svg")
    assert "2481" in page.evaluate(drawn, plot)
    boxes = page.locator("[data-legend=compare_municipalities] input")
    for place in range(boxes.count()):
        if boxes.nth(place).is_enabled() and not boxes.nth(place).is_checked():
            boxes.nth(place).check()
    assert len(page.evaluate(drawn, plot)) == 6


def test_what_is_chosen_has_the_same_colours_in_both_languages(page, site):
    """The legend lists programmes by their names; the colour and sign of each are those of its line, in either language."""
    seen = []
    for name in ("program.html", "en/programmes.html"):
        opened(page, site, name)
        legend = page.evaluate(
            "() => [...document.querySelectorAll('[data-legend=compare_programmes] li:has(input:checked)')]"
            ".map(one => [one.dataset.series, getComputedStyle(one.querySelector('.swatch')).color])"
        )
        lines = page.evaluate(
            "() => document.querySelector('[data-figure=compare_programmes]').data"
            ".filter(t => t.visible !== false && t.line && t.line.dash === 'solid').map(t => [t.meta, t.line.color])"
        )
        assert len(legend) == 4
        assert sorted(legend) == sorted(lines)
        seen.append(lines)
    assert seen[0] == seen[1]


def test_what_is_said_of_a_figure_is_said_of_what_is_drawn(page, site):
    """The lines that the reader has chosen, in words and to who hears the page; and the signs below them."""
    opened(page, site, "kommuner.html")
    block = page.locator("#compare_municipalities")
    short, plot = block.locator("[data-part=short]"), block.locator(".plot")
    label = "Umeå"
    assert label in short.inner_text()
    items = "[data-legend=compare_municipalities] li:has(input:checked)"
    checked = f"[...document.querySelectorAll('{items}')].map(one => one.dataset.series)"
    for code in page.evaluate(checked):
        if code != "2480":
            block.locator(f"[data-series='{code}'] input").uncheck()
    assert short.inner_text().startswith(label)
    assert "Länet" not in short.inner_text()
    assert short.inner_text() in plot.get_attribute("aria-label")
    shown = {sign for sign in ("⊠", "⊙", "✕") if block.locator(".legend-status li:visible", has_text=sign).count()}
    drawn = page.evaluate(
        "p => [...new Set(document.querySelector(p).data.filter(t => t.visible !== false && t.yaxis === 'y2')"
        ".flatMap(t => t.marker.symbol))]",
        "[data-figure=compare_municipalities]",
    )
    assert len(shown) == len(drawn)


def test_a_way_within_the_page_keeps_the_choice(browser, site):
    """The menu, its closing and the link that skips to the content."""
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    page.goto((site / "kommuner.html").as_uri() + "#choose.compare_municipalities=2480")
    page.wait_for_selector("[data-figure=compare_municipalities] .main-svg")
    address = page.url
    page.click(".top-menu")
    assert page.locator("#menu").is_visible()
    page.click(".menu-close")
    assert not page.locator("#menu").is_visible()
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert page.url == address
    assert page.locator("[data-legend=compare_municipalities] input:checked").count() == 1
    context.close()


def test_row_heads_stay_when_a_wide_table_is_scrolled(browser, site):
    """On a narrow screen a reader who scrolls a table sideways still sees which row it is."""
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    page.goto((site / "trender.html").as_uri())
    frame = page.locator(".scroll").first
    frame.evaluate("frame => { frame.scrollLeft = 200; }")
    head = frame.locator("tbody th").first.bounding_box()
    assert frame.evaluate("frame => frame.scrollLeft") > 0
    assert head["x"] >= frame.bounding_box()["x"] - 1
    context.close()


def test_colours_follow_dark_mode(page, site):
    """A chart takes its colours from the page's tokens again when the reader's system turns dark."""
    opened(page, site, "trender.html")
    colour = "document.querySelector('[data-figure]').data[0].line.color"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {colour} !== light", arg=light)
    assert page.evaluate(colour).startswith("rgb(")


def test_everything_can_be_read_without_javascript(browser, site):
    """With scripts off the tables are there, closed ones can be opened, and a line says where the charts went."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "kommuner.html").as_uri())
    assert page.locator("noscript").first.is_visible()
    page.locator("details.data > summary").first.click()
    assert page.locator("table").first.is_visible()
    context.close()


def test_the_menu_opens_on_a_narrow_screen_with_the_keyboard(browser, site):
    """The menu is behind a link on a narrow screen; Enter opens it and its links can be reached."""
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert not page.locator("#menu").is_visible()
    page.focus(".top-menu")
    page.keyboard.press("Enter")
    assert page.locator("#menu a[aria-current=page]").is_visible()
    context.close()


def test_the_first_thing_the_keyboard_reaches_skips_to_the_content(page, site):
    """Tab reaches the skip link first, and it moves to the content."""
    opened(page, site, "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_print_shows_every_table_and_no_menu(page, site):
    """On paper the menu is away and tables that are closed on the screen are printed."""
    opened(page, site, "kommuner.html")
    page.emulate_media(media="print")
    assert not page.locator("#menu").is_visible()
    assert page.locator("details.data:not([open]) table").first.bounding_box()["height"] > 100


def test_paper_is_light_and_as_wide_as_a_page_whatever_the_screen(browser, site):
    """A reader in dark mode prints: charts have the colours of paper and its width, and hidden cells keep their mark."""
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, color_scheme="dark")
    page = context.new_page()
    opened(page, site, "trender.html")
    look = "() => { const p = document.querySelector('[data-figure]'); return [p.data[0].line.color, p._fullLayout.width]; }"
    dark, wide = page.evaluate(look)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    light, narrow = page.evaluate(look)
    assert (dark, light) == ("rgb(127, 180, 236)", "rgb(11, 83, 148)")
    assert wide > narrow == 660
    page.emulate_media(media="print")
    assert page.locator("td.absent-hidden button").first.is_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(look)[0] == dark
    context.close()


def test_thousands_on_an_axis_are_told_apart_as_in_the_tables(page, site):
    """With a no-break space in Swedish and a comma in English, from 1 000 on."""
    ticks = "() => [...document.querySelectorAll('.xtick text, .ytick text')].map(tick => tick.textContent)"
    found = {}
    for name, sign in (("karta.html", "\u00a0"), ("en/map.html", ",")):
        opened(page, site, name)
        told = page.evaluate(ticks)
        assert [tick for tick in told if tick.isdecimal() and len(tick) > 3] == []
        found[name] = [tick for tick in told if sign in tick and tick.replace(sign, "").isdecimal()]
    assert all(found.values())


def test_names_of_bars_stand_above_them_where_there_is_little_room(browser, site):
    """At 360 px a bar has most of the width; at 1280 px its name stands beside it, and nothing else is told."""
    parts = {}
    for width in (NARROW, WIDE):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto((site / "program.html").as_uri())
        page.wait_for_selector("[data-figure=latest_programmes] .main-svg")
        parts[width] = page.evaluate(
            """() => {
              const plot = document.querySelector('[data-figure=latest_programmes]');
              const { xaxis, yaxis, width } = plot._fullLayout;
              return [xaxis._length / width, yaxis.showticklabels, plot.layout.annotations.length];
            }"""
        )
        page.close()
    assert parts[NARROW][0] > 0.7
    assert (parts[NARROW][1], parts[WIDE][1]) == (False, True)
    assert parts[NARROW][2] > parts[WIDE][2]


def test_the_chart_tells_the_breaks_of_the_chosen_lines(browser, site):
    """A reader who chooses a programme that was replaced is told of its break, and not before."""
    page = browser.new_page(viewport={"width": WIDE, "height": 900})
    for chosen, told in (("Total,NA", False), ("Total,IMV", True)):
        page.goto("about:blank")
        page.goto((site / "program.html").as_uri() + f"#choose.compare_programmes={chosen}")
        page.wait_for_selector("[data-figure=compare_programmes] .main-svg")
        shapes = page.evaluate("() => document.querySelector('[data-figure=compare_programmes]').layout.shapes.length")
        assert bool(shapes) is told
        assert page.locator("#compare_programmes [data-part=breaks]").is_visible() is told
    page.close()
