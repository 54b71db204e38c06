"""The invented country: the whole list of municipalities, the same bytes however many processes, whole or not at all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import pull_many
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.progress import listening
from avbrott.registry import Contracts, load_contracts
from avbrott.synthetic import nationwide
from avbrott.synthetic.generate import SynthSummary, generate
from avbrott.synthetic.nation import MOST_IN_A_PART, sized, write_contracts
from avbrott.synthetic.nationwide import generate_nation
from tests.unit.test_synthetic_generate import digests

PUPILS = 160


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> tuple[Home, SynthSummary]:
    """Two small counties with every flaw that files can have, made by one process."""
    home = Home(tmp_path_factory.mktemp("country"))
    made = generate_nation(home, contracts, counties=2, pupils=PUPILS, years=1, seed=4, flaws="harsh", processes=1)
    return home, made


def test_the_bytes_do_not_depend_on_how_many_processes(
    tmp_path: Path, contracts: Contracts, country: tuple[Home, SynthSummary]
) -> None:
    """Deliveries, contracts, truth and sources; and another seed gives others."""
    made = generate_nation(
        Home(tmp_path / "one"), contracts, counties=2, pupils=PUPILS, years=1, seed=4, flaws="harsh", processes=3
    )
    assert made == country[1]
    assert digests(Home(tmp_path / "one")) == digests(country[0])
    generate_nation(
        Home(tmp_path / "other"), contracts, counties=2, pupils=PUPILS, years=1, seed=5, flaws="harsh", processes=2
    )
    assert digests(Home(tmp_path / "other")) != digests(country[0])


def test_the_country_is_all_of_it(tmp_path: Path, contracts: Contracts) -> None:
    """290 municipalities in 21 counties, each with its real code once; each county has a school; pupils add up."""
    size = sized(contracts.folder, None, None)
    promised = write_contracts(contracts, size.nation, Term("HT", 2005), tmp_path / "contracts")
    homes = [code for code in promised.codes("home_municipality") if code.level == "municipality" and code.code.isdigit()]
    assert len({code.code for code in homes}) == len(homes) == 290
    assert all(code.parent == f"lan_{code.code[:2]}" for code in homes)
    teaching = Counter(unit.municipality[:2] for one in promised.suppliers.suppliers for unit in one.units)
    assert len(teaching) == len(size.nation.counties) == 21
    assert size.pupils == sum(part.pupils for part in size.parts) == 370_000
    assert [code for part in size.parts for code in part.municipalities] == [
        code for county in size.nation.counties for code in county.municipalities
    ]
    assert all(part.pupils <= MOST_IN_A_PART or len(part.municipalities) == 1 for part in size.parts)
    assert len({part.code for part in size.parts}) == len(size.parts) > 21
    assert all(supplier.is_member(Term("HT", 2005)) for supplier in promised.suppliers.suppliers)
    assert {one.name for one in promised.tables.values()} == {one.name for one in contracts.tables.values()}


@pytest.mark.parametrize(("counties", "there", "pupils"), [(1, 1, 8500), (4, 4, 34_000), (64, 21, 544_000)])
def test_counties_are_worth_as_many_pupils_each(contracts: Contracts, counties: int, there: int, pupils: int) -> None:
    """More counties than there are stand for their pupils."""
    size = sized(contracts.folder, counties, None)
    assert (len(size.nation.counties), size.pupils) == (there, pupils)


def test_no_two_counties_have_a_person_in_common(country: tuple[Home, SynthSummary]) -> None:
    """Each has a seed of its own; and on 15 October as many are enrolled as were asked for."""
    truths = sorted(country[0].truth.iterdir())
    assert [folder.name for folder in truths] == ["22", "24"]
    persons = pl.concat(pl.read_parquet(folder / "persons.parquet") for folder in truths)
    assert persons["pseudonym"].is_unique().all()
    assert persons.height == country[1].persons
    assert sum(pl.read_parquet(folder / "outcomes.parquet").height for folder in truths) == PUPILS


def test_what_is_delivered_keeps_the_countrys_contracts(country: tuple[Home, SynthSummary]) -> None:
    """As Parquet, but where an encoding is at fault; the hub accepts most of it under the contracts that lie beside it."""
    home, made = country
    promised = load_contracts(home.invented_contracts)
    paths = [
        resource["path"]
        for file in sorted(home.root.glob("providers/*/outbox/*/datapackage.json"))
        for resource in json.loads(file.read_text("utf-8"))["resources"]
        if (file.parent / resource["path"]).is_file()
    ]
    assert len(paths) == made.files - made.deliveries
    kinds = Counter(Path(path).suffix for path in paths)
    assert kinds[".parquet"] > 20 * kinds[".csv"]
    wanted = {Term.parse(made.terms[1]): list(promised.suppliers.by_id)}
    pull_many(home, promised, wanted)
    outcomes = check_terms(home, promised, wanted)
    came = [one for one in outcomes if one.status != "missing"]
    accepted = [one for one in came if one.status.startswith("accepted")]
    assert len(accepted) > 0.9 * len(came) > 20
    rows = Counter[str]()
    for one in accepted:
        rows.update(one.accepted)
    assert min(rows[extract] for extract in ("enrolments", "events", "absence", "kaa", "agency_counts")) > 0


def test_an_interrupted_country_leaves_what_was_there(
    tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county that cannot be lived ends it all: the old deliveries stay, and nothing half-made beside them."""
    home = Home(tmp_path / "home")
    generate(home, contracts, pupils=60, years=1, seed=1)
    before = {name: held for name, held in digests(home).items() if name != "demo.json"}
    lived = nationwide._lived

    def ending(*arguments: object) -> object:
        lived(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(nationwide, "_lived", ending)
    with pytest.raises(KeyboardInterrupt):
        generate_nation(home, contracts, counties=1, pupils=60, years=1, seed=1, processes=1)
    assert {name: held for name, held in digests(home).items() if name != "demo.json"} == before


def test_a_county_takes_the_place_of_a_country(tmp_path: Path, contracts: Contracts) -> None:
    """Nobody of the country delivers any more, and its contracts are gone."""
    home = Home(tmp_path / "home")
    heard: list[tuple[str, int, int]] = []
    with listening(lambda *told: heard.append(told)):
        generate_nation(home, contracts, counties=2, pupils=80, years=1, seed=1, processes=1)
    assert heard[0] == ("synth", 0, 80)
    assert heard[-1] == ("synth", 80, 80)
    assert home.outbox("2281", "HT2024").is_dir()
    generate(home, contracts, pupils=60, years=1, seed=1)
    assert not home.outbox("2281", "HT2024").exists()
    assert not home.invented_contracts.exists()
    assert home.outbox("2480", "HT2024").is_dir()


def test_a_country_that_cannot_be_is_told(tmp_path: Path, contracts: Contracts, run: Callable[..., object]) -> None:
    """More pupils than there are, no county at all, and processes for a single county."""
    with pytest.raises(BadInput, match="SYNTH_SIZE"):
        generate_nation(Home(tmp_path / "home"), contracts, counties=200)
    with pytest.raises(BadInput, match="SYNTH_SIZE"):
        generate_nation(Home(tmp_path / "home"), contracts, counties=0)
    ended = run("synth", "--processes", 2, "--home", tmp_path / "home")
    assert ended.code == 2
    assert "--nation" in ended.err
    assert not (tmp_path / "home").exists()
