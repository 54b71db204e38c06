"""How figures and names read in Swedish and English."""

from decimal import Decimal

import pytest

from avbrott.texts import Texts
from dashboards.words import Words, sort_key

SV, EN = Words("sv", Texts({})), Words("en", Texts({}))


@pytest.mark.parametrize(
    ("value", "swedish", "english"),
    [
        ("0.1234", "12,3\u00a0%", "12.3%"),
        ("0.0005", "0,1\u00a0%", "0.1%"),
        ("0.1225", "12,3\u00a0%", "12.3%"),
        ("0.0000", "0,0\u00a0%", "0.0%"),
        ("1.0000", "100,0\u00a0%", "100.0%"),
    ],
)
def test_share_is_a_percentage_of_its_language(value, swedish, english):
    """A fraction reads as a percentage with one decimal, halves rounded up; Swedish has a comma and a no-break space."""
    assert (SV.share(value), EN.share(value)) == (swedish, english)


def test_thousands_are_set_apart():
    """A count has a no-break space in thousands in Swedish and a comma in English."""
    assert (SV.whole("1234567"), EN.whole(1234567)) == ("1\u00a0234\u00a0567", "1,234,567")


def test_no_line_ends_within_a_number_of_a_text():
    """Percent signs and thousands are bound to their number, whoever wrote the text; other numbers are not."""
    texts = Texts({"one": {"sv": "998 av 1 000 (95 %) {year} 29 kap. 2015 2016"}, "two": {"sv": "95 %"}})
    bound = "998 av 1\u00a0000 (95\u00a0%) 2012 29 kap. 2015 2016"
    assert Words("sv", texts)("one", year=2012) == bound
    assert Words("sv", texts).maybe("two") == "95\u00a0%"


def test_minus_is_the_minus_sign():
    """A negative number has the true minus sign and never reads minus zero as zero's opposite."""
    assert SV.decimal(Decimal("-1.25")) == "\u22121,3"


def test_swedish_letters_come_last():
    """å, ä and ö are sorted after z, in this order, and capitals do not matter."""
    names = ["Östersund", "Åsele", "Ängelholm", "umeå", "Dorotea", "Zinkgruvan"]
    assert sorted(names, key=sort_key) == ["Dorotea", "umeå", "Zinkgruvan", "Åsele", "Ängelholm", "Östersund"]
