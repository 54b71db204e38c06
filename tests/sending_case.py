"""A provider that delivers: its key, its prepared folder, its receiver's folder, and the hub that opens what arrives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from avbrott.delivery.package import package
from avbrott.delivery.read import read_content
from avbrott.digests import sum_of
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.sealing.keys import ReceptionKey, new_signing_key, reception_key
from avbrott.sealing.opening import Opened, open_sealed

TERM = Term("HT", 2025)
COLUMNS = (
    "pseudonym,birth_year,sex,home_municipality,school_unit,school_type,study_path,study_year,start_date,end_date,cancelled"
)


def row(person: int, path: str = "EKJUR", start: str = "2025-08-18", end: str = "") -> str:
    """An enrolment that keeps the contract."""
    cancelled = "true" if end else "false"
    return f"{person:064x},2009,Kvinna,2482,99248201,GY,{path},1,{start},{end},{cancelled}"


ROWS = [row(person) for person in range(1, 6)]


class Case:
    """The folders of one provider and its receiver."""

    def __init__(self, folder: Path, contracts: Contracts) -> None:
        self.folder, self.contracts = folder, contracts
        self.prepared, self.target = folder / "prepared" / "HT2025", folder / "mottagare"
        self.key, self.home = folder / "keys" / "2482.key", Home(folder / "hub")
        self.sent = folder / "keys" / "2482.key.sent"
        self.public = new_signing_key(self.key, "2482").public
        self.reception: ReceptionKey = reception_key(self.home)
        self.target.mkdir(parents=True)

    @property
    def options(self) -> tuple[object, ...]:
        """What every delivery names."""
        return ("--to", self.target, "--key", self.key, "--hub", self.home.hub_public)

    def prepare(
        self,
        rows: list[str] = ROWS,
        created: date = date(2026, 1, 12),
        epoch: str = "2025",
        fingerprint: str | None = None,
        **more: str,
    ) -> None:
        """Lay what ``avbrott prepare`` writes: enrolments, and other extracts by their content."""
        self.prepared.mkdir(parents=True, exist_ok=True)
        for file in self.prepared.iterdir():
            file.unlink()
        contents = {"enrolments": "\n".join([COLUMNS, *rows, ""]), **more}
        for name, content in contents.items():
            (self.prepared / f"{name}.csv").write_text(content, "utf-8")
        listed = [f"{name}.csv" for name in self.contracts.extracts if name in contents]
        sums = {Path(file).stem: sum_of((self.prepared / file).read_bytes()) for file in listed}
        content = package(self.contracts, "2482", TERM, listed, created, epoch, fingerprint=fingerprint, sums=sums)
        (self.prepared / "datapackage.json").write_bytes(content)

    @property
    def names(self) -> list[str]:
        """What lies at the receiver, rests of uploads among it."""
        return sorted(file.name for file in (self.target / str(TERM)).glob("*"))

    def opened(self, number: int, extract: str = "enrolments") -> Opened:
        """A delivery as the hub opens it."""
        name = f"2482-ht2025-{extract}-{number:04d}.zip.age"
        return open_sealed(name, (self.target / str(TERM) / name).read_bytes(), self.reception, self.public)

    def rows(self, number: int) -> pl.DataFrame:
        """The rows of a delivery."""
        data = self.opened(number).data
        assert data is not None
        table = read_content(data, kind=".parquet")
        return table.frame.drop("row").rename(dict(zip(table.frame.drop("row").columns, table.header, strict=True)))

    def other_hub(self) -> None:
        """Let the hub have another key from now on."""
        self.home = Home(self.folder / "other hub")
        self.reception = reception_key(self.home)
