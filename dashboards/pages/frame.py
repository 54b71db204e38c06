"""What stands around the content of every page: its title, the menu, the page above it and the terms that it needs."""

from __future__ import annotations

from dashboards.grids import Item
from dashboards.layout import Page
from dashboards.pages.context import Context, Link


def title(context: Context, page: Page, code: Item | None, part: Item | None) -> str:
    """The page's title; of a page made for a code its label, in words of the page where it has such; and what part it is."""
    words, of = context.words, f"page.{page.id}.of"
    if code is None:
        whole = words(f"page.{page.id}.title")
    else:
        whole = words(of, label=code.label) if of in words.texts else code.label
    return words("site.part", title=whole, label=part.label) if part else whole


def menu(context: Context, current: Page) -> list[tuple[str, list[Link]]]:
    """The sections of the menu; ``current``, or the page that it stands under, is marked."""
    parents = {page.list_of: page.id for page in context.layout.pages if page.list_of}
    return [
        (
            context.words(f"menu.{section.id}"),
            [
                Link(
                    context.words.maybe(f"page.{page}.menu") or context.words(f"page.{page}.title"),
                    context.link(page),
                    page in (current.id, parents.get(current.id)),
                )
                for page in section.pages
            ],
        )
        for section in context.layout.menu
    ]


def parent(context: Context, page: Page, code: Item | None, part: Item | None) -> Link | None:
    """The page that leads to ``page``, where it is one of many or a part."""
    if part:
        return Link(title(context, page, code, None), context.link(page.id, code.code if code else None))
    for found in context.layout.pages:
        if found.list_of == page.id:
            return Link(context.words(f"page.{found.id}.title"), context.link(found.id))
    return None


def terms(context: Context, page: Page) -> list[Link]:
    """The definitions of the terms that a reader of ``page`` needs."""
    glossary = next((found.id for found in context.layout.pages if found.kind == "glossary"), None)
    known = context.contracts.glossary.terms
    return [
        Link(getattr(known[term].name, context.language), f"{context.link(glossary)}#{term}")
        for term in page.terms
        if glossary and term in known
    ]
