"""A small invented release for tests of pages: every table of the contracts, every status, no pipeline, nothing proven."""

from __future__ import annotations

import csv
import itertools
import json
import random
from pathlib import Path

from avbrott.registry import Contracts
from avbrott.release.deliveries import MEASURES
from avbrott.table import TOTAL, DimensionContract, TableContract

YEARS = ("2014/15", "2015/16", "2016/17", "2017/18", "2018/19", "2019/20")
TERMS = ("HT2018", "VT2019", "HT2019", "VT2020")
SINCE = {
    "release": "2019-12-13",
    "added": {"agency": ["2019/20"], "kaa": ["2019/20"], "pupils": ["2019/20"]},
    "filled": {"completion": 1203, "returns": 41},
    "revised": {"dropouts_by_cause": 7},
}


def write_mini_release(folder: Path, contracts: Contracts) -> None:
    """Write tables, code lists and the datapackage of a plausible release under ``folder``; the same bytes every time."""
    draws = random.Random(20)  # noqa: S311  it keeps no secret
    for dimension in contracts.dimensions.values():
        _write(folder / "codelists" / f"{dimension.name}.csv", _codelist(contracts, dimension))
    for table in contracts.published.values():
        rows = _table(contracts, table, draws) if table.system else _coverage(contracts)
        _write(folder / "tables" / f"{table.name}.csv", rows)
    package = {"name": "mini", "version": "2020-12-31", "avbrott": {"mappings": _mappings(contracts), "since": SINCE}}
    (folder / "datapackage.json").write_text(json.dumps(package), "utf-8")


def _mappings(contracts: Contracts) -> dict[str, dict[str, object]]:
    """Two providers with words of their own; one of them reads a disputed term otherwise."""
    term = contracts.glossary.terms["dropout"]
    reading = next(one.id for one in term.readings if one.id != term.used)
    return {
        "2480": {"enrolments": {"headers": 3, "codes": ["school_type", "sex"], "readings": {}}},
        "2481": {"events": {"headers": 0, "codes": [], "readings": {"dropout": reading}}},
    }


def _codelist(contracts: Contracts, dimension: DimensionContract) -> list[list[str]]:
    rows = [["code", "parent", "level", "label_sv", "label_en"]]
    if dimension.window:
        return rows + [[year, "", "school_year", year, year] for year in YEARS]
    if dimension.total:
        rows.append([TOTAL, "", "total", dimension.total.sv, dimension.total.en])
    return rows + [
        [code.code, "" if code.sum_of else code.parent or TOTAL, code.level or dimension.levels[-1], code.sv, code.en]
        for code in contracts.glossary.codes(dimension.term)
        if code.published and code.level in ("", *dimension.every_level)
    ]


def _codes(contracts: Contracts, table: TableContract, place: int) -> list[str]:
    use = table.dimensions[place]
    dimension = contracts.dimensions[use.dimension]
    if use.windows == "only":
        return [f"{first}..{last}" for first, last in zip(YEARS, YEARS[2:], strict=False)]
    if dimension.window:
        return list(YEARS)
    levels = use.levels or dimension.every_level
    known = contracts.glossary.codes(dimension.term)
    parents = {code.parent for code in known}
    listed = [
        code.code
        for code in known
        if code.published
        and (
            code.level in ("", *levels)
            or (code.level == dimension.levels[0] and code.code not in parents)
            or not (code.parent or code.sum_of)
        )
    ]
    return ([TOTAL] if dimension.total else []) + listed


def _table(contracts: Contracts, table: TableContract, draws: random.Random) -> list[list[str]]:
    names = [use.dimension for use in table.dimensions]
    axes = [_codes(contracts, table, place) for place in range(len(names))]
    rows = [[*names, "measure", "value", "status"]]
    for codes in itertools.product(*axes):
        at = dict(zip(names, codes, strict=True))
        status, count, share = _draw(at, draws)
        counted = "shown" if status == "unreliable" else status
        rows.append([*codes, "persons", str(count) if counted == "shown" else "", counted])
        if table.share and at[table.share.dimension] != TOTAL:
            rows.append([*codes, "share", f"{share:.4f}" if status == "shown" else "", status])
    return rows


def _draw(at: dict[str, str], draws: random.Random) -> tuple[str, int, float]:
    """Status, count and share of one cell: the county is large and shown, small places are often hidden."""
    share = round(draws.uniform(0.02, 0.12), 4)
    parts = len([code for name, code in at.items() if code != TOTAL and name != "school_year"])
    count = draws.randrange(5000, 9000) // 9**parts + 5
    year = at.get("school_year", "")
    if year >= "2018/19" and {at.get("completion"), at.get("leaving_time"), at.get("return_time")} - {None, TOTAL}:
        return "not_applicable", 0, 0.0
    home = at.get("home_municipality", TOTAL)
    if home == "2403" and year == "2016/17":
        return "not_delivered", 0, 0.0
    if home == TOTAL and len([code for code in at.values() if code != TOTAL]) <= 2:
        return "shown", count, share
    chance = draws.random()
    if chance < 0.25 and home != TOTAL:
        return "hidden", 0, 0.0
    if chance < 0.3:
        return "unreliable", count, 0.0
    return ("shown", 0, 0.0) if chance < 0.33 else ("shown", count, share)


def _coverage(contracts: Contracts) -> list[list[str]]:
    rows = [["provider", "term", "extract", "measure", "value", "status"]]
    for place, (supplier, term, extract) in enumerate(
        itertools.product(contracts.suppliers.suppliers, TERMS, contracts.extracts)
    ):
        key = [supplier.id, term, extract]
        if extract not in supplier.extracts:
            rows += [[*key, measure, "", "not_applicable"] for measure in MEASURES]
        elif place % 31 == 0:
            rows += [[*key, measure, "", "not_delivered"] for measure in MEASURES]
        elif place % 37 == 0:
            rows += [[*key, measure, "", "not_delivered"] for measure in MEASURES[:2]] + [[*key, "refused", "1", "shown"]]
        else:
            said = {"delivered": 1, "late": int(place % 17 == 0), "refused": 0}
            rows += [[*key, measure, str(said[measure]), "shown"] for measure in MEASURES]
    return rows


def _write(file: Path, rows: list[list[str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)
