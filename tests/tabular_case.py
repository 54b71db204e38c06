"""A small table, its SPEC and a folder to protect it in: what the tests of ``avbrott.tabular`` share."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from avbrott.tabular.protect import protect_table
from avbrott.tabular.write import Made

SPEC: dict[str, Any] = {
    "count": "freq",
    "dimensions": {"area": [["county", "municipality"], ["group", "municipality"]], "sex": [["sex"]], "status": [["status"]]},
}


def rows(seed: int = 1, years: int = 0) -> pl.DataFrame:
    """Eight municipalities in two counties and two groups, by sex and status; with ``years`` also by year."""
    lots = random.Random(seed)  # noqa: S311  a table to test with
    found = []
    for year in range(max(years, 1)):
        for m in range(8):
            for sex in ("k", "m"):
                for status in ("done", "left", "stays"):
                    n = lots.choice([0, 1, 2, 3, 5, 8, 13, 21]) if status != "done" else lots.choice([3, 9, 30, 60])
                    found.append((f"c{m // 4}", f"g{m % 2}", f"m{m}", sex, status, str(2019 + year), n))
    columns = ["county", "group", "municipality", "sex", "status", "year", "freq"]
    return pl.DataFrame(found, schema=columns, orient="row").filter(pl.col("freq") > 0)


class TableCase:
    """One folder with ``input.csv``, ``spec.yaml`` and the output ``out``."""

    def __init__(self, folder: Path, frame: pl.DataFrame | None = None, **spec: Any) -> None:
        self.folder = folder
        self.source, self.spec, self.out = folder / "input.csv", folder / "spec.yaml", folder / "out"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seed.txt").write_text("seed of small tables 30", "utf-8")
        (rows() if frame is None else frame).write_csv(self.source)
        self.write_spec(**spec)

    def write_spec(self, **spec: Any) -> None:
        """SPEC with these keys besides the usual ones; None leaves one out."""
        keys = {key: value for key, value in {**SPEC, "seed": "seed.txt", **spec}.items() if value is not None}
        self.spec.write_text(yaml.safe_dump(keys, sort_keys=False), "utf-8")

    def protect(self, out: Path | None = None) -> Made:
        """Protect the table."""
        return protect_table(self.source, self.spec, out or self.out)

    def public(self) -> pl.DataFrame:
        """``public.csv`` as text."""
        return pl.read_csv(self.out / "public.csv", infer_schema=False)

    def confidential(self, name: str) -> pl.DataFrame:
        """A confidential file."""
        return pl.read_parquet(self.out / "confidential" / f"{name}.parquet")


def codes(folder: Path) -> set[str]:
    """The codes of the faults that an audit finds."""
    return {fault.code for fault in audit_output(read_output(folder)).faults}
