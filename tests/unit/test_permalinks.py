"""What lies beside the releases: an index, a feed, a catalogue; what they say changed, and that the clock is not asked."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import xml.etree.ElementTree as ET
from datetime import date

import polars as pl
import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Graph, Literal, Namespace, URIRef

from avbrott.disclosure.protect import Protection
from avbrott.open_data.permalinks import write_permalinks
from avbrott.policy import Policy
from avbrott.release import ledger
from avbrott.release.audit import audit
from avbrott.release.tables import Protected
from avbrott.texts import load_messages
from tests import open_data_case, release_case
from tests.release_case import Case

BESIDE = {"index.html", "index.en.html", "index.json", "atom.xml", "atom.en.xml", "catalogue.rdf"}
BASE = "https://statistik.example.org/studieavbrott"
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")


def of_years(*years: str) -> Protected:
    """The county of these years, all of it shown."""
    system = release_case.spec(years)
    shown = release_case.cells(system).with_columns(status=pl.lit("shown"), rule=pl.lit(None, pl.String))
    witnesses = shown.clear().select(pl.lit(0, pl.Int64).alias("witness"), *release_case.NAMES, delta="count")
    return Protected(system, Policy(threshold=1, reliability=45), Protection(shown, witnesses))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Case:
    """Three releases: of two years, of three, and of three with a delivery that came later."""
    found = open_data_case.made(tmp_path_factory.mktemp("made"))
    late = release_case.deliveries(("p-n1", "HT2015"))
    found.release(of_years("2012/13", "2013/14"), day=date(2015, 2, 1), came=late)
    found.release(of_years(*release_case.YEARS), day=date(2016, 2, 1), came=late)
    found.release(of_years(*release_case.YEARS), day=date(2016, 4, 1))
    return found


def beside(made: Case) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in made.home.releases.iterdir() if file.is_file() and file.name != ".lock"}


def test_the_files_are_there_for_anyone_to_read(made):
    """And no others; the releases themselves hold."""
    assert beside(made).keys() == BESIDE
    assert all(stat.S_IMODE((made.home.releases / name).stat().st_mode) & 0o044 == 0o044 for name in BESIDE)
    assert all(audit(made.home.release(name), made.home).holds for name in ledger.releases(made.home))


def test_the_index_for_programs_tells_what_changed(made):
    """Tables with further rows, those that say something else, new periods; the newest first, each at its own address."""
    index = json.loads((made.home.releases / "index.json").read_text("utf-8"))
    assert [one["release"] for one in index["releases"]] == ["2016-04-01", "2016-02-01", "2015-02-01"]
    assert [one["previous"] for one in index["releases"]] == ["2016-02-01", "2015-02-01", None]
    assert index["releases"][0]["address"] == f"{BASE}/2016-04-01/"
    newest, middle, first = (one["changes"] for one in index["releases"])
    assert first is None
    assert middle["periods"] == ["2012/13..2014/15", "2014/15"]
    assert middle["added"] == ["by_area", "pooled", "returns"]
    assert "returns" in middle["revised"]  # what became of those who left is known two years on
    assert "by_area" not in middle["revised"]
    assert newest["periods"] == newest["added"] == newest["new"] == newest["gone"] == []
    assert "coverage" in newest["revised"]


@pytest.mark.parametrize(("language", "other"), [("index.html", "index.en.html"), ("index.en.html", "index.html")])
def test_the_index_for_people_leads_to_files_that_are_there(made, language, other):
    """No script, and every link that is not to another site holds."""
    page = (made.home.releases / language).read_text("utf-8")
    links = [link for link in re.findall(r'href="([^"]+)"', page) if not link.endswith(".css")]
    assert {other, "catalogue.rdf", "2016-02-01/datapackage.json", "2015-02-01/datapackage.json"} <= set(links)
    missing = [link for link in links if not (made.home.releases / link).is_file()]
    assert missing == ([] if language == "index.html" else ["2016-04-01/site/en/index.html"])  # the case's site is Swedish
    assert "<script" not in page
    assert page.count("<section") == 3
    told = {"index.html": "Den första utgåvan.", "index.en.html": "The first release."}
    assert told[language] in page


@pytest.mark.parametrize(("name", "language"), [("atom.xml", "sv"), ("atom.en.xml", "en")])
def test_the_feed_has_what_atom_asks_for(made, name, language):
    """An id, a title and a date of the feed and of each entry; an author; a link to itself."""
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.parse(made.home.releases / name).getroot()  # noqa: S314  our own feed
    assert feed.tag == f"{atom}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    for part in (feed, *feed.findall(f"{atom}entry")):
        assert all(part.findtext(f"{atom}{needed}") for needed in ("id", "title", "updated"))
    assert feed.findtext(f"{atom}author/{atom}name")
    assert [link.get("rel") for link in feed.findall(f"{atom}link")] == ["self", "alternate"]
    assert [one.findtext(f"{atom}id") for one in feed.findall(f"{atom}entry")] == [
        f"{BASE}/{day}/" for day in ("2016-04-01", "2016-02-01", "2015-02-01")
    ]
    assert feed.findtext(f"{atom}updated") == "2016-04-01T00:00:00Z"


@pytest.fixture(scope="module")
def graph(made) -> Graph:
    return Graph().parse(made.home.releases / "catalogue.rdf", format="xml")


def test_the_catalogue_has_what_dcat_ap_se_demands(graph):
    """By rdflib: of the catalogue, the publisher, each data set and each of its formats, in both languages."""
    (catalogue,) = graph.subjects(RDF.type, DCAT.Catalog)
    for needed in (DCTERMS.title, DCTERMS.description):
        assert {text.language for text in graph.objects(catalogue, needed)} == {"sv", "en"}
    (publisher,) = graph.objects(catalogue, DCTERMS.publisher)
    assert (publisher, RDF.type, FOAF.Agent) in graph
    assert list(graph.objects(publisher, FOAF.name))
    assert list(graph.objects(catalogue, DCTERMS.license))
    data_sets = list(graph.objects(catalogue, DCAT.dataset))
    assert len(data_sets) == 4
    for one in data_sets:
        assert (one, RDF.type, DCAT.Dataset) in graph
        for needed in (DCTERMS.title, DCTERMS.description, DCAT.keyword):
            assert {text.language for text in graph.objects(one, needed)} == {"sv", "en"}
        assert list(graph.objects(one, DCTERMS.publisher)) == [publisher]
        (contact,) = graph.objects(one, DCAT.contactPoint)
        assert (contact, RDF.type, VCARD.Organization) in graph
        assert str(graph.value(contact, VCARD.hasEmail)).startswith("mailto:")
        assert graph.value(contact, VCARD.fn)
        for needed in (DCAT.theme, DCTERMS.accrualPeriodicity, DCTERMS.spatial, DCTERMS.accessRights, DCTERMS.temporal):
            assert list(graph.objects(one, needed))
        formats = list(graph.objects(one, DCAT.distribution))
        assert len(formats) == 6
        for form in formats:
            assert (form, RDF.type, DCAT.Distribution) in graph
            for needed in (DCAT.accessURL, DCAT.downloadURL, DCTERMS["format"], DCTERMS.license, DCAT.byteSize):
                assert len(list(graph.objects(form, needed))) == 1


def test_the_catalogue_leads_to_the_files_and_knows_their_sums(graph, made):
    """At the permalink of the newest release, with the size and the checksum of what lies there."""
    for form in graph.subjects(RDF.type, DCAT.Distribution):
        address = str(graph.value(form, DCAT.downloadURL))
        assert address.startswith(f"{BASE}/2016-04-01/downloads/")
        content = (made.home.releases / address.removeprefix(f"{BASE}/")).read_bytes()
        assert graph.value(form, DCAT.byteSize).toPython() == len(content)
        check = graph.value(form, SPDX.checksum)
        said = graph.value(check, SPDX.checksumValue)
        assert str(said) == hashlib.sha256(content).hexdigest()
        assert said.datatype == XSD.hexBinary


def test_the_catalogue_says_when_a_table_came_and_changed(graph):
    """The day of the release, and the school years that a table is about."""
    by_area = URIRef(f"{BASE}/catalogue.rdf#by_area")
    assert graph.value(by_area, DCTERMS.issued) == Literal("2015-02-01", datatype=XSD.date)
    assert graph.value(by_area, DCTERMS.modified) == Literal("2016-02-01", datatype=XSD.date)
    period = graph.value(by_area, DCTERMS.temporal)
    assert str(graph.value(period, DCAT.startDate)) == "2012-07-01"
    assert str(graph.value(period, DCAT.endDate)) == "2015-06-30"
    coverage = URIRef(f"{BASE}/catalogue.rdf#coverage")
    assert graph.value(coverage, DCTERMS.modified) == Literal("2016-04-01", datatype=XSD.date)


def test_the_same_releases_give_the_same_files(made):
    """A run that finds nothing new leaves every byte, and so does one that mends what a killed run left out."""
    before = beside(made)
    assert not made.release(of_years(*release_case.YEARS), day=date(2016, 4, 1)).new
    assert beside(made) == before
    for name in BESIDE:
        (made.home.releases / name).unlink()
    write_permalinks(made.home, made.contracts, load_messages())
    assert beside(made) == before


def test_before_the_first_release_there_is_nothing_to_tell(tmp_path):
    """An empty home stays empty."""
    made = open_data_case.made(tmp_path)
    made.home.releases.mkdir(parents=True)
    write_permalinks(made.home, made.contracts, load_messages())
    assert beside(made) == {}


def test_figures_that_are_shown_now_and_were_hidden_are_told_by_table_alone(tmp_path):
    """Not which, nor how many."""
    made = open_data_case.made(tmp_path)
    made.release(release_case.by_hand(*release_case.HIDDEN))
    made.release(release_case.by_hand(), day=date(2016, 9, 1))
    index = json.loads((made.home.releases / "index.json").read_text("utf-8"))
    told = {"new": [], "gone": [], "periods": [], "added": [], "revised": ["by_area"]}
    assert index["releases"][0]["changes"] == told


def test_a_table_without_rows_has_no_downloads(made):
    """Three years together, where there are two."""
    first, second = (made.home.release(name) for name in ("2015-02-01", "2016-02-01"))
    assert not list((first / "downloads").glob("pooled.*"))
    assert len(list((second / "downloads").glob("pooled.*"))) == 7
