"""A tiny county's deliveries, what an undisturbed run makes of them, and what must hold of a home that was disturbed."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from avbrott import atomic
from avbrott.at_rest.files import read_frame
from avbrott.at_rest.vault import vault_of
from avbrott.contract_folder import SETTING, packaged_contracts
from avbrott.delivery.pull import stored
from avbrott.delivery.settled import read_mark
from avbrott.home import Home
from avbrott.receipts.receipt import PLACE, receipt_names
from avbrott.registry import load_contracts
from avbrott.release import ledger
from avbrott.synthetic.generate import generate
from tests.few_contracts import few_contracts
from tests.integration.running import Ended, avbrott

_SEED = bytes(range(32))
_PARTS = (".part", ".tmp")


@dataclass(frozen=True, slots=True)
class County:
    """``offers`` has deliveries that nobody has pulled, ``undisturbed`` the same after a run; neither is ever changed.

    ``contracts`` is the folder of its contracts, which every command is told of.
    """

    offers: Home
    undisturbed: Home
    contracts: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process is told of this county."""
        return {SETTING: str(self.contracts)}

    def run(self, home: Home, *options: str, **environment: str) -> Ended:
        """``avbrott run`` of a home, to its end."""
        return avbrott("run", "--home", home.root, *options, **self.environment, **environment)

    def copied(self, folder: Path, home: Home | None = None) -> Home:
        """A copy of ``home`` (left out: of ``offers``) at ``folder``."""
        shutil.copytree((home or self.offers).root, folder, symlinks=True, dirs_exist_ok=True)
        return Home(folder)


def county(folder: Path, pupils: int) -> County:
    """Invent it, and run it once; ``AssertionError`` where that does not end well."""
    offers = Home(folder / "offers")
    made = County(offers, Home(folder / "undisturbed"), few_contracts(folder / "contracts"))
    generate(offers, load_contracts(made.contracts), pupils=pupils, years=1, seed=3, flaws="none")
    atomic.write_bytes(offers.seed, _SEED)
    made.copied(made.undisturbed.root)
    ran = made.run(made.undisturbed)
    assert ran.code == 0, ran.output
    return made


def faults_of(county: County, home: Home) -> list[str]:
    """What does not hold of a home after the run that follows a fault; nothing where all is well."""
    return [*_release(county, home), *_store(county, home), *_receipts(county, home)]


def unfinished(county: County, home: Home) -> list[str]:
    """What does not hold of a home while a fault is not mended: what can be seen of a release is whole, or not there."""
    found = []
    if home.current.is_symlink():
        if not (home.current / "manifest.json").is_file():
            found.append("a release without a manifest is current")
        elif ledger.releases(home) == ledger.releases(county.undisturbed):
            found += _release(county, home)
    return found


def told(ended: Ended) -> str:
    """The code of the error that a command told; ``AssertionError`` where it told none that is known, or a traceback."""
    assert "Traceback" not in ended.output, ended.output
    found = {code: parts for code, parts in _errors().items() if all(part in ended.output for part in parts)}
    assert found, ended.output
    return max(found, key=lambda code: sum(map(len, found[code])))


@cache
def _errors() -> dict[str, list[str]]:
    """By code, what stands in an error's text whatever it is about."""
    files = sorted((packaged_contracts() / "texts").glob("messages*.yaml"))
    texts = {code: one for file in files for code, one in yaml.safe_load(file.read_text("utf-8")).items()}
    parts = {code: re.split(r"\{[^}]*\}", one["sv"]) for code, one in texts.items() if "mend_sv" in one}
    return {code: told for code, found in parts.items() if len("".join(told := [part.strip() for part in found])) > 20}


def _release(county: County, home: Home) -> list[str]:
    found = []
    if ledger.releases(home) != ledger.releases(county.undisturbed):
        found.append(f"releases: {ledger.releases(home)}")
        return found
    for name in ledger.releases(home):
        wanted, has = county.undisturbed.release(name) / "manifest.json", home.release(name) / "manifest.json"
        if not has.is_file() or has.read_bytes() != wanted.read_bytes():
            found.append(f"manifest of {name}")
    return found


def _receipts(county: County, home: Home) -> list[str]:
    """That every provider has been told the same of its deliveries; signatures are by each hub's own key."""
    found = []
    for provider, term in stored(county.undisturbed):
        page, _, itself = receipt_names(provider, term)
        wanted = county.undisturbed.receipts(str(term))
        laid = home.outbox(provider, str(term)).parent / PLACE / str(term)
        files = [(place / name, wanted / name) for name in (page, itself) for place in (home.receipts(str(term)), laid)]
        found += [
            f"receipt: {file.relative_to(home.root)}"
            for file, right in files
            if not file.is_file() or file.read_bytes() != right.read_bytes()
        ]
    return found


def _store(county: County, home: Home) -> list[str]:
    """That every delivery was accepted once, with as many rows, and that nothing half-written is left."""
    found = []
    if stored(home) != stored(county.undisturbed):
        found.append("deliveries in the store")
    for provider, term in stored(county.undisturbed):
        marks = [read_mark(one, provider, term) for one in (home, county.undisturbed)]
        rows = [mark and mark.accepted for mark in marks]
        if rows[0] != rows[1]:
            found.append(f"rows accepted: {provider} {term}")
    for file in sorted(county.undisturbed.store.glob("linked/*.parquet")):
        there = home.store / file.relative_to(county.undisturbed.store)
        frames = [read_frame(vault_of(one), place) for one, place in ((home, there), (county.undisturbed, file))]
        if frames[0].height != frames[1].height:
            found.append(f"rows of {file.name}")
    left = [file.name for file in home.store.rglob("*") if file.name.endswith(_PARTS)]
    return found + [f"half-written: {name}" for name in left]
