"""Pages of schools: what each tells its reader, and what the reader of one can find out about all the others."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from scipy.optimize import linprog

from avbrott.counting.from_contracts import counted_spec
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.release.public import PublicRelease, read_public, system_cells
from avbrott.release.record import earlier_facts
from avbrott.release.relations import Adding, families
from avbrott.table import OTHER, TOTAL

pytestmark = pytest.mark.xdist_group("demonstration")

SYSTEM = "pupils"


@pytest.fixture(scope="module")
def newest(demonstration: Home) -> str:
    found = ledger.newest(demonstration)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def pages(demonstration: Home, newest: str) -> dict[str, dict[str, Any]]:
    """By school what its page is made of."""
    files = sorted((demonstration.private(newest) / "schools").glob("*/figures.json"))
    return {file.parent.name: json.loads(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="module")
def recorded(demonstration: Home, newest: str) -> pl.DataFrame:
    """Every true count of the system."""
    return pl.read_parquet(demonstration.confidential(newest) / SYSTEM / "cells.parquet")


def own_cells(page: dict[str, Any], names: tuple[str, ...]) -> pl.DataFrame:
    """The cells that a page tells of its own school: coordinates and ``count``."""
    rows = [row for table in page["tables"].values() for row in table if row["measure"] == "persons" and row["value"]]
    told = [{"school_year": row["school_year"], "outcome": row["outcome"], "count": int(row["value"])} for row in rows]
    fixed = {name: TOTAL for name in names if name not in ("school_year", "outcome")} | {"school": page["school"]["code"]}
    return pl.DataFrame(told).with_columns(pl.lit(code).alias(name) for name, code in fixed.items()).select(*names, "count")


def test_every_school_has_a_page_of_its_own_with_its_true_figures(
    pages: dict[str, dict[str, Any]], recorded: pl.DataFrame, contracts: Contracts
) -> None:
    """Small ones too: they are the school's own."""
    assert len(pages) >= 15
    names = tuple(recorded.columns[: recorded.columns.index("count")])
    units = {code.code for code in contracts.codes("school")}
    for code, page in pages.items():
        assert code in units
        told = own_cells(page, names)
        true = told.join(recorded.select(*names, true="count"), on=names, how="left")
        assert true.filter(pl.col("count") != pl.col("true").fill_null(0)).is_empty()
        assert told.height > 5


def test_a_page_names_no_other_school_and_runs_no_script(
    demonstration: Home, newest: str, pages: dict[str, dict[str, Any]]
) -> None:
    """In neither language; it stands alone in its folder."""
    names = {code: page["school"]["name"] for code, page in pages.items()}
    for code in pages:
        folder = demonstration.private(newest) / "schools" / code
        assert {file.name for file in folder.iterdir()} == {"avbrott.css", "en.html", "figures.json", "index.html"}
        for file in folder.glob("*.html"):
            text = file.read_text("utf-8")
            assert names[code] in text
            assert not [one for other, one in names.items() if other != code and one in text]
            assert "<script" not in text
        told = (folder / "figures.json").read_text("utf-8")
        assert not [other for other in names if other != code and other in told]


def test_quartiles_are_rounded_and_of_ten_schools_or_none(pages: dict[str, dict[str, Any]]) -> None:
    """They are the same on every page, and so is how many schools; fewer than ten are not counted."""
    every = {json.dumps(page["compared"], sort_keys=True) for page in pages.values()}
    assert len(every) == 1
    for row in json.loads(every.pop())["school_comparison"]:
        assert (row["quartiles"] is None) == (row["schools"] is None)
        assert row["schools"] is None or row["schools"] >= 10
        assert all(Decimal(one) % Decimal("0.005") == 0 for one in row["quartiles"] or ())


def test_what_pages_are_made_of_is_known_to_later_releases(
    demonstration: Home, recorded: pl.DataFrame, contracts: Contracts
) -> None:
    """Every cell of a school that any release's record shows, whatever the newest policy says."""
    spec = counted_spec(demonstration, contracts, SYSTEM)
    pages = contracts.policies[contracts.systems[SYSTEM].policy].pages
    facts = earlier_facts(demonstration, spec, recorded.select(*spec.dimensions, "count"), pages)
    shown = recorded.filter(pl.col("school") != TOTAL, status="shown")
    assert facts.filter(pl.col("school") != TOTAL).height >= shown.height > 0


