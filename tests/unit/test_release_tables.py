"""Released tables: complete, in order, with a figure or one reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest

from avbrott.counting.from_contracts import system_spec
from avbrott.disclosure.protect import protect
from avbrott.release import ledger
from avbrott.release.audit import audit
from avbrott.release.codes import code_lists
from avbrott.release.deliveries import coverage_lists, coverage_table, withheld_cells
from avbrott.release.tables import Protected, released_table, share_text
from tests import release_case as case

PLACE = tuple[str, ...]


def table(name: str, system: Protected, folder: object) -> pl.DataFrame:
    contracts = case.contracts(folder)
    return released_table(contracts.tables[name], system, code_lists(contracts, [system.spec]))


def cell(frame: pl.DataFrame, measure: str, *codes: str) -> tuple[str | None, str]:
    names = frame.columns[:-3]
    at = [pl.col(name) == code for name, code in zip(names, codes, strict=True)]
    found = frame.filter(*at, pl.col("measure") == measure).select("value", "status").rows()
    assert len(found) == 1
    return found[0]


def test_every_combination_is_listed_once_in_the_order_of_the_code_lists(tmp_path):
    """Three years, six areas and three outcomes are 54 numbers, and a share of each that is not the total."""
    found = table("by_area", case.by_hand(*case.HIDDEN), tmp_path)
    assert found.height == 54 + 36
    assert found["area"].unique(maintain_order=True).to_list() == ["Total", "north", "south", "n1", "n2", "s1"]
    assert found.head(5).select("outcome", "measure").rows() == [
        ("Total", "persons"), ("stayed", "persons"), ("stayed", "share"), ("dropout", "persons"), ("dropout", "share"),
    ]  # fmt: skip


def test_a_hidden_cell_has_no_value_and_its_share_neither(tmp_path):
    """The share of a hidden number is hidden, though the total that it would be taken of is shown."""
    found = table("by_area", case.by_hand(*case.HIDDEN), tmp_path)
    assert cell(found, "persons", "2013/14", "n2", "Total") == ("68", "shown")
    assert cell(found, "persons", "2013/14", "n2", "dropout") == (None, "hidden")
    assert cell(found, "share", "2013/14", "n2", "dropout") == (None, "hidden")


def test_no_share_is_taken_of_a_hidden_total(tmp_path):
    """A shown number over a hidden total would tell the total."""
    found = table("by_area", case.by_hand(("2012/13", "s1", "Total", "Total")), tmp_path)
    assert cell(found, "persons", "2012/13", "s1", "dropout") == ("22", "shown")
    assert cell(found, "share", "2012/13", "s1", "dropout") == (None, "hidden")


def test_a_rate_on_few_persons_is_unreliable_though_its_numbers_are_shown(tmp_path):
    """44 pupils are one too few for a rate at the limit 45, and 45 are enough."""
    system = case.by_hand()
    found = table("by_area", system, tmp_path)
    assert cell(found, "persons", "2013/14", "s1", "Total") == ("44", "shown")
    assert cell(found, "persons", "2013/14", "s1", "dropout") == ("5", "shown")
    assert cell(found, "share", "2013/14", "s1", "dropout") == (None, "unreliable")
    enough = replace(system, policy=system.policy.model_copy(update={"reliability": 44}))
    assert cell(table("by_area", enough, tmp_path), "share", "2013/14", "s1", "dropout") == ("0.1136", "shown")


def test_what_cannot_be_known_yet_is_not_applicable_and_what_is_never_published_is_not_there(tmp_path):
    """Who came back is known two years on; until then there is neither a number nor a zero."""
    found = table("returns", case.by_hand(), tmp_path)
    assert cell(found, "persons", "2014/15", "back") == (None, "not_applicable")
    assert cell(found, "share", "2014/15", "back") == (None, "not_applicable")
    assert cell(found, "persons", "2014/15", "Total") == ("60", "shown")
    assert "back_unknown" not in found["back"].to_list()


def test_a_sum_that_is_not_known_yet_is_not_applicable(tmp_path):
    """It is counted, of what is known so far, and no table has its number; the release holds with it."""
    system = case.spec()
    early = {"school_year": frozenset({"2014/15", case.WINDOW}), "area": frozenset({"north"})}
    system = replace(system, unpublished=(*system.unpublished, early))
    policy = case.engine().policy
    made = Protected(system, policy, protect(system, case.cells(system), policy, seed=b"the case"))
    for name, at in (("by_area", "2014/15"), ("pooled", case.WINDOW)):
        found = table(name, made, tmp_path)
        for measure in ("persons", "share"):
            assert cell(found, measure, at, "north", "dropout") == (None, "not_applicable")
    assert cell(table("by_area", made, tmp_path), "persons", "2013/14", "north", "dropout")[1] == "shown"
    lacking = withheld_cells(case.contracts(tmp_path), system, made.protection.cells, case.deliveries(("p-n1", "HT2014")))
    without = table("by_area", replace(made, withheld=lacking), tmp_path)
    assert cell(without, "persons", "2014/15", "north", "dropout") == (None, "not_applicable")
    assert cell(without, "persons", "2014/15", "n1", "dropout") == (None, "not_delivered")
    released = case.Case(tmp_path)
    assert audit(released.release(made).folder, released.home).holds


def test_a_code_that_is_a_sum_has_no_parent_and_says_what_it_adds_up(contracts):
    """Its parts stand in the package; the parts' own parents are what they were."""
    spec = system_spec(contracts, "pupils", pl.DataFrame({"school_year": ["2012/13"], "school": ["99248001"]}))
    listed = code_lists(contracts, [spec])["completion"]
    parents = dict(listed.frame.select("code", "parent").rows())
    assert listed.sums == {"within_4": ("within_3", "year_4"), "within_5": ("within_4", "year_5")}
    assert (parents["within_3"], parents["within_4"], parents["within_5"]) == ("Total", None, None)
    assert (parents["year_4"], parents["not_4"]) == ("not_3", "not_3")
    assert {"within_4", "within_5"} <= listed.horizons


