"""The commands ``avbrott erase`` and ``avbrott keys pseudonyms``: a person who withdraws or gains a protected identity."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avbrott.asking import DryRunOption, YesOption
from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.home import DEFAULT_HOME, Home
from avbrott.identity.commands import KEY_FILE, keys


def register(application: typer.Typer) -> None:
    """Add the commands to ``avbrott``."""
    application.command(epilog="avbrott erase radera.csv --home var")(erase)
    keys.command(epilog="avbrott keys pseudonyms 2025.key --export person.csv --term HT2025 --out radera.csv")(pseudonyms)


def erase(
    persons: Annotated[list[Path], typer.Argument(metavar="FILE")],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Erase persons from the store, by a file of their pseudonyms."""
    from avbrott.installed import need_hub

    need_hub("HUB_NOT_INSTALLED", command="erase")
    from avbrott.access import log
    from avbrott.asking import Asked
    from avbrott.configuration.look import configured
    from avbrott.retention.erase_persons import erase_persons, find
    from avbrott.retention.persons import read_persons
    from avbrott.texts import load_messages

    place, promised = Home(home), configured(Home(home), contracts)
    asked = Asked(console(), load_messages(promised.folder), dry_run, yes)
    places = read_persons(persons)
    found = find(place, promised, places)
    asked.say("ERASE_PSEUDONYMS", count=len(places))
    if found.is_nothing:
        asked.say("ERASE_NOTHING")
    else:
        kinds = ("delivered", "accepted", "quarantine", "frozen")
        asked.say("ERASE_ROWS", terms=", ".join(found.terms) or "-", **{kind: found.rows.get(kind, 0) for kind in kinds})
        asked.say("ERASE_RELEASES" if found.releases else "ERASE_NO_RELEASE", releases=", ".join(found.releases))
    if asked.is_confirmed():
        rows = sum(found.rows.values())
        log.add(place, log.Done("erasure", "done", what=f"pseudonyms {len(places)} rows {rows}", address=log.at_terminal()))
        erase_persons(place, promised, places)
        asked.say("ERASE_DONE", home=home)


def pseudonyms(
    key: Annotated[Path, typer.Argument(metavar=KEY_FILE)],
    exports: Annotated[list[Path], typer.Option("--export")],
    term: Annotated[str, typer.Option("--term")],
    out: Annotated[Path, typer.Option("--out")],
    contracts: ContractsOption = None,
) -> None:
    """Make the file that the hub erases persons by, of an export with their rows alone."""
    from avbrott.identity.keys import read_key
    from avbrott.identity.keys_command import identities_of, say
    from avbrott.identity.pseudonym import pseudonyms as made
    from avbrott.periods import Term
    from avbrott.registry import load_contracts
    from avbrott.retention.persons import write_persons
    from avbrott.texts import load_messages

    county, promised = read_key(key, "county"), load_contracts(contracts)
    found = identities_of(exports, Term.said(term), promised)
    count = write_persons(out, county.epoch, made(county.secret, county.epoch, found["identity"]))
    say(console(), load_messages(promised.folder), "PERSONS_MADE", file=out, count=count)
