"""A county whose providers deliver sealed publishes what it would publish of the same deliveries in the open."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from avbrott import atomic
from avbrott.delivery.package import PACKAGE
from avbrott.delivery.pull import delivered
from avbrott.delivery.pull import stored as in_store
from avbrott.home import Home
from avbrott.identity.rekey import place_key
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.sealing.keys import HubPublic, SigningKey, new_signing_key, public_file, reception_key
from avbrott.sealing.package import Statement
from avbrott.sealing.seal import data_bytes, seal
from avbrott.synthetic.generate import generate
from pipelines import headless


@pytest.fixture(scope="module")
def contracts(few: Contracts) -> Contracts:
    return few


def county(home: Home, contracts: Contracts) -> None:
    """The same invented county and the same secrets, wherever it lies."""
    generate(home, contracts, pupils=400, years=1, seed=3, flaws="none")
    atomic.write_bytes(home.seed, bytes(32))
    place_key(home, bytes(range(32)))


def seal_all(home: Home, contracts: Contracts, folder: Path) -> int:
    """Seal every delivery of the county in its place, and have its providers registered; how many files that makes."""
    hub = reception_key(home).public
    count = 0
    for provider in sorted(contracts.suppliers.by_id):
        key = new_signing_key(folder / f"{provider}.key", provider)
        atomic.write_bytes(home.provider_key(provider), public_file(folder / f"{provider}.key").read_bytes())
        for package in sorted(home.outbox(provider, "").glob(f"*/{PACKAGE}")):
            count += seal_delivery(package, contracts, key, hub)
    sources = yaml.safe_load(home.sources.read_text("utf-8"))["sources"]
    atomic.write_text(
        home.sources, yaml.safe_dump({"sources": {name: {"folder": one["folder"]} for name, one in sources.items()}})
    )
    return count


def seal_delivery(package: Path, contracts: Contracts, key: SigningKey, hub: HubPublic) -> int:
    """Put sealed files in the place of a plain delivery."""
    told = json.loads(package.read_text("utf-8"))
    term = Term.parse(package.parent.name)
    for resource in told["resources"]:
        contract = contracts.extracts[resource["name"]]
        file = package.parent / resource["path"]
        frame = pl.read_csv(io.BytesIO(file.read_bytes()), infer_schema=False)
        statement = Statement(
            "data",
            key.provider,
            term,
            contract.name,
            resource["contract_version"],
            1,
            frame.height,
            date.fromisoformat(told["created"]),
            told["key_epoch"],
        )
        sealed = seal(statement, contract, data_bytes(frame, contract), key, hub)
        (package.parent / sealed.name).write_bytes(sealed.content)
        file.unlink()
    package.unlink()
    return len(told["resources"])


def published(home: Home) -> dict[str, str]:
    """The sums of a release's files by name."""
    folder = home.current.resolve()
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_a_sealed_county_publishes_the_same_bytes(tmp_path: Path, contracts: Contracts) -> None:
    """Every file of the release is equal; the sealed one's store has every delivery encrypted, and in no other form."""
    plain, sealed = Home(tmp_path / "plain"), Home(tmp_path / "sealed")
    county(plain, contracts)
    headless.run(plain, contracts)
    county(sealed, contracts)
    count = seal_all(sealed, contracts, tmp_path)
    ran = headless.run(sealed, contracts)
    assert (ran.refused, ran.problems) == ((), ())
    assert published(sealed) == published(plain)
    stored = [file for file in sealed.delivered("-", "-").parents[1].glob("*/*/*") if file.name != "delivery.json"]
    assert len(stored) == count > 0
    assert {file.read_bytes()[:22] for file in stored} == {b"age-encryption.org/v1\n"}
    assert {one.kind for place in in_store(sealed) for one in delivered(sealed, *place).extracts} == {"data"}
    assert not sealed.reception_log.exists()
