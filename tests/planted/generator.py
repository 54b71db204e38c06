"""Planted identities in the forms that they are written in, and clean values of the kinds that extracts hold.

Written apart from the scanner: nothing of the program is imported, and no list of ``contracts/scanner.yaml`` is read.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta

from tests.planted.names import GIVEN, SURNAMES

Draw = Callable[[random.Random], str]

_SEPARATORS = ("", "-", "-", "-", "+", " ", "–", " - ", "/", ".", "_", "\u00a0", "−")
_AROUND = ("{}", "{}", "{}", "{}", " {}", "{} ", "pnr: {}", "({})", "{};", "elev {}", "Personnr={}", "'{}", "{}.0", '"{}"')
_DOMAINS = ("gmail.com", "skola.umea.se", "edu.skelleftea.se", "hotmail.com", "example.org", "elev.ga.lycksele.se", "live.se")


def identity_number(draw: random.Random) -> str:
    """A personnummer, samordningsnummer or TF-number; its check digit is right one time in ten, as chance has it."""
    born = date(1994, 1, 1) + timedelta(days=draw.randrange(16 * 365))
    day, month = born.day + draw.choice((0, 0, 0, 60)), born.month
    if day > 60 and draw.random() < 0.1:  # of whom the day of birth is not known
        day, month = draw.choice(((60, month), (day, 0), (60, 0)))
    last = f"{draw.randrange(10_000):04d}"
    last = draw.choice((last, last, last, last, f"TF{last[:2]}", f"T{last[:3]}", f"tf{last[:2]}"))
    year = draw.choice((f"{born:%Y}", f"{born:%Y}", f"{born:%y}"))
    front = draw.choice(("{}{:02d}{:02d}",) * 6 + ("{}-{:02d}-{:02d}", "{} {:02d} {:02d}")).format(year, month, day)
    whole = front + draw.choice(_SEPARATORS) + last
    return draw.choice(_AROUND).format(whole)


_DIGITS_OF_OTHERS = [
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "०१२३४५६७८९",
    "০১২৩৪৫৬৭৮৯",
    "０１２３４５６７８９",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
]
_UNSEEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0301", "\u0332", "\ufe0f\u20e3", "\u034f", "\u202a")
_ODD = (
    "\u2011",
    "\u2012",
    "\u2013",
    "\u2014",
    "\u2212",
    "\u00b7",
    "\u2022",
    "\u2044",
    "|",
    "\\",
    "*",
    "~",
    "#",
    "=",
    ":",
    ",",
    "...",
    "\u2009",
)
_MORE_BLANKS = ("\u00a0", "\u2007", "\u202f", "\u3000", "  ", "\t")
_AFTER = ("{}A", "{}elev", "{}Anna", "{}x", "{}SE", "Pnr{}A", "{}å", "nr{}B")


def disguised_number(draw: random.Random) -> str:
    """A number that a reader sees and a simple search does not: other digits, unseen signs, odd separators, letters."""
    born = date(1994, 1, 1) + timedelta(days=draw.randrange(16 * 365))
    born_on = f"{draw.choice((f'{born:%Y}', f'{born:%y}'))}{born.month:02d}{born.day + draw.choice((0, 0, 60)):02d}"
    last = f"{draw.randrange(10_000):04d}"
    year, month, day = born_on[:-4], born_on[-4:-2], born_on[-2:]
    odd = draw.choice((*_ODD, *_MORE_BLANKS))
    ways: tuple[Callable[[], str], ...] = (
        lambda: f"{born_on}-{last}".translate(
            {48 + digit: sign for digit, sign in enumerate(draw.choice(_DIGITS_OF_OTHERS))}
        ),
        lambda: draw.choice(_UNSEEN).join(born_on + last),
        lambda: f"{born_on}{draw.choice(_UNSEEN)}-{draw.choice(_UNSEEN)}{last}",
        lambda: f"{born_on}{odd}{last}",
        lambda: odd.join((year, month, day, last)),
        lambda: odd.join((year, month + day, last)),
        lambda: draw.choice((" ", ".", "-", "\u2013", "\u00a0", "/")).join(born_on + last),
        lambda: draw.choice(_AFTER).format(born_on + draw.choice(("", "-")) + last),
        lambda: _letters_for_digits(born_on, draw) + draw.choice(("", "-", " ")) + _letters_for_digits(last, draw),
    )
    return draw.choice(("{}", "{}", "{}", "pnr {}", "({})", "elev: {}")).format(draw.choice(ways)())


def _letters_for_digits(digits: str, draw: random.Random) -> str:
    """Here and there the letter that looks as the digit, as where a number was read off paper."""
    return "".join(draw.choice({"0": "OOo0", "1": "lI11"}.get(digit, digit)) for digit in digits)


def spreadsheet_number(draw: random.Random) -> str:
    """A personnummer that a spreadsheet took for a number: with a power of ten, a decimal point, or without its zero."""
    born = date(2001, 1, 1) + timedelta(days=draw.randrange(9 * 365))
    last = f"{draw.randrange(10_000):04d}"
    whole = f"{born:%Y%m%d}{last}"
    return draw.choice(
        (f"{whole[0]}.{whole[1:]}E+11", f"{whole[0]},{whole[1:]}E+11", f"{whole}.0", f"{whole[3:]}", f"{whole[3:]}.0")
    )


def e_mail(draw: random.Random) -> str:
    """An address, alone or in a text."""
    given, surname = (_plain(draw.choice(of)) for of in (GIVEN, SURNAMES))
    local = draw.choice(
        (f"{given}.{surname}", f"{given}{draw.randrange(99)}", f"{given[:2]}{surname[:2]}01", f"{given}+skola")
    )
    address = f"{local}@{draw.choice(_DOMAINS)}"
    return draw.choice(("{}", "{}", "{}", "<{}>", "mailto:{}", "e-post {}")).format(draw.choice((address, address.upper())))


def telephone(draw: random.Random) -> str:
    """A Swedish number, mobile or not, in the ways that people write them."""
    mobile, rest = draw.choice(("70", "72", "73", "76", "79")), f"{draw.randrange(10_000_000):07d}"
    area, short = draw.choice(("90", "910", "950", "933", "8")), f"{draw.randrange(100_000):05d}"
    spaced = f"{rest[:3]} {rest[3:5]} {rest[5:]}"
    return draw.choice(
        (
            f"0{mobile}{rest}",
            f"0{mobile}-{rest}",
            f"0{mobile}-{spaced}",
            f"0{mobile} {spaced}",
            f"0{mobile}/{rest}",
            f"+46{mobile}{rest}",
            f"+46 {mobile} {spaced}",
            f"+46 (0){mobile}-{rest}",
            f"0046{mobile}{rest}",
            f"46{mobile}{rest}",
            f"{mobile}{rest}",
            f"0{area}-{short[:3]} {short[3:]}{rest[0] if len(area) < 3 else ''}",
            f"0{area}-{short}{rest[0]}",
            f"tel. 0{mobile}-{spaced}",
        )
    )


def name(draw: random.Random) -> str:
    """A person's name: given name and surname in any order and letters, several given names, an initial, one name alone."""
    given, other, surname = draw.choice(GIVEN), draw.choice(GIVEN), draw.choice(SURNAMES)
    whole = draw.choice(
        (
            f"{given} {surname}",
            f"{given} {surname}",
            f"{surname} {given}",
            f"{surname}, {given}",
            f"{given} {other} {surname}",
            f"{given} {draw.choice('ABCDEHJKLMS')}. {surname}",
            f"{given} {surname}-{draw.choice(SURNAMES)}",
            given,
        )
    )
    return draw.choice((whole, whole, whole, whole.upper(), whole.lower()))


