"""What lies beside the releases and tells of all of them: an index for people and for programs, a feed, a catalogue.

Each release stays at ``<base>/<id>/``. The files are made anew from the public files of the releases after each one, so a run
that was killed in between is mended by the next; the same releases give the same bytes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape
from typing import Any

from avbrott import atomic
from avbrott.home import Home
from avbrott.open_data.dcat import PREFIXES, dcat
from avbrott.open_data.files import ATOM, CATALOGUE, INDEX, JSON_INDEX
from avbrott.open_data.history import Entry, History, history, told_changes
from avbrott.registry import Contracts
from avbrott.release.public import PACKAGE
from avbrott.texts import Language, Texts

_LANGUAGES: tuple[Language, ...] = ("sv", "en")
_ATOM = "http://www.w3.org/2005/Atom"
_PAGES = {"sv": "site/index.html", "en": "site/en/index.html"}
_OPEN_DATA = {"sv": "site/oppna-data.html", "en": "site/en/open-data.html"}
_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_permalinks(home: Home, contracts: Contracts, texts: Texts) -> None:
    """Write the files beside the releases of ``home``; nothing where the contracts have no catalogue, or before the first."""
    if contracts.catalogue is None:
        return
    past = history(home, contracts.catalogue)
    if not past.entries:
        return
    files = {CATALOGUE: _xml(dcat(past)), JSON_INDEX: atomic.json_bytes(_machine(past))}
    for language in _LANGUAGES:
        files[INDEX[language]] = _page(past, texts, language).encode("utf-8")
        files[ATOM[language]] = _xml(_feed(past, texts, language))
    for name, content in sorted(files.items()):
        atomic.write_bytes(home.releases / name, content, public=True)


def _xml(root: ET.Element) -> bytes:
    """A document of its own, indented; namespaces are declared by the prefixes that readers know."""
    for prefix, namespace in {**PREFIXES, "": _ATOM}.items():
        ET.register_namespace(prefix, namespace)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _machine(past: History) -> dict[str, Any]:
    """The releases for a program: addresses, and what changed."""
    base = past.catalogue.base
    return {
        "base": base,
        "newest": past.entries[0].identifier,
        "releases": [
            {
                "release": entry.identifier,
                "date": entry.day.isoformat(),
                "previous": entry.previous,
                "address": f"{base}/{entry.identifier}/",
                "pages": {language: f"{base}/{entry.identifier}/{page}" for language, page in _PAGES.items()},
                "package": f"{base}/{entry.identifier}/{PACKAGE}",
                "tables": sorted(entry.public.tables),
                "changes": None
                if entry.changes is None
                else {name: list(getattr(entry.changes, name)) for name in ("new", "gone", "periods", "added", "revised")},
            }
            for entry in past.entries
        ],
    }


def _page(past: History, texts: Texts, language: Language) -> str:
    """The index for people: the newest first, each with its permalink and what changed. Its look is the newest release's."""

    def said(key: str, **parameters: object) -> str:
        return escape(texts.get(key, language, **parameters))

    other: Language = "en" if language == "sv" else "sv"
    newest = past.entries[0].identifier
    title = f"{said('RELEASES_TITLE')} – {escape(getattr(past.catalogue.title, language))}"
    ways = [(ATOM[language], "RELEASES_FEED"), (CATALOGUE, "RELEASES_CATALOGUE"), (JSON_INDEX, "RELEASES_MACHINE")]
    links = " · ".join(f'<a href="{file}">{said(key)}</a>' for file, key in ways)
    lines = [
        "<!doctype html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{title}</title>",
        f'<link rel="stylesheet" href="{newest}/site/static/avbrott.css">',
        f'<link rel="alternate" type="application/atom+xml" href="{ATOM[language]}" title="{said("RELEASES_FEED")}">',
        f'<link rel="alternate" hreflang="{other}" href="{INDEX[other]}">',
        "</head>",
        "<body>",
        '<header class="top">',
        f'<a class="top-name" href="{newest}/{_PAGES[language]}">{escape(getattr(past.catalogue.title, language))}</a>',
        f'<span class="top-links"><a href="{INDEX[other]}" hreflang="{other}" lang="{other}">',
        f"{said('RELEASES_OTHER')}</a></span>",
        "</header>",
        '<main id="content">',
        f"<h1>{said('RELEASES_TITLE')}</h1>",
        f'<p class="lead">{said("RELEASES_LEAD")}</p>',
        f"<p>{links}</p>",
    ]
    for entry in past.entries:
        lines += _section(past, entry, texts, language)
    return "\n".join([*lines, "</main>", "</body>", "</html>", ""])


def _section(past: History, entry: Entry, texts: Texts, language: Language) -> list[str]:
    name = entry.identifier
    ways = [(_PAGES[language], "RELEASES_PAGES"), (_OPEN_DATA[language], "RELEASES_DATA"), (PACKAGE, "RELEASES_PACKAGE")]
    address = f"{past.catalogue.base}/{name}/"
    there = [(file, key) for file, key in ways if (entry.folder / file).is_file()]
    links = " · ".join(f'<a href="{name}/{file}">{escape(texts.get(key, language))}</a>' for file, key in there)
    return [
        f'<section class="term" id="r{name}">',
        f"<h2>{escape(texts.get('RELEASE_NAMED', language, release=name))}</h2>",
        f"<p>{links}</p>",
        f"<p><code>{escape(address)}</code></p>",
        f"<h3>{escape(texts.get('RELEASES_CHANGES', language))}</h3>",
        "<ul>",
        *(f"<li>{escape(sentence)}</li>" for sentence in told_changes(past, entry, texts, language)),
        "</ul>",
        "</section>",
    ]


def _feed(past: History, texts: Texts, language: Language) -> ET.Element:
    """Atom: an entry a release, dated by the release's own date."""
    catalogue = past.catalogue
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})

    def put(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
        made = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
        made.text = text
        return made

    put(feed, "id", f"{catalogue.base}/{ATOM[language]}")
    put(feed, "title", getattr(catalogue.title, language))
    put(feed, "subtitle", getattr(catalogue.description, language))
    put(feed, "updated", f"{past.entries[0].day.isoformat()}T00:00:00Z")
    put(feed, "link", rel="self", type="application/atom+xml", href=f"{catalogue.base}/{ATOM[language]}")
    put(feed, "link", rel="alternate", type="text/html", href=f"{catalogue.base}/{INDEX[language]}")
    put(feed, "rights", getattr(catalogue.licence.title, language))
    author = put(feed, "author")
    put(author, "name", getattr(catalogue.publisher.name, language))
    put(author, "email", catalogue.contact.email)
    for entry in past.entries:
        made = put(feed, "entry")
        address = f"{catalogue.base}/{entry.identifier}/"
        put(made, "id", address)
        put(made, "title", texts.get("RELEASE_NAMED", language, release=entry.identifier))
        put(made, "published", f"{entry.day.isoformat()}T00:00:00Z")
        put(made, "updated", f"{entry.day.isoformat()}T00:00:00Z")
        put(made, "link", rel="alternate", type="text/html", href=f"{address}{_PAGES[language]}")
        put(made, "summary", " ".join(told_changes(past, entry, texts, language)), type="text")
    return feed
