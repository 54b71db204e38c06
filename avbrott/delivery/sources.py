"""Where each provider's extracts are pulled from: ``<home>/sources.yaml``, read and validated. Pulling is in ``pull``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.model import Flag, Model
from avbrott.suppliers import Suppliers
from avbrott.yaml_text import NotYaml, read_yaml


class Source(Model):
    """A folder that holds one folder a term; relative to the home, or absolute."""

    folder: str
    plain: Flag = False
    """Whether the provider, as long as it has no registered key, may deliver what is neither signed nor encrypted."""


class Sources(Model):
    """Sources by provider."""

    sources: dict[str, Source]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider's deliveries are, and whether they may be plain."""

    folder: Path
    plain: bool = False


def read_sources(home: Home, suppliers: Suppliers) -> dict[str, Place]:
    """The place of each provider that has one; none where the file is not there.

    ``BadInput``: ``SOURCES_NOT_YAML``, ``SOURCES_INVALID`` and ``SOURCES_PROVIDER_UNKNOWN`` name file, line and key.
    """
    if not home.sources.exists():
        return {}
    try:
        text = home.sources.read_text("utf-8")
        content = read_yaml(text)
    except (OSError, UnicodeDecodeError):
        raise BadInput("SOURCES_UNREADABLE", file=home.sources) from None
    except NotYaml as error:
        raise BadInput("SOURCES_NOT_YAML", file=home.sources, line=error.line) from None
    try:
        found = Sources.model_validate(content).sources
    except ValidationError as error:
        place = error.errors(include_input=False)[0]["loc"]
        line = _line(text, place)
        key = ".".join(map(str, place)) or "sources"
        raise BadInput("SOURCES_INVALID", file=home.sources, line=line, key=key) from None
    for provider in found:
        if provider not in suppliers.by_id:
            line = _line(text, ("sources", provider))
            raise BadInput("SOURCES_PROVIDER_UNKNOWN", file=home.sources, line=line, key=f"sources.{provider}")
    return {provider: Place(home.root / source.folder, source.plain) for provider, source in found.items()}


def _line(text: str, place: Sequence[str | int]) -> int:
    """The line on which the key at ``place`` stands, or the nearest one around it that is there."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    line = 1
    for key in place:
        if not isinstance(node, yaml.MappingNode):
            break
        pairs = {entry.value: (entry, child) for entry, child in node.value if isinstance(entry, yaml.ScalarNode)}
        if str(key) not in pairs:
            break
        entry, node = pairs[str(key)]
        line = entry.start_mark.line + 1
    return line
