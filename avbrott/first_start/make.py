"""A home made ready: settings with their comments, keys, and folders that are its owner's alone where they hold secrets.

Each part is made whole or not at all, and only where it is missing: what is there is never written over, and a run that was
killed anywhere is gone on with by the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from avbrott import atomic
from avbrott.at_rest.vault import store_key_file, vault_of
from avbrott.contract_folder import packaged_contracts
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.rekey import hub_key
from avbrott.rights import forbidden
from avbrott.sealing.keys import reception_key

SETTINGS = ("sources.yaml", "alerts.yaml", "openid.example.yaml")
"""The files of ``contracts/texts/home``; the last is an example, since one that is read asks another server."""
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Made:
    """What a home has after it, by name: what was made now, and what was there."""

    made: tuple[str, ...]
    kept: tuple[str, ...]
    keys: tuple[str, ...]
    """What is to be kept elsewhere as well."""


def make_home(home: Home) -> Made:
    """Make what the home lacks. ``BadInput`` where the folder is somebody else's, may not be written, or has lost a key."""
    _refuse_foreign(home)
    parts = _parts(home)
    there = {name for name, (file, _) in parts.items() if file.exists()}
    for file, make in parts.values():
        try:
            make()
        except PermissionError:
            raise forbidden(file if file.exists() else file.parent) from None
    keys = (*_keys(home), _name(home, home.seed))
    return Made(tuple(name for name in parts if name not in there), tuple(name for name in parts if name in there), keys)


def _parts(home: Home) -> dict[str, tuple[Path, Callable[[], object]]]:
    """Every part by its name: its file or folder, and what makes it where it is missing; folders first."""
    from avbrott.release.stage import secret_seed

    secret = [home.store, home.hub_public.parent, home.provider_key("-").parent, home.bridges, home.access_log.parent]
    secret += [home.accounts.parent, home.confidential("-").parent, home.private("-").parent, home.fetched("-").parent]
    parts: dict[str, tuple[Path, Callable[[], object]]] = {
        f"{_name(home, folder)}/": (folder, _private(folder)) for folder in secret
    }
    parts["releases/"] = (home.releases, _shared(home.releases))
    for name in SETTINGS:
        parts[name] = (home.root / name, _setting(home, name))
    for name, make in _keys(home).items():
        parts[name] = (home.root / name, make)
    parts[_name(home, home.hub_public)] = (home.hub_public, lambda: None)  # made together with its private half
    parts[_name(home, home.seed)] = (home.seed, lambda: secret_seed(home))
    return parts


def _keys(home: Home) -> dict[str, Callable[[], object]]:
    return {
        home.hub_key.name: lambda: hub_key(home),
        _name(home, store_key_file(home)): lambda: vault_of(home),
        _name(home, home.reception_key): lambda: reception_key(home),
    }


def _private(folder: Path) -> Callable[[], object]:
    """A folder that is there keeps its modes: its owner may have opened it on purpose, and a start tells of it."""
    return lambda: None if folder.is_dir() else atomic.private_folder(folder)


def _shared(folder: Path) -> Callable[[], object]:
    return lambda: atomic.make_folder(folder)


def _setting(home: Home, name: str) -> Callable[[], object]:
    def make() -> None:
        atomic.remove_parts(home.root, [name])
        atomic.write_new(home.root / name, (packaged_contracts() / "texts" / "home" / name).read_bytes())

    return make


def _refuse_foreign(home: Home) -> None:
    """``BadInput`` where the folder holds something, and nothing that a home has."""
    if not home.root.is_dir():
        return
    names = (entry.name for entry in home.root.iterdir())
    there = sorted(name for name in names if not name.startswith(".") and name != "lost+found")
    known = {Path(name).parts[0] for name in _parts(home)}
    if there and not known.intersection(there):
        listed = ", ".join(there[:_TOLD]) + (", ..." if len(there) > _TOLD else "")
        raise BadInput("INIT_FOREIGN", home=home.root, names=listed)


def _name(home: Home, file: Path) -> str:
    """What it is called: by its place in the home, or whole where a setting lays it elsewhere."""
    return file.relative_to(home.root).as_posix() if file.is_relative_to(home.root) else str(file.absolute())
