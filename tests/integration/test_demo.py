"""The demonstration, tiny: three releases that hold, that agree with each other, and that anyone can make again."""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.pull import stored
from avbrott.delivery.settled import read_mark
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.read import fetch_receipts
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.sealing.keys import read_hub_public
from avbrott.texts import load_messages
from avbrott.transport.folder import FolderTarget
from tests.integration.conftest import DEMO
from tests.integration.running import avbrott

pytestmark = pytest.mark.xdist_group("demonstration")


def test_three_releases_and_the_newest_is_current(demonstration: Home) -> None:
    """In the order of their dates; what was printed names them, and holds no banner or warning of a library."""
    releases = ledger.releases(demonstration)
    assert len(releases) == 3
    assert demonstration.current.resolve().name == releases[-1]
    printed = (demonstration.root / "printed.txt").read_text("utf-8")
    assert all(f"/{release}" in printed for release in releases)
    assert "Warning" not in printed
    assert "HiGHS" not in printed


def test_the_last_words_are_about_all_of_it(demonstration: Home, contracts: Contracts) -> None:
    """After the last release: every stage's time, each refused delivery by provider, name and term, where to look."""
    printed = (demonstration.root / "printed.txt").read_text("utf-8")
    last = printed.split(f"/{ledger.releases(demonstration)[-1]}")[-1]
    for stage in ("delivered", "accepted", "linked", "counted", "protected", "released"):
        assert printed.count(f"{load_messages().get(f'STAGE_{stage}', 'sv')} / ") == 1
        assert f"{load_messages().get(f'STAGE_{stage}', 'sv')} / " in last
    findings = pl.concat(pl.read_parquet(file) for file in (demonstration.store / "findings").rglob("*.parquet"))
    refused = findings.filter(severity="blocking").select("provider", "term").unique().rows()
    assert refused
    for provider, term in refused:
        assert f"{provider} {contracts.suppliers.by_id[provider].name}, {term}: " in last
    assert f"{demonstration.current}/site/index.html" in last


def test_every_delivery_has_a_receipt_that_its_provider_can_fetch(demonstration: Home) -> None:
    """One for each provider and term that anything came of, with the delivery's status, and signed by the hub."""
    hub = read_hub_public(demonstration.hub_public)
    terms: dict[str, list[Term]] = {}
    for provider, term in stored(demonstration):
        terms.setdefault(provider, []).append(term)
    for provider, delivered in terms.items():
        place = FolderTarget(demonstration.outbox(provider, "-").parent)
        found = fetch_receipts(place, hub, delivered, provider)
        assert found.refused == ()
        assert [one.receipt.term for one in found.receipts] == [str(term) for term in delivered]
        for one in found.receipts:
            mark = read_mark(demonstration, provider, Term.parse(one.receipt.term))
            assert mark is not None
            assert (one.receipt.status, one.receipt.delivery.digest) == (mark.status, mark.delivery)


def test_only_what_was_expected_is_missing(demonstration: Home, contracts: Contracts) -> None:
    """One delivery never came; who is no member in a term is not waited for, neither where pulled nor where checked."""
    flaws = pl.read_parquet(demonstration.truth / "flaws.parquet").filter(flaw="missing_delivery")
    assert flaws.height == 1
    terms = [Term.parse(folder.name) for folder in demonstration.store.glob("delivered/2480/*")]
    assert any(len(contracts.suppliers.members(term)) < len(contracts.suppliers.suppliers) for term in terms)
    printed = (demonstration.root / "printed.txt").read_text("utf-8")
    assert re.search(r"saknade / missing +1 +0 +0 +1\n", re.sub(r" +\n", "\n", printed))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_release_passes_its_audit(demonstration: Home, number: int) -> None:
    """Also the older ones, beside those that came after."""
    audited = avbrott("audit", ledger.releases(demonstration)[number], "--home", demonstration.root)
    assert audited.code == 0, audited.output


def test_a_shown_figure_never_changes(demonstration: Home) -> None:
    """Every number of persons that one release shows, the next shows or hides as it is; later years are added to it."""
    tables = [_tables(demonstration.release(release)) for release in ledger.releases(demonstration)]
    for before, after in itertools.pairwise(tables):
        assert before.keys() == after.keys()
        compared = 0
        for name in before.keys() - {"coverage"}:
            keys = [column for column in before[name].columns if column not in ("value", "status")]
            shown = before[name].filter(status="shown", measure="persons")
            both = shown.join(after[name].filter(status="shown"), on=keys, how="inner", suffix="_after")
            assert both.filter(pl.col("value") != pl.col("value_after")).height == 0
            compared += both.height
        assert compared > 500


