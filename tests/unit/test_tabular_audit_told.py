"""The audit of outputs that are each made for it: of earlier ones, of known figures, of rules, of what was not decided."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.tabular import settled
from avbrott.tabular.attack import attack
from avbrott.tabular.audit import audit_output
from avbrott.tabular.command import audit_output_command, protect_command
from avbrott.tabular.output import read_output
from avbrott.tabular.spec_file import read_spec
from tests.tabular_case import TableCase, codes, rows


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


def test_a_table_of_as_many_persons_as_can_be_reckoned_with_holds(tmp_path: Path) -> None:
    """A sum has one digit more than a count of the input may have."""
    frame = pl.DataFrame([("a", 999_999_999_999), ("b", 40_000_000_000)], schema=["area", "freq"], orient="row")
    case = TableCase(tmp_path, frame, dimensions={"area": [["area"]]})
    case.protect()
    assert audit_output(read_output(case.out), read_spec(case.spec)).faults == ()
