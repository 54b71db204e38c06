"""``avbrott protect``: every key of SPEC does what it says, and an output is whole, the same each time, and proven."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from avbrott.errors import BadInput, CannotProtect, ExitCode
from avbrott.tabular import public_witnesses
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import SPEC, TableCase, rows

DIMENSIONS = ["area", "sex", "status"]
YEARLY = {**SPEC["dimensions"], "year": [["year"]]}


def shown(case: TableCase) -> pl.DataFrame:
    """The shown cells of the output: dimensions and count."""
    return case.public().filter(pl.col("hidden") == "false").with_columns(pl.col("count").cast(pl.Int64)).drop("hidden")


def files(folder: Path) -> dict[str, bytes]:
    """Every file but ``run.json``."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file() and f.name != "run.json"}


def holds(case: TableCase) -> bool:
    return audit_output(read_output(case.out)).faults == ()


def test_a_short_spec_works(tmp_path):
    """Dimensions and count are enough: every cell is listed, sorted, hidden without a value, and the proof verifies."""
    case = TableCase(tmp_path, seed=None)
    case.protect()
    public = case.public()
    assert public.columns == [*DIMENSIONS, "count", "hidden"]
    assert public.equals(public.sort(DIMENSIONS))
    assert set(public["hidden"]) == {"true", "false"}
    assert public.filter(pl.col("hidden") == "true")["count"].null_count() == (public["hidden"] == "true").sum()
    total = public.filter(pl.all_horizontal(pl.col(DIMENSIONS) == "Total"))
    assert int(total["count"][0]) == rows()["freq"].sum()
    assert shown(case).filter(pl.col("count").is_between(0, 4)).is_empty()
    assert {"c0", "g1", "m7"} <= set(public["area"])
    assert holds(case)
    assert stat.S_IMODE((case.out / "confidential" / "seed").stat().st_mode) == 0o600


def test_the_confidential_files_have_their_columns_also_where_a_dimension_has_the_same_name(tmp_path):
    """A dimension called status, delta or count stands beside the file's own column, with an underscore there alone."""
    frame = rows().rename({"sex": "delta"})
    case = TableCase(tmp_path, frame, dimensions={"status": [["status"]], "delta": [["delta"]], "count": [["group"]]})
    case.protect()
    assert case.public().columns == ["status", "delta", "count_", "count", "hidden"]
    cells = case.confidential("cells")
    assert cells.columns == ["status_", "delta", "count_", "count", "status", "rule", "published", "fact"]
    assert set(cells["status"]) <= {"shown", "unsafe", "complementary"}
    assert case.confidential("witnesses").columns == ["witness", "status", "delta_", "count", "delta"]
    assert holds(case)


def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_rows(tmp_path):
    """Also from Parquet and from gzipped CSV; and a rerun without a seed file keeps the output's own seed."""
    case = TableCase(tmp_path)
    case.protect()
    before = files(case.out)
    rows().sample(fraction=1.0, shuffle=True, seed=5).write_csv(case.source)
    case.protect()
    assert files(case.out) == before
    case.source = tmp_path / "input.parquet"
    rows().sample(fraction=1.0, shuffle=True, seed=6).write_parquet(case.source)
    case.protect()
    assert files(case.out) == before
    case.write_spec(seed=None)
    with pytest.raises(BadInput, match="SEED_GONE"):
        case.protect()
    assert files(case.out) == before
    own = tmp_path / "own"
    case.protect(own)
    made = files(own)
    case.protect(own)
    assert files(own) == made
    (own / "confidential" / "seed").unlink()
    with pytest.raises(BadInput, match="SEED_GONE"):
        case.protect(own)


def test_persons_one_a_row_are_counted(tmp_path):
    """The same table as its counts in long form."""
    long = TableCase(tmp_path / "long")
    long.protect()
    persons = TableCase(tmp_path / "persons", rows().select(pl.exclude("freq").repeat_by("freq").explode()), count=None)
    persons.protect()
    assert persons.public().equals(long.public())


