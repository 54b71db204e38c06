"""Counts that have changed since an earlier output: old secrets stay, small differences are hidden, decisions are listed."""

from __future__ import annotations

import json

import polars as pl
import pytest

from avbrott.disclosure import rules
from avbrott.disclosure.checker import check_protection
from avbrott.errors import CannotProtect, DoesNotHold
from avbrott.tabular.attack import attack
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import Record, read_output
from tests.revised_case import FLAT, moved, revise, square
from tests.tabular_case import SPEC, TableCase, rows

PLACE = ["area", "sex", "status"]
YEARLY = {"dimensions": {**SPEC["dimensions"], "year": [["year"]]}, "additive": {"year": False}, "windows": {"year": 2}}


def told(case: TableCase, **place: str) -> str | None:
    """What ``public.csv`` says of a cell; None where it is hidden."""
    found = case.public()
    other = [name for name in found.columns if name not in {*place, "count", "hidden"}]
    at = [pl.col(name) == place.get(name, "Total") for name in [*place, *other]]
    return found.filter(pl.all_horizontal(at))["count"].item()


def record(case: TableCase) -> Record:
    return read_output(case.out).record()


def test_a_correction_by_one_hides_the_new_figure_wherever_the_old_one_was_shown(tmp_path):
    """Up to the total; a figure that changes by the threshold or more may be shown beside the old one."""
    first, second = revise(tmp_path, [rows(), moved(rows(), r20=1)])
    assert told(first, area="Total") is not None
    assert told(second, area="Total") is None
    decisions = second.confidential("revisions")
    assert decisions.columns == ["vintage", *PLACE, "old", "new", "decision"]
    assert set(decisions["new"] - decisions["old"]) == {1}
    assert set(decisions["decision"]) == {"hidden"}
    first, second = revise(tmp_path / "more", [rows(), moved(rows(), r20=9, r11=8, r30=7)])
    assert told(second, area="Total") == str(int(told(first, area="Total") or 0) + 24)
    assert "shown" in set(second.confidential("revisions")["decision"])


def test_an_old_secret_stays_one_when_the_new_figure_is_large(tmp_path):
    """3 then and 30 now: what was hidden for the 3 and has not changed tells it beside the old total; it stays hidden."""
    old, new = square(3, 7, 10, 8, 9, 20, 10, 30, 40), square(30, 7, 10, 8, 9, 20, 10, 30, 40)
    first, second = revise(tmp_path, [old, new], **FLAT)
    assert told(first, row="r0", column="c0") is None
    beside = [(place, told(first, row="r0", column=place)) for place in ("c1", "c2")]
    assert told(first, row="r0") == "20"
    for place, count in beside:
        assert (told(second, row="r0", column=place) is None) == (count is None)
    # The proof has a system for the old 3, over the cells of then and of now.
    whole = record(second).whole()
    secret = (pl.col("vintage") == "000") & (pl.col("d0") == "r0") & (pl.col("d1") == "c0")
    assert whole.witnesses.filter(secret & (pl.col("delta") >= 2)).height
    alone = TableCase(tmp_path / "alone", new, **FLAT)
    alone.protect()
    hidden = [case.public().filter(pl.col("hidden") == "true").height for case in (alone, second)]
    assert hidden[0] == 0, "without the old figures nothing would be hidden"
    assert hidden[1] > 1


def test_plus_one_and_minus_one_in_one_revision(tmp_path):
    """The row's total is what it was and shown; neither part tells that it gained or lost somebody."""
    old, new = square(10, 12, 15, 20, 30, 40, 50, 60, 70), square(11, 11, 15, 20, 30, 40, 50, 60, 70)
    first, second = revise(tmp_path, [old, new], **FLAT)
    assert first.public().filter(pl.col("hidden") == "true").is_empty()
    assert told(second, row="r0") == "37"
    for place in ({"column": "c0"}, {"column": "c1"}):
        assert told(second, **place) is None
        assert told(second, row="r0", **place) is None
    whole = record(second).whole()
    rise = whole.witnesses.filter((pl.col("d0") == "r0") & (pl.col("d1") == "c0") & (pl.col("vintage") == "001"))
    assert rise["delta"].max() >= 4, "the difference of 1 can be 5"
    decisions = second.confidential("revisions").filter(pl.col("row") == "r0")
    assert set(decisions.select("column", "decision").iter_rows()) == {("c0", "hidden"), ("c1", "hidden")}


