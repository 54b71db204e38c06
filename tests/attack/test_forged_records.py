"""A record forged by someone who gives it new seals too: crossings left out, tables or a policy other than SPEC asks for.

The proof of what is left out would be missing with it; whatever the form, a fault tells of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.tabular import output as files
from avbrott.tabular.audit import audit_output
from avbrott.tabular.command import audit_output_command
from avbrott.tabular.output import read_output
from avbrott.tabular.spec_file import read_spec
from tests.tabular_case import SPEC, TableCase, rows

DIMENSIONS = {"area": SPEC["dimensions"]["area"], "sex": [["sex"]], "outcome": [["status"]]}
TABLES: dict[str, Any] = {
    "dimensions": DIMENSIONS,
    "tables": [{"area": "all", "sex": "all"}],
    "latent": [{"area": "all", "sex": "all", "outcome": "all"}],
}
FRAMES = ("cells", "witnesses")
Keep = pl.Expr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TableCase:
    """One output with a table that is protected and not published."""
    case = TableCase(tmp_path_factory.mktemp("made"), **TABLES)
    case.protect()
    return case


@pytest.fixture
def folder(made: TableCase, tmp_path: Path) -> Path:
    """A copy to forge."""
    return Path(shutil.copytree(made.out, tmp_path / "out"))


def forge(folder: Path, keep: Keep) -> None:
    """Leave the cells of the record out that are not kept, in its files alone."""
    for name in FRAMES:
        file = folder / "confidential" / f"{name}.parquet"
        pl.read_parquet(file).filter(keep).write_parquet(file)


def tell(folder: Path, key: str, change: Callable[[Any], Any]) -> None:
    """Change what the record says of itself."""
    file = folder / "confidential" / "system.parquet"
    told = dict(pl.read_parquet(file).iter_rows())
    told[key] = json.dumps(change(json.loads(told[key])))
    pl.DataFrame(list(told.items()), ["key", "value"], orient="row").write_parquet(file)


def seal(folder: Path, spec: Path | None = None, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """New digests of every file, and ``change`` in the certificate."""
    output = read_output(folder)
    told, salt = output.certificate, output.record().salt
    told["sealed"] |= {name: output.seal(name, salt) for name in files.SEALED}
    told["sha256"] |= {name: output.digest(name) for name in ("public.csv", "public_witnesses.parquet")}
    if spec is not None:
        told["sha256"]["spec"] = hashlib.sha256(spec.read_bytes()).hexdigest()
    listed = pl.read_csv(folder / "public.csv", infer_schema=False)
    hidden = listed.filter(pl.col("hidden") == "true").height
    told["cells"] = {"shown": listed.height - hidden, "hidden": hidden}
    change(told)
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")


def faults(folder: Path, spec: Path | None = None) -> set[tuple[str, str]]:
    found = audit_output(read_output(folder), None if spec is None else read_spec(spec)).faults
    return {(fault.code, fault.where) for fault in found}


def test_a_latent_crossing_that_the_record_does_not_list_is_found(made, folder):
    """The record says that it is protected; who reads it would believe that its small cells are."""
    assert faults(folder, made.spec) == set()
    forge(folder, pl.col("outcome") == "Total")
    seal(folder)
    assert ("PROOF_CELL_ALONE", "confidential") in faults(folder)


@pytest.mark.parametrize(
    "keep",
    [
        pl.col("area").is_in(["Total", "c0", "c1", "g0", "g1"]),
        ~pl.col("area").is_in(["c0", "c1"]),
        ~((pl.col("area") == "m1") & (pl.col("sex") != "Total")),
        (pl.col("area") != "Total") | (pl.col("sex") != "Total"),
    ],
)
def test_what_the_tables_have_rows_for_and_nobody_lists_is_found(folder, keep):
    """A level, the coarser one, what one cell is divided into, and the total of everything."""
    forge(folder, keep)
    seal(folder)
    assert ("PROOF_CELL_ALONE", "confidential") in faults(folder)


def test_a_published_table_without_rows_is_found_from_the_public_files(folder):
    """A row that is not listed is nobody: a figure above nobody's row cannot be."""
    shutil.rmtree(folder / "confidential")
    listed = pl.read_csv(folder / "public.csv", infer_schema=False)
    listed.filter((pl.col("area") == "Total") & (pl.col("sex") == "Total")).write_csv(folder / "public.csv")
    witnesses = folder / "public_witnesses.parquet"
    pl.read_parquet(witnesses).clear().write_parquet(witnesses)
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    told["sha256"] |= {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("public.csv", "public_witnesses.parquet")
    }
    told["cells"] = {"shown": 1, "hidden": 0}
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")
    assert faults(folder) == {("CELL_ALONE", "public.csv")}