class Attack:
    """Linear programs over all that is published, and over every cell of schools there is."""

    def __init__(self, release: PublicRelease, recorded: pl.DataFrame, schools: list[str]) -> None:
        names = release.systems[SYSTEM]
        public = system_cells(release, SYSTEM).group_by(names, maintain_order=True).agg(pl.col("count").first())
        private = recorded.filter(pl.col("school") != TOTAL).select(*names, told=pl.col("count"), status="status")
        assert not private.filter(school=OTHER).height  # nobody goes to a school outside the list, and everybody knows
        cells = pl.concat([public.join(private, on=names, how="anti"), private.select(names)], how="diagonal")
        self.cells = cells.join(recorded.select(*names, true="count"), on=names, how="left")
        self.cells = self.cells.join(private.select(*names, "status"), on=names, how="left", maintain_order="left")
        self.names = names
        adding = {
            name: Adding(release.codelists[name], release.incomplete.get(name, frozenset()), release.sums.get(name, {}))
            for name in names
        }
        parents = [(TOTAL, ""), *((code, TOTAL) for code in schools)]
        adding["school"] = Adding(pl.DataFrame(parents, schema=["code", "parent"], orient="row"))
        found = families(self.cells, names, adding)
        shape = (len(found.sums), self.cells.height)
        sums = sparse.csr_array((np.ones(len(found.sums)), (np.arange(len(found.sums)), found.sums)), shape=shape)
        parts = sparse.csr_array((np.ones(len(found.part)), (found.relation, found.part)), shape=shape)
        self.equal, self.most = (sums - parts)[found.whole], (parts - sums)[~found.whole]

    def reach(self, items: np.ndarray, known: np.ndarray, top: int, span: int) -> list[int]:
        """Those of the cells ``items`` that cannot be ``top``, or over a ``span``, to whoever has the cells ``known``.

        Programs push the cells that no system so far lets be so much up and down by lot, and then what is left one by one.
        """
        true = self.cells["true"].fill_null(0).to_numpy().astype(float)
        free = np.flatnonzero(~known)
        least, equal = -self.most[:, known] @ true[known], -self.equal[:, known] @ true[known]
        system = {"A_eq": self.equal[:, free], "b_eq": equal, "A_ub": self.most[:, free], "b_ub": least}
        at = np.searchsorted(free, items)
        high, low = true[items].copy(), true[items].copy()
        lots, some = np.random.default_rng(1), 12
        while True:
            short = np.flatnonzero((high < top) | (high - low < span))
            if not len(short):
                return []
            some -= 1
            for sign in (1, -1):
                cost = np.zeros(len(free))
                chosen = short if some > 0 else short[:1]
                cost[at[chosen]] = sign * (lots.choice([-1, 1], len(chosen)) if some > 0 else 1)
                done = linprog(cost, **system, bounds=(0, 10 * true.max()), method="highs")
                assert done.status == 0, done.message
                found = np.round(done.x[at], 6)
                high, low = np.maximum(high, found), np.minimum(low, found)
            if some <= 0 and (high[short[0]] < top or high[short[0]] - low[short[0]] < span):
                return [int(items[short[0]])]


def test_no_school_learns_a_small_number_of_another(
    demonstration: Home, newest: str, pages: dict[str, dict[str, Any]], recorded: pl.DataFrame
) -> None:
    """Whoever reads the release and the page of one school: every unsafe cell of every other can still be five, and wide.

    All that the comparison is made of is given to the attacker as well.
    """
    attack = Attack(read_public(demonstration.release(newest)), recorded, sorted(pages))
    cells, threshold = attack.cells, 5
    shown = cells["count"].is_not_null().to_numpy() | (cells["status"] == "shown").fill_null(value=False).to_numpy()
    true, school = cells["true"].fill_null(0).to_numpy(), cells["school"].to_list()
    unsafe = np.flatnonzero((true > 0) & (true < threshold) & ~shown & np.array([one != TOTAL for one in school]))
    assert len(unsafe) > 50
    tried = 0
    for code, page in pages.items():
        own = np.array([one == code for one in school])
        assert set(own_cells(page, attack.names).rows()) <= set(
            cells.filter(pl.Series(own)).select(*attack.names, "true").rows()
        )
        others = unsafe[~own[unsafe]]
        assert attack.reach(others, shown | own, threshold, threshold) == []
        tried += len(others)
    assert tried > 1000
    # And that it could be found: whoever has all schools but one has that one as well.
    last = np.array([one == school[unsafe[0]] for one in school])
    every = shown | np.array([one != TOTAL for one in school]) & ~last
    assert attack.reach(unsafe[last[unsafe]], every, threshold, threshold) != []


def test_each_release_has_a_page_of_each_provider_and_its_data_docs(demonstration: Home, contracts: Contracts) -> None:
    """Made by the run itself, of the provider's own deliveries; the newest tells of more terms than the first."""
    releases = ledger.releases(demonstration)
    terms = []
    for release in releases:
        folder = demonstration.private(release) / "providers"
        assert {one.name for one in folder.iterdir()} == {one.id for one in contracts.suppliers.suppliers}
        page = json.loads((folder / "2480" / "figures.json").read_text("utf-8"))
        terms.append(len(page["terms"]))
        assert 'href="data_docs.html"' in (folder / "2480" / "index.html").read_text("utf-8")
        assert "Evaluated Expectations" in (folder / "2480" / "data_docs.html").read_text("utf-8")
    assert terms == sorted(terms)
    assert terms[0] < terms[-1]
