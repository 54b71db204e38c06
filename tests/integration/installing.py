"""The install of a data owner, without the hub's part, as a folder of packages."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tests.integration.running import START, Ended

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class BaseInstall:
    """A folder with no other packages than those of the base install."""

    folder: Path

    def run(self, *arguments: object) -> Ended:
        """Run ``avbrott`` in it, on a wide screen."""
        command = [sys.executable, "-S", "-c", START, *map(str, arguments)]
        environment = {**os.environ, "COLUMNS": "400", "PYTHONPATH": f"{ROOT}{os.pathsep}{self.folder}"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
        return Ended(done.returncode, done.stdout + done.stderr)


def install_base(folder: Path) -> BaseInstall:
    """Fill ``folder`` with links to what the project asks for without an extra, and to what these ask for."""
    for name in _base():
        distribution = metadata.distribution(name)
        for part in {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (folder / part).exists() and not part.endswith(".pth"):
                (folder / part).symlink_to(Path(str(distribution.locate_file(part))).resolve())
    return BaseInstall(folder)


def _base() -> set[str]:
    """The distributions of an install without extras, by name."""
    found: set[str] = set()
    waiting = [Requirement("avbrott")]
    while waiting:
        wanted = waiting.pop()
        if wanted.name.lower() not in found:
            found.add(wanted.name.lower())
            asked = [Requirement(line) for line in metadata.requires(wanted.name) or ()]
            extras = wanted.extras or {""}
            waiting += [one for one in asked if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in extras)]
    return found
