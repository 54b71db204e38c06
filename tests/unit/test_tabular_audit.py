"""The audit of an output: every tampering is found from the files, and what was not checked is said."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular import settled
from avbrott.tabular.attack import attack
from avbrott.tabular.audit import audit_output
from avbrott.tabular.command import audit_output_command, protect_command
from avbrott.tabular.output import read_output
from avbrott.tabular.spec_file import read_spec
from avbrott.texts import load_messages
from tests.tabular_case import TableCase, rows


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> TableCase:
    """One output, for all tests to copy."""
    case = TableCase(tmp_path_factory.mktemp("made"))
    case.protect()
    return case


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(made.out, tmp_path / "out"))


def codes(folder: Path) -> set[str]:
    return {fault.code for fault in audit_output(read_output(folder)).faults}


def reseal(folder: Path, name: str) -> None:
    """Give the certificate the new digest of a public file, as a skilled forger would."""
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    told["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")


def forge(folder: Path, old: str, new: str) -> None:
    text = (folder / "public.csv").read_text("utf-8")
    assert old in text
    (folder / "public.csv").write_text(text.replace(old, new, 1), "utf-8")
    reseal(folder, "public.csv")


def test_an_output_holds_with_its_record_and_without(folder, capsys):
    """Without the confidential folder the public witnesses alone are verified, and that is said."""
    screen = Console(width=200)
    assert audit_output_command(folder, screen, attacked=False, seconds=0) == ExitCode.DONE
    assert "every unsafe cell keeps the promise" in capsys.readouterr().out
    shutil.rmtree(folder / "confidential")
    result = audit_output(read_output(folder))
    assert (result.faults, result.proved) == ((), False)
    assert result.two_values > 0
    assert audit_output_command(folder, screen, attacked=True, seconds=30) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "Only what is public was verified" in told
    assert "hidden cells bounded" in told


@pytest.mark.parametrize(
    "name", ["certificate.json", "public.csv", "confidential/system.parquet", "confidential/cells.parquet"]
)
def test_a_file_that_may_not_be_read_is_not_told_as_damaged(folder, monkeypatch, name):
    """Who lacks the right and whose the file is; the same where a later output builds on it."""
    text, data = Path.read_text, Path.read_bytes

    def denied(read):
        def reading(path: Path, *args):
            if path == folder / name:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return read(path, *args)

        return reading

    monkeypatch.setattr(Path, "read_text", denied(text))
    monkeypatch.setattr(Path, "read_bytes", denied(data))
    with pytest.raises(BadInput, match="FILE_FORBIDDEN") as raised:
        audit_output(read_output(folder))
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert raised.value.parameters["file"] == str(folder / name)
    assert raised.value.parameters["owner"] == folder.owner()


def test_a_public_file_that_was_saved_again_by_a_spreadsheet_is_told_as_that(folder, capsys):
    """With semicolons it cannot be read; with quotation marks alone it is another file than was certified."""
    text = (folder / "public.csv").read_text("utf-8")
    (folder / "public.csv").write_text("\ufeff" + text.replace(",", ";"), "utf-8")
    with pytest.raises(BadInput, match="OUTPUT_UNREADABLE") as raised:
        audit_output(read_output(folder))
    assert "spreadsheet" in load_messages().mend(raised.value.code, "en", **raised.value.parameters)
    (folder / "public.csv").write_text("\ufeff" + text, "utf-8")
    assert audit_output_command(folder, Console(width=200), attacked=False, seconds=0) == ExitCode.FINDINGS
    assert (
        "FILE_CHANGED: public.csv is not the file that was certified (saving it again in a spreadsheet"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",,true", ",3,true", "VALUE_NOT_EMPTY"),
        (",,true", ",,false", "VALUE_EMPTY"),
        (",,true", ",3,false", "STATEMENT_WRONG"),
        ("Total,Total,Total,6", "Total,Total,Total,7", "PUBLIC_WITNESS_BROKEN"),
        ("m0,", "m99,", "CELL_UNKNOWN"),
    ],
)
def test_a_forged_public_file_is_found_without_the_record(folder, old, new, code):
    """Also where the certificate was forged with it."""
    shutil.rmtree(folder / "confidential")
    forge(folder, old, new)
    assert code in codes(folder)


def test_small_figures_that_an_earlier_output_showed_are_told(tmp_path, capsys):
    """By the run and by the audit of what is public; without an earlier output that shows them they are a fault."""
    frame = pl.DataFrame({"area": ["a", "b", "c"], "freq": [3, 20, 30]})
    keys = {"dimensions": {"area": [["area"]]}}
    TableCase(tmp_path / "1", frame, policy={"threshold": 3}, **keys).protect()
    second = TableCase(tmp_path / "2", frame, policy={"threshold": 5}, previous=["../1/out"], **keys)
    screen = Console(width=300)
    assert protect_command(second.source, second.spec, second.out, screen) == ExitCode.DONE
    said = "1 shown figure is below the threshold 5"
    assert said in capsys.readouterr().out
    shutil.rmtree(second.out / "confidential")
    assert audit_output_command(second.out, screen, attacked=False, seconds=0) == ExitCode.DONE
    assert said in capsys.readouterr().out
    certificate = second.out / "certificate.json"
    certificate.write_text(json.dumps({**json.loads(certificate.read_text("utf-8")), "previous": []}), "utf-8")
    assert "SHOWN_BELOW_THRESHOLD" in codes(second.out)
    assert audit_output_command(second.out, screen, attacked=False, seconds=0) == ExitCode.FINDINGS
    assert said not in capsys.readouterr().out


def test_public_systems_beside_a_fault_are_not_said_to_be_verified(folder, capsys):
    """Where a file does not belong nothing is told of values that cells can have."""
    (folder / "more.csv").write_text("", "utf-8")
    assert audit_output_command(folder, Console(width=300), attacked=False, seconds=0) == ExitCode.FINDINGS
    told = capsys.readouterr().out
    assert "The public systems were not verified" in told
    assert "two values" not in told


def test_another_spec_is_told_as_that(tmp_path):
    """Also where a comment alone differs; the certificate is not said to be wrong."""
    case = TableCase(tmp_path)
    case.protect()
    case.spec.write_text(case.spec.read_text("utf-8") + "# looked at\n", "utf-8")
    found = audit_output(read_output(case.out), read_spec(case.spec))
    assert [fault.code for fault in found.faults] == ["SPEC_DIFFERS"]


def test_that_nothing_is_shown_is_told(tmp_path, capsys):
    """Two persons are all that there are."""
    frame = pl.DataFrame({"area": ["a", "b"], "freq": [1, 1]})
    case = TableCase(tmp_path, frame, dimensions={"area": [["area"]]})
    assert protect_command(case.source, case.spec, case.out, Console(width=300)) == ExitCode.DONE
    assert "no cell is shown" in capsys.readouterr().out


def test_public_witnesses_that_do_not_agree_are_found(folder):
    """One more person in one cell of one system, a cell that is missing, and a fraction."""
    shutil.rmtree(folder / "confidential")
    name = "public_witnesses.parquet"
    frame = pl.read_parquet(folder / name)
    first = pl.int_range(pl.len()) == 0
    for broken in (
        frame.with_columns(count=pl.col("count") + first.cast(pl.Int64)),
        frame.slice(1),
        frame.with_columns(count=pl.col("count").cast(pl.String)).with_columns(
            count=pl.when(first).then(pl.lit("a")).otherwise("count")
        ),
    ):
        broken.write_parquet(folder / name)
        assert codes(folder) == {"FILE_CHANGED"}
        reseal(folder, name)
        assert codes(folder) == {"PUBLIC_WITNESS_BROKEN"}
        told = json.loads((folder / "certificate.json").read_text("utf-8"))
        told["sha256"][name] = "0" * 64
        (folder / "certificate.json").write_text(json.dumps(told), "utf-8")


@pytest.mark.parametrize("name", ["cells", "witnesses", "system"])
def test_a_changed_record_is_found(folder, name):
    """By its sealed digest, and by the checker."""
    file = folder / "confidential" / f"{name}.parquet"
    frame = pl.read_parquet(file)
    if name == "system":
        frame = frame.with_columns(value=pl.col("value").str.replace('"threshold": 5', '"threshold": 4', literal=True))
    elif name == "cells":
        frame = frame.with_columns(status=pl.col("status").replace("complementary", "shown"))
    else:
        frame = frame.with_columns(delta=pl.col("delta") * 2)
    frame.write_parquet(file)
    found = codes(folder)
    assert "FILE_CHANGED" in found
    assert found & {"PROOF_WITNESS_MOVES_SHOWN", "PROOF_WITNESS_BELOW_FLOOR", "STATEMENT_WRONG"}


def test_strange_and_unreadable_files_are_named(folder):
    """A file that does not belong is a fault; one that cannot be read is an error of exit code 2."""
    (folder / "notes.txt").write_text("x", "utf-8")
    assert "FILE_UNKNOWN" in codes(folder)
    for name in ("certificate.json", "public.csv", "public_witnesses.parquet", "confidential/cells.parquet"):
        copy = Path(shutil.copytree(folder, folder.parent / "copy"))
        (copy / name).write_bytes(b"\xff\x00")
        with pytest.raises(BadInput, match="OUTPUT_UNREADABLE") as raised:
            audit_output(read_output(copy))
        assert raised.value.exit_code == ExitCode.BAD_INPUT
        shutil.rmtree(copy)
    with pytest.raises(BadInput, match="OUTPUT_MISSING"):
        read_output(folder.parent)


def test_the_certificate_has_the_names_of_the_users_file(made, folder):
    """Dimensions and their columns in public.csv, levels by the columns of INPUT: nothing of the engine's own names."""
    text = (folder / "certificate.json").read_text("utf-8")
    told = json.loads(text)
    assert told["dimensions"] == {"area": "area", "sex": "sex", "status": "status"}
    assert set(told["dimensions"].values()) < set(made.public().columns)
    area = told["tables"]["dimensions"][0]
    assert (area["name"], area["hierarchies"]) == ("area", [["county", "municipality"], ["group", "municipality"]])
    assert set(area["members"]) == {"county", "group", "municipality"}
    assert told["tables"]["tables"][0]["levels"]["status"] == ["status"]
    assert not re.search(r'"[dl][0-9]+"', text)
    assert told["known"] == {"files": 0}


