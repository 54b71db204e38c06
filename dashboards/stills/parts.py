"""What stills are written with: numbers, texts, colours and signs. Where anything stands is not decided here."""

from __future__ import annotations

import re
from html import escape, unescape

SIGNS = {
    "circle": '<circle id="{id}" r="4"/>',
    "square": '<path id="{id}" d="M-4-4h8v8h-8z"/>',
    "diamond": '<path id="{id}" d="M0-5.2L5.2 0 0 5.2-5.2 0z"/>',
    "triangle-up": '<path id="{id}" d="M-4.6 2.3h9.2L0-4.6z"/>',
    "cross": '<path id="{id}" d="M4.8 1.6H1.6v3.2h-3.2V1.6h-3.2v-3.2h3.2v-3.2h3.2v3.2h3.2z"/>',
    "star": '<path id="{id}" d="M0-5.6L1.3-1.7 5.3-1.7 2.1.7 3.3 4.5 0 2.2-3.3 4.5-2.1.7-5.3-1.7-1.3-1.7z"/>',
    "square-x-open": '<path id="{id}" d="M-4.5-4.5h9v9h-9zl9 9m0-9l-9 9"/>',
    "circle-open-dot": '<g id="{id}"><circle r="4.5"/><circle r=".7"/></g>',
    "x-thin-open": '<path id="{id}" d="M-4.5-4.5l9 9m0-9l-9 9"/>',
}
"""By Plotly's name of a sign how it is drawn around 0,0, in pixels."""
OPEN = "-open"
SIZE = 8
"""So large are most signs, in pixels."""

DASHES = {"dash": "9 7", "dot": "2.5 3", "longdash": "14 7", "dashdot": "9 4 2.5 4", "longdashdot": "14 5 2.5 5"}
"""By Plotly's name of a line, the dashes and gaps of it in pixels; a solid line has none."""
CHARACTER = 7.2
"""About as wide is a digit or letter of the names on axes, in pixels."""
LINE = 16
"""As high is a line of text, in pixels."""

_TAG = re.compile(r"<[^>]*>")


def symbols() -> str:
    """The signs that the stills of a page are drawn with, once a page."""
    drawn = "".join(shape.format(id=f"sign-{name}") for name, shape in SIGNS.items())
    return f'<svg class="still-signs" width="0" height="0" aria-hidden="true"><defs>{drawn}</defs></svg>'


def short(value: float, places: int = 1) -> str:
    """A coordinate as it is written: no more than ``places`` decimals, and none where they are 0."""
    written = f"{round(value, places) + 0.0:.{places}f}"
    return written.rstrip("0").rstrip(".") if places else written


def percent(part: float) -> str:
    """A part of the field's width."""
    return f"{short(part * 100)}%"


def lines(text: str) -> list[str]:
    """The lines of a text of Plotly, without its marks of type, ready to stand in SVG."""
    return [escape(unescape(_TAG.sub("", line)), quote=False) for line in text.split("<br>")]


def coloured(token: str) -> str:
    """The attribute that gives what is drawn the colour of a token; what is drawn uses ``currentColor``."""
    return f' color="{escape(token)}"'


def dashed(dash: str) -> str:
    """The attribute of a line that is not solid."""
    return f' stroke-dasharray="{DASHES[dash]}"' if dash in DASHES else ""


def text(x: str, y: float, content: str, more: str = "") -> str:
    """One or several lines of text, the first with its foot at ``y``."""
    first, *others = lines(content)
    below = "".join(f'<tspan x="{x}" dy="{LINE}">{line}</tspan>' for line in others)
    return f'<text x="{x}" y="{short(y)}"{more}>{first}{below}</text>'


def sign(name: str, x: float, y: float, size: float = SIZE) -> str:
    """A sign of so many pixels at a part of the width and a height in pixels; those of the strip have a size of their own."""
    at, of = f'x="{percent(x)}" y="{short(y)}"', f'href="#sign-{name if name in SIGNS else name.removesuffix(OPEN)}"'
    if size == SIZE or name.endswith(("-open", "-dot")):
        return f"<use {of} {at}/>"
    return f'<svg class="still-large" {at}><use {of} transform="scale({short(size / SIZE, 2)})"/></svg>'
