"""A provider's page tells its own deliveries and nobody else's, and Data Docs are the same bytes each time."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.coverage import coverage, pulled_terms
from avbrott.expectations.docs import data_docs, own_frames
from avbrott.expectations.frames import count_frames
from avbrott.expectations.kept import keep_counts
from avbrott.home import Home
from avbrott.registry import load_contracts
from avbrott.release.leaks import leak_faults
from avbrott.release.providers import PROVIDERS
from avbrott.texts import load_texts
from dashboards.providers import build_provider_pages
from dashboards.words import Words
from tests import stored
from tests.provider_pages_case import checked_county, figures, written

DAY = date(2014, 9, 1)
OWN_STYLE = '<link rel="stylesheet" href="avbrott.css">'
FETCHES = re.compile(r"(?:src|href)=\"(?:https?:)?//|<script|<link|\son\w+=|\sstyle=")


@pytest.fixture(scope="module")
def contracts():
    return load_contracts()


@pytest.fixture(scope="module")
def home(contracts, tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("county"))
    checked_county(home, contracts)
    return home


@pytest.fixture(scope="module")
def docs(home, contracts):
    return data_docs(own_frames(home, contracts, pulled_terms(home)), contracts)


@pytest.fixture(scope="module")
def private(home, contracts, docs, tmp_path_factory):
    private = tmp_path_factory.mktemp("private")
    written(private, home, contracts)
    assert build_provider_pages(private, contracts, DAY, docs) == len(contracts.suppliers.suppliers)
    return private


def test_a_page_counts_the_rows_of_its_own_deliveries(home, contracts):
    """Accepted and set aside, of every term and extract, as the store has them; none where nothing was taken in."""
    seen = aside = 0
    for provider, page in figures(home, contracts).items():
        for term in page["terms"]:
            for extract, one in term["extracts"].items():
                accepted = home.accepted(extract, provider, term["term"])
                if one["accepted"] is None:
                    assert not accepted.is_file()
                    continue
                kept = home.quarantine(extract, provider, term["term"])
                assert one["accepted"] == stored.rows(home, accepted).height
                assert one["quarantined"] == (stored.rows(home, kept).height if kept.is_file() else 0)
                seen, aside = seen + 1, aside + one["quarantined"]
    assert seen > 100
    assert aside > 0


def test_a_page_tells_each_delivery_against_its_last_day(home, contracts):
    """Late is after the last day, and the states are those of the public table of deliveries."""
    public = {(p, t, e): (came, late, refused) for p, t, e, came, late, refused in coverage(home, contracts).iter_rows()}
    states = set()
    for provider, page in figures(home, contracts).items():
        for term in page["terms"]:
            if term["created"]:
                days = (date.fromisoformat(term["created"]) - date.fromisoformat(term["due"])).days
                assert term["days_late"] == days
            for extract, one in term["extracts"].items():
                came, late, refused = public.pop((provider, term["term"], extract))
                assert one["state"] == ("late" if late else "in_time" if came else "refused" if refused else "missing")
                states.add(one["state"])
    assert public == {}
    assert states >= {"in_time", "late", "refused"}


def test_findings_are_counted_by_rule_and_term(home, contracts):
    """As the store has them, what was only assumed left out."""
    several = 0
    for provider, page in figures(home, contracts).items():
        told = {(f["extract"], f["code"], f["field"], term): n for f in page["findings"] for term, n in f["terms"].items()}
        true = {}
        for term in page["terms"]:
            file = home.findings(provider, term["term"])
            for row in pl.read_parquet(file).to_dicts() if file.is_file() else []:
                if row["severity"] != "assumed":
                    key = (row["extract"], row["code"], row["field"], term["term"])
                    true[key] = true.get(key, 0) + row["count"]
        assert told == true
        several += any(len(one["terms"]) > 1 for one in page["findings"])
    assert several


def test_figures_stand_beside_those_of_the_term_that_they_are_held_against(home, contracts):
    """Rows of enrolments beside the term before; a share is of its own rows."""
    page = figures(home, contracts)["2480"]
    by_extract = {one["extract"]: one for one in page["compared"] if one["share"] is None}
    enrolled = by_extract["enrolments"]
    for term, number in (("term", "now"), ("before", "then")):
        accepted = home.accepted("enrolments", "2480", enrolled[term])
        assert enrolled[number] == stored.rows(home, accepted).height
    share = next(one for one in page["compared"] if one["share"] and one["share"]["name"] == "dropouts")
    events = stored.rows(home, home.accepted("events", "2480", share["term"]))
    assert (share["now"], share["of"]) == (events.filter(event="AVB").height, events.height)


def test_a_page_tells_nothing_of_another_provider(private, contracts):
    """Neither by name nor in counts: what is seen at other schools of those who moved is on no page, though it is watched."""
    names = {one.id: one.name for one in contracts.suppliers.suppliers}
    for folder in sorted((private / PROVIDERS).iterdir()):
        texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.suffix != ".css"}
        assert {"index.html", "en.html", "figures.json"} <= texts.keys()
        for text in texts.values():
            assert [name for code, name in names.items() if code != folder.name and name in text] == []
            assert "MOVES_DISAGREE" not in text
            assert "moved" not in text
        assert names[folder.name] in texts["index.html"]


def test_a_page_does_not_change_with_what_another_provider_delivered(home, contracts, tmp_path):
    """The largest one's store is taken away, and every other page is the same."""
    before = figures(home, contracts)
    without = Home(Path(shutil.copytree(home.root, tmp_path / "without")))
    for folder in ("findings", "settled", "accepted/enrolments", "accepted/events", "accepted/absence", "accepted/kaa"):
        for file in (without.store / folder).glob("*/2480.*"):
            file.unlink()
    keep_counts(without, count_frames(without, contracts, pulled_terms(without)))
    after = figures(without, contracts)
    assert before.pop("2480") != after.pop("2480")
    assert after == before


