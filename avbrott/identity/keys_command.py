"""What ``avbrott keys`` does and says: a fingerprint, an epoch and where things lie, and never a key."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from rich.console import Console

from avbrott.delivery.at_home import need_export
from avbrott.delivery.check import scanner_of
from avbrott.delivery.read import read_table
from avbrott.errors import BadInput, ExitCode
from avbrott.help_texts import LANGUAGES
from avbrott.identity.aliases import read_aliases, with_aliases
from avbrott.identity.bridge import made, write_bridge
from avbrott.identity.keys import Key, new_key, read_key
from avbrott.identity.numbers import read_numbers
from avbrott.identity.source import columns_of, read_source_contract, recognised
from avbrott.key_files import is_open_to_others
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import Texts, load_messages


def say(console: Console, texts: Texts, code: str, **parameters: object) -> None:
    """Print a text, Swedish first and English beside it."""
    for language in LANGUAGES:
        console.print(
            texts.get(code, language, **parameters), markup=False, soft_wrap=True, style="dim" if language == "en" else ""
        )


def new_command(file: Path, epoch: str, console: Console) -> ExitCode:
    """Make a key and tell its fingerprint."""
    _tell_made(file, new_key(file, epoch), console)
    return ExitCode.DONE


def rotate_command(
    former: Path,
    successor: Path,
    epoch: str,
    exports: Sequence[Path],
    term: str | None,
    bridge: Path | None,
    contracts: Contracts,
    console: Console,
) -> ExitCode:
    """Make the next epoch's key and, where there are exports, the bridge to it; ``BadInput`` before anything is made."""
    old = read_key(former, "county")
    if old.epoch == epoch:
        raise BadInput("KEY_SAME_EPOCH", epoch=epoch)
    if bool(exports) != (bridge is not None) or bool(exports) != (term is not None):
        raise BadInput("BRIDGE_OPTIONS")
    if bridge is None or term is None:
        _tell_made(successor, new_key(successor, epoch), console)
        say(console, load_messages(), "KEY_ROTATED_WITHOUT_BRIDGE", former=former, successor=successor)
        return ExitCode.DONE
    identities = identities_of(exports, Term.said(term), contracts)
    key = new_key(successor, epoch)
    _tell_made(successor, key, console)
    _write(bridge, old, key, identities.select(former="identity", current="identity"), console)
    return ExitCode.DONE


def bridge_command(
    former: Path,
    successor: Path,
    exports: Sequence[Path],
    alias: Path | None,
    term: str,
    out: Path,
    contracts: Contracts,
    console: Console,
) -> ExitCode:
    """Make the bridge between two keys from exports, or between the numbers of each person of an alias file.

    From both, each number of a person leads to the newest one, or it would seem to have become two.
    """
    keys = read_key(former, "county"), read_key(successor, "county")
    if not exports and alias is None:
        raise BadInput("BRIDGE_FROM_NOTHING")
    if exports and keys[0].epoch == keys[1].epoch:
        raise BadInput("KEY_SAME_EPOCH", epoch=keys[0].epoch)
    at = Term.said(term)
    aliases = read_aliases(alias, at) if alias is not None else None
    pairs = [aliases] if aliases is not None else []
    if exports:
        identity = identities_of(exports, at, contracts)["identity"]
        current = identity if aliases is None else with_aliases(identity, aliases)
        pairs.append(pl.DataFrame({"former": identity, "current": current}))
    _write(out, *keys, pl.concat(pairs), console)
    return ExitCode.DONE


def warn_if_open(file: Path, console: Console, texts: Texts) -> None:
    """Say so where others may read a key file."""
    if is_open_to_others(file):
        say(console, texts, "KEY_OPEN", file=file)


def _tell_made(file: Path, key: Key, console: Console) -> None:
    texts = load_messages()
    say(console, texts, "KEY_MADE", file=file, epoch=key.epoch, fingerprint=key.fingerprint)
    say(console, texts, "KEY_MADE_WINDOWS" if os.name == "nt" else "KEY_MADE_MODE", file=file)


def _write(file: Path, former: Key, current: Key, identities: pl.DataFrame, console: Console) -> None:
    bridge = made(former, current, identities)
    write_bridge(file, bridge)
    say(
        console,
        load_messages(),
        "BRIDGE_MADE",
        file=file,
        pairs=bridge.pairs.height,
        former=former.epoch,
        current=current.epoch,
    )


def identities_of(exports: Sequence[Path], term: Term, contracts: Contracts) -> pl.DataFrame:
    """The persons of exports (``identity``); ``BadInput`` names the lines of numbers that are nobody's."""
    source, scanner = read_source_contract(contracts), scanner_of(contracts, term).contract
    found = []
    for file in exports:
        need_export(file)
        table = recognised(read_table(file), source)
        values = columns_of(table, source, scanner).get(source.identity.term)
        if values is None:
            raise BadInput("EXPORT_NO_IDENTITY", file=file)
        for fault in table.faults:
            if fault.code == "IDENTITY_SEVERAL":
                raise BadInput("EXPORT_TWO_NUMBERS", file=file, rows=", ".join(map(str, fault.rows)))
        numbers = read_numbers(values["value"], term)
        wrong = values.filter(numbers["problem"].is_not_null())
        if wrong.height:
            raise BadInput("EXPORT_NO_NUMBER", file=file, rows=", ".join(map(str, wrong["row"].head(20))))
        found.append(numbers.select("identity"))
    return pl.concat(found).drop_nulls().unique().sort("identity")
