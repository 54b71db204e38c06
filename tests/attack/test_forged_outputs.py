"""An output forged by someone who gives it new digests as well: secrets beside what is published, proofs of something else.

Whatever the form, it ends as a fault or as an error of exit code 2; never unseen, and never as an error of the program.
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

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular import output as files
from avbrott.tabular.audit import audit_output
from avbrott.tabular.command import audit_output_command
from avbrott.tabular.output import read_output
from avbrott.tabular.spec_file import read_spec
from tests.tabular_case import SPEC, TableCase, rows

YEARLY = {**SPEC["dimensions"], "year": [["year"]]}
PUBLIC, WITNESSES, CERTIFICATE = "public.csv", "public_witnesses.parquet", "certificate.json"
Change = Callable[[dict[str, Any]], Any]
ChangeFrame = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> TableCase:
    """One output with windows, for all tests to copy."""
    case = TableCase(tmp_path_factory.mktemp("made"), rows(years=2), dimensions=YEARLY, windows={"year": 2})
    case.protect()
    return case


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """A copy to forge."""
    return Path(shutil.copytree(made.out, tmp_path / "out"))


@pytest.fixture
def public(folder) -> Path:
    """A copy without the record."""
    shutil.rmtree(folder / "confidential")
    return folder


def certify(folder: Path, change: Change = lambda _: None) -> None:
    """New digests of the public files, and what ``change`` does to the certificate."""
    told = json.loads((folder / CERTIFICATE).read_text("utf-8"))
    told["sha256"] |= {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (PUBLIC, WITNESSES)}
    change(told)
    (folder / CERTIFICATE).write_text(json.dumps(told), "utf-8")


def rewrite(folder: Path, change: Callable[[str], str]) -> None:
    text = (folder / PUBLIC).read_text("utf-8")
    assert change(text) != text
    (folder / PUBLIC).write_text(change(text), "utf-8")
    certify(folder)


def faults(folder: Path) -> set[tuple[str, str]]:
    return {(fault.code, fault.where) for fault in audit_output(read_output(folder)).faults}


def refused(folder: Path, code: str, file: str) -> None:
    """The audit ends with exit code 2, and names the file."""
    with pytest.raises(BadInput, match=code) as raised:
        audit_output(read_output(folder))
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert Path(raised.value.parameters["file"]).name == file


@pytest.mark.parametrize("value", ["2", "2.0", " 2", "ca 2", "99999999999999999999", "-", "\0"])
def test_any_text_in_a_hidden_row_is_found(public, value):
    """Also one that is no whole number, or too large for one."""
    rewrite(public, lambda text: text.replace(",,true", f",{value},true", 1))
    assert faults(public) == {("VALUE_NOT_EMPTY", PUBLIC)}


@pytest.mark.parametrize(
    "value", ["{}.0", " {}", "0{}", "+{}", "{}e0", "{} (3)", "99999999999999999999", "9223372036854775807"]
)
def test_any_text_that_is_no_whole_number_is_found(public, value):
    """In a row that is shown."""
    first = next(line for line in (public / PUBLIC).read_text("utf-8").splitlines() if line.endswith(",false"))
    *codes, count, hidden = first.split(",")
    rewrite(public, lambda text: text.replace(first, ",".join([*codes, value.format(count), hidden]), 1))
    assert faults(public) == {("VALUE_NOT_WHOLE", PUBLIC)}


@pytest.mark.parametrize("flag", ["TRUE", "1", "true (3)", ""])
def test_a_row_that_says_neither_hidden_nor_shown_is_found(public, flag):
    """The flag is true or false in these letters."""
    rewrite(public, lambda text: text.replace(",,true", f",,{flag}", 1))
    assert ("HIDDEN_UNCLEAR", PUBLIC) in faults(public)


def test_columns_that_do_not_belong_are_found(public):
    """In either public file, and what a Parquet file carries beside its columns."""
    header, *lines = (public / PUBLIC).read_text("utf-8").splitlines()
    rewrite(public, lambda _: "\n".join([f"{header},true_count", *(f"{line},2" for line in lines), ""]))
    assert faults(public) == {("COLUMN_UNKNOWN", PUBLIC)}
    (public / PUBLIC).write_text("\n".join([header, *lines, ""]), "utf-8")
    frame = pl.read_parquet(public / WITNESSES)
    frame.with_columns(secret=pl.lit(2)).write_parquet(public / WITNESSES)
    certify(public)
    assert faults(public) == {("COLUMN_UNKNOWN", WITNESSES)}
    frame.write_parquet(public / WITNESSES, metadata={"m0": "2"})
    certify(public)
    assert faults(public) == {("COLUMN_UNKNOWN", WITNESSES)}


@pytest.mark.parametrize("end", ["\n", "# m0 left 2\n", ",,,,,\n", "m0,k\n"])
def test_a_line_that_is_no_cell_is_told_as_unreadable(public, end):
    """A blank line, a comment, a row without codes or too short."""
    rewrite(public, lambda text: text + end)
    refused(public, "OUTPUT_UNREADABLE", PUBLIC)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.with_columns(count=pl.col("count") + 0.4),
        lambda frame: frame.with_columns(count=pl.col("count").cast(pl.Float64)),
        lambda frame: frame.with_columns(count=pl.lit(float("nan"))),
        lambda frame: frame.with_columns(count=pl.col("count") + 2**62),
        lambda frame: frame.with_columns(count=pl.concat_list("count")),
        lambda frame: frame.with_columns(system=pl.col("system") + 0.5),
    ],
)
def test_public_witnesses_that_are_no_whole_numbers_are_found(public, change):
    """A fraction is not cut off, and what would overflow is not reckoned with."""
    change(pl.read_parquet(public / WITNESSES)).write_parquet(public / WITNESSES)
    certify(public)
    assert faults(public) == {("PUBLIC_WITNESS_BROKEN", WITNESSES)}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda told: told.update(unsafe=["m0 left 2"]), ("KEY_UNKNOWN", CERTIFICATE)),
        (lambda told: told["cells"].update(unsafe=7), ("KEY_UNKNOWN", "cells")),
        (lambda told: told["engine"].update(note="m0 left 2"), ("KEY_UNKNOWN", "engine")),
        (lambda told: told["sha256"].update({"m0 left 2": "0" * 64}), ("KEY_UNKNOWN", "sha256")),
        (lambda told: told["sealed"].update({"m0 left 2": "0" * 64}), ("KEY_UNKNOWN", "sealed")),
        (lambda told: told["sealed"].pop("revisions.parquet"), ("KEY_UNKNOWN", "sealed")),
        (lambda told: told["sealed"].update(input="2"), ("STATEMENT_WRONG", "sealed")),
        (lambda told: told["engine"].update(name="m0 left 2"), ("STATEMENT_WRONG", "engine")),
        (lambda told: told["engine"].update(version="1.0 m0 left 2"), ("STATEMENT_WRONG", "engine")),
        (lambda told: told.update(format=float(told["format"])), ("STATEMENT_WRONG", "format")),
        (lambda told: told["known"].update(note="m0 left 2"), ("KEY_UNKNOWN", "known")),
        (lambda told: told["known"].update(files="m0 left 2"), ("STATEMENT_WRONG", "known")),
        (lambda told: told.update(dimensions={"m0 left 2": "area"}), ("STATEMENT_WRONG", "dimensions")),
        (lambda told: told.update(dimensions=["m0 left 2"]), ("STATEMENT_WRONG", "dimensions")),
        (lambda told: told.update(previous=["m0 left 2"]), ("STATEMENT_WRONG", "previous")),
        (lambda told: told["policy"].pop("width"), ("STATEMENT_WRONG", "policy")),
        (lambda told: told["sha256"].update(spec="2"), ("STATEMENT_WRONG", "sha256")),
        (lambda told: told.pop("sealed"), ("STATEMENT_WRONG", "sealed")),
        (lambda told: told["cells"].update(shown=True), ("STATEMENT_WRONG", "cells")),
    ],
)
def test_every_key_of_the_certificate_is_checked(public, change, fault):
    """A key that no certificate has, and a value that none has there; neither is told itself."""
    certify(public, change)
    assert fault in faults(public)
    assert "m0" not in str(faults(public))


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["tables"]["dimensions"].pop(),
        lambda told: told["tables"]["dimensions"][0]["members"]["county"].pop(),
        lambda told: told["tables"]["dimensions"][0]["members"].pop("county"),
        lambda told: told["tables"]["dimensions"][0]["members"].update(note=["m0 left 2"] * 8),
        lambda told: told["tables"]["dimensions"][0].update(note="m0 left 2"),
        lambda told: told["tables"]["dimensions"][0].update(hierarchies=[["zz"]]),
        lambda told: told["tables"]["dimensions"][0].update(hierarchies=[]),
        lambda told: told["tables"]["dimensions"][0].update(total="yes"),
        lambda told: told["tables"]["dimensions"][3].update(window="x"),
        lambda told: told["tables"]["dimensions"][3].update(window=0),
        lambda told: told["tables"]["dimensions"][3].update(window=True),
        lambda told: told["tables"]["dimensions"][3].update(window=None),
        lambda told: told["tables"]["dimensions"][3].update(sequence=[1, 2]),
        lambda told: told["tables"]["tables"][0]["levels"].update(area=["zz"]),
        lambda told: told["tables"]["tables"][0]["levels"].update(d9=["county"]),
        lambda told: told["tables"]["tables"][0].update(where={"area": "zz"}),
        lambda told: told["tables"]["tables"][0].update(windows=["d9"]),
        lambda told: told["tables"].update(tables=[]),
        lambda told: told["tables"].update(never=[{}]),
        lambda told: told["tables"].update(vintage="zz"),
        lambda told: told["tables"].pop("observed"),
        lambda told: told["tables"].update(observed=False),
        lambda told: told.update(tables=None),
        lambda told: told.update(policy=[]),
        lambda told: told["policy"].update(threshold=2**70),
        lambda told: told["policy"].update(zeros="perhaps"),
    ],
)
def test_tables_that_do_not_fit_together_are_told_as_unreadable(public, change):
    """What the cells would be held against: dimensions, levels, members, windows."""
    certify(public, change)
    refused(public, "OUTPUT_UNREADABLE", CERTIFICATE)


@pytest.mark.parametrize(
    "text", ["[]", "[" * 100_000, '{"cells": "m0 left 2", "cells": 1}', "NaN", '{"a": NaN}', "\ufeff{}", ""]
)
def test_a_certificate_that_is_no_plain_json_is_told_as_unreadable(public, text):
    """Deep nesting, a key that stands twice, what JSON does not have."""
    (public / CERTIFICATE).write_text(text, "utf-8")
    refused(public, "OUTPUT_UNREADABLE", CERTIFICATE)


def test_links_and_files_of_another_kind_are_found(folder, tmp_path):
    """A public file that lies elsewhere, and a confidential folder that is none."""
    for name in (PUBLIC, WITNESSES, CERTIFICATE):
        copy = Path(shutil.copytree(folder, tmp_path / name))
        (copy / name).rename(tmp_path / f"real-{name}")
        (copy / name).symlink_to(tmp_path / f"real-{name}")
        assert faults(copy) == {("FILE_NOT_PLAIN", name)}
    shutil.rmtree(folder / "confidential")
    (folder / "confidential").write_text("m0 left 2", "utf-8")
    assert faults(folder) == {("FILE_NOT_PLAIN", "confidential")}


def confide(folder: Path, name: str, change: ChangeFrame) -> None:
    file = folder / "confidential" / name
    change(pl.read_parquet(file)).write_parquet(file)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cells.parquet", lambda frame: frame.with_columns(count=pl.col("count") + 0.5)),
        ("cells.parquet", lambda frame: frame.with_columns(count=pl.col("count").cast(pl.Float64))),
        ("cells.parquet", lambda frame: frame.with_columns(count=pl.lit(None, pl.Int64))),
        ("cells.parquet", lambda frame: frame.with_columns(count=pl.col("count") + 2**57)),
        ("cells.parquet", lambda frame: frame.with_columns(status_=pl.lit(None, pl.String))),
        ("cells.parquet", lambda frame: frame.with_columns(status=pl.lit(None, pl.String))),
        ("cells.parquet", lambda frame: frame.with_columns(published=pl.lit(1))),
        ("cells.parquet", lambda frame: frame.drop("fact")),
        ("witnesses.parquet", lambda frame: frame.with_columns(witness=pl.lit(None, pl.Int64))),
        ("witnesses.parquet", lambda frame: frame.with_columns(delta=pl.col("delta") + 0.3)),
        ("witnesses.parquet", lambda frame: frame.with_columns(delta=pl.col("delta") * 2**61)),
        ("witnesses.parquet", lambda frame: frame.with_columns(delta=pl.lit(None, pl.Int64))),
    ],
)
def test_a_record_with_other_kinds_of_values_is_told_as_unreadable(folder, name, change):
    """Nothing is cut off, filled in or let overflow."""
    confide(folder, name, change)
    refused(folder, "UNREADABLE", name)


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("salt", lambda _: "zz"),
        ("salt", lambda _: ""),
        ("salt", lambda told: told * 3),
        ("names", lambda _: {}),
        ("names", lambda told: {**told, "d0": "sex"}),
        ("spec", lambda told: {**told, "tables": []}),
        ("spec", lambda told: {**told, "dimensions": []}),
        ("policy", lambda told: {**told, "threshold": 2**70}),
        ("policy", lambda told: {**told, "threshold": True}),
        ("policy", lambda told: {**told, "complement": {"d9": []}}),
        ("policy", lambda told: {**told, "base": {"dimension": "d9", "minimum": 5}}),
        ("policy", lambda told: {**told, "providers": {"column": "sex", "level": "l9"}}),
        ("previous", lambda _: None),
        ("previous", lambda _: ["x"]),
        ("vintages", lambda _: {"spec": {}, "ids": {}}),
        ("more", lambda _: 1),
    ],
)
def test_a_record_that_does_not_fit_together_is_told_as_unreadable(folder, key, change):
    """What the proof would be held against."""
    file = folder / "confidential" / "system.parquet"
    told = {name: json.loads(value) for name, value in pl.read_parquet(file).rows()}
    told[key] = change(told.get(key))
    pl.DataFrame([(name, json.dumps(value)) for name, value in told.items()], ["key", "value"], orient="row").write_parquet(
        file
    )
    refused(folder, "RECORD_UNREADABLE", "system.parquet")


def test_facts_of_earlier_outputs_need_an_earlier_output(folder):
    """An output that shows everything, as though everybody had it before, when nothing before is named."""
    shown = {"status": pl.lit("shown"), "rule": pl.lit(None, pl.String), "fact": pl.lit("previous")}
    confide(folder, "cells.parquet", lambda frame: frame.with_columns(**shown))
    confide(folder, "witnesses.parquet", lambda frame: frame.clear())
    cells = pl.read_parquet(folder / "confidential" / "cells.parquet").filter(pl.col("count") > 0)
    listed = cells.select("area", "sex", pl.col("status_").alias("status"), "year", "count", hidden=pl.lit("false"))
    listed.sort("area", "sex", "status", "year").write_csv(folder / PUBLIC)
    pl.read_parquet(folder / WITNESSES).clear().write_parquet(folder / WITNESSES)
    salt = read_output(folder).record().salt

    def seal(told: dict[str, Any]) -> None:
        told["cells"] = {"shown": listed.height, "hidden": 0}
        told["public_witnesses"] = {"systems": 0, "two_values": 0, "one_value": 0, "undecided": 0}
        told["sealed"] |= {name: read_output(folder).seal(name, salt) for name in files.SEALED}

    certify(folder, seal)
    found = {("FACT_WITHOUT_SOURCE", "confidential"), ("SHOWN_BELOW_THRESHOLD", "public.csv")}
    assert faults(folder) == found


def test_an_audit_says_what_the_proof_rests_on(tmp_path, capsys):
    """How many cells were known before, as earlier outputs or files under ``known`` told them."""
    case = TableCase(tmp_path)
    case.protect()
    shown = int((case.confidential("cells")["status"] == "shown").sum())
    total = rows().filter(pl.col("county") == "c0")["freq"].sum()
    (tmp_path / "known.csv").write_text(f"area,count\nc0,{total}\n", "utf-8")
    said = {}
    for key, files_named in (("previous", ["out"]), ("known", ["known.csv"])):
        case.write_spec(**{key: files_named})
        case.protect(tmp_path / key)
        assert audit_output_command(tmp_path / key, Console(width=200), attacked=False, seconds=0) == ExitCode.DONE
        said[key] = capsys.readouterr().out
    assert audit_output(read_output(tmp_path / "previous")).facts == {"previous": shown, "known": 0}
    assert audit_output(read_output(tmp_path / "known")).facts == {"previous": 0, "known": 1}
    assert f"takes for known from earlier outputs: {shown}." in said["previous"]
    assert "takes for known from files under known: 1." in said["known"]
    assert ("under known" in said["previous"], "earlier outputs" in said["known"]) == (False, False)


def test_what_is_said_of_spec_is_held_against_it(made, folder, tmp_path, capsys):
    """With ``--spec``: its digest, policy, dimensions, and that facts have a file they can be from."""
    screen = Console(width=200)
    assert audit_output_command(folder, screen, attacked=False, seconds=0, spec=made.spec) == ExitCode.DONE
    assert "What is said of SPEC agrees" in capsys.readouterr().out
    shutil.rmtree(folder / "confidential")
    other = tmp_path / "other.yaml"
    other.write_text(made.spec.read_text("utf-8") + "policy: {threshold: 50}\nprevious: [x]\n", "utf-8")
    found = audit_output(read_output(folder), read_spec(other)).faults
    assert [fault.where for fault in found] == ["policy", "previous", "other.yaml"]
    certify(folder, lambda told: told["policy"].update(threshold=50))
    assert [fault.where for fault in audit_output(read_output(folder), read_spec(made.spec)).faults] == [
        "public.csv",
        "policy",
    ]