def test_a_release_that_is_gone_stops_the_next(demonstration: Home, tmp_path: Path) -> None:
    """Its figures would be forgotten: which folder is missing, and that the backup has it, in both languages."""
    home = Home(tmp_path / "home")
    shutil.copytree(demonstration.root, home.root, symlinks=True)
    release = ledger.releases(home)[0]
    shutil.rmtree(home.release(release))
    refused = avbrott("release", "--date", "2031-01-01", "--home", home.root)
    assert refused.code == 2, refused.output
    assert f"{home.release(release)} finns inte" in refused.output
    assert f"{home.release(release)} is not there" in refused.output
    assert "Restore the folder from the backup" in refused.output
    assert len(ledger.releases(home)) == 2


def test_a_hidden_value_is_empty_in_every_format(demonstration: Home) -> None:
    """In the tables, and in the data that the pages draw: no number beside a status that is not shown."""
    for release in ledger.releases(demonstration):
        for table in _tables(demonstration.release(release)).values():
            assert table.filter(pl.col("status") != "shown", pl.col("value").is_not_null()).height == 0
            assert table.filter(pl.col("status") == "shown", pl.col("value").is_null()).height == 0


def test_every_combination_is_listed(demonstration: Home, contracts: Contracts) -> None:
    """A table has as many rows of persons as its codes have combinations: hidden ones are there."""
    for name, table in _tables(demonstration.current).items():
        if contracts.published[name].system:
            counted = table.filter(measure="persons")
            names = [use.dimension for use in contracts.published[name].dimensions]
            combinations = 1
            for dimension in names:
                combinations *= counted[dimension].n_unique()
            assert counted.height == counted.select(names).n_unique() == combinations


def test_what_a_release_would_change_is_told_and_nothing_written(demonstration: Home) -> None:
    """The newest release again: no figure is new, changed, or newly shown or hidden."""
    before = {file: file.read_bytes() for file in demonstration.releases.rglob("*") if file.is_file()}
    ended = avbrott("release", "--diff", "--home", demonstration.root)
    assert ended.code == 0, ended.output
    told = re.findall(r"(\d+) i nya rader, (\d+) nu visade, (\d+) nu dolda, (\d+) ändrade", " ".join(ended.output.split()))
    assert len(told) >= 16
    assert set(told) == {("0", "0", "0", "0")}
    assert {file: file.read_bytes() for file in demonstration.releases.rglob("*") if file.is_file()} == before


def test_a_second_run_finds_nothing_new(demonstration: Home, tmp_path: Path) -> None:
    """It says so, makes no release and leaves every byte of the releases; the truth, taken away, is missed by nobody."""
    home = Home(tmp_path / "home")
    shutil.copytree(demonstration.root, home.root, symlinks=True)
    shutil.rmtree(home.truth)
    ended = avbrott("run", "--home", home.root)
    assert ended.code == 0, ended.output
    assert "Inget nytt har levererats" in ended.output
    assert "Nothing new has been delivered" in ended.output
    assert ledger.releases(home) == ledger.releases(demonstration)
    assert _sums(home.releases) == _sums(demonstration.releases)


def test_the_same_seed_gives_the_same_releases_anywhere(demonstration: Home, tmp_path: Path) -> None:
    """Byte for byte, pages included, in another folder."""
    ended = avbrott(*DEMO, "--home", tmp_path / "elsewhere")
    assert ended.code == 0, ended.output
    assert _sums(Home(tmp_path / "elsewhere").releases) == _sums(demonstration.releases)


def _tables(release: Path) -> dict[str, pl.DataFrame]:
    return {file.stem: pl.read_csv(file, infer_schema=False) for file in sorted((release / "tables").glob("*.csv"))}


def _sums(folder: Path) -> dict[str, str]:
    """The sum of every file, by its path; links by where they lead."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    sums = {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return sums | {path.name: str(path.readlink()) for path in folder.iterdir() if path.is_symlink()}
