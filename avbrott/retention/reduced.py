"""What is left of a delivered extract when persons are taken out of it: its other rows, in place of the file that came.

A file that came sealed is signed as a whole, and one that came plain is known by its sum: neither can be changed and stay
what it is. So the rows that are left, each with its line, are kept beside the record, encrypted, and the file goes.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from avbrott.at_rest.files import read_bytes, remove, write_bytes
from avbrott.at_rest.vault import Vault
from avbrott.delivery.record import Extract
from avbrott.delivery.table import Assumed, Fault, Table
from avbrott.errors import BadInput

_ABOUT = "table"


def rest_of(folder: Path, extract: Extract) -> Path:
    """Where what is left of these very bytes of an extract lies, in the folder of its delivery."""
    return folder / f"{extract.file}.{extract.sha256[:16]}.rest"


def write_rest(vault: Vault, folder: Path, extract: Extract, left: Table) -> None:
    """Keep what is left of an extract, and only then remove the file that came."""
    about = {
        "header": left.header,
        "encoding": left.encoding,
        "separator": left.separator,
        "faults": [asdict(one) for one in left.faults],
        "assumed": [asdict(one) for one in left.assumed],
    }
    content = io.BytesIO()
    left.frame.write_parquet(content, compression="zstd", metadata={_ABOUT: json.dumps(about)})
    write_bytes(vault, rest_of(folder, extract), content.getbuffer())
    finish_rest(folder, extract)


def finish_rest(folder: Path, extract: Extract) -> None:
    """Remove the file that came, where what is left of it is kept and a killed run had not come so far."""
    if rest_of(folder, extract).is_file():
        remove(folder / extract.file)


def read_rest(vault: Vault, file: Path) -> Table:
    """What is left of an extract; ``BadInput`` where it is damaged."""
    content = read_bytes(vault, file)
    try:
        frame = pl.read_parquet(io.BytesIO(content))
        about = json.loads(pl.read_parquet_metadata(io.BytesIO(content))[_ABOUT])
    except (pl.exceptions.PolarsError, OSError, ValueError, KeyError):
        raise BadInput("STORE_UNREADABLE", file=file) from None
    faults = tuple(Fault(**one | {"rows": tuple(one["rows"])}) for one in about["faults"])
    assumed = tuple(Assumed(**one | {"rows": tuple(one["rows"])}) for one in about["assumed"])
    return Table(tuple(about["header"]), frame, faults, about["encoding"], about["separator"], assumed)
