"""The site as a folder: complete in two languages, the same every time, light, and without a link that leads nowhere."""

import functools
import hashlib
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from avbrott.texts import load_texts
from dashboards.layout import load_layout
from dashboards.site import build_site, contexts
from dashboards.site import pages as views
from tests.mini_release import write_mini_release


@pytest.fixture(scope="module")
def release(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    build_site(folder, contracts, folder / "site")
    return folder


class Page(HTMLParser):
    """What a test asks of a page: its links, ids, tables and hidden cells."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.captions = self.tables = self.plots = self.lang = 0
        self.inline: list[str] = []
        self.charts: list[str] = []
        """What a screen reader hears of each."""
        self.summaries = self.drawings = 0
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.links += [found[name] for name in ("href", "src") if found.get(name)]
        self.ids += [found["id"]] if "id" in found else []
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.plots += "data-figure" in found
        self.charts += [found.get("aria-label") or ""] if "data-figure" in found else []
        self.drawings += "drawn" in (found.get("class") or "").split()
        self.summaries += found.get("data-part") == "short"
        self.lang += tag == "html" and bool(found.get("lang"))
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        self.inline += ["script"] if tag == "script" and "src" not in found else []


@functools.cache
def read(file: Path) -> Page:
    return Page(file)


def pages(release: Path) -> list[Path]:
    return sorted((release / "site").rglob("*.html"))


def digest(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_release_gives_the_same_bytes(release, contracts, tmp_path):
    """Building again, elsewhere, gives every file byte for byte."""
    build_site(release, contracts, tmp_path / "again")
    assert digest(tmp_path / "again") == digest(release / "site")


def test_every_page_is_there_in_both_languages(release):
    """There are as many English pages as Swedish ones, and each links to the other."""
    swedish = [file for file in pages(release) if file.parent.name != "en"]
    english = [file for file in pages(release) if file.parent.name == "en"]
    assert len(swedish) == len(english) > 40
    for file in swedish:
        other = next(link for link in read(file).links if link.startswith("en/"))
        assert f"../{file.name}" in read(file.parent / other).links


def test_every_link_leads_somewhere(release):
    """Pages, parts of pages, styles, scripts and released tables that a page points at are there."""
    for file in pages(release):
        for link in read(file).links:
            if link.startswith("mailto:"):
                continue
            target, _, part = link.partition("#")
            there = (file.parent / target).resolve() if target else file
            assert there.is_file(), (file.name, link)
            assert not part or part in read(there).ids, (file.name, link)


def test_the_contracts_contact_stands_where_faults_are_to_be_told(release, contracts):
    """On the accessibility page alone, in the language of the page."""
    told = {file: file.read_text("utf-8") for file in pages(release) if "mailto:" in file.read_text("utf-8")}
    assert {file.name for file in told} == {"tillganglighet.html", "accessibility.html"}
    contact = contracts.catalogue.contact
    for file, text in told.items():
        assert f'<a href="mailto:{contact.email}">{contact.email}</a>' in text
        assert (contact.name.en if file.parent.name == "en" else contact.name.sv) in text


def test_a_page_is_light_and_has_nothing_inline(release):
    """A page with its data is at most 150 kB beside the shared script, and holds no inline script, style or handler."""
    for file in pages(release):
        page = read(file)
        data = [link for link in page.links if "data/" in link]
        assert file.stat().st_size + sum((file.parent / link).stat().st_size for link in data) <= 150_000
        assert page.inline == []
        assert page.lang == 1
        assert len(page.ids) == len(set(page.ids)), file.name


def test_a_table_stands_beside_every_chart(release):
    """Each page has at least as many tables as charts, and every table has a caption."""
    for file in pages(release):
        page = read(file)
        assert page.tables >= page.plots
        assert page.captions == page.tables


def test_the_whole_site_is_small(release):
    """With the one shared copy of plotly.js it stays within 15 MB."""
    files = [file for file in (release / "site").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 15_000_000
    assert [file.name for file in files if file.stat().st_size > 1_000_000] == ["plotly.min.js"]


def test_a_hidden_cell_says_so_and_shows_no_number(release, contracts):
    """Every hidden cell has the same words; no cell with a reason holds a digit."""
    sentence = load_texts(contracts.folder, "site").get("status.hidden.sentence", "sv")
    cells = re.findall(
        r'<td class="absent absent-hidden">(.*?)</td>', (release / "site" / "kommun-2481.html").read_text("utf-8")
    )
    assert cells
    assert len(set(cells)) == 1
    assert sentence in cells[0]
    for file in pages(release):
        for cell in re.findall(r'<td class="absent absent-(?!not_app)[^"]*">(.*?)</td>', file.read_text("utf-8")):
            assert not re.search(r"\d", cell)


def test_each_reason_reads_differently(contracts):
    """No two statuses share a mark or a sentence, in either language."""
    texts = load_texts(contracts.folder, "site")
    for language in ("sv", "en"):
        for part in ("mark", "sentence", "name"):
            said = [
                texts.get(f"status.{status}.{part}", language)
                for status in ("shown", "hidden", "unreliable", "not_delivered", "not_applicable")
            ]
            assert len(set(said)) == len(said)


def test_terms_and_tables_that_the_layout_names_are_contracted(contracts):
    """Every glossary term and released table that a page names is one."""
    layout = load_layout(contracts.folder)
    for page in layout.pages:
        assert set(page.terms) <= contracts.glossary.terms.keys(), page.id
        for used in (*page.blocks, *page.tiles):
            assert used.table in contracts.published, used.id
            divided = {use.dimension for use in contracts.published[used.table].dimensions}
            assert set(used.at) <= divided, used.id


def test_a_figure_of_shares_says_whose_they_are(contracts):
    """Each dimension that shares are of has its words: a share of pupils is not one of dropouts."""
    texts = load_texts(contracts.folder, "site")
    drawn = [block for page in load_layout(contracts.folder).pages for block in page.blocks]
    for block in drawn:
        share = contracts.published[block.table].share
        if block.measure == "share" or block.figure == "survival":
            assert f"share.{share.dimension if share else block.rows.dimension}" in texts, block.id


def test_sums_and_their_parts_are_never_drawn_together(contracts):
    """No chart that adds its columns up holds a code of outcomes and a code that stands under it."""
    known = {code.code: code.parent for code in contracts.glossary.codes("outcome")}
    for page in load_layout(contracts.folder).pages:
        for block in page.blocks:
            for axis in (block.rows, block.columns):
                if axis and axis.dimension == "outcome":
                    assert axis.codes or len(axis.levels) == 1, block.id
                    assert not {known[code] for code in axis.codes if code != "Total"} & set(axis.codes), block.id


def test_the_page_on_completion_shows_diplomas_within_three_four_and_five_years(release, contracts):
    """As shares by the school year of the start, in those words, the latest of each on top; nothing to subtract."""
    page = load_layout(contracts.folder).page("completion")
    trend = next(block for block in page.blocks if block.id == "completion_trend")
    assert trend.columns is not None
    assert trend.columns.codes == ("within_3", "within_4", "within_5")
    assert (trend.rows.dimension, trend.measure) == ("school_year", "share")
    assert [tile.at["completion"] for tile in page.tiles] == ["within_3", "within_4", "within_5"]
    for file, words in (("examen.html", "Examen inom {} år"), ("en/completion.html", "Diploma within {} years")):
        text = (release / "site" / file).read_text("utf-8")
        assert all(words.format(years) in text for years in (3, 4, 5))


def test_places_of_which_the_figures_say_nothing_are_not_drawn_as_zero(release):
    """The activity responsibility is the home municipality's: other counties are not listed, nor is it on their page."""
    site = release / "site"
    assert "Andra län" not in (site / "aktivitetsansvaret.html").read_text("utf-8")
    assert 'id="one_kaa"' not in (site / "kommun-outside.html").read_text("utf-8")
    assert 'id="one_kaa"' in (site / "kommun-2481.html").read_text("utf-8")


def test_every_text_has_both_languages_and_a_use(contracts):
    """No text is left in one language, and none stands in the catalogue without a reader."""
    catalogue = yaml.safe_load((contracts.folder / "texts" / "site.yaml").read_text("utf-8"))
    assert all(set(text) == {"sv", "en"} and all(text.values()) for text in catalogue.values())
    code = "".join(
        file.read_text("utf-8")
        for file in Path("dashboards").rglob("*")
        if file.suffix in (".py", ".html") and file.is_file()
    )
    layout = (contracts.folder / "site.yaml").read_text("utf-8")
    unused = [
        key
        for key in catalogue
        if key not in code
        and not any(part in layout and part in key.split(".") for part in key.split(".")[1:2])
        and f'"{key.removeprefix("explorer.")}"' not in code
        and key.split(".")[0]
        not in (
            "status",
            "change",
            "chance",
            "trend",
            "coverage",
            "strip",
            "policy",
            "measure",
            "method",
            "accessibility",
            "funnel",
        )
    ]
    assert unused == []


def test_a_break_in_some_codes_is_told_of_figures_that_hold_one_of_them(release):
    """What became of introductory programmes is no break in the series of another programme."""
    told = "Fem introduktionsprogram blev fyra"
    assert told in (release / "site" / "program-imv.html").read_text("utf-8")
    assert told not in (release / "site" / "program-sa.html").read_text("utf-8")


def test_a_list_of_pages_keeps_each_group_together(release):
    """Municipalities stand in the list of their group, which no column divides."""
    text = " ".join((release / "site" / "kommuner.html").read_text("utf-8").split())
    (near,) = re.findall(r'<li><a href="kommun-grp-near.html">[^<]*</a> <ul>(.*?)</ul>', text)
    assert re.findall(r"kommun-(\d+)\.html", near) == ["2403", "2401", "2409", "2404", "2460"]


def test_the_page_of_deliveries_tells_refused_from_missing(release):
    """Each has its word, its sum and its colour; a release without the measure has nothing refused."""
    text = (release / "site" / "leveranser.html").read_text("utf-8")
    assert '<span class="state state-refused">avvisat</span>' in text
    assert '<span class="state state-missing">saknas</span>' in text
    assert re.search(r"[1-9]\d* avvisades och [1-9]\d* saknas", text)
    assert re.search(r'<td class="state state-refused">\d\sav\s\d \(.*avvisat: \d\)</td>', text)


def test_the_quality_of_deliveries_is_told_by_provider(release):
    """Each provider has how many extracts were expected, and how they went; the states add up to what was expected."""
    text = (release / "site" / "leveranser.html").read_text("utf-8")
    section = text.split('id="quality-title"')[1].split("</section>")[0]
    rows = re.findall(r'<tr><th scope="row">[^<]+</th>((?:<td>[^<]+</td>)+)</tr>', section)
    cells = [re.findall(r"<td>([^<]+)</td>", row) for row in rows]
    assert len(cells) > 10
    for expected, _, *states in cells:
        assert sum(map(int, states)) == int(expected)
    assert any(share != "100,0\u00a0%" for _, share, *_ in cells)


def test_every_chart_is_told_in_words(release):
    """Each that is drawn has a summary beside it, and one that a script draws says it to who hears the page as well."""
    for file in pages(release):
        page = read(file)
        assert page.summaries >= len(page.charts) + page.drawings, file.name
        said = re.findall(r'data-part="short">(.*?)</span>', file.read_text("utf-8"), re.DOTALL)
        assert all(re.search(r"\w", html.unescape(one)) for one in said), file.name
        silent = [label for label in page.charts if not any(html.unescape(one) in label for one in said)]
        assert silent == [], file.name


def test_series_have_the_same_order_and_colours_in_both_languages(release, contracts):
    """Whatever their names: who changes language finds each line as it was. Lists to look things up in are by name."""
    swedish, english = (
        {
            (page.id, code.code if code else "", name): [
                (trace.get("meta"), trace["marker"]["color"])
                for trace in figure["data"]
                if "color" in trace.get("marker", {})
            ]
            for page, code, view in views(context)
            for name, figure in view.figures.items()
        }
        for context in contexts(release, contracts)
    )
    assert swedish == english
    text = (release / "site" / "en" / "programmes.html").read_text("utf-8")
    listed = re.findall(r'data-series="(\w+)" data-said', text)
    assert listed.index("introductory") < listed.index("preparatory") < listed.index("vocational")


def test_terms_are_called_by_their_season_in_english_and_explained(release):
    """An English reader knows no HT or VT: they stand on no page but the glossary's, which says what they are."""
    for file in pages(release):
        text = re.sub(r"<[^>]*>", " ", file.read_text("utf-8"))
        named = re.findall(r"\b[HV]T(?:20\d\d)?\b", text)
        if file.parent.name == "en" and named:
            assert "HT (the autumn term)" in text or "autumn term (HT in the data)" in text, file.name
            assert file.name == "glossary.html" or not re.search(r"\b[HV]T20", text), file.name
    assert "Autumn 2018" in (release / "site" / "en" / "deliveries.html").read_text("utf-8")
    assert "HT2018" in (release / "site" / "leveranser.html").read_text("utf-8")
