"""Another key for a store: every row-level file is encrypted anew where it lies, and the former key is then no use.

The new key waits beside the old one until the last file is done, so that a run that was killed is gone on with by the next.
A store of an earlier version of the program, which is not encrypted at all, gets its first key in the same way.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from avbrott import atomic
from avbrott.at_rest.files import raw_bytes, read_bytes, rewrite
from avbrott.at_rest.vault import Vault, row_files, store_key_file, vault_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.keys import KEY_BYTES, Key, read_key, write_key


def rotate(home: Home) -> int:
    """Encrypt the store with a new key; how many files there were. ``BadInput`` where a file does not open with the former.

    Nothing else may use the store meanwhile: what reads a file of the other key says so and stops.
    """
    if _finish(home):
        return sum(1 for _ in row_files(home))
    former, waiting = vault_of(home), _waiting(home)
    if not waiting.is_file():
        write_key(waiting, Key("store", "", secrets.token_bytes(KEY_BYTES)))
    return _encrypt(home, former, read_key(waiting, "store"))


def encrypt_plain(home: Home) -> int:
    """Encrypt a store that is not encrypted yet; how many files there were. A store that is stays as it is (0)."""
    if home.sealed_by.is_file():
        _finish(home)
        return 0
    waiting = _waiting(home)
    if not waiting.is_file():
        if store_key_file(home).is_file():
            raise BadInput("KEY_FILE_EXISTS", file=store_key_file(home))
        write_key(waiting, Key("store", "", secrets.token_bytes(KEY_BYTES)))
    return _encrypt(home, None, read_key(waiting, "store"))


def _encrypt(home: Home, former: Vault | None, key: Key) -> int:
    """Encrypt with ``key`` what is not yet; then the store, and last the file of the key, say that it is the one."""
    vault, done = Vault.under(home.store, key), 0
    atomic.private_folder(home.store)
    for folder in sorted(path for path in home.store.rglob("*") if path.is_dir()):
        atomic.private_folder(folder)
    for file in row_files(home):
        held = raw_bytes(file)
        if not held.startswith(vault.head):
            rewrite(vault, file, held if former is None else read_bytes(former, file))
        done += 1
    atomic.write_text(home.sealed_by, f"{key.fingerprint}\n")
    _finish(home)
    return done


def _finish(home: Home) -> bool:
    """Give the new key its file's name, where all of the store is encrypted with it already."""
    waiting = _waiting(home)
    known = home.sealed_by.read_text("utf-8").strip() if home.sealed_by.is_file() else None
    if not waiting.is_file() or read_key(waiting, "store").fingerprint != known:
        return False
    waiting.replace(store_key_file(home))
    atomic.sync_folder(waiting.parent)
    return True


def _waiting(home: Home) -> Path:
    file = store_key_file(home)
    return file.with_name(f"{file.name}.new")