def test_pages_and_data_docs_are_the_same_bytes_each_time(private, home, contracts, docs, tmp_path):
    """No clock and no random name is in them, and nothing is fetched or run."""
    assert data_docs(own_frames(home, contracts, pulled_terms(home)), contracts) == docs
    written(tmp_path, home, contracts)
    build_provider_pages(tmp_path, contracts, DAY, docs)
    files = sorted(file.relative_to(private) for file in private.rglob("*") if file.is_file())
    assert len([file for file in files if file.name == "data_docs.html"]) > 20
    for file in files:
        assert (tmp_path / file).read_bytes() == (private / file).read_bytes()
        if file.suffix == ".html":
            text = (private / file).read_text("utf-8")
            assert not FETCHES.search(text.replace(OWN_STYLE, ""))
            links = set(re.findall(r'href="([^"#]+)"', text))
            assert all((private / file).with_name(link).is_file() for link in links)
    assert leak_faults(private) == []


def test_data_docs_say_what_does_not_hold_and_where(home, contracts, tmp_path):
    """By term, in both languages, in Great Expectations' words beside those of the contracts."""
    frames = own_frames(home, contracts, pulled_terms(home))
    rows = frames["2480"]["rows"].with_columns(pl.lit(9.5).alias("ratio"))
    docs = data_docs({"2480": {"rows": rows}}, contracts)
    written(tmp_path, home, contracts)
    build_provider_pages(tmp_path, contracts, DAY, docs)
    term = rows["term"].to_list()[0]
    for name, says in (("data_docs.html", "Det stämmer inte för:"), ("data_docs_en.html", "This does not hold for:")):
        text = (tmp_path / PROVIDERS / "2480" / name).read_text("utf-8")
        assert says in text
        assert f"{rows['extract'].to_list()[0]} {term}" in text
        assert f"{rows.height} unexpected values found" in text
        assert "9.5" not in text
    assert not (tmp_path / PROVIDERS / "2481" / "data_docs.html").exists()
    assert "data_docs" not in (tmp_path / PROVIDERS / "2481" / "index.html").read_text("utf-8")


def test_data_docs_do_not_say_that_all_is_well_where_nothing_could_be_compared(home, contracts, tmp_path):
    """Counts that are too small to judge are called so."""
    rows = own_frames(home, contracts, pulled_terms(home))["2480"]["rows"].with_columns(
        pl.lit(None, pl.Float64).alias("ratio")
    )
    written(tmp_path, home, contracts)
    build_provider_pages(tmp_path, contracts, DAY, data_docs({"2480": {"rows": rows}}, contracts))
    text = (tmp_path / PROVIDERS / "2480" / "data_docs.html").read_text("utf-8")
    assert "Inget var stort nog att jämföra." in text
    assert "Det stämmer överallt." not in text


def test_a_page_reads_the_same_numbers_as_its_figures(private, contracts):
    """The newest term's rows stand in the table, with the language's signs."""
    folder = private / PROVIDERS / "2480"
    content = json.loads((folder / "figures.json").read_text("utf-8"))
    for language, name in (("sv", "index.html"), ("en", "en.html")):
        text, words = (folder / name).read_text("utf-8"), Words(language, load_texts(contracts.folder, "site"))
        for one in content["compared"]:
            assert words.whole(one["now"]) in text
        for finding in content["findings"]:
            assert finding["what"][language].split("'")[0].split("<")[0] in text


def test_terms_are_called_alike_in_figures_and_tables_of_each_language(private):
    """HT2013 on the Swedish page; on the English one autumn and year, below each other along an axis, and no code."""
    swedish, english = ((private / PROVIDERS / "2480" / name).read_text("utf-8") for name in ("index.html", "en.html"))
    axis = re.compile(r'text-anchor="middle">([^<]*)(?:<tspan[^>]*>([^<]*)</tspan>)?</text>')
    codes = [first for first, _ in axis.findall(swedish)]
    assert codes
    assert all(re.fullmatch(r"[HV]T\d{4}", code) for code in codes)
    seasons = {"HT": "Autumn", "VT": "Spring"}
    assert axis.findall(english) == [(seasons[code[:2]], code[2:]) for code in codes]
    assert not re.search(r">[HV]T\d{4}<", english)


def test_a_provider_of_whom_nothing_was_expected_has_a_page_that_says_so(private):
    """It has left, or has not come yet."""
    folders = sorted((private / PROVIDERS).iterdir())
    silent = [one for one in folders if not json.loads((one / "figures.json").read_text("utf-8"))["terms"]]
    assert silent
    for folder in silent:
        assert "Inga leveranser har väntats än." in (folder / "index.html").read_text("utf-8")
        assert "No deliveries have been expected yet." in (folder / "en.html").read_text("utf-8")
