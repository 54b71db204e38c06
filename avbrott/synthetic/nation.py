"""The country that pupils are invented for: its counties and municipalities, and by which rule they have schools.

File: ``contracts/nation.yaml``. From it come the country's contracts: those of the county with other places and suppliers.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from avbrott.atomic import write_text
from avbrott.contract_folder import own_or_packaged, read_yaml
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts, read_contract
from avbrott.suppliers import Membership, SchoolUnit, Supplier
from avbrott.synthetic.calibration import Share
from avbrott.synthetic.county import OUTSIDE

FILE = "nation.yaml"
GROUP = "lan_{}"
"""What a county is called as a group of municipalities."""
MOST_IN_A_PART = 20_000
"""Pupils that are lived together, unless one municipality has more: some two gigabytes for twenty years."""
TAUGHT = ("enrolments", "events", "absence")
"""What a school delivers."""


class Rule(Model):
    """How many schools a municipality has, by its inhabitants in thousands."""

    least: float
    each: float
    most: int

    def schools(self, inhabitants: float) -> int:
        """One from ``least`` on, and one more for each further ``each``."""
        return 0 if inhabitants < self.least else min(1 + int((inhabitants - self.least) // self.each), self.most)


class Rules(Model):
    """``Rule`` by who runs the school."""

    municipal: Rule
    independent: Rule


class NationCounty(Model):
    """One county: name and inhabitants (thousands) by the code of the municipality."""

    code: str
    name: str
    municipalities: dict[str, tuple[str, float]]


class Nation(Model):
    """The whole country, or its first counties."""

    pupils: int
    pupils_a_county: int
    schools: Rules
    stay: Share
    counties: tuple[NationCounty, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Municipalities of one county that are lived together, and how many pupils there are in them."""

    county: NationCounty
    municipalities: tuple[str, ...]
    pupils: int

    @property
    def code(self) -> str:
        """The county's code where it is all of it, otherwise that of the part's first municipality."""
        return self.county.code if len(self.municipalities) == len(self.county.municipalities) else self.municipalities[0]


@dataclass(frozen=True, slots=True)
class Size:
    """The country, and its pupils by part, in the nation's order."""

    nation: Nation
    parts: tuple[Part, ...]

    @property
    def pupils(self) -> int:
        return sum(part.pupils for part in self.parts)


def sized(folder: Path, counties: int | None, pupils: int | None) -> Size:
    """The country with ``pupils`` shared by inhabitants, or its first ``counties`` with as many as those have.

    More counties than there are stand for their pupils alone. A county of very many is several parts, as each is in memory.
    """
    nation = read_contract(own_or_packaged(folder, FILE), Nation)
    wanted = pupils or (nation.pupils if counties is None else counties * nation.pupils_a_county)
    chosen = nation.model_copy(update={"counties": nation.counties[:counties]})
    homes = [(county, code) for county in chosen.counties for code in county.municipalities]
    reached = list(itertools.accumulate((county.municipalities[code][1] for county, code in homes), initial=0.0))
    ends = [round(wanted * so_far / reached[-1]) for so_far in reached]
    parts: list[Part] = []
    for (county, code), start, end in zip(homes, ends, ends[1:], strict=False):
        last = parts[-1] if parts and parts[-1].county is county else None
        if last is not None and last.pupils + end - start <= MOST_IN_A_PART:
            parts[-1] = Part(county, (*last.municipalities, code), last.pupils + end - start)
        else:
            parts.append(Part(county, (code,), end - start))
    return Size(chosen, tuple(parts))


