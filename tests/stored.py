"""Row-level files of a store as tests look at them, and write them otherwise than the program does."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from avbrott.at_rest.files import read_bytes, read_frame, rewrite, write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.home import Home


def rows(home: Home, file: Path) -> pl.DataFrame:
    """The rows of a file."""
    return read_frame(vault_of(home), file)


def put_rows(home: Home, file: Path, frame: pl.DataFrame) -> None:
    """Write rows as the program does."""
    write_frame(vault_of(home), file, frame)


def content(home: Home, file: Path) -> bytes:
    """What is encrypted in a file."""
    return read_bytes(vault_of(home), file)


def put_content(home: Home, file: Path, held: bytes) -> None:
    """Encrypt other content into a file that is there."""
    rewrite(vault_of(home), file, held)
