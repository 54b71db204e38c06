"""What is published does not depend on the key that the hub names persons by."""

from __future__ import annotations

import hashlib
from pathlib import Path

from avbrott import atomic
from avbrott.home import Home
from avbrott.identity.rekey import place_key
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from pipelines import headless
from tests import stored


def released(home: Home, contracts: Contracts, secret: bytes) -> tuple[dict[str, str], set[str]]:
    """The sums of a release's files by name, and the names of persons that it was counted from."""
    generate(home, contracts, pupils=400, years=1, seed=3)
    atomic.write_bytes(home.seed, bytes(32))
    place_key(home, secret)
    headless.run(home, contracts)
    folder = home.current.resolve()
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    sums = {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return sums, set(stored.rows(home, home.linked("outcomes"))["pseudonym"])


def test_two_hubs_with_two_keys_publish_the_same_bytes(tmp_path: Path, contracts: Contracts) -> None:
    """And name nobody alike, nor as any delivery does."""
    (one, persons), (other, others) = (released(Home(tmp_path / name), contracts, name.encode() * 32) for name in ("a", "b"))
    assert one == other
    assert persons
    assert not persons & others
    sent = tmp_path.glob("a/providers/*/outbox/*/enrolments.csv")
    delivered = {mark for file in sent for mark in file.read_bytes().decode("utf-8", "replace").replace("\n", ",").split(",")}
    assert not persons & delivered
