"""``docs/performance.md``, written from the last figures of ``bench_scale``: machine, versions, date, figures, profiles."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.bench_scale import Cost

PACKAGES = ("avbrott", "polars", "duckdb", "pyarrow", "pandera", "dagster", "highspy")

_HEAD = """\
# Vad stegen kostar / What the stages cost

Skriven av `make bench`; ändra den inte för hand. Sekunder är processorsekunder för alla processer utom importer, `wall` är
klockans, `MB` är minnet i alla processer samtidigt, `ratio` är gånger golvet och `aim` målet för det. `twice` är hur många
gånger sekunderna blir när raderna fördubblas (målet är högst 2,2). `one changed` är vad som görs om när en lämnare har
levererat en termin på nytt. Golven står i `tests/benchmarks/scale_floors.py`.

Written by `make bench`; not by hand. Seconds are processor seconds of all processes, imports aside, `wall` is the clock's,
`MB` is the memory of all processes at once, `ratio` is times the floor and `aim` what is aimed at. `twice` is how many times
the seconds become when the rows double (2.2 at most is aimed at). `one changed` is what is done again when a provider has
delivered one term anew. The floors are in `tests/benchmarks/scale_floors.py`.

| | |
|---|---|
"""


def write(page: Path, head: str, costs: Sequence[Cost], profiles: Mapping[str, str]) -> None:
    """Write the page anew."""
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores, {_memory()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
    text = _HEAD + "".join(f"| {name} | {value} |\n" for name, value in facts.items())
    for (counties, rows), found in groupby(costs, key=lambda cost: (cost.counties, cost.rows)):
        figures = "\n".join(map(str, found))
        text += f"\n## {counties} × county, {rows:,} rows\n\n```\n{head}\n{figures}\n```\n"
    for stage, told in profiles.items():
        text += f"\n## Profile: {stage}\n\n```\n{_trimmed(told)}\n```\n"
    page.write_text(text, "utf-8")


def _trimmed(profile: str) -> str:
    """A profile without the lines that say how it was sorted, nor spaces at ends of lines."""
    lines = [line.rstrip() for line in profile.splitlines()]
    first = next(at for at, line in enumerate(lines) if "function calls" in line)
    return "\n".join(line for line in lines[first:] if line and "List reduced" not in line and "Ordered by" not in line)


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in told.read_text("utf-8").splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or "?"


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
