"""What the hub makes of pseudonyms on receipt: names of its own, one epoch, and bridges to it."""

from __future__ import annotations

import os
import stat
from itertools import pairwise, permutations
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.pull import pull
from avbrott.delivery.settled import unsettled
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.bridge import Bridge, Place, joined, read_bridge, write_bridge
from avbrott.identity.keys import Key
from avbrott.identity.rekey import place_key
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests import stored
from tests.unit.test_delivery_check import ENROLMENTS, enrolled, mark

FIRST, SECOND = Term("HT", 2012), Term("VT", 2013)


def send(home: Home, contracts: Contracts, term: Term, epoch: str, *people: int) -> Outcome:
    """Deliver people for a term under an epoch, and check them."""
    home.root.mkdir(exist_ok=True)
    home.sources.write_text('sources: {"2480": {folder: out, plain: true}}\n', "utf-8")
    folder = home.root / "out" / str(term)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "enrolments.csv").write_text(ENROLMENTS + "".join(enrolled(one) for one in people), "utf-8")
    named = f', "key_epoch": "{epoch}"' if epoch else ""
    (folder / "datapackage.json").write_text(f'{{"created": "2013-08-01"{named}}}', "utf-8")
    pull(home, contracts, "2480", term)
    return check_term(home, contracts, term, ["2480"])[0]


def accepted(home: Home, term: Term) -> list[str]:
    return stored.rows(home, home.accepted("enrolments", "2480", str(term)))["pseudonym"].to_list()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "var")


def test_the_hub_has_names_of_its_own(home: Home, contracts: Contracts) -> None:
    """One person has one name in all terms, which is no delivery's; the key is the owner's and outside the store."""
    send(home, contracts, FIRST, "2012", 1, 2)
    send(home, contracts, SECOND, "2012", 1)
    first, second = accepted(home, FIRST), accepted(home, SECOND)
    assert first[0] == second[0] != first[1]
    assert not {*first, *second} & {mark(1), mark(2)}
    assert home.store not in home.hub_key.parents
    if os.name == "posix":
        assert stat.S_IMODE(home.hub_key.stat().st_mode) == 0o600


def test_two_hubs_name_nobody_alike(home: Home, contracts: Contracts, tmp_path: Path) -> None:
    """Each makes a key of its own at first; one that is given stands."""
    other = Home(tmp_path / "other")
    other.root.mkdir()
    place_key(other, bytes(32))
    for one in (home, other):
        send(one, contracts, FIRST, "2012", 1)
    assert accepted(home, FIRST) != accepted(other, FIRST)


def test_rows_set_aside_are_named_anew_too(home: Home, contracts: Contracts) -> None:
    """A stolen quarantine matches no delivery either."""
    send(home, contracts, FIRST, "2012", 1)
    file = home.root / "out" / str(FIRST) / "enrolments.csv"
    file.write_text(ENROLMENTS + enrolled(1) + enrolled(2, end="2011-01-01"), "utf-8")
    pull(home, contracts, "2480", FIRST)
    check_term(home, contracts, FIRST, ["2480"])
    aside = stored.rows(home, home.quarantine("enrolments", "2480", str(FIRST)))
    assert aside.height == 1
    assert mark(2) not in aside["pseudonym"]


def test_another_epoch_is_refused_until_a_bridge_joins_it(home: Home, contracts: Contracts) -> None:
    """With the bridge the same persons have the same names, and what was refused is checked anew."""
    send(home, contracts, FIRST, "2012", 1, 2)
    assert (outcome := send(home, contracts, SECOND, "2013", 11, 12)).status is Status.REFUSED
    assert [finding.code for finding in outcome.findings if finding.code.startswith("KEY")] == ["KEY_EPOCH_MIXED"]
    pairs = pl.DataFrame({"former": [mark(1)], "current": [mark(11)]})
    write_bridge(home.bridges / "a.csv", Bridge("2012", "2013", pairs))
    assert {delivery.term for delivery in unsettled(home)} == {FIRST, SECOND}
    before = accepted(home, FIRST)
    for term in (FIRST, SECOND):
        check_term(home, contracts, term, ["2480"])
    assert accepted(home, FIRST) == before
    assert accepted(home, SECOND)[0] == before[0]
    assert accepted(home, SECOND)[1] not in before


def test_a_bridge_of_one_epoch_joins_two_numbers(home: Home, contracts: Contracts) -> None:
    """A samordningsnummer that became a personnummer, as ``keys bridge --alias`` writes it."""
    pairs = pl.DataFrame({"former": [mark(1)], "current": [mark(3)]})
    write_bridge(home.bridges / "a.csv", Bridge("2012", "2012", pairs))
    send(home, contracts, FIRST, "2012", 1)
    send(home, contracts, SECOND, "2012", 3)
    assert accepted(home, FIRST) == accepted(home, SECOND)


def test_no_epoch_is_an_epoch_of_its_own(home: Home, contracts: Contracts) -> None:
    """Deliveries that name none go together, and with no other."""
    assert send(home, contracts, FIRST, "", 1).status is Status.ACCEPTED
    assert send(home, contracts, SECOND, "2013", 1).status is Status.REFUSED
    assert send(home, contracts, SECOND, "", 1).status is Status.ACCEPTED


