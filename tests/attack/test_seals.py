"""What the seals of a certificate tell: nothing to who does not have the seed, and a seed cannot be guessed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase

LOTS = random.Random(1)  # noqa: S311  the same cases each time


@pytest.mark.parametrize(
    "seed",
    [
        b"",
        b"\n",
        b"2026\n",
        b"secret",
        b"a" * 64,
        b"2026" * 16,
        b"fifteen of byte",
        LOTS.randbytes(15).hex().encode(),
        b"0123456789abcdef",
        LOTS.randbytes(15),
    ],
)
def test_a_seed_that_can_be_guessed_is_refused(tmp_path, seed):
    """Exit 2, with nothing written; the message says how to make one."""
    case = TableCase(tmp_path)
    (tmp_path / "seed.txt").write_bytes(seed)
    with pytest.raises(BadInput, match="SEED_WEAK") as raised:
        case.protect()
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert not case.out.exists()


def test_random_seeds_are_taken(tmp_path):
    """Sixteen bytes, thirty-two digits, with and without the end of a line."""
    case = TableCase(tmp_path)
    for seed in (bytes(range(1, 17)), b"0123456789abcdef" * 2, b"0123456789ABCDEF" * 4 + b"\r\n", b"many words make a seed"):
        (tmp_path / "seed.txt").write_bytes(seed)
        case.protect()


def test_a_weak_seed_that_an_output_keeps_is_refused(tmp_path):
    """Also where nobody named it."""
    case = TableCase(tmp_path, seed=None)
    case.protect()
    (case.out / "confidential" / "seed").write_text("2026\n", "utf-8")
    with pytest.raises(BadInput, match="SEED_WEAK"):
        case.protect()


@pytest.mark.parametrize(
    "other", ["input.csv", "spec.yaml", "known.csv", "keep.csv", "out/public.csv", "out/certificate.json"]
)
def test_a_file_that_others_may_have_is_no_seed(tmp_path, other):
    """INPUT, SPEC, what SPEC names and what is published: themselves, and copies of them."""
    case = TableCase(tmp_path)
    case.protect()
    (tmp_path / "known.csv").write_text("area,sex,status,count\nm99,k,done,0\n", "utf-8")
    (tmp_path / "keep.csv").write_text("sex,status,area\nk,done,Total\n", "utf-8")
    case.write_spec(known=["known.csv"], keep="keep.csv", previous=["out"], seed=other)
    with pytest.raises(BadInput, match="SEED_NOT_SECRET"):
        case.protect(tmp_path / "next")
    case.write_spec(known=["known.csv"], keep="keep.csv", previous=["out"], seed="copy")
    (tmp_path / "copy").write_bytes((tmp_path / other).read_bytes())
    with pytest.raises(BadInput, match="SEED_NOT_SECRET"):
        case.protect(tmp_path / "next")


def seals(folder: Path) -> dict[str, str]:
    return json.loads((folder / "certificate.json").read_text("utf-8"))["sealed"]


FEW = pl.DataFrame({"area": ["v", "w", "x", "y", "z"], "freq": [30, 3, 20, 4, 40]})
SWAPPED = FEW.with_columns(freq=pl.Series([30, 4, 20, 3, 40]))


def test_equal_seals_do_not_tell_equal_counts(tmp_path):
    """Two outputs with one seed, the same counts and the same public.csv, have no seal in common."""
    case = TableCase(tmp_path, FEW, dimensions={"area": [["area"]]})
    case.protect()
    case.write_spec(dimensions={"area": [["area"]]}, previous=["out"])
    case.protect(tmp_path / "same")
    SWAPPED.write_csv(case.source)
    case.write_spec(dimensions={"area": [["area"]]})
    case.protect(tmp_path / "other")
    folders = [case.out, tmp_path / "same", tmp_path / "other"]
    assert len({(folder / "public.csv").read_bytes() for folder in folders}) == 1
    told = [seals(folder) for folder in folders]
    assert len({seal for one in told for seal in one.values()}) == sum(len(one) for one in told)


def test_the_seals_do_not_tell_that_counts_have_changed(tmp_path):
    """The same files are named where nothing has changed, and with providers and without."""
    case = TableCase(tmp_path, FEW, dimensions={"area": [["area"]]})
    case.protect()
    case.write_spec(dimensions={"area": [["area"]]}, previous=["out"])
    SWAPPED.write_csv(case.source)
    case.protect(tmp_path / "next")
    assert (tmp_path / "next" / "confidential" / "earlier_cells.parquet").is_file()
    assert not (case.out / "confidential" / "earlier_cells.parquet").exists()
    assert seals(case.out).keys() == seals(tmp_path / "next").keys()
    assert audit_output(read_output(tmp_path / "next")).faults == ()


def test_a_file_that_is_removed_or_added_is_found(tmp_path):
    """Also one that the record of a simple output does not have."""
    case = TableCase(tmp_path)
    case.protect()
    (case.out / "confidential" / "revisions.parquet").write_bytes(b"PAR1")
    (fault,) = audit_output(read_output(case.out)).faults
    assert (fault.code, fault.where) == ("FILE_CHANGED", "confidential/revisions.parquet")
