"""Where each provider's extracts are pulled from: ``<home>/sources.yaml``, read and validated. Pulling is in ``pull``."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.model import Flag, Model
from avbrott.suppliers import Suppliers
from avbrott.transport.address import FolderAddress, read_address
from avbrott.transport.target import Access, Patience
from avbrott.yaml_text import NotYaml, line_of, read_yaml

_PATIENCE = Patience(connect_seconds=10, answer_seconds=30, pauses=(1.0,))
"""A place that does not answer is asked again at the next tick."""
_FINGERPRINT = re.compile("SHA256:[A-Za-z0-9+/]{43}=?")
"""Of a host's key, as ``ssh-keygen -l`` and ``avbrott`` show it."""
_NAME = "[key]"
"""What Pydantic calls the name of an entry that is no text."""


class Source(Model):
    """A place that holds one folder a term: a folder, relative to the home or absolute, or an address (``target``)."""

    folder: str | None = None
    target: str | None = None
    """``sftp://``, ``s3://`` or ``https://``. No secret stands here: a file that holds one is named, or the environment has
    it."""
    host_key: str | None = None
    """SFTP: the fingerprint of the server's key. Left out: the file ``known_hosts`` of whoever runs the hub knows it."""
    key: str | None = None
    """SFTP: the file of the private key to come in with."""
    profile: str | None = None
    """S3: the profile of AWS' own files."""
    token: str | None = None
    """HTTPS: the file of the bearer's token."""
    plain: Flag = False
    """Whether the provider, as long as it has no registered key, may deliver what is neither signed nor encrypted: in a
    folder only."""

    def wrong(self) -> str | None:
        """The key that does not go with the others."""
        if (self.folder is None) == (self.target is None):
            return "folder" if self.target is None else "target"
        scheme = "folder" if self.target is None else self.target.partition("://")[0].lower()
        for key, of in (("host_key", "sftp"), ("key", "sftp"), ("profile", "s3"), ("token", "https")):
            if getattr(self, key) is not None and scheme != of:
                return key
        return "plain" if self.plain and scheme != "folder" else None


class Sources(Model):
    """Sources by provider."""

    sources: dict[str, Source]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider's deliveries are, and whether they may be plain."""

    folder: Path
    """Where they are pulled from: of a distant place, its copy."""
    plain: bool = False
    target: str | None = None
    """The address of a distant place."""
    access: Access = field(default_factory=Access)

    @property
    def where(self) -> str:
        """What the place is called in messages, and where receipts are laid."""
        return self.target or str(self.folder)

    @property
    def takes_receipts(self) -> bool:
        """Whether anything can be laid there: a web server's pages are only read."""
        return self.target is None or not self.target.lower().startswith("https:")


def read_sources(home: Home, suppliers: Suppliers) -> dict[str, Place]:
    """The place of each provider that has one; none where the file is not there.

    ``BadInput``: ``SOURCES_NOT_YAML``, ``SOURCES_INVALID``, ``SOURCES_PROVIDER_UNKNOWN``, ``SOURCES_SHARED`` and the like
    name the file, line and key of the first thing that is wrong.
    """
    text, found, wrong = _read(home)
    for problem in (*wrong, *_wrong(home, suppliers, text, found)):
        raise problem
    return {provider: _place(home, provider, source) for provider, source in found.items()}


def source_problems(home: Home, suppliers: Suppliers | None) -> list[BadInput]:
    """Everything that is wrong with the file; without ``suppliers`` not whether providers are known."""
    text, found, wrong = _read(home)
    return [*wrong, *_wrong(home, suppliers, text, found)]


def told_at(home: Home, provider: str, problem: BadInput) -> BadInput:
    """A problem with a provider's place, with the line that names it in the file."""
    key = f"sources.{provider}"
    line = line_of(home.sources.read_text("utf-8"), key)
    told = {"file": home.sources, "line": line, "key": key}
    return BadInput(problem.code, **{**told, **problem.parameters})


