"""The archive inside a sealed delivery: two or three members by name, stored as they are. Nothing is ever unpacked to disk.

Whoever holds a registered key may have made it with ill, so that what it says of itself is looked at before anything is read,
and an archive that says anything unusual is none of ours.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

LARGEST = 512 * 1024 * 1024
"""Bytes of a sealed file, and of what it holds: hundreds of times what a municipality delivers."""

_MOST_MEMBERS = 3
_END = 22
"""Bytes of the record that ends an archive without a comment."""
_LOCATOR = 20
"""Bytes of what stands before it in a ZIP64 archive."""
_LARGEST_LISTING = 4096
_ENCRYPTED = 1
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


class NoArchive(Exception):
    """It is no archive of ours. ``is_too_large``: because of how much it says that it holds."""

    def __init__(self, *, is_too_large: bool = False) -> None:
        super().__init__()
        self.is_too_large = is_too_large


def pack(members: Mapping[str, bytes]) -> bytes:
    """The archive of these members, sorted by name; equal members give equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.create_system, info.external_attr = 3, 0o600 << 16
            archive.writestr(info, members[name])
    return content.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """The members of an archive by name; ``NoArchive`` where it is none of ours."""
    _look_at_end(content)
    with _asking_the_library():
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    _look_at(members, len(content))
    with _asking_the_library(), archive:
        return {member.filename: archive.read(member) for member in members}


@contextmanager
def _asking_the_library() -> Iterator[None]:
    """``NoArchive`` for whatever a damaged archive makes its reader do; nothing of our own is done within."""
    try:
        yield
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  it has no error of its own for all that can be damaged
        raise NoArchive from None


def _look_at_end(content: bytes) -> None:
    """Refuse an archive that has something before or after it, or whose listing is longer than ours can be."""
    end = content[-_END:]
    if len(end) < _END or not end.startswith(b"PK\x05\x06") or content[-_END - _LOCATOR :].startswith(b"PK\x06\x07"):
        raise NoArchive
    members, listing, place = (int.from_bytes(end[a:b], "little") for a, b in ((10, 12), (12, 16), (16, 20)))
    if members > _MOST_MEMBERS or listing > _LARGEST_LISTING or place + listing + _END != len(content):
        raise NoArchive


def _look_at(members: list[zipfile.ZipInfo], room: int) -> None:
    """Refuse a member that says that it is larger than the archive around it, is there twice, or is not stored as it is."""
    if any(max(member.file_size, member.compress_size) > room for member in members):
        raise NoArchive(is_too_large=True)
    if len({member.filename for member in members}) < len(members):
        raise NoArchive
    for member in members:
        is_stored = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & _ENCRYPTED
        if not is_stored or member.orig_filename != member.filename:
            raise NoArchive
