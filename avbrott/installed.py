"""Whether the hub's part is installed: an install for data owners has its commands' names and not what they run with.

What belongs to the hub's part is said once, by the extra ``hub`` of the distribution.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from avbrott.errors import BadInput

_OF_HUB = re.compile(r"([\w.-]+).*;.*\bextra\s*==\s*['\"]hub['\"]")


def need_hub(code: str, **parameters: object) -> None:
    """``BadInput`` with ``code`` and the parameter ``missing`` where a distribution of the hub's part is not installed."""
    wanted = [found[1] for line in metadata.requires("avbrott") or () if (found := _OF_HUB.match(line))]
    if lacking := [name for name in wanted if not _is_installed(name)]:
        raise BadInput(code, missing=", ".join(lacking), **parameters)


@contextmanager
def without_spark() -> Iterator[None]:
    """Keep what is imported in the block from importing PySpark, as Pandera and Great Expectations do where it is installed.

    It costs a second that nothing here uses; and PySpark's client of a remote Spark ends a process whose main module has no
    file, as workers have none. A process that has counted with PySpark keeps it, and is kept from that client alone.
    """
    hidden = next((name for name in ("pyspark", "pyspark.sql.connect") if name not in sys.modules), None)
    if hidden is not None:
        sys.modules[hidden] = None  # type: ignore[assignment]  # so Python says that there is none
    try:
        yield
    finally:
        if hidden is not None:
            del sys.modules[hidden]


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