def test_a_table_of_windows_leaves_the_single_years_out(tmp_path):
    """The window holds the sum of its years, and only the share that the contract asks for."""
    found = table("pooled", case.by_hand(), tmp_path)
    assert found["school_year"].unique().to_list() == [case.WINDOW]
    assert cell(found, "persons", case.WINDOW, "n2", "dropout") == ("11", "shown")
    assert set(found.filter(measure="share")["outcome"]) == {"dropout"}


def test_a_possible_cell_that_counting_does_not_list_is_a_shown_zero(tmp_path):
    """Nobody can be there, and everyone may know it."""
    system = case.by_hand()
    fewer = system.protection.cells.filter(~((pl.col("school_year") == "2012/13") & (pl.col("area") == "s1")))
    less = replace(system, protection=replace(system.protection, cells=fewer))
    assert cell(table("by_area", less, tmp_path), "persons", "2012/13", "s1", "dropout") == ("0", "shown")


def test_a_status_that_the_writer_does_not_know_hides_the_cell(tmp_path):
    """The writer fails closed: only the word shown shows."""
    system = case.changed(case.by_hand(), pl.lit("perhaps"), "status", "2012/13", "n1", "stayed", "Total")
    assert cell(table("by_area", system, tmp_path), "persons", "2012/13", "n1", "stayed") == (None, "hidden")


def test_a_municipality_without_its_delivery_is_not_delivered_and_never_zero(tmp_path):
    """A missing term takes both years that need it, and every window over them; the county keeps its figures."""
    contracts, system = case.contracts(tmp_path), case.by_hand()
    lacking = withheld_cells(contracts, system.spec, system.protection.cells, case.deliveries(("p-s1", "HT2013")))
    found = table("by_area", replace(system, withheld=lacking), tmp_path)
    for year, status in (("2012/13", "not_delivered"), ("2013/14", "not_delivered"), ("2014/15", "shown")):
        assert cell(found, "persons", year, "s1", "dropout")[1] == status
        # The region has no other municipality: it rests on the same delivery.
        assert cell(found, "share", year, "south", "dropout")[1] == status
        assert cell(found, "persons", year, "Total", "dropout")[1] == "shown"
    pooled = table("pooled", replace(system, withheld=lacking), tmp_path)
    assert cell(pooled, "persons", case.WINDOW, "s1", "Total") == (None, "not_delivered")
    assert cell(pooled, "persons", case.WINDOW, "n1", "Total")[1] == "shown"