def test_an_unchanged_slice_is_what_it_was(tmp_path):
    """What it showed is shown, its cells are facts, and no vintage is kept of it; windows over a changed year are revised."""
    frame = rows(years=4)
    at = frame.with_row_index().filter(pl.col("year") == "2020")["index"][10]
    first, second = revise(tmp_path, [frame, moved(frame, **{f"r{at}": 1})], **YEARLY)
    of_now = second.public().filter(pl.col("year").is_in(["2019", "2021", "2022", "2021..2022"]))
    place = [*PLACE, "year"]
    both = of_now.join(first.public(), on=place, suffix="_old")
    assert both.height == of_now.height
    assert both.filter(pl.col("count_old").is_not_null() & (pl.col("count") != pl.col("count_old"))).is_empty()
    assert both.filter(pl.col("count_old").is_not_null() & pl.col("count").is_null()).is_empty()
    assert set(second.confidential("earlier_cells")["year"]) == {"2019", "2020", "2021", "2019..2020", "2020..2021"}
    assert set(second.confidential("revisions")["year"]) == {"2020", "2019..2020", "2020..2021"}
    facts = second.confidential("cells").filter(pl.col("year") == "2022")
    assert facts.filter((pl.col("fact") == "previous") & (pl.col("status") != "shown")).is_empty()
    assert facts.filter(pl.col("fact") == "previous").height > 10


def test_nothing_is_kept_where_nothing_has_changed(tmp_path):
    """The same counts again: the same figures, and no file of revisions."""
    first, second = revise(tmp_path, [rows(), rows()])
    assert second.public().equals(first.public())
    assert not list((second.out / "confidential").glob("earlier*"))
    assert not (second.out / "confidential" / "revisions.parquet").exists()


@pytest.mark.parametrize("every", [False, True])
def test_chains_of_three_with_a_change_each(tmp_path, every):
    """The last output is enough, as it has what those before it had: the first figure is still reckoned with."""
    frame = rows()
    frames = [frame, moved(frame, r20=1, r3=-2), moved(frame, r20=2, r3=-2, r33=6)]
    first, _, third = revise(tmp_path, frames, every=every)
    found = record(third).vintages
    assert found is not None
    assert found.ids == {"000": read_output(first.out).id, "001": read_output(tmp_path / "1" / "out").id}
    decisions = third.confidential("revisions")
    assert set(decisions["vintage"]) == {"000", "001"}
    small = decisions.filter((pl.col("new") - pl.col("old")).abs() < 5).select(*PLACE)
    was = first.public().filter(pl.col("hidden") == "false").join(small, on=PLACE, how="semi")
    is_now = third.public().join(was.select(PLACE), on=PLACE, how="semi")
    assert is_now.height == was.height > 5
    assert set(is_now["hidden"]) == {"true"}


def test_who_was_there_and_is_gone_and_who_has_come(tmp_path):
    """A code that INPUT no longer has is zero now and was not then; one that is new was zero then."""
    frame = rows()
    without = frame.filter(pl.col("municipality") != "m3")
    first, second = revise(tmp_path, [frame, without])
    assert told(first, area="m3") is not None
    assert second.public().filter(pl.col("area") == "m3").is_empty()
    gone = second.confidential("revisions").filter(pl.col("area") == "m3")
    assert set(gone["new"]) == {0}
    assert gone.height == first.confidential("cells").filter((pl.col("area") == "m3") & (pl.col("count") > 0)).height
    back = revise(tmp_path / "back", [without, frame])[1]
    assert set(back.confidential("revisions").filter(pl.col("area") == "m3")["old"]) == {0}
    # Both ways in one chain.
    revise(tmp_path / "chain", [frame, without, frame])
    revise(tmp_path / "gone", [frame, without, moved(without, r3=2)])