def _read(home: Home) -> tuple[str, dict[str, Source], list[BadInput]]:
    """The text, the sources that can be read, and what of the file cannot."""
    if not home.sources.exists():
        return "", {}, []
    try:
        text = home.sources.read_text("utf-8")
        content = read_yaml(text)
    except (OSError, UnicodeDecodeError):
        return "", {}, [BadInput("SOURCES_UNREADABLE", file=home.sources)]
    except NotYaml as error:
        return "", {}, [BadInput("SOURCES_NOT_YAML", file=home.sources, line=error.line)]
    try:
        return text, Sources.model_validate(content).sources, []
    except ValidationError as error:
        places = [found["loc"] for found in error.errors(include_input=False)]
        ways = [".".join(map(str, place)) or "sources" for place in places]
        wrong = [_invalid(home, text, way) for way in ways]
        broken = {str(place[1]) for place in places if len(place) > 1}
        listed = content.get("sources") if isinstance(content, dict) else None
        whole = {name: one for name, one in listed.items() if name not in broken} if isinstance(listed, dict) else {}
        return text, {str(name): Source.model_validate(one) for name, one in whole.items()}, wrong


def _invalid(home: Home, text: str, way: str) -> BadInput:
    """What has the wrong form: an entry's name, as a code without quotation marks is a number, or anything else."""
    key = way.removesuffix(f".{_NAME}")
    code = "SOURCES_INVALID" if key == way else "SOURCES_NUMBER"
    return BadInput(code, file=home.sources, line=line_of(text, key), key=key)


def _wrong(home: Home, suppliers: Suppliers | None, text: str, found: Mapping[str, Source]) -> Iterator[BadInput]:
    """What is wrong with sources that can be read, each with its line and key."""

    def problem(code: str, way: str, **parameters: object) -> BadInput:
        return BadInput(code, file=home.sources, line=line_of(text, f"sources.{way}"), key=f"sources.{way}", **parameters)

    fit: dict[str, Place] = {}
    for provider, source in found.items():
        if suppliers is not None and provider not in suppliers.by_id:
            yield problem("SOURCES_PROVIDER_UNKNOWN", provider)
        if (wrong := source.wrong()) is not None:
            yield problem("SOURCES_KEYS", f"{provider}.{wrong}")
        elif source.host_key is not None and not _FINGERPRINT.fullmatch(source.host_key):
            yield problem("SOURCES_HOST_KEY", f"{provider}.host_key")
        elif (kind := _not_distant(source.target)) is not None:
            yield problem("SOURCES_TARGET", f"{provider}.target", kind=kind)
        else:
            fit[provider] = _place(home, provider, source)
    if (shared := _shared(fit)) is not None:
        one, other = sorted(shared, key=list(fit).index)
        yield problem("SOURCES_SHARED", other, other=f"sources.{one}")


def _place(home: Home, provider: str, source: Source) -> Place:
    if source.target is None:
        return Place(home.root / str(source.folder), source.plain)
    key, token = (None if one is None else home.root / one for one in (source.key, source.token))
    access = Access(host_key=source.host_key, patience=_PATIENCE, key=key, profile=source.profile, token=token)
    return Place(home.fetched(provider), target=source.target, access=access)


def _not_distant(target: str | None) -> str | None:
    """What is wrong with an address: it cannot be read, or is a folder's."""
    if target is None:
        return None
    try:
        return "TARGET_SCHEME_UNKNOWN" if isinstance(read_address(target), FolderAddress) else None
    except BadInput as problem:
        return problem.code


def _shared(places: Mapping[str, Place]) -> tuple[str, str] | None:
    """Two providers whose places are the same, or lie one in the other: one could deliver in the other's name.

    However they are written: with other letters, ``..``, a slash at the end, or by a link.
    """
    ways = {provider: _way(place) for provider, place in places.items()}
    for one, other in pairwise(sorted(ways, key=lambda provider: ways[provider])):  # what lies in a folder comes after it
        if ways[other][: len(ways[one])] == ways[one]:
            return one, other
    return None


def _way(place: Place) -> tuple[str, ...]:
    """The parts of where a place is, from the coarsest."""
    if place.target is None:
        parts = Path(os.path.realpath(place.folder)).parts
    else:
        parts = tuple(part for part in str(read_address(place.target)).split("/") if part)
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)
