"""A map of tiles: one square a municipality, shaded by its share. It is drawn as SVG by a template, and needs no script.

The shades are the same on the maps of all school years, so that they can be compared; a tile that has no figure is never
shaded, and its pattern, sign and words are those of its status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from dashboards.grids import Item
from dashboards.places import Place
from dashboards.reading import mark, read_cell
from dashboards.released import Cell, Status
from dashboards.words import Words

WIDTH, HEIGHT, GAP = 92, 62, 4
SHORT = 8
"""So many letters of a name there is room for on a narrow screen, in a size that can be read."""
SHADES = 5
STEP = Decimal("0.005")
"""Bounds between shades are whole halves of a percentage point."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One municipality: its upper left corner, how it looks, what it says, and its page."""

    x: int
    y: int
    look: str
    """``shade-1`` to ``shade-5``, ``zero``, or the status."""
    lines: tuple[str, ...]
    """The name, in one or two lines."""
    short: str
    """The name on a narrow screen; the whole name stands in the list below."""
    figure: str
    sign: str
    """The figure on a narrow screen: of what is not shown the sign alone."""
    spoken: str
    href: str


@dataclass(frozen=True, slots=True)
class TileMap:
    """The whole map, ready for the template."""

    id: str
    width: int
    height: int
    tiles: tuple[Tile, ...]
    listed: tuple[tuple[str, str], ...]
    """Name and figure of each in reading order."""
    shades: tuple[tuple[str, str], ...]
    """Look and words of each shade that there can be, lightest first."""
    statuses: tuple[Status, ...]
    """The statuses of tiles without a figure."""
    zero: bool


def tile_map(
    identifier: str,
    cells: Mapping[str, Cell],
    items: Sequence[Item],
    laid: Mapping[str, Place],
    bounds: Sequence[Decimal],
    hrefs: Mapping[str, str],
    words: Words,
) -> TileMap:
    """The map of ``items``: a share each (``cells``), at the places ``laid``; ``bounds`` are those between the shades."""
    shorts = _shorts([item.label for item in items])
    order = sorted(items, key=lambda item: laid[item.code][::-1])
    tiles = tuple(
        _tile(item, shorts[item.label], cells[item.code], laid[item.code], bounds, hrefs.get(item.code, ""), words)
        for item in order
    )
    return TileMap(
        identifier,
        max(tile.x for tile in tiles) + WIDTH,
        max(tile.y for tile in tiles) + HEIGHT,
        tiles,
        tuple((item.label, _figure(cells[item.code], words)) for item in items),
        _shades(bounds, words),
        tuple(sorted({cell.status for cell in cells.values() if cell.value is None})),
        any(tile.look == "zero" for tile in tiles),
    )


def bounds_between(shares: Sequence[str]) -> tuple[Decimal, ...]:
    """The bounds that part shown shares into shades with about as many in each; fewer where the shares are much alike."""
    values = sorted(Decimal(share) for share in shares if Decimal(share) != 0)
    if not values:
        return ()
    cuts = [values[len(values) * place // SHADES] for place in range(1, SHADES)]
    found = {(cut / STEP).to_integral_value() * STEP for cut in cuts}
    return tuple(bound for bound in sorted(found) if values[0] < bound <= values[-1])


def _tile(item: Item, short: str, cell: Cell, place: Place, bounds: Sequence[Decimal], href: str, words: Words) -> Tile:
    column, row = place
    said = read_cell(cell, "share", words)
    return Tile(
        column * (WIDTH + GAP),
        row * (HEIGHT + GAP),
        _look(cell, bounds),
        _lines(item.label),
        short,
        _figure(cell, words),
        said if cell.value is not None else mark(cell, words).partition(" ")[0],
        f"{item.label}: {said}",
        href,
    )


def _figure(cell: Cell, words: Words) -> str:
    return read_cell(cell, "share", words) if cell.value is not None else mark(cell, words)


def _look(cell: Cell, bounds: Sequence[Decimal]) -> str:
    if cell.value is None:
        return cell.status
    share = Decimal(cell.value)
    return "zero" if share == 0 else f"shade-{1 + sum(bound <= share for bound in bounds)}"


def _lines(label: str) -> tuple[str, ...]:
    """A long name on two lines: at a space or hyphen where it has one in its middle."""
    if len(label) <= 12:
        return (label,)
    breaks = [place + 1 for place, sign in enumerate(label) if sign in " -" and place > 1]
    if not breaks:
        return (label[:11] + "\u2026",)
    cut = min(breaks, key=lambda place: abs(place - len(label) / 2))
    first, second = label[:cut].strip(), label[cut:].strip()
    return tuple(part if len(part) <= 13 else part[:12] + "\u2026" for part in (first, second))


def _shorts(labels: Sequence[str]) -> dict[str, str]:
    """Each label as its beginning; of those that begin alike beginning and end."""
    cut = {label: label if len(label) <= SHORT else label[: SHORT - 1].rstrip() + "." for label in labels}
    counts = Counter(cut.values())
    return {label: short if counts[short] == 1 else f"{label[:4]}\u2026{label[-3:]}" for label, short in cut.items()}


def _shades(bounds: Sequence[Decimal], words: Words) -> tuple[tuple[str, str], ...]:
    said = [words.share(str(bound)) for bound in bounds]
    if not said:
        return ()
    texts = [
        words("map.below", bound=said[0]),
        *(words("map.between", low=low, high=high) for low, high in pairwise(said)),
        words("map.above", bound=said[-1]),
    ]
    return tuple((f"shade-{place}", text) for place, text in enumerate(texts, 1))
