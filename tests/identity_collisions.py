"""How many of a number of invented persons have a pseudonym that another has: none, if the program is right.

Run as a module (``make collisions``) it tries ten million, which takes a minute or more of a processor and 310 MB.
"""

from __future__ import annotations

import hmac
import sys
from datetime import date, timedelta

import numpy as np
import polars as pl

from avbrott.identity.pseudonym import pseudonyms

KEY = hmac.digest(b"collisions", b"a key for a test", "sha256")
PERSONS_A_DAY = 9_999
"""Last four digits from 0000: whether a check digit holds does not matter to a pseudonym."""
AT_A_TIME = 250_000


def equal_pseudonyms(persons: int) -> int:
    """Numbers of ``persons`` invented persons, all different, whose first 64 bits of pseudonym some other has.

    Eight bytes a person are kept. Equal pseudonyms have equal beginnings, so 0 of these is 0 of those; by chance, ten million
    have a pair once in 370 000 tries.
    """
    begins = np.empty(persons, dtype=np.uint64)
    for start in range(0, persons, AT_A_TIME):
        places = range(start, min(start + AT_A_TIME, persons))
        made = pseudonyms(KEY, "2025", pl.Series([_number(place) for place in places]))
        halves = made.str.slice(0, 16).str.decode("hex").to_list()
        begins[places.start : places.stop] = np.frombuffer(b"".join(halves), dtype=np.uint64)
    begins.sort()
    return int((begins[1:] == begins[:-1]).sum())


def _number(place: int) -> str:
    day, last = divmod(place, PERSONS_A_DAY)
    return f"{date(1990, 1, 1) + timedelta(days=day):%Y%m%d}{last:04d}"


if __name__ == "__main__":
    persons = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    found = equal_pseudonyms(persons)
    print(f"{persons} invented persons, {found} pseudonyms alike")
    sys.exit(found > 0)
