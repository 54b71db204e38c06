"""Builds the site of one release: reads the release, makes every page in both languages, writes them as one folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import plotly.offline

from avbrott.errors import BadInput
from avbrott.registry import Contracts
from avbrott.texts import Language, load_texts
from dashboards.grids import Item, Source
from dashboards.layout import EACH, Layout, Page, load_layout
from dashboards.pages.context import Context, Link, View
from dashboards.pages.coverage import coverage_page
from dashboards.pages.reference import glossary_page, method_page, open_data_page
from dashboards.pages.statistics import statistics_page
from dashboards.reading import mark, read_cell
from dashboards.released import Released, read_release
from dashboards.words import LANGUAGES, Words

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
STYLE = "avbrott.css"
"""A file of every site: a folder without it was not made here, and is never replaced."""
WORD_PAGES = {"glossary": glossary_page, "open_data": open_data_page, "coverage": coverage_page}


def build_site(release: Path, contracts: Contracts, out: Path) -> None:
    """Make the site of the release folder ``release`` in ``out`` (by rule ``<release>/site``), replacing what was there.

    Reads the release's tables, code lists and datapackage, and the contracts' texts; nothing confidential. The same
    input gives the same bytes. ``BadInput`` where the folder is no release or a file of it cannot be read, or where ``out``
    is something else than a site, or cannot be written; ``out`` stays then.
    """
    if not _may_replace(out):
        raise BadInput("SITE_FOLDER_TAKEN", folder=out)
    released = read_release(release)
    layout = load_layout(contracts.folder)
    part = out.parent / f".{out.name}.part"
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        _write_static(part)
        environment = _environment()
        for context in _contexts(released, layout, contracts):
            for page, code, view in _pages(context):
                _write_page(part, environment, context, page, code, view)
        _replace(part, out)
    except OSError:
        raise BadInput("SITE_FOLDER_UNWRITABLE", folder=out) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _contexts(released: Released, layout: Layout, contracts: Contracts) -> Iterator[Context]:
    texts = load_texts(contracts.folder, "site")
    for language in LANGUAGES:
        totals = {d.name: getattr(d.total, language) for d in contracts.dimensions.values() if d.total}
        source = Source(released, layout, language, totals)
        made = {page.id: _codes(source, page) for page in layout.pages if page.each}
        yield Context(contracts, layout, released, Words(language, texts), source, made)


def _codes(source: Source, page: Page) -> tuple[Item, ...]:
    """The codes that ``page`` is made for: those of any table that one of its blocks shows."""
    tables = source.released.tables
    shown = [tables[block.table] for block in page.blocks if EACH in block.at.values() and block.table in tables]
    return source.pages(page.each, shown) if page.each else ()


def _pages(context: Context) -> Iterator[tuple[Page, Item | None, View]]:
    for page in context.layout.pages:
        if page.kind == "method":
            yield page, None, method_page(context, page)
        elif page.kind in WORD_PAGES:
            yield page, None, WORD_PAGES[page.kind](context)
        elif page.each is None:
            yield page, None, statistics_page(context, page)
        else:
            for item in context.made[page.id]:
                yield page, item, statistics_page(context, page, item)


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


def _write_page(
    part: Path, environment: jinja2.Environment, context: Context, page: Page, code: Item | None, view: View
) -> None:
    file = context.file(page, code.code if code else None)
    other: Language = "en" if context.language == "sv" else "sv"
    data = file.replace("/", "-").removesuffix(".html") + ".js"
    words = context.words
    html = environment.get_template(view.template).render(
        view.values,
        page=page,
        title=code.label if code else words(f"page.{page.id}.title"),
        lead=words(f"page.{page.id}.lead", label=code.label if code else ""),
        warning=words.maybe(f"page.{page.id}.warning"),
        parent=_parent(context, page),
        page_terms=_terms(context, page),
        t=words,
        read=lambda cell, measure: read_cell(cell, measure, words),
        mark=lambda cell: mark(cell, words),
        menu=_menu(context, page),
        root=context.root,
        language=context.language,
        other_language=other,
        other_href=("en/" if other == "en" else "../")
        + context.file(page, code.code if code else None, other).rpartition("/")[2],
        release=context.released.identifier,
        data=f"data/{data}" if view.figures else "",
        link=context.link,
    )
    _write(part / file, html)
    if view.figures:
        _write(part / "data" / data, f"window.AVBROTT = {_json({'figures': view.figures})};\n")


def _menu(context: Context, current: Page) -> list[tuple[str, list[Link]]]:
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


def _parent(context: Context, page: Page) -> Link | None:
    """The page that leads to ``page``, where it is one of many."""
    for found in context.layout.pages:
        if found.list_of == page.id:
            return Link(context.words(f"page.{found.id}.title"), context.link(found.id))
    return None


def _terms(context: Context, page: Page) -> list[Link]:
    glossary = next((found.id for found in context.layout.pages if found.kind == "glossary"), None)
    known = context.contracts.glossary.terms
    return [
        Link(getattr(known[term].name, context.language), f"{context.link(glossary)}#{term}")
        for term in page.terms
        if glossary and term in known
    ]


def _write_static(part: Path) -> None:
    for file in sorted(STATIC.iterdir()):
        _write(part / "static" / file.name, file.read_text("utf-8"))
    _write(part / "static" / "plotly.min.js", plotly.offline.get_plotlyjs())


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, "utf-8", newline="\n")


def _may_replace(out: Path) -> bool:
    """Whether nothing is lost with ``out``: it is not there, an empty folder, or a site."""
    try:
        if not out.exists() and not out.is_symlink():
            return True
        return out.is_dir() and not out.is_symlink() and ((out / "static" / STYLE).is_file() or not any(out.iterdir()))
    except OSError:
        raise BadInput("SITE_FOLDER_UNWRITABLE", folder=out) from None


def _replace(part: Path, out: Path) -> None:
    """Put ``part`` where ``out`` is; what was there goes away only when the new one stands."""
    old = out.parent / f".{out.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    part.rename(out)
    shutil.rmtree(old, ignore_errors=True)
