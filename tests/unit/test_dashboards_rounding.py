"""Shares on pages are rounded once, from the numbers that they are made of."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from avbrott.registry import load_contracts
from avbrott.texts import Texts
from dashboards.released import Cell, read_release
from dashboards.rounding import share_text, unrounded
from dashboards.school import School
from dashboards.series import table_series
from dashboards.shares import over
from dashboards.words import Words

SV = Words("sv", Texts({}))


def test_a_share_is_written_as_its_numbers_round():
    """Of every part of every base up to 300 the percentage with one decimal is that of the fraction, halves rounded up."""
    for base in range(1, 301):
        for part in range(base + 1):
            tenths = (Fraction(1000 * part, base) + Fraction(1, 2)).__floor__()
            assert SV.share(share_text(part, base)) == f"{tenths // 10},{tenths % 10}\u00a0%", (part, base)


def test_a_share_is_the_released_one_where_that_is_written_right():
    """Four decimals, halves rounded up, and a fifth only where the four would be rounded up twice."""
    assert (share_text(5, 74), share_text(5, 73), share_text(137, 2000)) == ("0.0676", "0.06849", "0.0685")
    assert Decimal(share_text(5, 73)).quantize(Decimal("0.0001"), ROUND_HALF_UP) == Decimal("0.0685")


@pytest.mark.parametrize(
    ("share", "part", "base"), [("0.0685", None, "73"), ("0.0685", "5", None), ("0.0685", "5", "0"), ("0.0685", "6", "73")]
)
def test_a_share_whose_numbers_are_not_shown_stays(share, part, base):
    """Without both numbers, or of other numbers, a share is what the file says."""
    assert unrounded(share, part, base) == share


def release(folder):
    (folder / "tables").mkdir()
    rows = ["Total,persons,73,shown", "Man,persons,5,shown", "Man,share,0.0685,shown", "Kvinna,persons,,hidden"]
    lines = "".join(f"2012/13,{row}\n" for row in [*rows, "Kvinna,share,,hidden"])
    (folder / "tables" / "one.csv").write_text("school_year,sex,measure,value,status\n" + lines, "utf-8")
    package = '{"resources": [7, {"name": "one", "avbrott": {"share": {"dimension": "sex", "codes": []}}}]}'
    (folder / "datapackage.json").write_text(package, "utf-8")
    return read_release(folder).tables["one"]


def test_a_released_share_is_written_of_its_numbers(tmp_path):
    """5 of 73 is 6.8 per cent on a page though its table says 0.0685; what is hidden stays so."""
    table = release(tmp_path)
    assert SV.share(table.cell({"school_year": "2012/13", "sex": "Man"}, "share").value) == "6,8\u00a0%"
    assert table.cell({"school_year": "2012/13", "sex": "Kvinna"}, "share") == Cell(None, "hidden")


def test_a_share_that_a_script_writes_is_right_too(tmp_path):
    """A series says 684 ten-thousandths, which are written 6.8 and not 6.9."""
    parts = table_series(release(tmp_path))
    assert parts["Man"]["series"]["Man"]["share"]["value"] == [684]


def test_a_share_worked_out_on_a_page_is_right():
    """So is one of two shown numbers of a table."""
    assert SV.share(over(Cell("5", "shown"), Cell("73", "shown")).value) == "6,8\u00a0%"


def test_a_share_on_a_school_page_is_right():
    """And that of a school, whose figures lie in a file of their own."""
    own = [("Total", "persons", "73", "shown"), ("dropout", "persons", "5", "shown"), ("dropout", "share", "0.0685", "shown")]
    keys = ("school_year", "outcome", "measure", "value", "status")
    rows = [dict(zip(keys, ("2012/13", *row), strict=True)) for row in own]
    school = School({"tables": {"own": rows}}, SV, load_contracts())
    assert SV.share(school.cell("tables", "own", "2012/13", "dropout", "share").value) == "6,8\u00a0%"