def test_a_zero_that_may_be_somebody_is_not_pinned_by_an_output_that_does_not_list_it(tmp_path):
    """Nobody of one sex in one vintage: there it is known, and what is hidden for the other vintages' sake is not."""
    counts = [(4, 1, 1, 0, 2, 0), (4, 0, 1, 0, 3, 0), (4, 1, 1, 0, 3, 0)]
    places = [(area, sex) for area in "abc" for sex in "km"]
    frames = [
        pl.DataFrame(
            [(*place, n) for place, n in zip(places, one, strict=True)], schema=["area", "sex", "freq"], orient="row"
        )
        for one in counts
    ]
    policy = {"threshold": 3, "width": 3, "complement": ["sex"]}
    for every in (False, True):
        revise(tmp_path / str(every), frames, every, dimensions={"area": [["area"]], "sex": [["sex"]]}, policy=policy)


def test_a_difference_that_facts_bound_reaches_what_they_leave(tmp_path):
    """Everything was shown, zeros too: one cell of 3 loses a person, so the total cannot lose more than two."""
    counts = [(4, 4, 6, 3), (4, 4, 6, 2)]
    frames = [pl.DataFrame({"area": list("abcd"), "freq": one}) for one in counts]
    policy = {"threshold": 3, "width": 3, "zeros": "shown"}
    first, second = revise(tmp_path, frames, dimensions={"area": [["area"]]}, policy=policy)
    assert "true" not in first.public()["hidden"].to_list()
    assert [told(second, area=code) for code in ("c", "d", "Total")] == ["6", None, None]


def test_revision_items_are_what_protects_differences(tmp_path, monkeypatch):
    """Without them in the engine the checker refuses, so that nothing is written."""
    frame = rows()
    revise(tmp_path, [frame])
    case = TableCase(tmp_path / "second", moved(frame, r20=1), previous=["../0/out"])
    none = pl.Series([], dtype=pl.Int64).to_numpy()
    monkeypatch.setattr(rules, "differing", lambda _lattice: (none, none))
    with pytest.raises(DoesNotHold, match="REVISION_SHOWN"):
        case.protect()
    assert not case.out.exists()


def test_the_proof_of_a_revision_is_found_out_where_it_is_broken(tmp_path):
    """A new figure shown beside the old one, a vintage's witness torn apart, an old fact moved, an item without a witness."""
    second = revise(tmp_path, [square(10, 12, 15, 2, 30, 3, 50, 60, 70), square(11, 11, 15, 2, 30, 3, 50, 60, 70)], **FLAT)[1]
    whole = record(second).whole()

    def faults(cells: pl.DataFrame = whole.cells, witnesses: pl.DataFrame = whole.witnesses) -> set[str]:
        found = check_protection(whole.system, whole.policy, cells, witnesses, whole.facts("previous"), whole.facts("known"))
        return {fault.code for fault in found}

    assert faults() == set()
    place = (pl.col("d0") == "r0") & (pl.col("d1") == "c0") & (pl.col("vintage") == "001")
    shown = pl.when(place).then(pl.lit("shown")).otherwise("status").alias("status")
    assert "REVISION_SHOWN" in faults(cells=whole.cells.with_columns(shown))
    now = pl.col("vintage") == "001"
    assert "WITNESS_SPLITS_VINTAGES" in faults(witnesses=whole.witnesses.filter(now))
    assert "REVISION_BELOW_THRESHOLD" in faults(witnesses=whole.witnesses.filter(~place))
    moves = whole.witnesses.with_columns(vintage=pl.when(place).then(pl.lit("000")).otherwise("vintage"))
    assert "WITNESS_MOVES_SHOWN" in faults(witnesses=moves)


@pytest.mark.parametrize("name", ["earlier_cells", "earlier_witnesses", "revisions"])
def test_a_changed_record_of_revisions_is_found(tmp_path, name):
    """Each of its files is bound by the certificate; so are the outputs that it names."""
    second = revise(tmp_path, [rows(), moved(rows(), r20=1)])[1]
    file = second.out / "confidential" / f"{name}.parquet"
    frame = pl.read_parquet(file)
    frame.head(frame.height - 1).write_parquet(file)
    assert "FILE_CHANGED" in {fault.code for fault in audit_output(read_output(second.out)).faults}
    certificate = json.loads((second.out / "certificate.json").read_text("utf-8"))
    assert certificate["previous"] == [read_output(tmp_path / "0" / "out").id]
    certificate["previous"] = []
    (second.out / "certificate.json").write_text(json.dumps(certificate), "utf-8")
    assert "STATEMENT_WRONG" in {fault.code for fault in audit_output(read_output(second.out)).faults}