def planted(count: int, seed: int) -> list[tuple[str, str]]:
    """``count`` identities, each with the kind that it is."""
    draw = random.Random(seed)  # noqa: S311  the same values in every run
    kinds: dict[str, Draw] = {
        "number": identity_number,
        "disguised": disguised_number,
        "spreadsheet": spreadsheet_number,
        "e-mail": e_mail,
        "telephone": telephone,
        "name": name,
    }
    chosen = draw.choices(list(kinds), weights=(30, 15, 5, 10, 15, 25), k=count)
    return [(kind, kinds[kind](draw)) for kind in chosen]


def _plain(word: str) -> str:
    return word.lower().translate(str.maketrans("åäöéčćıİ'", "aaoeccii."))


_SCHOOLS = ("Dragonskolan", "Midgårdsskolan", "Baldergymnasiet", "Anderstorpsgymnasiet", "Tannbergsskolan", "Malgomajskolan")
_PLACES = (
    "Umeå",
    "Skellefteå",
    "Lycksele",
    "Vännäs",
    "Nordmaling",
    "Robertsfors",
    "Dorotea",
    "Åsele",
    "Storuman",
    "Sorsele",
    "Malå",
)
_PROGRAMMES = (
    *(
        "Naturvetenskapsprogrammet",
        "Ekonomi",
        "Bygg och anläggning",
        "Barn- och fritidsprogrammet",
        "El och energi",
        "Teknik",
    ),
    *("Vård och omsorg", "Restaurang och livsmedel", "Individuellt alternativ", "Yrkesintroduktion", "Estetiska programmet"),
)
_PATHS = ("BA", "BF", "EE", "EK", "ES", "FT", "HA", "HT", "HU", "IN", "NA", "NB", "RL", "SA", "TE", "VF", "VO", "IMV", "IMA")
_ORIENTATIONS = ("", "EKO", "JUR", "SAM", "NAT", "BIL", "LAR", "DES")
_WORDS = (
    "Man",
    "Kvinna",
    "Okänt",
    "true",
    "false",
    "Ja",
    "Nej",
    "GY",
    "GYS",
    "AVB",
    "UPP",
    "PBY",
    "SBY",
    "EXA",
    "STB",
    "ja",
    "nej",
)