def test_tables_levels_windows_and_a_dimension_without_a_total(tmp_path):
    """Only the tables asked for are published; windows stand beside years, and there is no total over years."""
    case = TableCase(
        tmp_path,
        rows(years=4),
        dimensions=YEARLY,
        windows={"year": 3},
        additive={"year": False},
        tables=[{"area": ["county"], "year": "all"}, {"sex": "all", "year": "all"}],
    )
    case.protect()
    public = case.public()
    assert set(public["year"]) == {"2019", "2020", "2021", "2022", "2019..2021", "2020..2022"}
    assert set(public["area"]) == {"c0", "c1", "Total"}
    assert public.filter((pl.col("area") != "Total") & (pl.col("sex") != "Total")).is_empty()
    assert set(public["status"]) == {"Total"}
    told = json.loads((case.out / "certificate.json").read_text("utf-8"))
    assert "m3" not in json.dumps(told), "codes of a level that is not published are not told"
    assert holds(case)


def test_a_latent_crossing_is_protected_and_never_published(tmp_path):
    """Its cells are in the record and the proof, and no public file has them."""
    margins = [{"area": ["municipality"]}, {"status": "all"}]
    crossing = {"area": ["municipality"], "status": "all"}
    case = TableCase(tmp_path, tables=margins, latent=[crossing])
    case.protect()
    crossed = (pl.col("area") != "Total") & (pl.col("status") != "Total")
    assert case.public().filter(crossed).is_empty()
    record = case.confidential("cells").filter((pl.col("area") != "Total") & (pl.col("status_") != "Total"))
    assert record.height > 10
    assert not record["published"].any()
    assert "shown" not in record["status"].to_list()
    assert "unsafe" in record["status"].to_list()
    assert pl.read_parquet(case.out / "public_witnesses.parquet").filter(crossed).is_empty()
    assert holds(case)


def test_complement_and_base_rules_list_the_zeros_that_may_be_hidden(tmp_path):
    """A group that wholly shares the attribute is hidden, and the zeros beside it can be anything."""
    frame = pl.DataFrame(
        [("a", "left", 9), ("b", "left", 30), ("b", "done", 40), ("c", "done", 50), ("c", "left", 20)],
        schema=["area", "status", "freq"],
        orient="row",
    )
    dimensions = {"area": [["area"]], "status": [["status"]]}
    policy = {"complement": ["status"], "base": {"dimension": "status", "minimum": 10}}
    case = TableCase(tmp_path, frame, dimensions=dimensions, policy=policy)
    case.protect()
    record = case.confidential("cells")
    zero = record.filter((pl.col("area") == "a") & (pl.col("status_") == "done"))
    assert zero.select("count", "status").row(0) in {(0, "complementary"), (0, "unsafe")}
    hidden = case.public().filter(pl.col("hidden") == "true")
    assert {("a", "left"), ("a", "done"), ("a", "Total")} <= set(hidden.select("area", "status").iter_rows())
    assert holds(case)


def test_a_known_cell_is_moved_by_no_witness(tmp_path):
    """What the attacker has is a fact; a small one is hidden all the same; a wrong one is refused by its line."""
    case = TableCase(tmp_path)
    case.protect()
    truth = case.confidential("cells").rename({"status": "_", "status_": "status"})
    unsafe = truth.filter((pl.col("_") == "unsafe") & (pl.col("sex") == "Total")).head(2)
    assert case.confidential("witnesses").join(unsafe, on=DIMENSIONS, how="semi").height
    unsafe.select("area", "status", "count").write_csv(tmp_path / "known.csv")
    case.write_spec(known=["known.csv"])
    case.protect()
    assert case.confidential("witnesses").join(unsafe, on=DIMENSIONS, how="semi").is_empty()
    assert case.public().join(unsafe, on=DIMENSIONS, how="semi")["hidden"].to_list() == ["true", "true"]
    assert holds(case)
    unsafe.select("area", "status", pl.col("count") + 1).write_csv(tmp_path / "known.csv")
    with pytest.raises(BadInput, match="KNOWN_DIFFERS") as raised:
        case.protect()
    assert raised.value.parameters["line"] == "2"


