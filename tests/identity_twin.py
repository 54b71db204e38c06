"""Identity numbers read a character at a time in plain Python: slow, and written apart from the program's own reading."""

from __future__ import annotations

import unicodedata
from datetime import date

from avbrott.periods import Term

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"


def luhn(nine: str) -> int:
    """The check digit of nine digits."""
    total = 0
    for place, character in enumerate(nine):
        product = int(character) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return -total % 10


def read(value: str | None, term: Term) -> tuple[str | None, str | None]:
    """The twelve characters of a value and no problem, or none and what is wrong; neither where there is no value."""
    if value is None:
        return None, None
    text = _characters(value)
    if text.startswith("="):
        text = text[1:].removeprefix('"').removesuffix('"')
    found = _exponent(text)
    if found == "":
        return None, "IDENTITY_DIGITS_LOST"
    text = found or text
    for sign in ".,":
        whole, _, decimals = text.partition(sign)
        if decimals and set(decimals) == {"0"} and _is_digits(whole) and 7 <= len(whole) <= 12:
            text = whole
    if _is_digits(text) and 7 <= len(text) <= 9:
        found, problem = _judged("0" * (10 - len(text)) + text, term)
        return found, problem and ("IDENTITY_DIGITS_LOST" if len(text) < 9 else problem)
    return _judged(text, term)


def _characters(value: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFKC", value):
        if character.isspace() or unicodedata.category(character) == "Cf" or character in "'’":
            continue
        kept.append("-" if character in DASHES else character)
    return "".join(kept).upper()


def _is_digits(text: str) -> bool:
    return text != "" and all(character in "0123456789" for character in text)


def _exponent(text: str) -> str | None:
    """The digits of a number with a power of ten; empty where some are lost, None where it is no such number."""
    before, mark, power = text.partition("E")
    if not mark or len(before) < 3 or before[1] not in ".," or not _is_digits(before[0] + before[2:]):
        return None
    power = power.removeprefix("+")
    if not _is_digits(power):
        return None
    power = power.lstrip("0") or "0"
    if len(power) > 2:
        return None
    return before[0] + before[2:] if len(before) - 2 == int(power) else ""


def _judged(text: str, term: Term) -> tuple[str | None, str | None]:
    last, rest = text[-4:], text[:-4]
    temporary = _is_temporary(last)
    if len(last) < 4 or not (_is_digits(last) or temporary):
        return None, "IDENTITY_FORM"
    mark = rest[-1:] if rest[-1:] in ("-", "+") else ""
    day_of_birth = rest.removesuffix(mark) if mark else rest
    shown = day_of_birth.split("-")
    if mark != "+" and [len(part) for part in shown] == [4, 2, 2]:
        day_of_birth = "".join(shown)
    if not _is_digits(day_of_birth) or len(day_of_birth) not in (6, 8):
        return None, "IDENTITY_FORM"
    if len(day_of_birth) == 8:
        year = int(day_of_birth[:4])
        if mark == "+" and year > term.year - 100:
            return None, "IDENTITY_DATE"
    else:
        year = max(one for one in range(term.year - 99, term.year + 1) if one % 100 == int(day_of_birth[:2]))
        year -= 100 if mark == "+" else 0
    month, day = int(day_of_birth[-4:-2]), int(day_of_birth[-2:])
    if day >= 60 and not temporary:
        day -= 60
        unknown = {"month": month or 1, "day": day or 1}
    else:
        unknown = {"month": month, "day": day}
    try:
        earliest = date(year, **unknown)
    except ValueError:
        return None, "IDENTITY_DATE"
    if not 1800 <= year <= 2099 or earliest > term.last_day:
        return None, "IDENTITY_DATE"
    ten = day_of_birth[-6:] + last
    if not temporary and (last[:3] == "000" or luhn(ten[:9]) != int(ten[9])):
        return None, "IDENTITY_CHECK_DIGIT"
    return f"{year}{day_of_birth[-4:]}{last}", None


def _is_temporary(last: str) -> bool:
    return (last[:2] == "TF" and _is_digits(last[2:])) or (last[:1] == "T" and _is_digits(last[1:]))
