"""The generated pages as HTML: the same Markdown, rendered into files that open offline, on paper and on a telephone.

What a page says is made in ``pages``; here is only its dress: one file each, no script, nothing fetched. English stands as
English in the markup, every table names its columns on narrow screens, and links go to the HTML of the page they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path, PurePosixPath
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token

from avbrott.documentation.words import Words

INDEX = "contracts/index.html"
"""The page to open first."""
_HERE = Path(__file__).parent
_ANCHOR = re.compile(r'<a id="(\w+)"></a>')
_ENGLISH = ("(English)", "English")
"""How a heading says that what follows it is in English: a section's, or a column's."""


def html_pages(made: Mapping[str, str], words: Words) -> dict[str, str]:
    """The HTML of Markdown pages (by their path), by its own path, sorted."""
    return dict(sorted((html_path(name), _page(html_path(name), text, words)) for name, text in made.items()))


def html_path(name: str) -> str:
    """The path of a page's HTML; the index of a folder is what a browser opens."""
    return str(PurePosixPath(name).with_suffix(".html")).replace("README.html", "index.html")


def _page(name: str, text: str, words: Words) -> str:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = _dressed(parser.parse(text))
    root = "../" * name.count("/")
    return Template((_HERE / "page.html").read_text("utf-8")).substitute(
        title=escape(_title(tokens)),
        style=(_HERE / "page.css").read_text("utf-8"),
        skip=escape(words.both("DOC_SKIP")),
        index=f"{root}{INDEX}",
        index_title=escape(words.both("DOC_INDEX_TITLE")),
        glossary=f"{root}glossary.html",
        glossary_title=escape(words.both("DOC_GLOSSARY_TITLE")),
        contents=_contents(tokens, words),
        body=parser.renderer.render(tokens, parser.options, {}),
    )


def _title(tokens: list[Token]) -> str:
    return next(_text(tokens[at + 1]) for at, token in enumerate(tokens) if token.type == "heading_open")


def _contents(tokens: list[Token], words: Words) -> str:
    """Links to the sections of a page that has several: to its languages, or to the terms."""
    headings = [(token, tokens[at + 1]) for at, token in enumerate(tokens) if token.type == "heading_open"]
    sections = [(token.attrs["id"], _text(line)) for token, line in headings if token.tag == "h2"]
    if len(sections) < 2:
        return ""
    links = "".join(f'<li><a href="#{escape(str(anchor))}">{escape(text)}</a></li>' for anchor, text in sections)
    return f"<details><summary>{escape(words.both('DOC_ON_THIS_PAGE'))}</summary><ul>{links}</ul></details>"


def _text(token: Token) -> str:
    """The words of a line, without its marks."""
    return "".join(child.content for child in token.children or () if child.type in {"text", "code_inline"})


def _dressed(tokens: list[Token]) -> list[Token]:
    """The tokens with anchors, languages, links to HTML, and tables that can be read at any width."""
    dressed: list[Token] = []
    anchor, english, used = "", False, set[str]()
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "paragraph_open" and (found := _ANCHOR.fullmatch(tokens[at + 1].content)):
            anchor = found[1]
            at += 2
        elif token.type == "heading_open":
            line = _text(tokens[at + 1])
            if token.tag == "h2":
                if english:
                    dressed.append(_close("section"))
                english = line.endswith(_ENGLISH[0])
                if english:
                    dressed.append(_open("section", lang="en"))
            token.attrSet("id", anchor or _slug(line, used))
            anchor = ""
            dressed.append(token)
        elif token.type == "table_open":
            end = next(place for place in range(at, len(tokens)) if tokens[place].type == "table_close")
            dressed += [*_table(tokens[at : end + 1])]
            at = end
        else:
            if token.type == "inline":
                _inline(token)
            dressed.append(token)
        at += 1
    return [*dressed, *([_close("section")] if english else [])]


def _table(tokens: list[Token]) -> Iterator[Token]:
    """A table whose cells know their column; roles are told, since a narrow screen shows rows as blocks."""
    labels: list[str] = []
    column = 0
    yield _open("div", **{"class": "table"})
    for token, inside in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        match token.type:
            case "table_open":
                token.attrSet("role", "table")
            case "thead_open" | "tbody_open":
                token.attrSet("role", "rowgroup")
            case "tr_open":
                token.attrSet("role", "row")
                column = 0
            case "th_open":
                labels.append(_text(inside))
                token.attrSet("scope", "col")
                token.attrSet("role", "columnheader")
            case "td_open":
                token.attrSet("role", "cell")
                token.attrSet("data-label", labels[column])
                if labels[column] == _ENGLISH[1]:
                    token.attrSet("lang", "en")
                if not _has_content(inside):
                    token.attrSet("class", "empty")
                column += 1
            case "inline":
                _inline(token)
        yield token
    yield _close("div")


def _has_content(token: Token) -> bool:
    return bool(token.content.strip())


def _inline(token: Token) -> None:
    """Links to the HTML of a page; what is emphasised is English, which the pages set below or beside Swedish."""
    for child in token.children or ():
        if child.type == "em_open":
            child.attrSet("lang", "en")
        href = str(child.attrs.get("href", "")) if child.type == "link_open" else ""
        if href and "://" not in href:
            path, mark, place = href.partition("#")
            child.attrSet("href", (html_path(path) if path else "") + mark + place)


def _slug(text: str, used: set[str]) -> str:
    """A name for a heading, once a page."""
    plain = re.sub(r"[^\w]+", "-", text.casefold()).strip("-")
    name, number = plain, 2
    while name in used:
        name, number = f"{plain}-{number}", number + 1
    used.add(name)
    return name


def _open(tag: str, **attributes: str) -> Token:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return Token("html_block", "", 0, content=f"<{tag}{written}>\n")


def _close(tag: str) -> Token:
    return Token("html_block", "", 0, content=f"</{tag}>\n")
