"""What the site holds: pages, blocks and tiles as ``contracts/site.yaml`` lists them. How each is drawn is in ``pages``.

A block shows one released table from one angle. A block whose table is not released, or that the table says nothing of, is
left out: the same pages serve other contracts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from avbrott.contract_folder import own_or_packaged
from avbrott.model import Model, Text
from avbrott.registry import read_contract

LATEST = "latest"
"""In ``at``: the last school year for which the block has a figure."""

EACH = "each"
"""In ``at``: the code that the page is about."""

Figure = Literal["lines", "bars", "flows", "survival", "map", "funnel", "multiples"]


class Axis(Model):
    """The codes of one dimension that a block shows; empty: all that the table holds."""

    dimension: str
    levels: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """In this order."""
    total: bool = False
    """Whether the dimension's total is shown too, first."""
    without: tuple[str, ...] = ()
    """Codes that are left out: those of whom the figures say nothing, though the table lists them."""
    last: int | None = None
    """Only the last so many."""
    under: str | None = None
    """Only this code and those that stand under it."""


class Block(Model):
    """One table from one angle: a figure, a sentence about it, and the same figures as a table."""

    id: str
    """Its texts are ``block.<id>.title`` and, where there is more to say, ``block.<id>.about``."""
    table: str
    figure: Figure
    rows: Axis
    columns: Axis | None = None
    at: dict[str, str] = {}
    measure: Literal["persons", "share"] = "share"
    not_for: tuple[str, ...] = ()
    """Pages on these codes leave the block out: the table says nothing of them, though it lists them."""
    share_over: str | None = None
    """The share is worked out here, from shown numbers: of the total over this dimension, which ``at`` fixes a code of."""
    pooled: str | None = None
    """The table of pooled school years that stands in where single ones are not shown."""
    choose: tuple[str, ...] | None = None
    """The reader chooses which columns are drawn; these (none of them there: the first three) to begin with."""


class Tile(Model):
    """A headline figure: the latest of a table, and its change. Texts ``tile.<id>.label`` and ``tile.<id>.about``."""

    id: str
    table: str
    at: dict[str, str] = {}
    measure: Literal["persons", "share"] = "share"
    page: str | None = None
    """The page that says more."""
    chance: bool = True
    """Whether chance is said to move the figure: not of how many there are, only of what becomes of them."""


class Statistic(Model):
    """A released table whose series a reader may choose among, over school years."""

    table: str
    pooled: str | None = None
    """The table of pooled school years that is offered where single ones are hidden."""
    begin: tuple[dict[str, str], ...]
    """The lines that are drawn to begin with: a code of each dimension; left out: the total."""


class Split(Model):
    """How a page is divided where a dimension has more than ``over`` codes: one page for each code that has others under it.

    The page itself then shows ``levels``, and leads to the others.
    """

    dimension: str
    over: int
    levels: tuple[str, ...]


class Page(Model):
    """A page in each language. Texts ``page.<id>.title`` and ``page.<id>.lead``; ``page.<id>.warning`` where there is one."""

    id: str
    slug: Text
    """The name of its file; ``{code}`` in it where the page is made for each code."""
    kind: Literal["statistics", "home", "trends", "coverage", "words", "method", "glossary", "open_data"] = "statistics"
    each: Axis | None = None
    """A page is made for each of these codes."""
    list_of: str | None = None
    """The pages made for each code that this one leads to."""
    explorer: tuple[Statistic, ...] = ()
    """What the reader may draw for herself, on a page of kind ``trends``."""
    beside: bool = False
    """Each page made for a code leads to the others."""
    split: Split | None = None
    """Where a release lists so many codes that one page would be too heavy: a page a group of them."""
    tiles: tuple[Tile, ...] = ()
    blocks: tuple[Block, ...] = ()
    terms: tuple[str, ...] = ()
    """Glossary terms that the page's reader needs."""
    sections: tuple[str, ...] = ()
    """Keys of running text: ``<key>.title`` and ``<key>.text``."""


class Section(Model):
    """A heading of the menu, ``menu.<id>``, and its pages."""

    id: str
    pages: tuple[str, ...]


class Layout(Model):
    """The whole site."""

    menu: tuple[Section, ...]
    by_label: tuple[str, ...] = ()
    """Dimensions whose codes are listed by their label; the others stand in the order of their code list."""
    pages: tuple[Page, ...]
    report: tuple[str, ...] = ()
    """The pages that the release's report prints, in this order."""

    def page(self, identifier: str) -> Page:
        """The page with this id."""
        return next(page for page in self.pages if page.id == identifier)


def load_layout(folder: Path) -> Layout:
    """Read ``site.yaml`` of the contracts in ``folder``, or the packaged one where these contracts have none of their own."""
    return read_contract(own_or_packaged(folder, "site.yaml"), Layout)
