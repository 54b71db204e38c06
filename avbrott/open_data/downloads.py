"""``downloads/`` of a release: every table in every format, and what ``datapackage.json`` says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from avbrott import atomic
from avbrott.catalogue import Catalogue
from avbrott.open_data.cube import Cube, cubes
from avbrott.open_data.files import DOWNLOADS, FILES
from avbrott.open_data.jsonstat import jsonstat
from avbrott.open_data.px import px
from avbrott.open_data.tidy import csvw, write_csv, write_parquet
from avbrott.open_data.workbook import workbook
from avbrott.registry import Contracts
from avbrott.release.public import PublicRelease
from avbrott.texts import Texts

_Write = Callable[[Path, Cube, Catalogue, Texts], None]


def write_downloads(public: PublicRelease, contracts: Contracts, texts: Texts) -> None:
    """Write every table of ``public`` in every format into its folder; nothing where the contracts have no catalogue.

    The caller makes the folder lasting.
    """
    if contracts.catalogue is None:
        return
    for cube in cubes(public, contracts, texts):
        for form, name in FILES.items():
            _WRITERS[form](public.folder / DOWNLOADS / name.format(table=cube.name), cube, contracts.catalogue, texts)


def _csvw(file: Path, cube: Cube, catalogue: Catalogue, _: Texts) -> None:
    atomic.write_json(file, csvw(cube, catalogue, f"{cube.name}.csv"), lasting=False)


def _px(file: Path, cube: Cube, catalogue: Catalogue, texts: Texts) -> None:
    atomic.write_bytes(file, px(cube, catalogue, texts).encode("utf-8"), lasting=False)


_WRITERS: dict[str, _Write] = {
    "csv": lambda file, cube, _catalogue, _texts: write_csv(file, cube),
    "csvw": _csvw,
    "parquet": lambda file, cube, catalogue, _: write_parquet(file, cube, catalogue),
    "jsonstat_sv": lambda file, cube, catalogue, _: atomic.write_bytes(
        file, atomic.compact_json(jsonstat(cube, catalogue, "sv")), lasting=False
    ),
    "jsonstat_en": lambda file, cube, catalogue, _: atomic.write_bytes(
        file, atomic.compact_json(jsonstat(cube, catalogue, "en")), lasting=False
    ),
    "px": _px,
    "xlsx": lambda file, cube, catalogue, texts: atomic.write_bytes(file, workbook(cube, catalogue, texts), lasting=False),
}
