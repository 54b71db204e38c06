"""Texts of your own: whatever the program says is there in both languages, and names nothing that it does not fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from avbrott.contract_folder import packaged_contracts, read_yaml
from avbrott.mistakes import Mistake

SITE = "site.yaml"
"""Its texts belong to the blocks that the folder's own ``site.yaml`` lists: none of the packaged ones has to be there."""

_BOTH = {"sv": "", "en": ""}


def text_mistakes(folder: Path) -> Iterator[Mistake]:
    """Mistakes of each file of texts in ``folder`` that takes the place of a packaged one."""
    packaged = packaged_contracts()
    for file in sorted((packaged / "texts").glob("*.yaml")) if folder.resolve() != packaged.resolve() else ():
        own = folder / "texts" / file.name
        if own.is_file():
            wanted = {} if file.name == SITE else read_yaml(file)
            for key, code, parameters in _texts(wanted, read_yaml(own)):
                yield Mistake(f"texts/{file.name}", key, code, parameters)


_Found = tuple[str, str, dict[str, str]]


def _texts(wanted: Mapping[str, Mapping[str, str]], found: Any) -> Iterator[_Found]:
    if not isinstance(found, dict):
        yield "-", "MISTAKE_NOT_MAPPING", {}
        return
    for key in wanted.keys() | found.keys():
        if key not in found:
            yield key, "MISTAKE_MISSING", {}
        elif not isinstance(found[key], dict):
            yield key, "MISTAKE_NOT_MAPPING", {}
        else:
            for part in wanted.get(key, _BOTH):
                yield from _text(f"{key}.{part}", found[key].get(part), wanted[key][part] if key in wanted else None)


def _text(key: str, said: Any, wanted: str | None) -> Iterator[_Found]:
    """One text in one language; what it names is compared where it is known what is filled in."""
    if not isinstance(said, str) or not said.strip():
        yield key, "MISTAKE_EMPTY_TEXT", {}
    elif wanted is not None:
        try:
            unknown = _named(said) - _named(wanted)
        except ValueError:  # a brace without its pair
            unknown = {"{}"}
        for name in sorted(unknown):
            yield key, "MISTAKE_PLACEHOLDER", {"name": name}


def _named(text: str) -> set[str]:
    """The placeholders of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
