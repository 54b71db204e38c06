"""Earlier outputs that no later one can be made after: codes that stand elsewhere, a stricter policy."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.errors import BadInput
from avbrott.texts import load_messages
from tests.revised_case import FLAT, revise, square
from tests.tabular_case import SPEC, TableCase, rows


def test_a_code_that_stands_elsewhere_and_a_period_that_is_gone_are_refused(tmp_path):
    """Sums of then would be sums of other parts now."""
    frame = rows()
    revise(tmp_path, [frame])
    other = frame.with_columns(county=pl.when(pl.col("municipality") == "m3").then(pl.lit("c1")).otherwise("county"))
    case = TableCase(tmp_path / "moved", other, previous=["../0/out"])
    with pytest.raises(BadInput, match="PREVIOUS_CODES_MOVED"):
        case.protect()
    level = frame.filter(pl.col("municipality") != "m3").with_columns(
        county=pl.when(pl.col("county") == "c1").then(pl.lit("m3")).otherwise("county")
    )
    case = TableCase(tmp_path / "level", level, previous=["../0/out"])
    with pytest.raises(BadInput, match="PREVIOUS_CODES_MOVED"):
        case.protect()


def test_a_code_that_moved_is_refused_though_no_count_has_changed(tmp_path):
    """f1 and f2 change places: 23 of a1 then, 23 of a1 now, and a shown 6 of both would tell that each is 3."""
    finest = {"f1": ("a1", "g1", 3), "f2": ("a2", "g1", 3), "f3": ("a1", "g2", 20), "f4": ("a2", "g2", 20)}
    after = {**finest, "f1": ("a2", "g1", 3), "f2": ("a1", "g1", 3)}
    first, second = (
        pl.DataFrame([(code, *rest) for code, rest in frame.items()], schema=["f", "a", "g", "freq"], orient="row")
        for frame in (finest, after)
    )
    dimensions = {"area": [["a", "f"], ["g", "f"]]}
    with pytest.raises(BadInput, match="PREVIOUS_CODES_MOVED"):
        revise(tmp_path, [first, second], dimensions=dimensions)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"threshold": 6}, {}),
        ({"width": 6}, {}),
        ({"complement": ["status"]}, {"complement": ["sex"]}),
        ({"base": {"dimension": "status", "minimum": 8}}, {}),
        ({"base": {"dimension": "status", "minimum": 8}}, {"base": {"dimension": "status", "minimum": 7}}),
        ({"base": {"dimension": "status", "minimum": 8, "known": True}}, {"base": {"dimension": "status", "minimum": 8}}),
        ({"insiders": True}, {}),
    ],
)
def test_a_policy_that_asks_less_than_the_last_time_is_refused(tmp_path, then, now):
    """What was secret by the policy of then would be told by that of now."""
    first = TableCase(tmp_path / "1", policy=then)
    first.protect()
    with pytest.raises(BadInput, match="PREVIOUS_POLICY_STRICTER"):
        TableCase(tmp_path / "2", policy=now, previous=["../1/out"]).protect()


def test_a_policy_that_asks_more_than_the_last_time_is_taken(tmp_path):
    large = square(10, 12, 15, 20, 30, 40, 50, 60, 70)
    TableCase(tmp_path / "1", large, policy={}, **FLAT).protect()
    TableCase(
        tmp_path / "2", large, policy={"threshold": 6, "width": 6, "insiders": True}, previous=["../1/out"], **FLAT
    ).protect()


def test_hidden_cells_that_were_known_to_hold_somebody_must_stand_in_a_table_again(tmp_path):
    """With zeros shown each was at least 1; as part of a latent crossing it would be reckoned with from 0."""
    keys = {**FLAT, "policy": {"zeros": "shown"}}
    frame = square(1, 30, 2, 20, 40, 3)
    TableCase(tmp_path / "1", frame, **keys).protect()
    with pytest.raises(BadInput, match="PREVIOUS_ZEROS_TABLES"):
        TableCase(tmp_path / "2", frame, previous=["../1/out"], tables=[{"row": "all"}], **keys).protect()
    TableCase(tmp_path / "3", frame, previous=["../1/out"], **keys).protect()


def test_a_dimension_has_a_total_in_both_outputs_or_in_none(tmp_path):
    """Which listed cells hold somebody hangs on it."""
    frame = square(1, 30, 2, 20, 40, 3)
    TableCase(tmp_path / "1", frame, additive={"row": False}, **FLAT).protect()
    with pytest.raises(BadInput, match="PREVIOUS_ADDITIVE"):
        TableCase(tmp_path / "2", frame, previous=["../1/out"], **FLAT).protect()


def test_an_output_between_that_left_tables_out_does_not_stand_for_the_first(tmp_path):
    """What the first told by not listing a cell is in no record of the second."""
    frame = square(1, 30, 2, 20, 40, 3)
    TableCase(tmp_path / "1", frame, **FLAT).protect()
    TableCase(tmp_path / "2", frame, previous=["../1/out"], tables=[{"row": "all"}], **FLAT).protect()
    with pytest.raises(BadInput, match="PREVIOUS_UNNAMED"):
        TableCase(tmp_path / "3", frame, previous=["../2/out"], **FLAT).protect()
    TableCase(tmp_path / "4", frame, previous=["../1/out", "../2/out"], **FLAT).protect()


def test_an_earlier_output_without_its_record_is_told_as_that(tmp_path):
    """And not as a file that is damaged: what was published alone is not enough."""
    TableCase(tmp_path).protect()
    shutil.rmtree(tmp_path / "out" / "confidential")
    later = TableCase(tmp_path, previous=["out"])
    with pytest.raises(BadInput, match="PREVIOUS_WITHOUT_RECORD"):
        later.protect(tmp_path / "later")


def test_a_dimension_that_has_another_name_than_the_last_time_is_told_by_both_names(tmp_path: Path) -> None:
    """Before what follows from it; which columns its codes stand in may change."""
    TableCase(tmp_path / "1", policy={"complement": ["status"]}).protect()
    other = {name if name != "status" else "outcome": levels for name, levels in SPEC["dimensions"].items()}
    case = TableCase(tmp_path / "2", dimensions=other, policy={"complement": ["outcome"]}, previous=["../1/out"])
    with pytest.raises(BadInput, match="PREVIOUS_DIMENSION_RENAMED") as raised:
        case.protect()
    assert (raised.value.parameters["dimension"], raised.value.parameters["now"]) == ("status", "outcome")
    told = load_messages().mend("PREVIOUS_DIMENSION_RENAMED", "en", **raised.value.parameters)
    assert "let outcome be called status" in told
    columns = {**SPEC["dimensions"], "status": [["ended"]]}
    frame = rows().rename({"status": "ended"})
    TableCase(tmp_path / "3", frame, dimensions=columns, policy={"complement": ["status"]}, previous=["../1/out"]).protect()


def test_an_earlier_output_that_is_not_there_is_told_by_the_line_of_spec(tmp_path: Path) -> None:
    """Of several the one that is none."""
    TableCase(tmp_path / "1").protect()
    case = TableCase(tmp_path / "2", previous=["../1/out", "../1"])
    with pytest.raises(BadInput, match="PREVIOUS_MISSING") as raised:
        case.protect()
    assert case.spec.read_text("utf-8").splitlines()[int(raised.value.parameters["line"]) - 1] == "- ../1"


def test_a_dimension_that_is_gone_is_named(tmp_path: Path) -> None:
    """Unless the earlier tables stood at its total."""
    for number, tables in enumerate((None, [{"area": "all", "sex": "all"}])):
        TableCase(tmp_path / f"{number}", tables=tables).protect()
        less = {name: levels for name, levels in SPEC["dimensions"].items() if name != "status"}
        case = TableCase(tmp_path / f"{number}-less", dimensions=less, previous=[f"../{number}/out"])
        if tables is not None:
            case.protect()
            continue
        with pytest.raises(BadInput, match="PREVIOUS_DIMENSION_GONE") as raised:
            case.protect()
        assert raised.value.parameters["dimension"] == "status"