def test_no_vintage_is_asked_for_what_another_one_has(tmp_path):
    """Earlier outputs are kept where they differ alone: windows over a changed year, and not all that hold its neighbours."""
    keys = {"dimensions": {**SPEC["dimensions"], "year": [["year"]]}, "windows": {"year": 2}, "additive": {"year": False}}
    frame = rows(years=4)
    case = TableCase(tmp_path, frame, **keys)
    case.protect()
    at = frame.with_row_index().filter(pl.col("year") == "2020")["index"][10]
    frame.with_columns(freq=pl.col("freq") + (pl.int_range(pl.len()) == at).cast(pl.Int64)).write_csv(case.source)
    case.write_spec(**keys, previous=["out"])
    case.protect(tmp_path / "second")
    assert faults(tmp_path / "second", case.spec) == set()


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"tables": [{"area": "all"}]}, ("SPEC_SAYS_OTHERWISE", "tables")),
        ({"tables": [*TABLES["tables"], {"outcome": "all"}]}, ("SPEC_SAYS_OTHERWISE", "tables")),
        ({"latent": [{"area": "all", "outcome": "all"}]}, ("SPEC_NOT_PROVED", "latent")),
        ({"latent": None}, None),
        ({"known": ["known.csv"]}, ("SPEC_SAYS_OTHERWISE", "known")),
        (
            {"dimensions": {**DIMENSIONS, "area": [["county", "municipality"]]}},
            ("SPEC_SAYS_OTHERWISE", "dimensions"),
        ),
        ({"dimensions": {**DIMENSIONS, "outcome": [["year", "status"]]}}, ("SPEC_NOT_PROVED", "dimensions")),
        ({"dimensions": {**DIMENSIONS, "outcome": [["outcome"]]}}, ("SPEC_NOT_PROVED", "dimensions")),
    ],
)
def test_tables_latent_and_dimensions_are_held_against_spec(folder, tmp_path, keys, fault):
    """An output of another SPEC, passed off as one of this: told by the key that differs. More than SPEC asks for is fine."""
    other = TableCase(tmp_path / "other", **{**TABLES, **keys})
    seal(folder, other.spec)
    found = faults(folder, other.spec)
    assert found == set() if fault is None else fault in found


def test_that_latent_cannot_be_seen_without_the_record_is_said(made, folder, capsys):
    """The certificate does not tell of it."""
    screen = Console(width=200)
    assert audit_output_command(folder, screen, attacked=False, seconds=0, spec=made.spec) == ExitCode.DONE
    assert "SPEC names tables under latent" not in capsys.readouterr().out
    shutil.rmtree(folder / "confidential")
    assert audit_output_command(folder, screen, attacked=False, seconds=0, spec=made.spec) == ExitCode.DONE
    assert "SPEC names tables under latent" in capsys.readouterr().out


def test_the_level_of_the_providers_is_that_of_their_column(tmp_path):
    """A record that says of a provider's own level that it is none would be held to less."""
    case = TableCase(tmp_path, rows().with_columns(freq=pl.lit(40)), policy={"providers": {"column": "county"}})
    case.protect()
    assert json.loads(dict(case.confidential("system").iter_rows())["policy"])["providers"]["level"] == "l0"
    tell(case.out, "policy", lambda told: {**told, "providers": {**told["providers"], "level": None}})
    seal(case.out)
    assert ("STATEMENT_WRONG", "policy") in faults(case.out, case.spec)
