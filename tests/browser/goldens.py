"""Small grey pictures of the main pages, at three widths: made here, kept in ``tests/golden/pages``, and compared.

``python -m tests.browser.goldens`` writes them anew, after somebody has looked at the pages. Pages are drawn with the fonts
of the machine, so ``made.json`` says how wide a line was where they were made: with other fonts they say nothing.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent.parent / "golden" / "pages"
PAGES = ("index", "karta", "sida-vid-sida", "overgangar", "kommun-2481", "leveranser")
WIDTHS = (360, 768, 1280)
HEIGHT = 2400
"""So much of a page is kept, from its top."""
SMALLER = 8
MOST_OFF = 0.003
"""So large a part of a picture may differ from its golden: the smallest chart is more."""
DIFFERS = 28
"""Of 255: a point differs by more than this."""

Picture = NDArray[np.uint8]

_SHRINK = """async ([picture, smaller]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width / smaller);
  canvas.height = Math.round(image.height / smaller);
  const drawn = canvas.getContext("2d");
  drawn.imageSmoothingQuality = "high";
  drawn.drawImage(image, 0, 0, canvas.width, canvas.height);
  const points = drawn.getImageData(0, 0, canvas.width, canvas.height).data;
  const grey = [];
  for (let i = 0; i < points.length; i += 4) grey.push(Math.round((points[i] + points[i + 1] + points[i + 2]) / 3));
  return [canvas.width, canvas.height, grey];
}"""
_LINE = """() => {
  const line = document.createElement("span");
  line.textContent = "Avbrott, studieuppehåll och byten 0123456789";
  const family = getComputedStyle(document.documentElement).fontFamily;
  line.style.cssText = "position:absolute;white-space:nowrap;font:100px " + family;
  document.body.append(line);
  const width = Math.round(line.getBoundingClientRect().width);
  line.remove();
  return width;
}"""


def pictures(browser: Browser, site: Path) -> Iterator[tuple[str, Picture]]:
    """Name and picture of each page at each width, drawn in the light scheme and without movement."""
    shrinking = browser.new_page()
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce")
        page = context.new_page()
        for name in PAGES:
            yield f"{name}-{width}", _picture(page, shrinking, site / f"{name}.html", width)
        context.close()
    shrinking.close()


def _picture(page: Page, shrinking: Page, file: Path, width: int) -> Picture:
    page.goto(file.as_uri())
    charts = page.locator("[data-figure]").count()
    page.wait_for_function(
        "n => document.querySelectorAll('[data-figure]:has(.main-svg)').length === n", arg=charts, timeout=60_000
    )
    page.wait_for_timeout(800)
    high = min(page.evaluate("document.documentElement.scrollHeight"), HEIGHT)
    shot = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": high}, animations="disabled")
    columns, rows, grey = shrinking.evaluate(_SHRINK, [base64.b64encode(shot).decode(), SMALLER])
    return np.array(grey, dtype=np.uint8).reshape(rows, columns)


def line_width(browser: Browser, site: Path) -> int:
    """How wide a line of text is with the fonts of this machine, in hundredths of an em."""
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    width = int(page.evaluate(_LINE))
    page.close()
    return width


def off(picture: Picture, golden: Picture) -> float:
    """How large a part of the larger of the two differs, what only one of them has included."""
    rows, columns = (min(sizes) for sizes in zip(picture.shape, golden.shape, strict=True))
    both = np.abs(picture[:rows, :columns].astype(int) - golden[:rows, :columns].astype(int)) > DIFFERS
    larger = max(picture.size, golden.size)
    return float(both.sum() + larger - rows * columns) / larger


def write(file: Path, picture: Picture) -> None:
    """As a grey PNG of one piece, without filters."""
    rows, columns = picture.shape
    content = b"".join(b"\0" + row.tobytes() for row in picture)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(content, 9)),
        (b"IEND", b""),
    ]
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
        )
    )


def read(file: Path) -> Picture:
    """A picture that ``write`` wrote."""
    content = file.read_bytes()
    columns, rows = struct.unpack(">II", content[16:24])
    length = struct.unpack(">I", content[33:37])[0]
    points = np.frombuffer(zlib.decompress(content[41 : 41 + length]), dtype=np.uint8)
    return points.reshape(rows, columns + 1)[:, 1:]


def made() -> int:
    """How wide the line was where the goldens were made."""
    return int(json.loads((FOLDER / "made.json").read_text("utf-8"))["line_width"])


def main() -> int:
    """Write every golden anew."""
    from avbrott.registry import load_contracts
    from dashboards.site import build_site
    from tests.browser.conftest import FLAGS
    from tests.browser.ensure import found
    from tests.mini_release import write_mini_release

    contracts = load_contracts()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_mini_release(folder, contracts)
        build_site(folder, contracts, folder / "site")
        browser = playwright.chromium.launch(executable_path=found() or playwright.chromium.executable_path, args=FLAGS)
        for called, picture in pictures(browser, folder / "site"):
            write(FOLDER / f"{called}.png", picture)
        (FOLDER / "made.json").write_text(json.dumps({"line_width": line_width(browser, folder / "site")}) + "\n", "utf-8")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