def test_columns_called_as_the_engine_calls_its_own_are_read_back(tmp_path):
    """Columns d1, l0 and count, and a level that is not published: the audit holds with the record and without."""
    frame = rows().rename({"county": "l1", "municipality": "d1", "sex": "l0", "status": "count"})
    dimensions = {"d1": [["l1", "d1"]], "count": [["l0"]], "d0": [["count"]]}
    tables = [{"d1": ["l1"], "count": "all"}, {"d0": "all"}]
    case = TableCase(tmp_path, frame, dimensions=dimensions, tables=tables)
    case.protect()
    assert codes(case.out) == set()
    shutil.rmtree(case.out / "confidential")
    assert codes(case.out) == set()
    assert json.loads((case.out / "certificate.json").read_text("utf-8"))["dimensions"]["count"] == "count_"


def test_the_certificate_says_that_known_figures_were_used_and_not_which(tmp_path):
    """How many files, and a digest that only who has the record can try."""
    case = TableCase(tmp_path, known=["known.csv"])
    count = rows().filter(pl.col("municipality") == "m3")["freq"].sum()
    (tmp_path / "known.csv").write_text(f"area,count\nm3,{count}\n", "utf-8")
    case.protect()
    told = json.loads((case.out / "certificate.json").read_text("utf-8"))
    assert told["known"] == {"files": 1}
    assert len(told["sealed"]["known"]) == 64
    assert "known.csv" not in json.dumps(told)


