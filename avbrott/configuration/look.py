"""Everything that is wrong with what a hub is set up by, told at once: what, in which file, on which line, how to mend it.

Every command of the hub begins with ``configured``. Where one thing alone is wrong, or the contracts alone are, it is told in
its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from avbrott.access.settings import load_access
from avbrott.at_rest.elsewhere import places
from avbrott.configuration import home_files
from avbrott.configuration.files import READ_LATER, model_of
from avbrott.contract_files import ContractFiles, read_contract
from avbrott.contract_folder import chosen_contracts, own_or_packaged
from avbrott.errors import BadInput
from avbrott.help_texts import LANGUAGES
from avbrott.home import Home
from avbrott.mistakes import ContractInvalid
from avbrott.registry import Contracts, load_contracts
from avbrott.retention.plan import retention_of
from avbrott.suppliers import Suppliers
from avbrott.texts import Language, Texts, load_messages

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong."""

    file: str
    line: int
    """0: the file has no lines, or is not there."""
    key: str
    """The way to it in the file; empty where it is the file as a whole."""
    code: str
    """The text that says what it is, and how to mend it where that is not the same for all."""
    parameters: dict[str, str]


def configured(home: Home, folder: Path | None) -> Contracts:
    """The contracts, where nothing is wrong with them or the home; ``BadInput`` with everything that is."""
    contracts, problems = look(home, folder)
    if len(problems) > 1:
        found, texts = [wrong for problem in problems for wrong in _all_of(problem)], load_messages()
        told = {f"places_{language}": _told(found, texts, language) for language in LANGUAGES}
        raise BadInput("CONFIGURATION_WRONG", count=len(found), **told)
    for problem in problems:
        raise problem
    assert contracts is not None
    return contracts


def look(home: Home, folder: Path | None) -> tuple[Contracts | None, list[BadInput]]:
    """The contracts where they can be read, and everything that is wrong, whatever else is."""
    place, problems = chosen_contracts(folder), list[BadInput]()
    contracts = _tried(lambda: load_contracts(folder), problems)
    access = _tried(lambda: load_access(place), problems)
    for name in READ_LATER:
        _tried(partial(read_contract, own_or_packaged(place, name), model_of(name)), problems)
    if contracts is not None and contracts.retention is not None:
        _tried(lambda: retention_of(contracts), problems)
    suppliers = contracts.suppliers if contracts is not None else _suppliers(place)
    _tried(places, problems)
    problems += home_files.settings(home, suppliers)
    problems += home_files.keys(home, suppliers)
    problems += home_files.bridges(home)
    if contracts is not None and access is not None:
        problems += home_files.accounts(home, contracts, access)
    return contracts, problems


def _suppliers(folder: Path) -> Suppliers | None:
    """Who delivers, where that at least can be read."""
    files = ContractFiles(folder)
    return files.one("suppliers.yaml", Suppliers)


def _tried(read: Callable[[], T], problems: list[BadInput]) -> T | None:
    try:
        return read()
    except BadInput as problem:
        problems.append(problem)
        return None


def _all_of(problem: BadInput) -> Iterator[Wrong]:
    """What a problem is about; one of contracts may be about many things."""
    if isinstance(problem, ContractInvalid):
        for one in problem.mistakes:
            key = "" if one.key == "-" else one.key
            yield Wrong(str(problem.folder / one.file), one.line, key, one.code, one.parameters)
        return
    told = problem.parameters
    yield Wrong(told.get("file", ""), int(told.get("line", 0)), told.get("key", ""), problem.code, told)


def _told(found: Iterable[Wrong], texts: Texts, language: Language) -> str:
    lines = (
        f"{_place(one)} {texts.get(one.code, language, **one.parameters)} {texts.mend(one.code, language, **one.parameters)}"
        for one in found
    )
    return "\n  ".join(dict.fromkeys(line.rstrip() for line in lines))


def _place(one: Wrong) -> str:
    line = f":{one.line}" if one.line else ""
    return f"{one.file}{line}:" + (f" {one.key}:" if one.key else "")
