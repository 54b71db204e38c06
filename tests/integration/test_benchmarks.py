"""What ``make bench`` prints: a line for every stage and every flaw, none left out and none broken in two."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, read_contract
from avbrott.synthetic.flaws import Flaws
from avbrott.synthetic.generate import generate
from tests.benchmarks import bench_check, bench_prepare, bench_protect, bench_scale
from tests.benchmarks.bench_linking_flaws import by_flaw, lines, linked
from tests.benchmarks.bench_stages import HEAD, costs
from tests.benchmarks.check_floor import check_by_hand

SCREEN = 100


def test_every_stage_is_measured_beside_a_floor(tmp_path: Path, contracts: Contracts) -> None:
    """From deliveries to the site: seconds, peak memory, the floor's seconds and the ratio, on one line each."""
    home = Home(tmp_path)
    county = generate(home, contracts, pupils=300, years=1, seed=1)
    found = list(costs(home, contracts, [Term.parse(term) for term in county.terms]))
    assert [cost.name for cost in found] == [
        "delivered", "delivered, nothing new", "accepted", "linked", "watched", "counted", "protected",
        "released, with its site", "its site alone", "one run",
    ]  # fmt: skip
    assert all(cost.seconds > 0 and cost.floor > 0 and cost.peak > 20 for cost in found)
    assert len({round(cost.peak) for cost in found}) > 3, "each stage has a peak of its own"
    assert all(len(text) <= SCREEN and "\n" not in text for text in (HEAD, *map(str, found)))
    once = [cost for cost in found[:-1] if cost.name not in ("delivered, nothing new", "its site alone")]
    assert found[-1].seconds == sum(cost.seconds for cost in once)
    assert found[-1].peak == max(cost.peak for cost in once)
    assert (home.current / "site" / "index.html").is_file()


def test_every_flaw_has_a_line_of_its_own(tmp_path: Path, contracts: Contracts) -> None:
    """In the order of the contract, also one that touched no pupil, and each number under its head."""
    home = Home(tmp_path)
    linked(home, contracts, generate(home, contracts, pupils=300, years=1, seed=1, flaws="harsh"))
    found = by_flaw(home, contracts)
    planted = [flaw.id for flaw in read_contract(contracts.folder / "flaws.yaml", Flaws).flaws]
    assert found["flaw"].to_list() == ["(all)", "(untouched)", *planted, "late_report"]
    zeros = found.filter(flaw="event_without_enrolment").row(0)
    assert zeros == ("event_without_enrolment", *[0] * 6)
    head, *rows = lines(found)
    assert all(len(row) == len(head) <= SCREEN for row in rows)
    assert [row.split() for row in rows] == [[str(value) for value in row] for row in found.rows()]


def test_protection_is_measured_with_the_attack_beside_it(tmp_path: Path) -> None:
    """A line under its head: cells, unsafe ones, those and zeros hidden beside them, seconds, memory; none is narrowed."""
    source = tmp_path / "input.csv"
    bench_protect.grown(10).write_csv(source)
    assert bench_protect.grown(20).height == 2 * bench_protect.grown(10).height
    for setting in bench_protect.SETTINGS[:2]:
        told = bench_protect._run(source, {"dimensions": bench_protect.AREA_KIND, "policy": setting})
        figures, narrowed = told.split("  0 narrowed, 0 exact, all ")
        nonzero, unsafe, complementary, zeros, share, *seconds, peak = figures.split()
        assert int(nonzero) > int(unsafe) > 0 < int(complementary)
        assert int(zeros) == 0 or setting["zeros"] == "may_hide"
        assert narrowed.startswith(f"{unsafe} unsafe")
        assert 0 < float(share.rstrip("%")) < 50
        assert len(seconds) == len(bench_protect.PHASES)
        assert float(peak) > 20


def test_a_benchmark_table_that_is_another_file_is_an_error(tmp_path: Path) -> None:
    """Figures of another table would pass for those of the one that is named; one that is not there is skipped."""
    assert bench_protect.source_of("small", tmp_path) is None
    (tmp_path / "disclosure").mkdir()
    (tmp_path / "disclosure" / "small.csv").write_text("area,freq\na,1\n", "utf-8")
    with pytest.raises(SystemExit, match="another file"):
        bench_protect.source_of("small", tmp_path)


def test_a_check_is_measured_beside_the_rules_by_hand(tmp_path: Path) -> None:
    """The same faults are found by both, a clean file has none, and a line stands under its head."""
    for kind, made in (("clean", bench_check.clean), ("dirty", bench_check.dirty)):
        file = tmp_path / f"{kind}.csv"
        made(2000).write_csv(file)
        found = check_by_hand(file)
        assert bool(found) == (kind == "dirty")
        told = bench_check.line(kind, file, 2000)
        assert len(told) == len(bench_check.HEAD) <= SCREEN
        assert (told.split()[-1] == "0") == (kind == "clean")
    assert found["sex"] == found["pseudonym"] == found["filled school_unit"] == 200


def test_a_preparation_is_measured_beside_one_by_hand(tmp_path: Path) -> None:
    """Both name every pupil alike, and a line stands under its head."""
    told = bench_prepare.line(tmp_path, 400)
    assert len(told) == len(bench_prepare.HEAD) <= SCREEN
    ours, floor = (
        pl.read_csv(file, infer_schema=False) for file in (tmp_path / "ours" / "enrolments.csv", tmp_path / "floor.csv")
    )
    assert ours["pseudonym"].n_unique() == 200
    assert ours["pseudonym"].sort().equals(floor["pseudonym"].sort())


def test_twice_the_rows_are_reckoned_from_any_two_sizes() -> None:
    """Four times the rows for nine times the seconds is three times for twice; nothing is said without a smaller size."""
    small = bench_scale.Cost(1, 100, "linked", 2.0, 2.0, 50.0)
    large = bench_scale.Cost(4, 400, "linked", 18.0, 18.0, 50.0, before=small)
    assert large.twice == pytest.approx(3.0)
    assert small.twice is None