def test_a_later_output_keeps_what_an_earlier_one_showed(tmp_path):
    """Earlier shown cells are facts and still shown; a period that is gone is refused."""
    keys = {"dimensions": YEARLY, "additive": {"year": False}}
    first = TableCase(tmp_path / "first", rows(years=2), **keys)
    first.protect()
    for cost in ("one", "previous"):
        second = TableCase(tmp_path / "second", rows(years=3), previous=["../first/out"], cost=cost, **keys)
        second.protect()
        assert shown(first).join(shown(second), on=first.public().columns[:-1], how="anti").is_empty()
        assert holds(second)
        assert second.confidential("cells").filter(pl.col("fact") == "previous").height >= shown(first).height
    rows(years=3).filter(pl.col("year") != "2019").write_csv(second.source)
    with pytest.raises(BadInput, match="PREVIOUS_CODE_UNKNOWN"):
        second.protect(tmp_path / "third")


def test_an_earlier_table_that_is_not_published_again_is_still_reckoned_with(tmp_path):
    """Its cells are facts and secrets that the new output's proof must respect, and no row of the new file."""
    first = TableCase(tmp_path / "first", tables=[{"area": ["municipality"], "status": "all"}])
    first.protect()
    second = TableCase(tmp_path / "second", tables=[{"area": ["county"], "sex": "all"}], previous=["../first/out"])
    second.protect()
    record = second.confidential("cells")
    assert record.filter((pl.col("fact") == "known") & ~pl.col("published")).height > 10
    assert set(second.public()["status"]) == {"Total"}
    assert holds(second)


def test_kept_cells_stay_shown_or_are_named(tmp_path):
    """A complementary cell that can be spared is shown; an unsafe one cannot be: exit 3, and the message names it."""
    case = TableCase(tmp_path)
    case.protect()
    spare = case.confidential("cells").filter(pl.col("status") == "complementary").rename({"status_": "a"}).head(1)
    keep = spare.select("area", "sex", status="a")
    keep.write_csv(tmp_path / "keep.csv")
    case.write_spec(keep="keep.csv")
    case.protect()
    assert shown(case).join(keep, on=DIMENSIONS, how="semi").height == 1
    assert holds(case)
    before = files(case.out)
    unsafe = case.confidential("cells").filter(pl.col("status") == "unsafe").rename({"status_": "a"}).head(1)
    unsafe.select("area", "sex", status="a").write_csv(tmp_path / "keep.csv")
    with pytest.raises(CannotProtect, match="KEEP_IMPOSSIBLE") as raised:
        case.protect()
    assert raised.value.exit_code == ExitCode.CANNOT_PROTECT
    assert f"area={unsafe['area'][0]}" in raised.value.parameters["cells"]
    assert files(case.out) == before, "nothing is written"


def test_costs_come_from_public_figures(tmp_path):
    """A column of figures and a known base decide; what is not public may not."""
    frame = rows().with_columns(price=pl.when(pl.col("county") == "c0").then(1000).otherwise(1))
    case = TableCase(tmp_path, frame, cost="price")
    case.protect()
    assert holds(case)
    case.write_spec(cost="base", policy={"base": {"dimension": "status", "minimum": 5, "known": True}})
    case.protect()
    assert holds(case)
    frame.with_columns(price=pl.lit("dear")).write_csv(case.source)
    case.write_spec(cost="price")
    with pytest.raises(BadInput, match="INPUT_FIGURE"):
        case.protect()


def test_a_folder_that_is_no_output_is_left_alone(tmp_path):
    """Exit 2 before anything is read; an earlier output is replaced whole."""
    case = TableCase(tmp_path)
    case.out.mkdir()
    (case.out / "thesis.txt").write_text("years of work", "utf-8")
    with pytest.raises(BadInput, match="OUTPUT_TAKEN"):
        case.protect()
    assert [f.name for f in case.out.iterdir()] == ["thesis.txt"]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["input.csv", "out", "seed.txt", "spec.yaml"]