def test_an_output_of_another_format_is_told(folder):
    """It is not read as if it were of this one."""
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    (folder / "certificate.json").write_text(json.dumps({**told, "format": 1}), "utf-8")
    with pytest.raises(BadInput, match="OUTPUT_FORMAT"):
        read_output(folder)


def test_what_can_be_computed_is_counted_apart_from_what_was_not_decided(tmp_path, capsys, monkeypatch):
    """A small base that the attacker is said to know is hidden and follows from the others; the attack finds as many."""
    counts = [
        ("a", "left", 1),
        ("a", "stays", 2),
        ("b", "left", 20),
        ("b", "stays", 40),
        ("c", "left", 30),
        ("c", "stays", 50),
    ]
    frame = pl.DataFrame(counts, schema=["area", "status", "freq"], orient="row")
    dimensions = {"area": [["area"]], "status": [["status"]]}
    policy = {"base": {"dimension": "status", "minimum": 5, "known": True}}
    case = TableCase(tmp_path, frame, dimensions=dimensions, policy=policy)
    screen = Console(width=300)
    assert protect_command(case.source, case.spec, case.out, screen) == ExitCode.DONE
    told = json.loads((case.out / "certificate.json").read_text("utf-8"))["public_witnesses"]
    base = pl.col("area").eq("a") & pl.col("status").eq("Total")
    assert case.public().filter(base)["hidden"].to_list() == ["true"]
    assert told["one_value"] == attack(read_output(case.out).public(), None, 30, lambda _done, _of: None).exact == 1
    assert told["undecided"] == 0
    assert "1 hidden cell can be computed from what is shown" in capsys.readouterr().out
    assert audit_output_command(case.out, screen, attacked=False, seconds=0) == ExitCode.DONE
    assert "1 hidden cell can be computed from what is shown" in capsys.readouterr().out
    monkeypatch.setattr(settled, "SEEN", 0)
    assert protect_command(case.source, case.spec, case.out, screen) == ExitCode.DONE
    again = json.loads((case.out / "certificate.json").read_text("utf-8"))["public_witnesses"]
    assert (again["one_value"], again["undecided"]) == (0, told["one_value"])
    assert "found no second value" in capsys.readouterr().out


