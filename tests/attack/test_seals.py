"""What the seals of a certificate tell: nothing to who does not have the seed, and a seed cannot be guessed."""

from __future__ import annotations

import random
import secrets

import pytest

from avbrott.errors import BadInput, ExitCode
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
        secrets.token_hex(15).encode(),
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