def suppliers_of(nation: Nation, county: NationCounty, first: Term) -> Iterator[Supplier]:
    """Who delivers in a county: its municipalities, independent schools and a folk high school, members from ``first`` on."""
    member = (Membership(first=str(first)),)
    folk_high_school = max(county.municipalities, key=lambda code: county.municipalities[code][1])
    for code, (name, inhabitants) in county.municipalities.items():
        units = tuple(
            SchoolUnit(code=f"99{code}{place:02d}", name=f"{name}s gymnasium {place}", municipality=code)
            for place in range(1, nation.schools.municipal.schools(inhabitants) + 1)
        )
        yield Supplier(
            id=code, name=f"{name}s kommun", kind="municipality", municipality=code,
            extracts=(*(TAUGHT if units else ()), "kaa"), units=units, member=member,
        )  # fmt: skip
        for place in range(1, nation.schools.independent.schools(inhabitants) + 1):
            unit = SchoolUnit(code=f"98{code}{place:02d}", name=f"Friskolan {name} {place}", municipality=code)
            yield Supplier(
                id=f"fri-{code}-{place:02d}", name=unit.name, kind="independent", municipality=code,
                extracts=TAUGHT, units=(unit,), member=member,
            )  # fmt: skip
        if code == folk_high_school:
            unit = SchoolUnit(code=f"97{code}01", name=f"{name}s folkhögskola", municipality=code)
            yield Supplier(
                id=f"fhs-{code}", name=unit.name, kind="folk_high_school", municipality=code,
                extracts=("enrolments", "events"), units=(unit,), member=member,
            )  # fmt: skip


def agencies_of(contracts: Contracts, first: Term) -> list[Supplier]:
    """The agencies of ``contracts``, members from ``first`` on."""
    member = (Membership(first=str(first)),)
    return [s.model_copy(update={"member": member}) for s in contracts.suppliers.suppliers if s.kind == "agency"]


def write_contracts(contracts: Contracts, nation: Nation, first: Term, folder: Path) -> Contracts:
    """Write the country's contracts to ``folder`` and read them: ``contracts`` with its places and suppliers."""
    shutil.copytree(contracts.folder, folder)
    suppliers = [supplier for county in nation.counties for supplier in suppliers_of(nation, county, first)]
    listed = [one.model_dump(mode="json", exclude_defaults=True) for one in (*suppliers, *agencies_of(contracts, first))]
    _write(folder / "suppliers.yaml", {"suppliers": listed})
    places = contracts.dimensions["home_municipality"].term
    for file in sorted((folder / "glossary").glob("*.yaml")):
        content = read_yaml(file)
        for term in content["terms"]:
            if term["id"] == places:
                kept = [code for code in term["codes"] if code["code"] == OUTSIDE]
                above = [code for code in term["codes"] if code["code"] in {one.get("parent") for one in kept}]
                term["codes"] = [*above, *kept, *_codes(nation)]
                _write(file, content)
    dimensions = read_yaml(folder / "dimensions.yaml")
    for dimension in dimensions["dimensions"]:
        if dimension["name"] == "home_municipality":
            dimension["total"] = {"sv": "Riket", "en": "The country"}
    _write(folder / "dimensions.yaml", dimensions)
    if (folder / "site.yaml").is_file():
        before = {code.code for code in contracts.codes("home_municipality")}
        there = {code["code"] for code in _codes(nation)}
        site = read_yaml(folder / "site.yaml")
        _choose(site, before - there - {OUTSIDE}, [GROUP.format(county.code) for county in nation.counties[:3]])
        _write(folder / "site.yaml", site)
    return load_contracts(folder)


def _codes(nation: Nation) -> list[dict[str, str]]:
    groups = [
        {"code": GROUP.format(county.code), "sv": f"{county.name} (län)", "en": f"{county.name} (county)", "level": "group"}
        for county in nation.counties
    ]
    homes = [
        {"code": code, "sv": name, "en": name, "level": "municipality", "parent": GROUP.format(county.code)}
        for county in nation.counties
        for code, (name, _) in county.municipalities.items()
    ]
    return groups + homes


def _choose(content: Any, gone: set[str], instead: list[str]) -> None:
    """Let pages show counties first where they chose places that are ``gone``."""
    if isinstance(content, dict):
        chosen = content.get("choose")
        if isinstance(chosen, list) and gone.intersection(chosen):
            content["choose"] = [*(code for code in chosen if code not in gone), *instead]
    for inner in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        _choose(inner, gone, instead)


def _write(file: Path, content: Any) -> None:
    write_text(file, yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120))
