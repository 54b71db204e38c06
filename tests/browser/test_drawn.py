"""What a reader does with the map, the small charts and long lists."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_the_map_and_the_small_charts_are_there_without_javascript(browser, site):
    """With scripts off every tile and every small chart is drawn, and a tile leads to its municipality."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "sida-vid-sida.html").as_uri())
    charts = page.locator("svg.panel")
    assert charts.count() == 15
    assert charts.first.bounding_box()["height"] > 40
    page.goto((site / "karta.html").as_uri())
    assert page.locator("svg.map .tile-shape").count() == 15
    page.click("svg.map a[href='kommun-2481.html']")
    assert page.locator("h1").inner_text() == "Lycksele"
    context.close()


def test_the_keyboard_reaches_each_tile_in_turn_and_follows_it(page, site):
    """Tab goes from tile to tile as they stand; Enter opens the municipality's page."""
    page.goto((site / "karta.html").as_uri())
    page.focus("svg.map a >> nth=0")
    seen = []
    for _ in range(15):
        seen.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("Tab")
    assert len(set(seen)) == 15
    assert seen[0].startswith("Sorsele: ")
    page.focus("svg.map a >> nth=14")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kommun-*.html")


def test_no_name_is_wider_than_its_tile(browser, site):
    """On a narrow and a wide screen, each line of text stays within its tile."""
    for width in (360, 1280):
        context = browser.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        for name in ("karta.html", "en/map.html"):
            page.goto((site / name).as_uri())
            assert (
                page.evaluate(
                    """[...document.querySelectorAll('svg.map text')].filter(text => {
                     if (!text.getClientRects().length) return false;
                     const tile = text.parentElement.querySelector('.tile-shape').getBoundingClientRect();
                     const box = text.getBoundingClientRect();
                     return box.left < tile.left || box.right > tile.right || box.top < tile.top || box.bottom > tile.bottom;
                   }).map(text => text.textContent)"""
                )
                == []
            )
        context.close()


def test_on_a_narrow_screen_the_map_is_written_large_enough_and_every_name_stands_whole_below_it(browser, site):
    """No text is smaller than 12 pixels or lies on another; the list has name and figure of each tile."""
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    for name in ("karta.html", "en/map.html"):
        page.goto((site / name).as_uri())
        sizes, apart = page.evaluate(
            """() => {
              const texts = [...document.querySelectorAll('svg.map text')].filter(text => text.getClientRects().length);
              const boxes = texts.map(text => text.getBoundingClientRect());
              const over = (a, b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom;
              return [texts.map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a),
                      boxes.every((one, at) => boxes.slice(at + 1).every(other => !over(one, other)))];
            }"""
        )
        assert len(sizes) == 30
        assert min(sizes) >= 12
        assert apart
        spoken = page.evaluate("[...document.querySelectorAll('svg.map a')].map(tile => tile.getAttribute('aria-label'))")
        listed = page.locator(".map-list li:visible span:first-child").all_inner_texts()
        assert sorted(listed) == sorted(label.partition(": ")[0] for label in spoken)
    context.close()


def test_tiles_that_are_not_shown_keep_their_looks_in_forced_colours(page, site):
    """Where the reader's system replaces colours, patterns and words still tell the statuses apart."""
    page.emulate_media(forced_colors="active")
    page.goto((site / "karta.html").as_uri())
    fills = page.evaluate("[...document.querySelectorAll('.map .tile-shape')].map(shape => getComputedStyle(shape).fill)")
    assert len(set(fills)) == 1
    assert page.locator(".map .tile-hidden rect[fill^='url(']").count() == page.locator(".map .tile-hidden").count() > 0


def test_a_long_list_can_be_searched(page, site):
    """What is typed leaves the entries that hold it and their headings, and says how many; a short list has no field."""
    page.goto((site / "program.html").as_uri())
    listed = page.locator(".children li")
    everything = listed.count()
    page.get_by_label("Sök i listan").first.fill("NATUR")
    left = [text.strip() for text in page.locator(".children li:visible > a").all_inner_texts()]
    assert set(left) >= {"Naturbruksprogrammet", "Naturvetenskapsprogrammet", "Yrkesprogram"}
    assert "Ekonomiprogrammet" not in left
    assert page.locator(".search [role=status]").first.inner_text() == f"visar {len(left)}"
    page.get_by_label("Sök i listan").first.fill("")
    assert page.locator(".children li:visible").count() == everything
    page.goto((site / "kommuner.html").as_uri())
    assert page.locator(".children .search").count() == 0


def test_the_strip_below_the_lines_is_as_high_as_what_stands_in_it(page, site):
    """Where no chosen line lacks a figure there is no room for signs; a line that does brings it back."""
    page.goto((site / "kommuner.html").as_uri())
    page.wait_for_selector("[data-figure=compare_municipalities] .main-svg")
    plot = page.locator("[data-figure=compare_municipalities]")
    strip = """p => [p.layout.height, p.layout.yaxis2.domain[1] * p.layout.height,
                      p.data.filter(trace => trace.yaxis === 'y2' && trace.visible).length]"""
    seen = []
    for box in page.locator("[data-legend=compare_municipalities] input").all()[:4]:
        box.set_checked(not box.is_checked())
        seen.append(plot.evaluate(strip))
    for height, signs, rows in seen:
        assert abs(signs - max(16 * rows, 0.3)) < 0.5
        assert abs(height - 300 - 16 * rows) <= 1
    assert len({rows for _, _, rows in seen}) > 1


def test_a_mark_at_zero_is_seen_under_another_at_the_same_point(page, site):
    """The lower of two marks on one spot is larger than the one on it; marks of their own place are not, nor hidden ones."""
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector("[data-figure=trend_outcomes] .main-svg")
    sizes = page.evaluate(
        """() => {
          const plot = document.querySelector("[data-figure=trend_outcomes]");
          const same = {type: "scatter", mode: "lines+markers", x: ["a", "b", "c"], marker: {size: 8}};
          const line = (meta, y, visible = true) => ({...same, meta, y, visible});
          const data = [line("below", [0, 5, null]), line("off", [0, 5, 0], false), line("above", [0, 3, 0]),
                        line("near", [0.01, 10, 9])];
          window.AVBROTT_CHARTS.render(plot, data, {height: 300, xaxis: {type: "category"}, yaxis: {rangemode: "tozero"}});
          return [...plot.querySelectorAll(".trace.scatter")].map(trace => [...trace.querySelectorAll(".point")].map(
            point => Math.round(point.getBBox().width)));
        }"""
    )
    assert sizes == [[22, 8], [15, 8, 8], [8, 8, 8]]


def test_lines_that_begin_at_zero_together_are_all_seen_there(page, site):
    """Of the shares over time: each mark of the start is larger than the one drawn on it."""
    page.goto((site / "orsaker-och-atergang.html").as_uri())
    page.wait_for_selector("[data-figure=returns_time] .main-svg")
    starts = page.evaluate(
        """() => [...document.querySelectorAll("[data-figure=returns_time] .trace.scatter")]
          .map(trace => trace.querySelector(".point")).filter(Boolean).map(point => Math.round(point.getBBox().width))"""
    )
    assert len(starts) > 1
    assert starts == sorted(set(starts), reverse=True)
