"""A path is one file or folder, also where it has signs that a pattern is made of: nothing else is read in its place."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest.tables import Tables
from avbrott.at_rest.vault import vault_of
from avbrott.home import Home
from avbrott.session import fetch, session
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests import stored
from tests.tabular_case import TableCase

ROOT = Path(__file__).parents[2]
READERS = {"read_csv", "read_parquet", "read_ipc", "read_ndjson", "scan_csv", "scan_parquet", "scan_ipc", "scan_ndjson"}

EXACT = ("glob=False", "BytesIO(", "(content", ".read_bytes()")
"""What a reader is given that takes no pattern."""


@pytest.mark.parametrize("named", ["rel[1]", "rel?", "rel*", "{rel1,x}"])
def test_an_audit_reads_the_folder_it_was_given(tmp_path, named):
    """A leaking ``rel[1]`` is not taken for the sound ``rel1`` beside it."""
    case = TableCase(tmp_path)
    case.protect()
    shutil.copytree(case.out, tmp_path / "rel1")
    leaking = Path(shutil.copytree(case.out, tmp_path / named))
    assert audit_output(read_output(leaking)).faults == ()
    text = (leaking / "public.csv").read_text("utf-8")
    (leaking / "public.csv").write_text(text.replace(",,true", ",3,true", 1), "utf-8")
    assert "VALUE_NOT_EMPTY" in {fault.code for fault in audit_output(read_output(leaking)).faults}


def test_protecting_reads_the_files_it_was_given(tmp_path):
    """INPUT, SPEC, known figures and an earlier output, all under a folder ``a[1]``."""
    other, case = TableCase(tmp_path / "a1"), TableCase(tmp_path / "a[1]")
    (other.folder / "known.csv").write_text("sex,count\nk,0\n", "utf-8")
    sums = pl.read_csv(case.source, glob=False).group_by("sex").agg(count=pl.col("freq").sum())
    sums.write_csv(case.folder / "known.csv")
    case.write_spec(known=["known.csv"])
    case.protect()
    case.write_spec(previous=["out"])
    case.protect(case.folder / "next")
    assert audit_output(read_output(case.folder / "next")).faults == ()


def test_a_query_reads_the_file_it_was_given(tmp_path):
    """Also where a path would be a pattern to DuckDB."""
    homes = [Home(tmp_path / folder) for folder in ("r1", "r[1]", "r*", "r?'s")]
    for number, home in enumerate(homes):
        stored.put_rows(home, home.linked("x"), pl.DataFrame({"number": [number]}))
    for number, home in enumerate(homes):
        with session() as connection, Tables(vault_of(home), connection) as tables:
            tables.open("x", [home.linked("x")], {"number": "BIGINT"})
            assert fetch(connection, "SELECT number FROM x")["number"].to_list() == [number]


def test_no_path_is_read_as_a_pattern():
    """Every reader of Polars is given ``glob=False`` or bytes, and DuckDB reads no file."""
    for package in ("avbrott", "assets", "dashboards", "pipelines"):
        for file in sorted((ROOT / package).rglob("*.py")):
            text = file.read_text("utf-8")
            for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Attribute) and call.func.attr in READERS:
                    given = ast.unparse(call)
                    assert any(sign in given for sign in EXACT), f"{file}: {given}"
            assert not any(f"{reader}({mark}" in text for reader in ("read_parquet", "read_csv") for mark in ("'", "[", "?"))