def test_where_no_delivery_was_due_a_figure_is_not_applicable_as_the_delivery_itself_is(tmp_path):
    """A municipality outside its membership has not failed to deliver; where one thing was due and did not come it has."""
    contracts, system = case.contracts(tmp_path), case.by_hand()
    outside = pl.col("provider") == "p-s1", pl.col("term").is_in(["HT2012", "VT2013", "HT2013"])
    came = case.deliveries(("p-s1", "VT2014")).filter(~pl.all_horizontal(outside))
    lacking = withheld_cells(contracts, system.spec, system.protection.cells, came)
    found = table("by_area", replace(system, withheld=lacking), tmp_path)
    for year, status in (("2012/13", "not_applicable"), ("2013/14", "not_delivered"), ("2014/15", "shown")):
        assert cell(found, "persons", year, "s1", "dropout")[1] == status
        assert cell(found, "persons", year, "south", "Total")[1] == status
        assert cell(found, "share", year, "s1", "dropout")[1] == status
    pooled = table("pooled", replace(system, withheld=lacking), tmp_path)
    assert cell(pooled, "persons", case.WINDOW, "s1", "Total") == (None, "not_delivered")
    deliveries = coverage_table(came, coverage_lists(contracts, came))
    assert cell(deliveries, "delivered", "p-s1", "HT2012", "enrolments") == (None, "not_applicable")
    assert cell(deliveries, "delivered", "p-s1", "VT2014", "enrolments") == (None, "not_delivered")


def test_the_table_of_deliveries_tells_what_was_refused_from_what_never_came(tmp_path):
    """Neither was delivered; only one of them came."""
    came = case.deliveries(("p-n1", "HT2013"), ("p-s1", "HT2013"))
    refused = (pl.col("provider") == "p-s1") & (pl.col("term") == "HT2013")
    came = came.with_columns(refused=refused)
    found = coverage_table(came, coverage_lists(case.contracts(tmp_path), came))
    for measure in ("delivered", "late"):
        assert cell(found, measure, "p-n1", "HT2013", "enrolments") == (None, "not_delivered")
        assert cell(found, measure, "p-s1", "HT2013", "enrolments") == (None, "not_delivered")
    assert cell(found, "refused", "p-n1", "HT2013", "enrolments") == (None, "not_delivered")
    assert cell(found, "refused", "p-s1", "HT2013", "enrolments") == ("1", "shown")
    assert cell(found, "refused", "p-n2", "HT2013", "enrolments") == ("0", "shown")


@pytest.mark.parametrize(("count", "base"), [(1, 20000), (0, 45), (45, 45), (1, 3), (2, 3), (14999, 30000), (12345, 10**9)])
def test_shares_are_rounded_half_up_in_whole_numbers(count, base):
    """A half of the last decimal goes up; binary fractions have no say."""
    exact = Fraction(count, base)
    units = (exact * 10000 + Fraction(1, 2)).__floor__()
    found = pl.DataFrame({"count": [count], "base": [base]}).select(share_text("count", "base")).item()
    assert found == f"{units // 10000}.{units % 10000:04d}"


def test_a_late_delivery_leaves_a_published_year_not_delivered(tmp_path):
    """The year's rows are frozen without it: a figure of them would be false. A year that is new has its figure."""
    made, system = case.Case(tmp_path), case.engine()
    late = ("p-s1", "HT2013")

    def protected(came: pl.DataFrame) -> Protected:
        frozen = ledger.lacking_when_published(made.home, "pupils", "area")
        return replace(system, withheld=withheld_cells(made.contracts, system.spec, system.protection.cells, came, frozen))

    first = made.release(protected(case.deliveries(late)), came=case.deliveries(late))
    assert ledger.lacking_when_published(made.home, "pupils", "area") == {
        "2012/13": {"s1", "south"},
        "2013/14": {"s1", "south"},
        "2014/15": set(),
    }
    for came in (case.deliveries(), case.deliveries(("p-n1", "HT2012"))):  # it comes; another one is withdrawn
        second = made.release(protected(came), day=case.DAY.replace(year=2017), came=came)
        tables = [pl.read_csv(one.folder / "tables" / "by_area.csv", infer_schema=False) for one in (first, second)]
        assert tables[0].equals(tables[1])
        assert audit(second.folder, made.home).holds
    coverage = pl.read_csv(second.folder / "tables" / "coverage.csv", infer_schema=False)
    told = coverage.filter(provider="p-s1", term="HT2013", measure="delivered")
    assert told.select("value", "status").row(0) == ("1", "shown")
    unpublished = withheld_cells(made.contracts, system.spec, system.protection.cells, case.deliveries(late), {"2012/13": ()})
    assert unpublished["school_year"].unique().sort().to_list() == ["2012/13..2014/15", "2013/14"]
