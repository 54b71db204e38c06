"""A page that would be too heavy becomes several: one that shows the groups, and one for each group with all in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from avbrott.model import Text
from dashboards.grids import Item, Source
from dashboards.layout import Axis, Block, Page, Split
from dashboards.pages.context import file_part


@dataclass(frozen=True, slots=True)
class Part:
    """One page of those that a page becomes; ``of`` is the group that it shows, None for the page itself."""

    page: Page
    of: Item | None = None


def parts(page: Page, source: Source) -> list[Part]:
    """``page`` as it is, or where the release has too many codes of the dimension that it is split by: divided."""
    split = page.split
    groups = _groups(page, split, source) if split else []
    if not split or not groups:
        return [Part(page)]
    whole = page.model_copy(
        update={"blocks": tuple(_narrowed(block, split, {"levels": split.levels}) for block in page.blocks)}
    )
    return [Part(whole), *(Part(_of(page, split, group), group) for group in groups)]


def _groups(page: Page, split: Split, source: Source) -> list[Item]:
    """The codes that have others under them, where there are more than ``over`` in all."""
    tables = [source.released.tables[block.table] for block in page.blocks if block.table in source.released.tables]
    items = source.pages(Axis(dimension=split.dimension), tables)
    if len(items) <= split.over:
        return []
    return [item for item, after in pairwise(items) if after.depth > item.depth]


def _of(page: Page, split: Split, group: Item) -> Page:
    """The page of one group: the blocks that are divided by the dimension, cut to the group, and nothing else of the page."""
    name = file_part(group.code)
    return page.model_copy(
        update={
            "slug": Text(sv=f"{page.slug.sv}-{name}", en=f"{page.slug.en}-{name}"),
            "tiles": (),
            "list_of": None,
            "blocks": tuple(
                _narrowed(block, split, {"under": group.code}) for block in page.blocks if _divides(block, split)
            ),
        }
    )


def _divides(block: Block, split: Split) -> bool:
    return any(axis and axis.dimension == split.dimension for axis in (block.rows, block.columns))


def _narrowed(block: Block, split: Split, update: dict[str, object]) -> Block:
    if not _divides(block, split):
        return block
    rows, columns = (
        axis.model_copy(update=update) if axis and axis.dimension == split.dimension else axis
        for axis in (block.rows, block.columns)
    )
    return block.model_copy(update={"rows": rows, "columns": columns, "choose": None if block.choose is None else ()})
