"""Builds the site of one release: reads the release, makes every page in both languages, writes them as one folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import plotly.offline
from markupsafe import Markup

from avbrott.errors import BadInput
from avbrott.registry import Contracts
from avbrott.texts import Language
from dashboards.grids import Item, Source
from dashboards.layout import EACH, Page, load_layout
from dashboards.pages import frame
from dashboards.pages.context import Context, Link, View
from dashboards.pages.coverage import coverage_page
from dashboards.pages.home import home_page
from dashboards.pages.parts import parts
from dashboards.pages.reference import glossary_page, method_page, open_data_page, words_page
from dashboards.pages.statistics import statistics_page
from dashboards.pages.trends import series_files, trends_page
from dashboards.places import load_places
from dashboards.reading import mark, read_cell
from dashboards.released import read_release
from dashboards.stills.parts import symbols
from dashboards.words import LANGUAGES, Words, site_texts

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
    made = list(contexts(release, contracts))
    part = out.parent / f".{out.name}.part"
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        write_static(part)
        templates = environment()
        _write_series(part, made[0])
        for context in made:
            for page, code, view in pages(context):
                _write_page(part, templates, context, page, code, view)
        _replace(part, out)
    except OSError:
        raise BadInput("SITE_FOLDER_UNWRITABLE", folder=out) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def contexts(release: Path, contracts: Contracts) -> Iterator[Context]:
    """The release in each language."""
    released, layout = read_release(release), load_layout(contracts.folder)
    texts, places = site_texts(contracts), load_places(contracts.folder)
    for language in LANGUAGES:
        totals = {d.name: getattr(d.total, language) for d in contracts.dimensions.values() if d.total}
        source = Source(released, layout, language, totals)
        made = {page.id: _codes(source, page) for page in layout.pages if page.each}
        yield Context(contracts, layout, released, Words(language, texts), source, made, places)


def _codes(source: Source, page: Page) -> tuple[Item, ...]:
    """The codes that ``page`` is made for: those of any table that one of its blocks shows."""
    tables = source.released.tables
    shown = [tables[block.table] for block in page.blocks if EACH in block.at.values() and block.table in tables]
    return source.pages(page.each, shown) if page.each else ()


def pages(context: Context) -> Iterator[tuple[Page, Item | None, View]]:
    """Every page of a language, with the code that it is about where it is made for each."""
    for page in context.layout.pages:
        if page.kind in ("method", "words"):
            yield page, None, method_page(context, page) if page.kind == "method" else words_page(context, page)
        elif page.kind == "home":
            yield page, None, home_page(context, page)
        elif page.kind == "trends":
            yield page, None, trends_page(context, page)
        elif page.kind in WORD_PAGES:
            yield page, None, WORD_PAGES[page.kind](context)
        else:
            yield from _statistics(context, page)


def _statistics(context: Context, page: Page) -> Iterator[tuple[Page, Item | None, View]]:
    """``page``, or a page for each code that it is made for; each in parts where the release is large."""
    found = parts(page, context.source)
    for item in context.made[page.id] if page.each else (None,):
        links = [
            Link(part.of.label, context.file(part.page, item.code if item else None).rpartition("/")[2])
            for part in found
            if part.of
        ]
        for part in found:
            yield part.page, item, statistics_page(context, part.page, item, part.of, links)


def environment() -> jinja2.Environment:
    """Templates of pages; a name that a template asks for and nobody gave is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    made.globals["still_signs"] = Markup(symbols())  # noqa: S704  a constant of ours
    return made


def _write_page(
    part: Path, templates: jinja2.Environment, context: Context, page: Page, code: Item | None, view: View
) -> None:
    file = context.file(page, code.code if code else None)
    data = file.replace("/", "-").removesuffix(".html") + ".js"
    scripted = bool(view.figures or view.data)
    write(part / file, rendered(templates, context, page, code, view, data=f"data/{data}" if scripted else ""))
    if scripted:
        write_json(part / "data" / data, "AVBROTT", {"figures": view.figures, **view.data})


def _write_series(part: Path, context: Context) -> None:
    """What a reader who chooses series loads, a piece at a time: codes only, so one file serves both languages."""
    for name, series in series_files(context).items():
        write_json(part / "data" / name, "AVBROTT_SERIES", series)


def rendered(
    templates: jinja2.Environment,
    context: Context,
    page: Page,
    code: Item | None,
    view: View,
    *,
    data: str = "",
    base: str = "base.html",
) -> str:
    """The HTML of a page, within the template ``base``."""
    other: Language = "en" if context.language == "sv" else "sv"
    words = context.words
    return templates.get_template(view.template).render(
        view.values,
        base=base,
        page=page,
        title=frame.title(context, page, code, view.part),
        lead=words(f"page.{page.id}.lead", label=code.label if code else ""),
        warning=words.maybe(f"page.{page.id}.warning"),
        parent=frame.parent(context, page, code, view.part),
        page_terms=frame.terms(context, page),
        t=words,
        read=lambda cell, measure: read_cell(cell, measure, words),
        mark=lambda cell: mark(cell, words),
        menu=frame.menu(context, page),
        root=context.root,
        language=context.language,
        other_language=other,
        other_href=("en/" if other == "en" else "../")
        + context.file(page, code.code if code else None, other).rpartition("/")[2],
        release=context.released.identifier,
        data=data,
        link=context.link,
    )


def write_static(part: Path) -> None:
    """Styles and scripts, and the one shared copy of plotly."""
    for file in sorted(STATIC.iterdir()):
        write(part / "static" / file.name, file.read_text("utf-8"))
    write(part / "static" / "plotly.min.js", plotly.offline.get_plotlyjs())


def write_json(file: Path, name: str, content: Any) -> None:
    """What a page's scripts read as ``window.<name>``: a script, since a page that lies in a folder may load no JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    write(file, f"window.{name} = {text};\n")


def write(file: Path, content: str) -> None:
    """Write ``file``, and the folders above it."""
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
