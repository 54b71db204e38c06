"""Pupils by municipality and principal, protected against these: what the tests of providers share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase

AREAS = {"n": ["a", "b", "c"], "s": ["d", "e"]}
RULE = {"column": "principal"}
OTHERS = {"b": (30, 25, 40), "c": (50, 35, 20), "d": (60, 30, 25), "e": (45, 41, 33)}
"""Places where three have a school, and as many pupils that no count is small."""


def schools(**places: dict[str, int]) -> pl.DataFrame:
    """Pupils by half of the county, municipality and principal; three principals in all but the places that are named."""
    held = {area: dict(zip(("own", "free", "chain"), numbers, strict=True)) for area, numbers in OTHERS.items()} | places
    rows = [(half, area, who, n) for half, areas in AREAS.items() for area in areas for who, n in held.get(area, {}).items()]
    return pl.DataFrame(rows, schema=["half", "area", "principal", "freq"], orient="row")


def table(folder: Path, frame: pl.DataFrame, *, latent: bool = False, **rule: object) -> TableCase:
    """The pupils by municipality; with ``latent`` by principal too, though not published. No ``rule``: none."""
    dimensions = {"area": [["half", "area"]], **({"who": [["principal"]]} if latent else {})}
    keys = {"tables": [{"area": "all"}], "latent": [{"area": "all", "who": "all"}]} if latent else {}
    policy = {"providers": {**RULE, **rule}} if rule else {}
    return TableCase(folder, frame, dimensions=dimensions, policy=policy, **keys)


def spread() -> pl.DataFrame:
    """Ten municipalities of one to four providers each, by programme: what serves everybody does not serve each provider."""
    lots = np.random.default_rng(5)
    rows = [
        (f"g{m // 4}", f"m{m}", f"p{p}", who, int(lots.choice([1, 2, 3, 5, 8, 20, 40])))
        for m in range(10)
        for p in range(4)
        for who in ["own", *lots.choice(["free", "chain", "region"], lots.integers(0, 4), replace=False).tolist()]
    ]
    return pl.DataFrame(rows, schema=["half", "area", "programme", "principal", "freq"], orient="row")


def several(folder: Path, frame: pl.DataFrame, **keys: object) -> TableCase:
    dimensions = {"area": [["half", "area"]], "programme": [["programme"]]}
    return TableCase(folder, frame, dimensions=dimensions, **{"policy": {"providers": RULE}, **keys})


def holds(case: TableCase) -> bool:
    return audit_output(read_output(case.out)).faults == ()