def test_a_dimension_may_be_called_as_a_column_of_the_record(tmp_path):
    """It has an underscore in that file alone, and a chain reads it back."""
    frame = rows().rename({"sex": "vintage", "status": "old"})
    dimensions = {"area": [["municipality"]], "vintage": [["vintage"]], "old": [["old"]]}
    third = revise(tmp_path, [frame, moved(frame, r20=1), moved(frame, r20=1, r9=2)], dimensions=dimensions)[2]
    assert third.confidential("revisions").columns == ["vintage", "area", "vintage_", "old_", "old", "new", "decision"]
    assert third.confidential("earlier_cells").columns[:4] == ["vintage", "area", "vintage_", "old"]
    assert set(third.confidential("revisions")["vintage"]) == {"000", "001"}


def test_no_public_file_tells_what_was_revised(tmp_path):
    """Neither old figures nor decisions stand outside the confidential folder."""
    second = revise(tmp_path, [rows(), moved(rows(), r20=1)])[1]
    public = {file.name for file in second.out.iterdir() if file.is_file()}
    assert public == {"certificate.json", "public.csv", "public_witnesses.parquet"}
    certificate = (second.out / "certificate.json").read_text("utf-8")
    assert '"vintage' not in certificate
    assert second.public().columns == [*PLACE, "count", "hidden"]


def test_what_is_kept_of_a_revision_is_the_same_each_time(tmp_path):
    """The same input, SPEC and seed: the same bytes."""
    second = revise(tmp_path, [rows(), moved(rows(), r20=1)])[1]
    before = {file.name: file.read_bytes() for file in second.out.rglob("*") if file.is_file()}
    second.protect()
    after = {file.name: file.read_bytes() for file in second.out.rglob("*") if file.is_file()}
    assert {name for name in before if before[name] != after[name]} <= {"run.json"}


def test_a_cell_that_must_stay_shown_cannot_be_one_that_differs_by_little(tmp_path):
    """Exit 3, and the message names it."""
    revise(tmp_path, [rows()])
    second = TableCase(tmp_path / "second", moved(rows(), r20=1), previous=["../0/out"], keep="keep.csv")
    pl.DataFrame({"area": ["Total"]}).write_csv(tmp_path / "second" / "keep.csv")
    with pytest.raises(CannotProtect, match="KEEP_IMPOSSIBLE"):
        second.protect()


def test_the_attack_knows_all_vintages(tmp_path):
    """Linear programs over the figures of both narrow no unsafe cell and no small difference."""
    second = revise(tmp_path, [rows(), moved(rows(), r20=1, r11=-1)])[1]
    output = read_output(second.out)
    found = attack(output.public(), output.record(), 60, lambda _done, _of: None)
    assert (found.narrowed, found.exact) == (0, 0)
    assert found.of > second.confidential("revisions").height


@pytest.mark.parametrize("windows", [{}, {"period": 2}])
def test_coarser_codes_of_a_dimension_without_a_total_are_revised_with_their_parts(tmp_path, windows):
    """A year and its terms: where one term has changed, the year has, and all its terms are there twice; no other year is."""
    years = {"2020": ("2020a", "2020b"), "2021": ("2021a", "2021b")}
    counts = iter((20, 9, 12, 30, 17, 8, 14, 11))
    frame = pl.DataFrame(
        [(year, term, sex, next(counts)) for year, terms in years.items() for term in terms for sex in "km"],
        schema=["year", "term", "sex", "freq"],
        orient="row",
    )
    keys = {"dimensions": {"period": [["year", "term"]], "sex": [["sex"]]}, "additive": {"period": False}, "windows": windows}
    first, second = revise(tmp_path, [frame, moved(frame, r0=10)], **keys)
    kept = set(second.confidential("earlier_cells")["period"])
    assert {"2020", "2020a", "2020b"} <= kept
    assert not {"2021", "2021b"} & kept
    assert told(first, period="2020") == "71"
    assert told(second, period="2020") == "81"