def test_a_lost_or_changed_key_is_told(home: Home, contracts: Contracts) -> None:
    """Or the store would have everybody twice."""
    send(home, contracts, FIRST, "2012", 1)
    home.hub_key.unlink()
    with pytest.raises(BadInput, match="HUB_KEY_MISSING"):
        check_term(home, contracts, FIRST, ["2480"])
    place_key(home, bytes(32))
    with pytest.raises(BadInput, match="HUB_KEY_OTHER"):
        check_term(home, contracts, FIRST, ["2480"])


A1, A2, A3, B1, B2, B3, C1 = (
    *(("a", one) for one in sorted(map(mark, (1, 2, 3)))),
    *(("b", mark(place)) for place in (4, 5, 6)),
    ("c", mark(7)),
)
"""Pseudonyms of three epochs, those of the first in order."""


def bridge(*pairs: tuple[Place, Place]) -> Bridge:
    """A bridge of pairs of the same two epochs, each a former pseudonym and the current one."""
    (former, current), *more = {(one[0], other[0]) for one, other in pairs}
    assert not more
    return Bridge(
        former, current, pl.DataFrame({"former": [old for (_, old), _ in pairs], "current": [new for _, (_, new) in pairs]})
    )


@pytest.mark.parametrize(
    ("pairs", "first"),
    [
        ([(B2, C1), (A1, B2)], {B2: A1, C1: A1}),
        ([(A1, A2), (A2, A3)], {A2: A1, A3: A1}),
        ([(A1, A3), (A2, A3)], {A2: A1, A3: A1}),
        ([(A3, A2), (A1, A2), (A2, B1), (B1, B2)], {A2: A1, A3: A1, B1: A1, B2: A1}),
        ([(A1, B3), (A2, B3), (A3, B3)], {A2: A1, A3: A1, B3: A1}),
        ([(A1, A2), (A1, B1), (A2, B2)], {A2: A1, B1: A1, B2: A1}),
        ([(A1, B1), (A1, B2), (B1, B2)], {B1: A1, B2: A1}),
        ([(A1, A1), (A1, B1), (A1, C1)], {B1: A1, C1: A1}),
        ([(A2, A1), (A2, A3), (B1, B2)], {A1: A2, A3: A2, B2: B1}),
    ],
)
def test_bridges_lead_to_the_first_of_each_person(pairs: list[tuple[Place, Place]], first: dict[Place, Place]) -> None:
    """Over epochs, in steps, and where several became one; whatever the order."""
    for ordered in permutations(bridge(pair) for pair in pairs):
        assert joined(ordered) == first


@pytest.mark.parametrize(
    ("pairs", "epochs"),
    [
        ([(A2, A1), (A3, A2), (A2, A3)], {"former=a, current=a"}),
        ([(A1, A2), (A2, A1)], {"former=a, current=a"}),
        ([(A1, B1), (B1, C1), (C1, A1)], {"former=a, current=b", "former=b, current=c", "former=c, current=a"}),
        ([(A1, B1), (A1, B2)], {"former=a, current=b"}),
        ([(A1, B1), (A1, B2), (A2, B1), (B2, B3)], {"former=a, current=b"}),
    ],
)
def test_bridges_that_contradict_each_other_are_refused(pairs: list[tuple[Place, Place]], epochs: set[str]) -> None:
    """A circle, also one that does not lead back to where it was begun; one that became two of another epoch."""
    for ordered in permutations(bridge(pair) for pair in pairs):
        with pytest.raises(BadInput, match="BRIDGE_CONFLICT") as told:
            joined(ordered)
        assert any(said in str(told.value) for said in epochs)
        assert not any(pseudonym in str(told.value) for _, pseudonym in (A1, A2, A3, B1, B2, B3, C1))


def test_a_long_chain_is_joined() -> None:
    """And one that goes round in the end is refused, as soon."""
    chain = [("a", mark(place)) for place in range(5000)]
    pairs = list(pairwise(chain))
    assert set(joined([bridge(*pairs)]).values()) == {chain[0]}
    with pytest.raises(BadInput, match="BRIDGE_CONFLICT"):
        joined([bridge(*pairs, (chain[-1], chain[100]))])


@pytest.mark.parametrize(
    ("content", "line"),
    [("a,b\n", 1), ("epoch a\n", 1), (f"epoch a,epoch b\n{'0' * 64},x\n", 2), (f"epoch a,epoch b\n{'0' * 64},\n", 2)],
)
def test_what_is_no_bridge_is_told_by_its_line(tmp_path: Path, content: str, line: int) -> None:
    """Never by what stands on it."""
    (tmp_path / "a.csv").write_text(content, "utf-8")
    with pytest.raises(BadInput, match=f"line={line}") as told:
        read_bridge(tmp_path / "a.csv")
    assert "0000" not in str(told.value)


def test_a_key_shows_nothing_of_itself() -> None:
    """Not where it is printed by mistake."""
    assert "0101" not in repr(Key("hub", "", b"\1" * 32)) + str(Key("hub", "", b"\1" * 32))