def test_an_interrupted_run_leaves_nothing(tmp_path, monkeypatch):
    """The hidden folder beside the output is removed, and an earlier output stands as it was."""
    case = TableCase(tmp_path)
    case.protect()
    before = files(case.out)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("avbrott.tabular.write._seals", interrupted)
    with pytest.raises(KeyboardInterrupt):
        case.protect()
    assert files(case.out) == before
    assert sorted(f.name for f in tmp_path.iterdir()) == ["input.csv", "out", "seed.txt", "spec.yaml"]


def test_no_public_system_is_looked_for_where_too_many_cells_are_hidden(tmp_path, monkeypatch):
    """The certificate says that all are left, and the audit, also without the confidential folder, holds."""
    case = TableCase(tmp_path)
    monkeypatch.setattr(public_witnesses, "MOST", 1)
    case.protect()
    told = json.loads((case.out / "certificate.json").read_text())["public_witnesses"]
    assert told["undecided"] == (case.public()["hidden"] == "true").sum() > 1
    assert told["two_values"] == told["one_value"] == 0
    assert pl.read_parquet(case.out / "public_witnesses.parquet").is_empty()
    assert holds(case)
    shutil.rmtree(case.out / "confidential")
    assert holds(case)


def test_nothing_public_depends_on_which_cells_are_unsafe(tmp_path):
    """The certificate and public.csv have no word and no number of them."""
    case = TableCase(tmp_path)
    made = case.protect()
    certificate = (case.out / "certificate.json").read_text("utf-8")
    assert "unsafe" not in certificate
    assert "complementary" not in certificate
    told = json.loads(certificate)
    hidden = int((case.public()["hidden"] == "true").sum())
    assert told["cells"] == {"shown": case.public().height - hidden, "hidden": hidden}
    assert made.cells.height >= case.public().height
    assert {len(digest) for digest in [*told["sha256"].values(), *told["sealed"].values()]} == {64}


def test_the_commands_answer_with_their_exit_codes(tmp_path):
    """From a shell: 0 where it is done and holds, 2 for bad input, 3 where it cannot be, and no traceback."""
    case = TableCase(tmp_path)
    command = [str(Path(sys.executable).parent / "avbrott")]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    protect = ("protect", "input.csv", "--spec", "spec.yaml", "--out", "out")
    done = run(*protect)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("audit", "out", "--attack", "--seconds", "30").returncode == 0
    case.write_spec(policy={"providers": {"column": "sex", "share": 0}})
    refused = run(*protect)
    assert refused.returncode == 2
    assert "policy.providers" in refused.stderr
    assert "Traceback" not in refused.stderr
    TableCase(tmp_path, pl.DataFrame({"area": ["a", "b"], "freq": [3, 9]}), dimensions={"area": [["area"]]}, keep="keep.csv")
    (tmp_path / "keep.csv").write_text("area\na\n", "utf-8")
    taken = run(*protect)
    assert taken.returncode == 2
    assert "previous: [out]" in taken.stderr
    impossible = run(*protect[:-1], "other")
    assert impossible.returncode == 3
    assert "area=a" in impossible.stderr


def test_a_zero_beside_the_only_part_of_a_latent_sum_is_nobody(tmp_path):
    """Its sum is that part, so that the relation between them is left without a sum."""
    counts = [("A", "k0", "1", 7), ("A", "k0", "2", 9), ("A", "k1", "1", 2), ("A", "k1", "2", 6), ("B", "k2", "2", 12)]
    frame = pl.DataFrame(counts, schema=["area", "k", "y", "freq"], orient="row")
    dimensions = {"k": [["area", "k"]], "y": [["y"]]}
    latent = [{"k": ["area"], "y": "all"}]
    case = TableCase(tmp_path, frame, dimensions=dimensions, tables=[{"k": ["k"], "y": "all"}], latent=latent)
    case.protect()
    assert audit_output(read_output(case.out)).faults == ()
