"""Great Expectations' Data Docs of each provider's own deliveries: what its renderers make of a result, as pieces of HTML.

What the library puts around them is left out: scripts and styles from seven other hosts, links to pages that are not made,
the clock of the run. So the same counts give the same bytes. The page that a piece stands on is ``dashboards``'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from avbrott.expectations.contract import Frame
from avbrott.expectations.frames import coverage
from avbrott.expectations.kept import OWN, kept_counts
from avbrott.expectations.suites import Watch, ephemeral, reduced, validated_suite
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts


@dataclass(frozen=True, slots=True)
class SuiteDocs:
    """One suite over one provider's own deliveries."""

    suite: str
    html: str
    """In English, as the library writes it."""
    watches: tuple[Watch, ...]


_SECTIONS = "{% for section in sections %}{% set section_loop = loop %}{% include 'section.j2' %}{% endfor %}"
_LEFT_OUT = ("header", "collapse")
"""Of a result's overview: its header links to pages that are not made, and what can be folded out tells the clock."""
_ATTRIBUTE = re.compile(r"\s(?:id|style|data-[\w-]+)=\"[^\"]*\"")
_HEADING = re.compile(r"(</?)h[56]\b")


def own_frames(home: Home, contracts: Contracts, terms: Iterable[Term]) -> dict[str, dict[Frame, pl.DataFrame]]:
    """By provider, the frames that are of its own deliveries alone; those without a row left out."""
    kept, wanted = kept_counts(home), sorted(set(terms))
    found: dict[str, dict[Frame, pl.DataFrame]] = {}
    for supplier in contracts.suppliers.suppliers:
        frames: dict[Frame, pl.DataFrame] = {"coverage": coverage(home, contracts, wanted, supplier.id)}
        frames |= {name: kept[name].filter(provider=supplier.id) for name in OWN if name in kept}
        found[supplier.id] = {name: frame for name, frame in frames.items() if not frame.is_empty()}
    return found


def data_docs(frames: Mapping[str, Mapping[Frame, pl.DataFrame]], contracts: Contracts) -> dict[str, list[SuiteDocs]]:
    """By provider, what Great Expectations says of its frames, held against the contracts' suites."""
    context = ephemeral()
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    renderer, view = ValidationResultsPageRenderer(), DefaultJinjaPageView()
    template = view.env.from_string(_SECTIONS)
    found: dict[str, list[SuiteDocs]] = {}
    for provider, own in frames.items():
        found[provider] = []
        for suite in (one for one in contracts.expectations.suites if one.frame in own):
            said = validated_suite(context, suite, own[suite.frame])
            html = template.render(sections=_sections(renderer.render(said)))
            found[provider].append(SuiteDocs(suite.name, _plain(html), tuple(reduced(suite, said))))
    return found


def _sections(document: Any) -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = document.to_json_dict()["sections"]
    overview = [one for one in sections[0]["content_blocks"] if one["content_block_type"] not in _LEFT_OUT]
    return [{**sections[0], "content_blocks": overview}, *sections[1:]]


def _plain(html: str) -> str:
    """``html`` without what only the library's own scripts and page use, as a part of a page with headings above it."""
    lines = (line.strip() for line in _HEADING.sub("\\1h3", _ATTRIBUTE.sub("", html)).splitlines())
    return "\n".join(line for line in lines if line)
