"""The pages as HTML: whole in one file, every link leads somewhere, and English is told as English."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import pytest

from avbrott.documentation.html import html_pages
from avbrott.documentation.pages import pages
from avbrott.documentation.words import Words
from avbrott.registry import Contracts
from tests.unit.conftest import Run


class Seen(HTMLParser):
    """What a page has: ids, links, words by the language around them, cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.cells: list[dict[str, Any]] = []
        self.said: dict[str, str] = {"sv": "", "en": ""}
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.append(str(found["href"]))
        self.fetched += [str(found[name]) for name in ("src",) if name in found] + (
            [tag] if tag in {"link", "script"} else []
        )
        if tag in {"td", "th"}:
            self.cells.append(found | {"tag": tag})
        if tag not in {"meta", "br"}:
            self._open.append((tag, found.get("lang") or (self._open[-1][1] if self._open else "sv")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.said[self._open[-1][1]] += data


@pytest.fixture(scope="module")
def made() -> dict[str, Seen]:
    from avbrott.registry import load_contracts

    contracts = load_contracts()
    return {name: Seen(text) for name, text in html_pages(pages(contracts), Words(contracts.folder)).items()}


def test_every_link_leads_to_a_place_that_is_there(made: dict[str, Seen]) -> None:
    """On the page itself and on others, by the way between the files."""
    for name, page in made.items():
        assert len(page.links) >= 3
        for link in page.links:
            path, _, place = link.partition("#")
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / path).parts if path else PurePosixPath(name).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            target = "/".join(parts)
            assert target in made, (name, link)
            assert not place or unquote(place) in made[target].ids, (name, link)


def test_nothing_is_fetched_and_no_id_is_there_twice(made: dict[str, Seen]) -> None:
    """No script, picture or style of another file: a page opens wherever it is put."""
    for name, page in made.items():
        assert page.fetched == [], name
        assert len(page.ids) == len(set(page.ids)), name


def test_english_is_told_as_english(made: dict[str, Seen], contracts: Contracts) -> None:
    """The English half of a contract's page, the English below each definition, the column of codes; and no Swedish there."""
    for contract in contracts.extracts.values():
        page = made[f"contracts/extracts/{contract.name}.html"]
        for rule in contract.rules:
            assert rule.text.sv in page.said["sv"]
            assert rule.text.en in page.said["en"]
            assert rule.text.sv not in page.said["en"]
    glossary = made["glossary.html"]
    for term in contracts.glossary.terms.values():
        assert term.definition.sv in glossary.said["sv"]
        assert term.definition.en in glossary.said["en"]
        assert all(code.en in glossary.said["en"] for code in term.codes)


def test_every_cell_knows_its_column(made: dict[str, Seen]) -> None:
    """On a narrow screen the header row is not seen; roles are told, as rows are then blocks."""
    cells = [cell for page in made.values() for cell in page.cells]
    assert {cell.get("role") for cell in cells if cell["tag"] == "th"} == {"columnheader"}
    assert all(cell["role"] == "cell" and cell["data-label"] for cell in cells if cell["tag"] == "td")


def test_a_page_has_one_title_and_a_way_past_the_head(made: dict[str, Seen]) -> None:
    """What a screen reader goes by."""
    for page in made.values():
        assert page.tags.count("h1") == page.tags.count("main") == 1
        assert page.links[0] == "#content"


def test_text_of_a_contract_is_text(contracts: Contracts) -> None:
    """A tag in it is shown and does nothing."""
    (page,) = html_pages({"a.md": "# A\n\n<script>alert(1)</script>\n"}, Words(contracts.folder)).values()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_command_writes_either_form(run: Run, tmp_path: Path, contracts: Contracts) -> None:
    """The same pages, the same bytes each time; files of others in the folder are left alone."""
    (tmp_path / "kept.md").write_text("kept")
    ended = run("contracts", "docs", "--out", tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert str(tmp_path / "contracts" / "index.html") in ended.out
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.html")}
    assert len(before) == len(pages(contracts))
    assert run("contracts", "docs", "--out", tmp_path).code == 0
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.html")} == before
    assert run("contracts", "docs", "--out", tmp_path, "--format", "markdown").code == 0
    written = {file.relative_to(tmp_path).as_posix(): file.read_text("utf-8") for file in tmp_path.rglob("*.md")}
    assert written == pages(contracts) | {"kept.md": "kept"}


def test_pages_of_contracts_of_ones_own(run: Run, tmp_path: Path, contracts_folder: Path) -> None:
    """What they say, and where they cannot be written."""
    events = contracts_folder / "extracts" / "events.yaml"
    events.write_text(events.read_text("utf-8").replace("title: {sv: H", "title: {sv: Nya h"), "utf-8")
    assert run("contracts", "docs", "--contracts", contracts_folder, "--out", tmp_path / "docs").code == 0
    assert "Nya h" in (tmp_path / "docs" / "contracts" / "extracts" / "events.html").read_text("utf-8")
    ended = run("contracts", "docs", "--out", events)
    assert ended.code == 2
    assert "går inte att skriva" in ended.err
