"""Someone sends what is larger than it says, or than there is room for: refused unread. And the worst that is read."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from avbrott.delivery.package import PACKAGE
from avbrott.delivery.parquet import MOST_CELLS
from avbrott.errors import BadInput
from avbrott.sealing.archive import LARGEST, pack
from avbrott.sealing.keys import reception_key
from avbrott.sealing.opening import open_sealed
from avbrott.sealing.seal import SIGNATURE
from tests import sealed_case as case
from tests.tampering_case import DATA, NEXT, Hub, archived, refused, whole


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub.begun(tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_decompression_bomb_is_refused_unopened(hub: Hub, method: int) -> None:
    """A hundred megabytes of nothing; and a small one that is honest, as ours are stored as they are."""
    bomb = archived([*whole(hub)[:2], (DATA, bytes(100_000_000))], method)
    assert len(bomb) < 1_000_000
    assert refused(hub, hub.encrypted(bomb)) == "SEALED_TOO_LARGE"
    small = zipfile.ZipInfo(PACKAGE)
    small.compress_type = method
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, held in whole(hub):
            archive.writestr(small if name == PACKAGE else name, held)
    assert refused(hub, hub.encrypted(content.getvalue())) == "SEALED_ARCHIVE"


def test_rows_that_unpack_to_too_much_are_refused(hub: Hub) -> None:
    """Parquet of a few hundred kilobytes with ten million rows in every column."""
    place = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000_000, dtype=np.int32)), pa.array(["x"]))
    target = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(dict.fromkeys(case.ENROLMENTS.terms, place)), target)
    data = target.getvalue()
    assert len(data) < 1_000_000
    assert refused(hub, hub.sealed(hub.members(data=data))) == "SEALED_TOO_LARGE"


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of memory is Linux's")
def test_the_worst_that_is_read_can_be_judged(tmp_path: Path) -> None:
    """As many rows as are read of one file, each of which breaks every rule: the hub needs no more than two gigabytes."""
    script = (
        "import sys, resource\nfrom pathlib import Path\nfrom avbrott.delivery.check import scanner_of\n"
        "from avbrott.delivery.judge import judge\nfrom avbrott.delivery.read import fit, read_content\n"
        "from avbrott.delivery.rules import Situation\nfrom avbrott.periods import Term\n"
        "from avbrott.registry import load_contracts\n"
        "if __name__ == '__main__':\n"
        "    contracts, term = load_contracts(), Term('HT', 2025)\n"
        "    table = read_content(Path(sys.argv[1]).read_bytes(), kind='.parquet')\n"
        "    reading = fit(table, contracts.extracts['enrolments'])\n"
        "    read = {'enrolments': {'2482': reading}}\n"
        "    _, found = judge(contracts, Situation.of(term, []), scanner_of(contracts, term), read)\n"
        "    assert reading.frame.height > 900_000 and len(found) > 5\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    height = MOST_CELLS // len(case.ENROLMENTS.terms)
    column = pl.Series(np.arange(height) % 97).cast(pl.String)
    pl.DataFrame(dict.fromkeys(case.ENROLMENTS.terms, column)).write_parquet(tmp_path / "worst.parquet")
    (tmp_path / "judging.py").write_text(script, "utf-8")
    ended = subprocess.run(
        [sys.executable, tmp_path / "judging.py", tmp_path / "worst.parquet"], capture_output=True, text=True, check=True
    )
    assert int(ended.stdout) * 1024 < 2 * 1024**3


def ten_gigabytes(hub: Hub) -> dict[str, bytes]:
    """Archives that say of a member that it is larger than it is: with 32 bits, with 64, in its own header or the listing."""
    plain = pack(hub.members())
    listed, size = plain.rindex(b"PK\x01\x02"), len(hub.members()[DATA])
    own = plain.rindex(b"PK\x03\x04")
    large = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    sizes = struct.pack("<II", size, size)
    assert plain[listed + 20 : listed + 28] == plain[own + 18 : own + 26] == sizes
    end = plain[-22:]
    wide = struct.pack("<HHQQ", 1, 16, 10 * 1024**3, 10 * 1024**3)
    entry = bytearray(plain[listed:-22])
    entry[20:28] = b"\xff" * 8
    entry[30:32] = struct.pack("<H", len(wide))
    entry += wide
    length = struct.unpack("<I", end[12:16])[0] + len(wide)
    return {
        "SEALED_TOO_LARGE 32": plain[: listed + 20] + large + plain[listed + 28 :],
        "SEALED_TOO_LARGE 64": plain[:listed] + entry + end[:12] + struct.pack("<I", length) + end[16:],
        "SEALED_ARCHIVE listing": plain[:-22] + end[:12] + struct.pack("<I", 0xFFFFFFF0) + end[16:],
        "SEALED_ARCHIVE members": plain[:-22] + end[:8] + b"\xff\xff\xff\xff" + end[12:],
    }


def test_a_listing_that_is_longer_than_it_says_is_refused_unread(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry costs memory, and what the archive's end says of their number is only said."""
    plain = bytearray(archived([*whole(hub), *((f"{number}", b"") for number in range(1000))]))
    plain[-14:-10] = struct.pack("<HH", 3, 3)
    content, listed = hub.encrypted(bytes(plain)), list[int]()
    real = zipfile.ZipFile._RealGetContents
    monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", lambda archive: listed.append(1) or real(archive))
    assert refused(hub, content) == "SEALED_ARCHIVE"
    assert listed == []
    assert refused(hub, hub.sealed(hub.members() | {SIGNATURE: bytes(64)})) == "SEALED_SIGNATURE"
    assert listed != []


def test_ten_gigabytes_by_a_header_are_refused_unread(hub: Hub) -> None:
    """Before anything is set aside for them."""
    for expected, plain in ten_gigabytes(hub).items():
        assert refused(hub, hub.encrypted(plain)) == expected.split()[0], expected


def test_a_file_of_ten_gigabytes_is_refused_unread(hub: Hub) -> None:
    """It takes no memory."""
    with (hub.outbox / NEXT).open("wb") as stream:
        stream.truncate(10 * 1024**3)
    tracemalloc.start()
    delivery = hub.pulled()[0]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(one.code, one.sha256) for one in delivery.refused] == [("SEALED_TOO_LARGE", "")]
    assert most < 10_000_000
    assert hub.numbers() == [1, 1]
    with pytest.raises(BadInput, match="SEALED_TOO_LARGE"):
        open_sealed(NEXT, bytes(LARGEST + 1), reception_key(hub.home), hub.key.public)