def clean(count: int, seed: int) -> list[tuple[str, str]]:
    """``count`` values that identify nobody, of the kinds that extracts and exports hold, each with its field's type."""
    draw = random.Random(seed)  # noqa: S311  the same values in every run

    def day() -> date:
        return date(2011, 8, 1) + timedelta(days=draw.randrange(15 * 365))

    dates: tuple[Callable[[], str], ...] = (
        lambda: f"{day():%Y-%m-%d}",
        lambda: f"{day():%d/%m/%Y}",
        lambda: f"{day():%Y%m%d}",
        lambda: f"{day():%Y-%m-%d} {draw.randrange(24):02d}:{draw.randrange(60):02d}",
        lambda: f"{day():%Y-%m-%d}T{draw.randrange(24):02d}:{draw.randrange(60):02d}:00{draw.choice(('', 'Z', '+02:00'))}",
    )
    others: tuple[Callable[[], str], ...] = (
        lambda: f"{day():%Y-%m}",
        lambda: str(draw.randrange(60_000)),
        lambda: f"{draw.randrange(100)},{draw.randrange(100):02d}",
        lambda: f"{draw.random() * 1000:.3f}",
        lambda: f"{draw.randrange(10_000_000, 99_999_999)}",
        lambda: f"{draw.randrange(101, 2585):04d}",
        lambda: f"{draw.randrange(1994, 2012)}",
        lambda: f"{draw.choice(_PATHS)}{draw.choice(_ORIENTATIONS)}{draw.choice(('', '0', '25'))}",
        lambda: f"{draw.choice(_PATHS)}{draw.randrange(19, 26)}{draw.choice('ABCD')}",
        lambda: (
            f"{draw.choice(('MATMAT', 'SVESVE', 'ENGENG', 'HISHIS', 'FYSFYS'))}{draw.randrange(1, 8):02d}{draw.choice('abc')}"
        ),
        lambda: draw.choice(_SCHOOLS),
        lambda: f"{draw.choice(_PLACES)} kommun",
        lambda: draw.choice(_PLACES),
        lambda: draw.choice(_PROGRAMMES),
        lambda: draw.choice(_WORDS),
        lambda: f"{2011 + draw.randrange(15)}/{12 + draw.randrange(14)}",
        lambda: f"{draw.choice(('HT', 'VT'))}{2011 + draw.randrange(15)}",
        lambda: f"{draw.randrange(2**256):064x}",
        lambda: str(uuid.UUID(int=draw.getrandbits(128))),
        lambda: f"{draw.choice(('16', '21', '55', '80'))}{draw.randrange(2000, 9999)}-{draw.randrange(10_000):04d}",
        lambda: f"{draw.randrange(1_000_000)}",
    )
    others += (
        lambda: f"{draw.randrange(24):02d}:{draw.randrange(60):02d}\u2013{draw.randrange(24):02d}:{draw.randrange(60):02d}",
        lambda: f"{draw.randrange(1000):03d} {draw.randrange(1000):03d}\u00a0kr",
        lambda: f"{2011 + draw.randrange(15)}\u2013{2012 + draw.randrange(15)}",
        lambda: f"{draw.choice(_PATHS)}-{draw.randrange(10_000):04d}{draw.choice('OIl')}{draw.randrange(10)}",
        lambda: f"{draw.choice(('Ola', 'Illo', 'Oili'))}vägen {draw.randrange(1, 200)}",
        lambda: f"Grupp {draw.randrange(1, 40)} {draw.choice('IO')}{draw.randrange(10)}, v. {draw.randrange(1, 53)}",
    )
    listed = [*(("date", one) for one in dates), *(("string", one) for one in others)]
    return [(kind, one()) for kind, one in draw.choices(listed, k=count)]
