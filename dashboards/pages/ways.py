"""Ways from a page to those that belong with it: the pages that it lists, and the others of its kind."""

from __future__ import annotations

from dashboards.grids import Item
from dashboards.layout import Page
from dashboards.pages.context import Context, Link


def children(context: Context, page: Page) -> list[list[Link]]:
    """The pages that a page lists, each at the top together with those that stand below it."""
    groups: list[list[Link]] = []
    if page.list_of is None or context.layout.page(page.list_of).beside:
        return groups
    for item in context.made.get(page.list_of, ()):
        if not item.depth:
            groups.append([])
        groups[-1].append(Link(item.label, context.link(page.list_of, item.code)))
    return groups


def beside(context: Context, page: Page, code: Item | None) -> list[Link]:
    """The pages made for each code, newest first, on each of them and on the page that leads to them."""
    of = page.id if page.beside else page.list_of
    if of is None or not context.layout.page(of).beside:
        return []
    found = list(reversed(context.made.get(of, ())))
    here = code if page.beside else next(iter(found), None)  # the page that leads to them shows the newest
    return [Link(item.label, context.link(of, item.code), item == here) for item in found]
