"""A person who withdraws: out of every layer, term and provider, for good; what is published stays and is published on."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest.files import read_bytes
from avbrott.at_rest.vault import row_files, vault_of
from avbrott.delivery.read import read_content
from avbrott.home import Home
from avbrott.identity.pseudonym import at_hub
from avbrott.identity.rekey import hub_key
from avbrott.registry import Contracts
from avbrott.release.audit import audit
from avbrott.release.ledger import newest
from avbrott.retention.erase_persons import erase_persons, find
from pipelines import headless
from tests import stored

pytestmark = pytest.mark.xdist_group("two years")


@pytest.fixture(scope="module")
def contracts(few: Contracts) -> Contracts:
    return few


@pytest.fixture
def home(two_years: Home, tmp_path: Path) -> Home:
    """A copy to erase in."""
    return Home(Path(shutil.copytree(two_years.root, tmp_path / "home", symlinks=True)))


@pytest.fixture(scope="module")
def person(two_years: Home) -> str:
    """As deliveries call somebody who changed provider, and whom a published school year counts."""
    files = sorted((two_years.store / "accepted" / "enrolments").glob("*/*.parquet"))
    rows = pl.concat([stored.rows(two_years, file).select("pseudonym", "provider", "term") for file in files])
    many = rows.group_by("pseudonym").agg(pl.col("provider").n_unique(), pl.col("term").n_unique())
    moved = set(many.filter((pl.col("provider") > 1) & (pl.col("term") > 1))["pseudonym"])
    frozen = set(stored.rows(two_years, two_years.frozen(str(newest(two_years))) / "outcomes.parquet")["pseudonym"])
    chosen = min(moved & frozen)
    for file in sorted(two_years.store.glob("delivered/*/*/enrolments.csv")):
        content = read_content(stored.content(two_years, file), kind=".csv").frame
        columns = [name for name in content.columns if name != "row" and content[name].str.contains("^[0-9a-f]{64}$").any()]
        received = pl.concat([content[name] for name in columns] or [pl.Series(dtype=pl.String)]).unique().drop_nulls()
        named = pl.DataFrame({"received": received, "name": at_hub(hub_key(two_years).secret, received)})
        found = named.filter(pl.col("name") == chosen)["received"]
        if found.len():
            return str(found[0])
    raise AssertionError("nobody of the deliveries is called so")


def places(person: str) -> frozenset[tuple[str, str]]:
    return frozenset({("1", person)})


def holding(home: Home, person: str) -> list[str]:
    """The files of the store in which a person is named, as deliveries or as the hub do."""
    name = at_hub(hub_key(home).secret, pl.Series([person]))[0]
    found = []
    for file in row_files(home):
        if file.parent.name == "persons":
            continue
        content = read_bytes(vault_of(home), file)
        if content[:4] == b"PAR1":
            frame = pl.read_parquet(content)
            texts = [column for column, kind in frame.schema.items() if kind == pl.String]
            is_in = any(frame[column].is_in([person, name]).any() for column in texts)
        else:
            is_in = person.encode() in content
        if is_in:
            found.append(file.relative_to(home.store).as_posix())
    return found


def others(home: Home) -> dict[str, int]:
    """How many rows each accepted and quarantined file has."""
    files = [file for layer in ("accepted", "quarantine") for file in sorted((home.store / layer).glob("*/*/*.parquet"))]
    return {file.relative_to(home.store).as_posix(): stored.rows(home, file).height for file in files}


def tables(home: Home) -> dict[str, bytes]:
    folder = home.current.resolve() / "tables"
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.csv"))}


def deliver_again(home: Home) -> None:
    """Everybody delivers the same rows with another day: all of it is pulled and checked anew."""
    for package in home.root.glob("providers/*/outbox/*/datapackage.json"):
        package.write_text(package.read_text("utf-8").replace('"created"', '"also": "", "created"'), "utf-8")


def test_she_is_nowhere_and_what_is_published_is_published_on(home: Home, contracts: Contracts, person: str) -> None:
    """Out of deliveries, accepted and quarantined rows of all providers; the next release has the same published figures."""
    name, before, told = (
        at_hub(hub_key(home).secret, pl.Series([person]))[0],
        others(home),
        find(home, contracts, places(person)),
    )
    layers = {file.split("/")[0] for file in holding(home, person)}
    assert {"delivered", "accepted", "linked", "frozen"} <= layers
    frozen = home.frozen(str(newest(home))) / "outcomes.parquet"
    rows, published = stored.rows(home, frozen), tables(home)
    erase_persons(home, contracts, places(person))
    assert holding(home, person) == []
    after = others(home)
    assert sum(before.values()) - sum(after.values()) == told.rows["accepted"] + told.rows.get("quarantine", 0) > 1
    assert after.keys() == before.keys()
    assert told.releases == (newest(home),)
    assert len(told.terms) > 1
    left = stored.rows(home, frozen)
    assert left.height == rows.height
    assert left.drop("pseudonym").equals(rows.drop("pseudonym"))
    assert left.filter(left["pseudonym"] == rows["pseudonym"]).height == rows.filter(pl.col("pseudonym") != name).height
    assert find(home, contracts, places(person)).is_nothing
    first = newest(home)
    headless.release(home, contracts)
    assert newest(home) == first  # linked and counted anew it is the same release, to the byte
    assert tables(home) == published
    assert audit(home.current.resolve(), home).holds


def test_no_later_delivery_brings_her_in_again(home: Home, contracts: Contracts, person: str) -> None:
    """Not the same files, nor others of the same rows; and nobody else is lost."""
    erase_persons(home, contracts, places(person))
    before = others(home)
    shutil.rmtree(home.store / "settled")
    deliver_again(home)
    headless.run(home, contracts)
    assert holding(home, person) == []
    assert others(home) == before
    assert list(home.store.glob("delivered/*/*/*.rest"))


class _Killed(BaseException):
    """So a process ends that nothing can hold."""


@pytest.mark.parametrize("step", [0, 1, 2, 3, 5, 8, 13, 21, 34])
def test_killed_anywhere_it_is_run_again(
    home: Home, contracts: Contracts, person: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ends as one that was not; what came in meanwhile does not have her either."""
    real, left = {name: getattr(Path, name) for name in ("replace", "unlink")}, step

    def stopping(name: str) -> object:
        def acting(self: Path, *arguments: object, **named: object) -> object:
            nonlocal left
            if not self.name.endswith(".part") or name == "replace":
                if left == 0:
                    raise _Killed
                left -= 1
            return real[name](self, *arguments, **named)

        return acting

    with monkeypatch.context() as killing:
        for name in real:
            killing.setattr(Path, name, stopping(name))
        with pytest.raises(_Killed):
            erase_persons(home, contracts, places(person))
    erase_persons(home, contracts, places(person))
    assert holding(home, person) == []
    assert find(home, contracts, places(person)).is_nothing
