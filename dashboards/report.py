"""The release's report: the pages of the site that ``site.yaml`` lists under ``report``, one after another, printed as PDF.

The chapters are those pages, from the same templates, without their ways to other pages.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup

from avbrott.atomic import replacing
from avbrott.errors import BadInput
from avbrott.registry import Contracts
from avbrott.texts import Language
from dashboards.browser import find_browser, print_pdf
from dashboards.layout import Page
from dashboards.pages.context import Context, View
from dashboards.pages.statistics import BlockView
from dashboards.site import contexts, environment, pages, rendered, write_json, write_static

_ELSEWHERE = re.compile(r' href="(?!#)[^"]*"')
_IDENTIFIER = re.compile(r'( (?:id|for|aria-labelledby|href)="#?)([^"]+)(")')
_WITHIN = re.compile(r"url\(#([^)]+)\)")


def write_report(release: Path, contracts: Contracts, pdf: Path, language: Language = "sv") -> None:
    """Print the report of the release folder ``release`` to ``pdf``, in ``language``; what was there is replaced.

    ``BadInput`` where no browser is installed, the release cannot be read, or ``pdf`` cannot be written.
    """
    find_browser()
    context = next(context for context in contexts(release, contracts) if context.language == language)
    with tempfile.TemporaryDirectory(prefix="avbrott-") as folder:
        html = write_html(context, Path(folder))
        try:
            with replacing(pdf, public=True) as part:
                print_pdf(html, part, _dated(context))
        except OSError:
            raise BadInput("PDF_UNWRITABLE", file=pdf) from None


def write_html(context: Context, folder: Path) -> Path:
    """Write the page that is printed, its figures and what it is drawn with under ``folder``; gives the page's file."""
    figures: dict[str, Any] = {}
    made = environment()
    chapters = []
    for page, view in _chapters(context):
        own = _own(page, view)
        figures |= own.figures
        html = rendered(made, context, page, None, own, base="chapter.html")
        chapters.append((page.id, context.words(f"page.{page.id}.title"), Markup(_closed(html, page.id))))  # noqa: S704  our own template made it
    write_static(folder)
    write_json(folder / "data" / "report.js", "AVBROTT", {"figures": figures})
    file = folder / "report.html"
    text = made.get_template("report.html").render(
        chapters=chapters, t=context.words, language=context.language, release=context.released.identifier
    )
    file.write_text(text, "utf-8", newline="\n")
    return file


def _chapters(context: Context) -> list[tuple[Page, View]]:
    """The listed pages in their order; a page of figures that this release has none of is left out."""
    made = {page.id: (page, view) for page, code, view in pages(context) if code is None and view.part is None}
    found = [made[name] for name in context.layout.report if name in made]
    return [(page, view) for page, view in found if view.values.get("blocks", True)]


def _own(page: Page, view: View) -> View:
    """``view`` with the name of its page before that of each figure: two chapters may hold the same block."""
    values: Mapping[str, Any] = view.values
    blocks = values.get("blocks", [])
    named = [replace(block, id=f"{page.id}-{block.id}") if isinstance(block, BlockView) else block for block in blocks]
    own = {f"{page.id}-{block.id}" for block in blocks if block.id in view.figures}
    others = {name: figure for name, figure in view.figures.items() if f"{page.id}-{name}" not in own}
    figures = {f"{page.id}-{name}": figure for name, figure in view.figures.items() if f"{page.id}-{name}" in own}
    return replace(view, values={**values, "blocks": named} if named else dict(values), figures=figures | others)


def _closed(html: str, chapter: str) -> str:
    """``html`` without links, which would lead away from the report, and with identifiers that no other chapter has."""
    closed = _ELSEWHERE.sub("", html)
    closed = _IDENTIFIER.sub(lambda found: f"{found[1]}{_within(found[2], chapter)}{found[3]}", closed)
    return _WITHIN.sub(lambda found: f"url(#{chapter}-{found[1]})", closed)


def _within(names: str, chapter: str) -> str:
    return " ".join(f"{chapter}-{name}" for name in names.split(" "))


def _dated(context: Context) -> date:
    """The day of the release, which its identifier begins with; the first of days where it has none."""
    try:
        return date.fromisoformat(context.released.identifier[:10])
    except ValueError:
        return date(1970, 1, 1)
