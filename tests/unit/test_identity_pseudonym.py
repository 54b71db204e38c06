"""Pseudonyms beside known answers (made with OpenSSL), and the numbers of many persons without two alike."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from avbrott.identity.pseudonym import at_hub, pseudonym, pseudonyms
from tests.identity_collisions import equal_pseudonyms

KEY = bytes(range(32))
KNOWN = {
    ("2025", "200901272385"): "de4c5487d605ea16ae00e912b56e75cd26d425d6df7e0da9db1d1c6d357bf005",
    ("2025", "197010632391"): "4ee16b5ed60e060124564d31ebcecd1fd6fa7843fb2718fef751122b83bdf1eb",
    ("2025", "19970503TF12"): "32e9f0eb93ebd832613a1d39508087f38cd28d4c87b07b8b9d14cde2ee408eed",
    ("2025", "19970503T123"): "2a8024063d368141fa318ad8de2e7032ac47620a6810d539b35809d308fe11a3",
    ("2026-rot", "200901272385"): "5549269bb83b4115c526d276ec723611794a3910861c0282a0d19fc779b9c35b",
    ("2026-rot", "19970503TF12"): "e26a30299566145289dfe5e66482737c86b95a4c80da390596a9a5e1f71b4be4",
}
PAGE = Path(__file__).parent.parent.parent / "docs" / "pseudonyms.md"


@pytest.mark.parametrize(("place", "answer"), KNOWN.items())
def test_known_answers(place: tuple[str, str], answer: str) -> None:
    """What OpenSSL says of ``avbrott1|epoch|twelve characters`` under the key 00 01 02 ... 1f."""
    epoch, identity = place
    assert pseudonym(KEY, epoch, identity) == answer
    assert pseudonyms(KEY, epoch, pl.Series([None, identity, identity])).to_list() == [None, answer, answer]


def test_the_page_has_the_known_answers_and_no_other() -> None:
    """Who builds the same from the page is held against the same answers."""
    listed = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| `([0-9a-f]{64})` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {(epoch, identity): answer for epoch, identity, answer in listed} == KNOWN


def test_epoch_and_key_and_hub_each_give_another_pseudonym() -> None:
    """Nothing that two keys or epochs give of a person is alike, nor what the hub makes of it."""
    person = pl.Series(["200901272385"])
    made = [pseudonyms(key, epoch, person)[0] for key in (KEY, bytes(32)) for epoch in ("2025", "2026")]
    again = at_hub(KEY, pl.Series(made)).to_list()
    assert len({*made, *again}) == 8


def test_no_two_of_a_hundred_thousand_persons_are_alike() -> None:
    """``make collisions`` tries ten million."""
    assert equal_pseudonyms(100_000) == 0
