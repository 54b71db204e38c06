"""Broken certificates that the checker must reject: one by one through the engine's API, then in the files of an output.

A mutant is a small function of what the checker is given; each says which fault it must give. The forger of files knows the
secret of the digests and seals them anew, so that no mutant is found by its digest alone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from avbrott.counting.spec import Table
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.files import verify_record, write_record
from avbrott.policy import BaseRule, Policy
from avbrott.tabular import output as files
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.promise.axis import Axis
from tests.promise.case import Case, Protected
from tests.promise.tables import Stage
from tests.tabular_case import TableCase, rows

DELTA = pl.col("delta")
FIRST = pl.int_range(pl.len()) == 0


@dataclass
class Certificate:
    """What the checker is given."""

    stage: Stage
    policy: Policy
    cells: pl.DataFrame
    witnesses: pl.DataFrame
    earlier: pl.DataFrame
    known: pl.DataFrame

    def codes(self) -> set[str]:
        found = check_protection(self.stage.spec, self.policy, self.cells, self.witnesses, self.earlier, self.known)
        return {fault.code for fault in found}

    @property
    def names(self) -> list[str]:
        return list(self.stage.axes)

    def one(self, status: str) -> pl.DataFrame:
        """The first hidden cell of a status that a witness moves."""
        moved = self.cells.join(self.witnesses, on=self.names, how="semi")
        return moved.filter(pl.col("status") == status).sort(self.names).head(1)


RULED = Policy(
    complement={"outcome": ("p",)}, base=BaseRule(dimension="outcome", minimum=10, known=True, record=("area", "year"))
)
COUNTS = [
    [[[30, 33], [3, 4], [6, 5]], [[40, 31], [12, 9], [2, 8]], [[20, 14], [1, 1], [1, 0]], [[9, 1], [1, 20], [1, 9]]],
    [[[28, 35], [2, 8], [4, 9]], [[39, 30], [11, 7], [6, 8]], [[26, 13], [5, 1], [0, 2]], [[3, 2], [1, 1], [0, 1]]],
    [[[31, 32], [5, 9], [7, 6]], [[37, 34], [13, 6], [4, 9]], [[18, 24], [0, 2], [2, 0]], [[7, 3], [33, 21], [5, 8]]],
]


def _stage(years: int) -> Stage:
    axes = {
        "year": Axis("year", [f"y{i}" for i in range(years)], total=False, window=2),
        "area": Axis("area", list("abcd"), {"group": list("gghh"), "other": list("uvuv")}),
        "outcome": Axis("outcome", ["p", "q", "r"]),
        "sex": Axis("sex", ["k", "m"]),
    }
    year = {"year": ("year",)}
    tables = (
        Table("main", {**year, "area": axes["area"].levels, "outcome": ("outcome",)}, windows=frozenset({"year"})),
        Table("sexes", {**year, "area": ("group",), "sex": ("sex",)}),
        Table("of_p", {**year, "area": ("group",), "sex": ("sex",)}, where={"outcome": "p"}),
    )
    return Stage(axes, tables, np.array(COUNTS[:years]))


def _certificate(protected: Protected) -> Certificate:
    done, told = protected.protection, protected.told
    return Certificate(
        protected.case.last, protected.case.policy, done.cells, done.witnesses, told.earlier.clear(), told.known.clear()
    )


@pytest.fixture(scope="module")
def ruled() -> Certificate:
    """Two releases with windows, groups both ways, a slice, complements and known bases; the checker finds no fault."""
    protected = Case([_stage(2), _stage(3)], RULED).protect()
    assert protected.faults() == []
    found = _certificate(protected)
    return replace(found, earlier=protected.told.earlier)


@pytest.fixture(scope="module")
def positive() -> Certificate:
    """One release where zeros are shown."""
    found = _certificate(Case([_stage(2)], Policy(zeros="shown")).protect())
    assert found.codes() == set()
    return found


def _delta(edit: pl.Expr) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, witnesses=good.witnesses.with_columns(delta=edit))


def _shown(status: str) -> Callable[[Certificate], Certificate]:
    def change(good: Certificate) -> Certificate:
        one = good.one(status).select(*good.names, _now=pl.lit("shown"))
        cells = good.cells.join(one, on=good.names, how="left").with_columns(status=pl.coalesce("_now", "status"))
        return replace(good, cells=cells.drop("_now"))

    return change


def _rule_shown(rule: str) -> Callable[[Certificate], Certificate]:
    status = pl.when(pl.col("rule").eq_missing(rule)).then(pl.lit("shown")).otherwise("status")
    return lambda good: replace(good, cells=good.cells.with_columns(status=status))


def _rules_shown(good: Certificate) -> Certificate:
    return replace(good, cells=good.cells.with_columns(status=pl.lit("shown")))


def _policy(**fields: object) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, policy=good.policy.model_copy(update=fields))


def _count(edit: pl.Expr) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, cells=good.cells.with_columns(count=edit))


def _fact_moved(good: Certificate) -> Certificate:
    fact = good.one("complementary").select(*good.names, "count")
    return replace(good, earlier=pl.concat([good.earlier, fact]))


def _known_moved(good: Certificate) -> Certificate:
    return replace(good, known=good.one("complementary").select(*good.names, "count"))


def _known_differs(good: Certificate) -> Certificate:
    return replace(good, known=good.one("complementary").select(*good.names, pl.col("count") + 1))


def _earlier_differs(good: Certificate) -> Certificate:
    return replace(good, earlier=good.earlier.with_columns(pl.col("count") + FIRST.cast(pl.Int64)))


def _earlier_hidden(good: Certificate) -> Certificate:
    away = good.earlier.head(1).select(*good.names, _now=pl.lit("complementary"))
    cells = good.cells.join(away, on=good.names, how="left").with_columns(status=pl.coalesce("_now", "status"))
    return replace(good, cells=cells.drop("_now"))


def _item_missing(good: Certificate) -> Certificate:
    """Every witness that moves one unsafe cell is gone."""
    one = good.one("unsafe").select(good.names)
    serving = good.witnesses.join(one, on=good.names, how="semi").select("witness")
    return replace(good, witnesses=good.witnesses.join(serving, on="witness", how="anti"))


def _cell_missing(good: Certificate) -> Certificate:
    return replace(good, cells=good.cells.join(good.one("complementary"), on=good.names, how="anti"))


def _cell_twice(good: Certificate) -> Certificate:
    return replace(good, cells=pl.concat([good.cells, good.one("unsafe")]))


def _other_counts(good: Certificate) -> Certificate:
    """The proof of another table with the same codes."""
    stage = replace(good.stage, counts=good.stage.counts[:, ::-1])
    return replace(good, witnesses=Case([stage], good.policy).protect().protection.witnesses)


def _another_table_too(good: Certificate) -> Certificate:
    """A table that the proof does not know of: areas by sex."""
    levels = good.stage.tables[1].levels | {"area": ("area",)}
    stage = replace(good.stage, tables=(*good.stage.tables, Table("more", levels)))
    more = Case([stage], good.policy).protect().protection.cells
    return replace(good, stage=stage, cells=pl.concat([good.cells, more.join(good.cells, on=good.names, how="anti")]))


MUTANTS: dict[str, tuple[Callable[[Certificate], Certificate], str]] = {
    "a delta off by one": (_delta(DELTA + FIRST.cast(pl.Int64)), "WITNESS_BREAKS_SUM"),
    "a delta's sign turned": (_delta(pl.when(FIRST).then(-DELTA).otherwise(DELTA)), "WITNESS_BREAKS_SUM"),
    "a delta left out": (lambda good: replace(good, witnesses=good.witnesses.slice(1)), "WITNESS_BREAKS_SUM"),
    "no delta at all": (_delta(DELTA * 0), "COUNT_BELOW_THRESHOLD"),
    "empty deltas": (_delta(pl.lit(None, pl.Int64)), "COUNT_BELOW_THRESHOLD"),
    "fractions": (_delta(DELTA / 2), "DELTA_NOT_WHOLE"),
    "deltas as text": (_delta(DELTA.cast(pl.String)), "DELTA_NOT_WHOLE"),
    "deltas that go too far down": (_delta(DELTA * 9), "WITNESS_BELOW_FLOOR"),
    "a delta told twice": (
        lambda good: replace(good, witnesses=pl.concat([good.witnesses, good.witnesses.head(1)])), "WITNESS_CELL_TWICE",
    ),
    "two witnesses made one": (
        lambda good: replace(good, witnesses=good.witnesses.with_columns(witness=pl.lit(0))), "WITNESS_CELL_TWICE",
    ),
    "a witness for a cell that is not there": (
        lambda good: replace(good, witnesses=good.witnesses.with_columns(area=pl.lit("x"))), "WITNESS_WITHOUT_CELL",
    ),
    "an earlier fact moved": (_fact_moved, "WITNESS_MOVES_FACT"),
    "a cell hidden that was shown": (_earlier_hidden, "EARLIER_CELL_HIDDEN"),
    "an earlier figure changed": (_earlier_differs, "EARLIER_CELL_CHANGED"),
    "a known cell moved": (_known_moved, "WITNESS_MOVES_FACT"),
    "a known cell with another count": (_known_differs, "KNOWN_CELL_CHANGED"),
    "small counts shown": (_rule_shown("count"), "COUNT_SHOWN"),
    "a complementary cell shown": (_shown("complementary"), "WITNESS_MOVES_SHOWN"),
    "what a complement rule hides shown": (_rule_shown("complement"), "COMPLEMENT_SHOWN"),
    "all that rules hide shown": (_rules_shown, "PART_OF_SMALL_BASE_SHOWN"),
    "small bases shown": (_rule_shown("base"), "SMALL_BASE_SHOWN"),
    "an item without witnesses": (_item_missing, "COUNT_BELOW_THRESHOLD"),
    "no witnesses for complements": (_delta(DELTA * 0), "COMPLEMENT_BELOW_THRESHOLD"),
    "no witnesses for rests": (_delta(DELTA * 0), "REST_BELOW_THRESHOLD"),
    "a count changed": (_count(pl.col("count") + FIRST.cast(pl.Int64)), "CELLS_DO_NOT_ADD_UP"),
    "counts below zero": (_count(-pl.col("count")), "COUNT_NEGATIVE"),
    "a cell missing": (_cell_missing, "WITNESS_WITHOUT_CELL"),
    "a cell twice": (_cell_twice, "CELL_TWICE"),
    "the proof of another table": (_other_counts, "WITNESS_MOVES_SHOWN"),
    "a table more": (_another_table_too, "COUNT_BELOW_THRESHOLD"),
    "a higher threshold": (_policy(threshold=60), "COUNT_BELOW_THRESHOLD"),
    "a greater width": (_policy(width=200), "COUNT_TOO_NARROW"),
    "a higher least base": (_policy(base=RULED.base.model_copy(update={"minimum": 60})), "SMALL_BASE_SHOWN"),
    "zeros that are shown": (_policy(zeros="shown", complement={}, base=None), "WITNESS_BELOW_FLOOR"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MUTANTS))
def test_a_broken_certificate_is_rejected(ruled: Certificate, name: str) -> None:
    """Each with the fault that says what is wrong."""
    change, code = MUTANTS[name]
    assert ruled.codes() == set()
    assert code in change(ruled).codes()


def test_a_floor_of_one_is_held(positive: Certificate) -> None:
    """Where zeros are shown, a witness that goes below one is none."""
    down = positive.witnesses.join(positive.cells.select(*positive.names, "count"), on=positive.names)
    emptied = down.with_columns(_to=pl.col("count") + DELTA).filter(pl.col("_to") == 1).head(1)
    assert emptied.height, "some witness goes to the floor"
    serving = down.join(emptied.select("witness"), on="witness", how="semi")
    further = serving.with_columns(delta=DELTA * 2).select(positive.witnesses.columns)
    assert "WITNESS_BELOW_FLOOR" in replace(positive, witnesses=further).codes()


def test_every_small_count_needs_its_witnesses(ruled: Certificate) -> None:
    """Whichever small count loses those that move it, the proof is short of it."""
    small = ruled.cells.filter(rule="count").join(ruled.witnesses, on=ruled.names, how="semi")
    assert small.height >= 10
    for at in range(small.height):
        serving = ruled.witnesses.join(small[at], on=ruled.names, how="semi").select("witness")
        less = replace(ruled, witnesses=ruled.witnesses.join(serving, on="witness", how="anti"))
        assert "COUNT_BELOW_THRESHOLD" in less.codes(), small.select(ruled.names).row(at)


def test_random_changes_of_one_delta_are_rejected(ruled: Certificate) -> None:
    """A number added to any one delta breaks a sum, whichever it is."""
    lots = np.random.default_rng(4)
    for at in lots.choice(ruled.witnesses.height, 40, replace=False).tolist():
        add = int(lots.choice([-3, -1, 1, 2]))
        edit = pl.when(pl.int_range(pl.len()) == at).then(DELTA + add).otherwise(DELTA)
        found = replace(ruled, witnesses=ruled.witnesses.with_columns(delta=edit)).codes()
        assert found & {"WITNESS_BREAKS_SUM", "WITNESS_BREAKS_PART"}, at


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
    for name in files.sealed_files(output.record().policy, revised=False):
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
        ("witnesses", lambda f: f.with_columns(delta=DELTA / 2), "PROOF_DELTA_NOT_WHOLE"),
        ("witnesses", lambda f: f.filter(pl.col("witness") > 3), "PROOF_COUNT_BELOW_THRESHOLD"),
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
    for name in set(told[key]) - {"spec", "input"}:
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
    from avbrott.disclosure.protect import Protection

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
