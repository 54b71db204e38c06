"""Broken certificates in files: a record or an output that was changed, and that the audit must reject.

The forger knows the secret of the digests and seals the files anew, so that none is found by its digest alone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from avbrott.disclosure.files import verify_record, write_record
from avbrott.disclosure.protect import Protection
from avbrott.tabular import output as files
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase, rows

DELTA = pl.col("delta")
FIRST = pl.int_range(pl.len()) == 0


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> TableCase:
    """One output, for all tests to copy, and another of a table with the same codes beside it."""
    case = TableCase(tmp_path_factory.mktemp("made"), policy={"complement": ["status"]})
    case.protect()
    other = TableCase(case.folder / "other", rows(seed=2), policy={"complement": ["status"]})
    other.protect()
    return case


@pytest.fixture
def folder(made: TableCase, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(made.out, tmp_path / "out"))


def seal(folder: Path) -> None:
    """Every digest of the certificate anew, as the publisher's own program would."""
    output = read_output(folder)
    told = output.certificate
    salt = output.record().salt
    for name in told["sha256"]:
        if name != "spec":
            told["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    for name in files.SEALED:
        told["sealed"][name] = output.seal(name, salt)
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")


def forge(folder: Path, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    file = folder / "confidential" / f"{name}.parquet"
    change(pl.read_parquet(file)).write_parquet(file)
    seal(folder)


def codes(folder: Path) -> set[str]:
    return {fault.code for fault in audit_output(read_output(folder)).faults}


def _first(column: str, value: str, edit: pl.Expr) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """``status`` of the first row with a value."""
    there = (pl.col(column) == value) & ((pl.col(column) == value).cum_sum() == 1)
    return lambda frame: frame.with_columns(pl.when(there).then(edit).otherwise(column).alias(column))


def _told(old: str, new: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        assert any(old in value for value in frame["value"])
        return frame.with_columns(value=pl.col("value").str.replace_all(old, new, literal=True))

    return change


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("witnesses", lambda f: f.with_columns(delta=DELTA + FIRST.cast(pl.Int64)), "PROOF_WITNESS_BREAKS_SUM"),
        ("witnesses", lambda f: f.filter(pl.col("witness") == pl.col("witness").max()), "PROOF_COUNT_BELOW_THRESHOLD"),
        ("witnesses", lambda f: f.clear(), "PROOF_COMPLEMENT_BELOW_THRESHOLD"),
        ("witnesses", lambda f: pl.concat([f, f.head(1)]), "PROOF_WITNESS_CELL_TWICE"),
        ("witnesses", lambda f: f.with_columns(delta=DELTA * 99), "PROOF_WITNESS_BELOW_FLOOR"),
        ("cells", _first("status", "unsafe", pl.lit("shown")), "PROOF_COUNT_SHOWN"),
        ("cells", _first("status", "complementary", pl.lit("shown")), "PROOF_WITNESS_MOVES_SHOWN"),
        ("cells", _first("status", "shown", pl.lit("complementary")), "PUBLIC_DIFFERS"),
        ("cells", lambda f: f.with_columns(count=pl.col("count") + FIRST.cast(pl.Int64)), "PROOF_CELLS_DO_NOT_ADD_UP"),
        ("cells", lambda f: f.slice(1), "PUBLIC_DIFFERS"),
        ("cells", lambda f: pl.concat([f, f.filter(pl.col("status") == "unsafe").head(1)]), "PROOF_CELL_TWICE"),
        ("cells", lambda f: f.with_columns(fact=pl.lit("known")), "PROOF_WITNESS_MOVES_FACT"),
        ("cells", lambda f: f.with_columns(fact=pl.lit("previous")), "PROOF_EARLIER_CELL_HIDDEN"),
        ("cells", lambda f: f.with_columns(published=pl.lit(value=False)), "CELL_MISSTATED"),
        ("cells", _first("status", "unsafe", pl.lit("complementary")), "CELL_MISSTATED"),
        ("cells", lambda f: f.with_columns(rule=pl.lit("count")), "CELL_MISSTATED"),
        ("cells", lambda f: f.with_columns(rule=pl.lit(None, pl.String)), "CELL_MISSTATED"),
        ("system", _told('"threshold": 5', '"threshold": 4'), "STATEMENT_WRONG"),
        ("system", _told('"width": 5', '"width": 50'), "PROOF_COUNT_TOO_NARROW"),
        ("system", _told('"may_hide"', '"shown"'), "STATEMENT_WRONG"),
        ("system", _told('"latent": false', '"latent": true'), "STATEMENT_WRONG"),
    ],
)  # fmt: skip
def test_a_forged_record_with_fresh_digests_is_rejected(folder, name, change, code) -> None:
    """The files and their digests agree; what they say does not hold."""
    forge(folder, name, change)
    found = codes(folder)
    assert "FILE_CHANGED" not in found
    assert code in found


def test_a_lower_threshold_in_certificate_and_record_still_shows_no_more(folder) -> None:
    """One who says 4 in both files has said 4: the audit tells no other promise than the one that is stated."""
    forge(folder, "system", _told('"threshold": 5', '"threshold": 4'))
    assert codes(folder) == {"STATEMENT_WRONG"}
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    told["policy"]["threshold"] = 4
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")
    assert codes(folder) == set()
    told["policy"]["threshold"] = 3
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")
    assert codes(folder) == {"STATEMENT_WRONG"}


@pytest.mark.parametrize("name", ["public.csv", "public_witnesses.parquet", "cells.parquet", "witnesses.parquet"])
def test_a_file_of_another_output_is_rejected(made, folder, name) -> None:
    """Swapped tables with the same codes: by their digests, and with fresh ones by what they say."""
    inside = "" if name.startswith("public") else "confidential"
    shutil.copy(made.folder / "other" / "out" / inside / name, folder / inside / name)
    assert "FILE_CHANGED" in codes(folder)
    seal(folder)
    found = codes(folder)
    assert found
    assert "FILE_CHANGED" not in found


@pytest.mark.parametrize("key", ["sha256", "sealed"])
def test_a_wrong_digest_is_rejected(folder, key) -> None:
    """Each digest in turn, of public and of confidential files."""
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    for name in set(told[key]) - {"spec", "input", "known"}:
        wrong = {**told, key: {**told[key], name: "0" * 64}}
        (folder / "certificate.json").write_text(json.dumps(wrong), "utf-8")
        assert codes(folder) == {"FILE_CHANGED"}


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("witnesses", lambda f: f.with_columns(delta=DELTA + FIRST.cast(pl.Int64)), "WITNESS_BREAKS_SUM"),
        ("witnesses", lambda f: f.with_columns(delta=DELTA / 2), "DELTA_NOT_WHOLE"),
        ("witnesses", lambda f: f.clear(), "COUNT_BELOW_THRESHOLD"),
        ("cells", lambda f: f.with_columns(status=pl.lit("shown")), "COUNT_SHOWN"),
        ("cells", _first("status", "complementary", pl.lit("shown")), "WITNESS_MOVES_SHOWN"),
        ("cells", lambda f: f.slice(1), "CELLS_DO_NOT_ADD_UP"),
        ("cells", lambda f: pl.concat([f, f.head(1)]), "CELL_TWICE"),
        ("cells", lambda f: f.with_columns(count=pl.col("count") + FIRST.cast(pl.Int64)), "CELLS_DO_NOT_ADD_UP"),
        ("earlier", lambda f: f.with_columns(count=pl.col("count") + FIRST.cast(pl.Int64)), "EARLIER_CELL_CHANGED"),
        ("earlier", lambda f: f.with_columns(year=pl.lit("y9")), "EARLIER_CELL_CHANGED"),
    ],
)  # fmt: skip
def test_a_forged_record_of_a_release_is_rejected(ruled, tmp_path, name, change, code) -> None:
    """Also where ``system.json`` has the new digest."""
    write_record(tmp_path, ruled.stage.spec, ruled.policy, Protection(ruled.cells, ruled.witnesses), ruled.earlier)
    assert verify_record(tmp_path) == []
    file = tmp_path / f"{name}.parquet"
    change(pl.read_parquet(file)).write_parquet(file)
    assert "FILE_CHANGED" in {fault.code for fault in verify_record(tmp_path)}
    system = json.loads((tmp_path / "system.json").read_text("utf-8"))
    system["sha256"][name] = hashlib.sha256(file.read_bytes()).hexdigest()
    (tmp_path / "system.json").write_text(json.dumps(system), "utf-8")
    found = {fault.code for fault in verify_record(tmp_path)}
    assert "FILE_CHANGED" not in found
    assert code in found
