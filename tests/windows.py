"""``avbrott`` as Windows would let it be: ``python -m tests.windows COMMAND ...`` on Linux.

What POSIX alone has is not there, no file that is open can be removed or renamed, no rename puts one in the place of another,
some names are none, and the screen is an old one's. Paths, rights and the folders of a drive stay those of this machine.
"""

from __future__ import annotations

import getpass
import importlib
import os
import re
import shutil
import sys
import types
from pathlib import Path
from typing import Any

_LIBRARIES = (
    *("asyncio", "concurrent.futures.process", "multiprocessing.popen_spawn_posix", "multiprocessing.shared_memory"),
    *(
        "cryptography.hazmat.primitives.asymmetric.ed25519",
        "markdown_it",
        "numpy",
        "openpyxl",
        "polars",
        "pydantic",
        "pyrage",
    ),
    *("rich.console", "rich.progress", "subprocess", "tempfile", "typer", "yaml", "zipfile"),
)
"""Python's own and others', which know Windows by themselves and are told nothing."""
_POSIX_MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "tty")
_POSIX_NAMES = ("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "fork", "getuid", "geteuid", "uname")
_NO_NAME = re.compile(r'[<>:"|?*\\\x00-\x1f]|[ .]$|^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)', re.IGNORECASE)


def main() -> None:
    """Run the command line."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    getpass.getuser()
    _without_posix()
    sys.addaudithook(_Disk(Path.cwd()))
    from avbrott.entry import main as avbrott

    avbrott()


def _without_posix() -> None:
    fcntl: Any = importlib.import_module("fcntl")
    msvcrt: Any = types.ModuleType("msvcrt")
    msvcrt.LK_NBLCK = 2
    msvcrt.locking = lambda descriptor, _mode, _bytes: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    sys.modules["msvcrt"] = msvcrt
    sys.modules |= dict.fromkeys(_POSIX_MODULES)  # type: ignore[arg-type]  an import of None fails
    sys.platform = "win32"
    for name in _POSIX_NAMES:
        delattr(os, name)
    os.supports_dir_fd = set()
    vars(shutil)["_use_fd_functions"] = False
    rename = os.rename

    def renamed(source: Any, target: Any, **more: Any) -> None:
        if os.path.lexists(target):
            raise FileExistsError(target)
        rename(source, target, **more)

    os.rename = renamed
    vars(os.path)["samestat"] = _differs


def _differs(_one: os.stat_result, _other: os.stat_result) -> bool:
    """Some versions number a file by how it is asked for."""
    return False


class _Disk:
    """What a disk of Windows refuses, for files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_asked = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._is_asked or event not in ("open", "os.mkdir", "os.remove", "os.rename"):
            return
        self._is_asked = True
        try:
            for given in arguments[: 2 if event == "os.rename" else 1]:
                if isinstance(given, str | bytes | os.PathLike):
                    self._look_at(Path(os.fsdecode(given)).absolute(), is_gone=event in ("os.remove", "os.rename"))
        finally:
            self._is_asked = False

    def _look_at(self, path: Path, *, is_gone: bool) -> None:
        if not path.is_relative_to(self._folder):
            return
        if wrong := [part for part in path.relative_to(self._folder).parts if _NO_NAME.search(part)]:
            raise OSError(22, "no name in Windows", wrong[0])
        if is_gone and any(used.is_relative_to(path) for used in _in_use()):
            raise PermissionError(13, "in use", str(path))


def _in_use() -> list[Path]:
    """The files that this process has open or mapped."""
    descriptors = Path("/proc/self/fd")
    opened = [one.readlink() for one in descriptors.iterdir() if os.path.lexists(one)]
    mapped = [Path(line.split(maxsplit=5)[5]) for line in Path("/proc/self/maps").read_text().splitlines() if "/" in line]
    return [*opened, *mapped]


if __name__ == "__main__":
    main()
