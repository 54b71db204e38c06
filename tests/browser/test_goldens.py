"""The main pages look as they did when somebody last looked at them, at three widths, within a tolerance."""

import numpy as np
import pytest

from tests.browser.goldens import DIFFERS, FOLDER, MOST_OFF, PAGES, WIDTHS, line_width, made, off, pictures, read, write

pytestmark = pytest.mark.xdist_group("browser")


def test_the_main_pages_look_as_they_did(browser, site):
    """No picture differs from its golden by more than the tolerance; after a change on purpose they are written anew."""
    if line_width(browser, site) != made():
        pytest.skip("other fonts than those that the goldens were made with")
    differing = {name: round(part, 3) for name, picture in pictures(browser, site)
                 if (part := off(picture, read(FOLDER / f"{name}.png"))) > MOST_OFF}  # fmt: skip
    assert differing == {}, "look at the pages, then: python -m tests.browser.goldens"


def test_every_page_and_width_has_a_small_golden():
    """Just those that are compared, and all together no more than 300 kB."""
    files = sorted(FOLDER.glob("*.png"))
    assert {file.stem for file in files} == {f"{page}-{width}" for page in PAGES for width in WIDTHS}
    assert sum(file.stat().st_size for file in files) < 300_000


def test_a_chart_that_is_not_drawn_is_noticed(tmp_path):
    """A picture survives its file; an empty or a shifted part of it is more than the tolerance, a fainter ink is not."""
    golden = np.full((200, 160), 255, dtype=np.uint8)
    golden[40:90:6, 20:140] = 60
    write(tmp_path / "golden.png", golden)
    assert (read(tmp_path / "golden.png") == golden).all()
    empty = np.full_like(golden, 255)
    assert off(empty, golden) > MOST_OFF
    assert off(np.roll(golden, 3, axis=0), golden) > MOST_OFF
    assert off(golden[:150], golden) > MOST_OFF
    assert off(np.minimum(golden.astype(int) + DIFFERS // 2, 255).astype(np.uint8), golden) == 0
