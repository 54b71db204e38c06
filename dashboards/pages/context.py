"""What every page is made from: contracts, release, language, and where the other pages lie."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from avbrott.registry import Contracts
from avbrott.texts import Language
from dashboards.grids import Item, Source
from dashboards.layout import Layout, Page
from dashboards.places import Places
from dashboards.released import Released
from dashboards.words import Words


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Context:
    """One release in one language."""

    contracts: Contracts
    layout: Layout
    released: Released
    words: Words
    source: Source
    made: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    """For each page that is made for each code: the codes it is made for."""
    places: Places = field(default_factory=Places)
    """Where municipalities stand on the map."""

    @property
    def language(self) -> Language:
        return self.words.language

    def file(self, page: Page, code: str | None = None, language: Language | None = None) -> str:
        """The page's file under the site's root: Swedish beside it, English in ``en/``."""
        language = language or self.language
        slug = (page.slug.sv if language == "sv" else page.slug.en).format(code=file_part(code or ""))
        return f"{slug}.html" if language == "sv" else f"{language}/{slug}.html"

    def link(self, page: str, code: str | None = None) -> str:
        """A link to a page of the same language, from a page of that language."""
        return self.file(self.layout.page(page), code).rpartition("/")[2]

    @property
    def root(self) -> str:
        """The way from a page of this language to the site's root."""
        return "" if self.language == "sv" else "../"

    def table_file(self, table: str) -> str:
        """The way to a released table: the site lies in its release, beside ``tables/``."""
        return f"{self.root}../tables/{table}.csv"

    def table_title(self, table: str) -> str:
        """What a table is called; its name where the contracts know none of it."""
        contract = self.contracts.published.get(table)
        return str(getattr(contract.title, self.language)) if contract else table

    def codelist_file(self, dimension: str) -> str:
        """The way to a dimension's released code list; empty where the release has none."""
        return f"{self.root}../codelists/{dimension}.csv" if dimension in self.released.codelists else ""


@dataclass(frozen=True, slots=True)
class View:
    """One page, ready for its template."""

    template: str
    values: dict[str, Any]
    figures: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    """What the page's own scripts read besides the figures."""
    part: Item | None = None
    """The group that the page shows, where it is a part of one that was too heavy."""


def file_part(code: str) -> str:
    """A code as a part of a file name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9åäö]+", "-", code.casefold()).strip("-")