@pytest.mark.parametrize("codes", ["pq", "p"])
def test_a_small_base_that_is_known_is_hidden_all_the_same(tmp_path, codes):
    """A base of 3 is no small one by its own rule, and is one by the threshold: what is shown is audited by both."""
    counts = [("a", "p", 2), ("a", "q", 1), ("b", "p", 20), ("b", "q", 30), ("c", "p", 40), ("c", "q", 50)]
    frame = pl.DataFrame([row for row in counts if row[1] in codes], schema=["area", "kind", "freq"], orient="row")
    policy = {"base": {"dimension": "kind", "minimum": 2, "known": True}}
    case = TableCase(tmp_path, frame, dimensions={"area": [["area"]], "kind": [["kind"]]}, policy=policy)
    case.protect()
    assert case.public().filter(pl.col("count").is_in(["1", "2", "3"])).height == 0
    assert audit_output(read_output(case.out)).holds


@pytest.mark.parametrize("rule", [{"complement": ["kind"]}, {"base": {"dimension": "kind", "minimum": 30}}])
def test_a_record_that_has_lost_its_total_is_a_fault(tmp_path, rule):
    """Of a table of one dimension, where no other cell stands over its parts."""
    frame = pl.DataFrame({"kind": ["p", "q"], "freq": [3, 9]})
    case = TableCase(tmp_path, frame, dimensions={"kind": [["kind"]]}, policy=rule)
    case.protect()
    file = case.out / "confidential" / "cells.parquet"
    pl.read_parquet(file).filter(pl.col("kind") != "Total").write_parquet(file)
    assert audit_output(read_output(case.out)).faults


def test_groups_that_an_earlier_output_showed_whole_are_told(tmp_path):
    """Who asks for ``complement`` after a table without it cannot take back that eight of eight have left."""
    counts = [("a", "left", 10), ("a", "stays", 30), ("b", "left", 8), ("c", "left", 12), ("c", "stays", 50)]
    frame = pl.DataFrame(counts, schema=["area", "kind", "freq"], orient="row")
    dimensions = {"area": [["area"]], "kind": [["kind"]]}
    TableCase(tmp_path, frame, dimensions=dimensions).protect()
    rule = {"policy": {"complement": ["kind"]}, "dimensions": dimensions}
    told = []
    for name, more in (("later", {"previous": ["out"]}), ("alone", {})):
        case = TableCase(tmp_path, frame, **rule, **more)
        with (screen := Console(width=400)).capture() as said:
            assert protect_command(case.source, case.spec, tmp_path / name, screen) == ExitCode.DONE
        told.append("1 visat tal säger att alla eller nästan alla i en grupp" in said.get())
    assert told == [True, False]


def test_a_record_of_another_output_is_told_as_one(folder: Path, tmp_path: Path) -> None:
    """Its key is another, so that no digest is the certified one; of files that neither has nothing is said."""
    other = TableCase(tmp_path / "other", rows(2))
    other.protect()
    shutil.rmtree(folder / "confidential")
    shutil.copytree(other.out / "confidential", folder / "confidential")
    faults = audit_output(read_output(folder)).faults
    assert [(fault.code, fault.where) for fault in faults] == [("RECORD_OF_ANOTHER", "confidential")]
    later = TableCase(tmp_path / "later", previous=["../out"])
    with pytest.raises(BadInput, match="RECORD_OF_ANOTHER confidential"):
        later.protect()


def test_a_table_of_as_many_persons_as_can_be_reckoned_with_holds(tmp_path: Path) -> None:
    """A sum has one digit more than a count of the input may have."""
    frame = pl.DataFrame([("a", 999_999_999_999), ("b", 40_000_000_000)], schema=["area", "freq"], orient="row")
    case = TableCase(tmp_path, frame, dimensions={"area": [["area"]]})
    case.protect()
    assert audit_output(read_output(case.out), read_spec(case.spec)).faults == ()
