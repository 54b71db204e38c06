"""The command ``avbrott keys store``: options in, one call, a summary out."""

from __future__ import annotations

from typing import Annotated

import typer

from avbrott.asking import DryRunOption, YesOption
from avbrott.commands import HomeOption, console
from avbrott.home import DEFAULT_HOME, Home
from avbrott.identity.commands import keys


def register() -> None:
    """Add the command to ``avbrott keys``."""
    keys.command("store", epilog="avbrott keys store --home var --rotate")(store)


def store(
    home: HomeOption = DEFAULT_HOME,
    rotate: Annotated[bool, typer.Option("--rotate")] = False,
    encrypt: Annotated[bool, typer.Option("--encrypt")] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Show the key that the store is encrypted with, change it, or encrypt a store that is not."""
    from avbrott.asking import Asked
    from avbrott.at_rest import rotation
    from avbrott.at_rest.elsewhere import places
    from avbrott.at_rest.vault import row_files, store_key_file, vault_of
    from avbrott.errors import BadInput
    from avbrott.identity.keys import read_key
    from avbrott.identity.keys_command import say, warn_if_open
    from avbrott.texts import load_messages

    place, texts, screen = Home(home), load_messages(), console()
    if rotate and encrypt:
        raise BadInput("STORE_KEY_OPTIONS")
    if not place.store.is_dir():
        raise BadInput("STORE_MISSING", store=place.store)
    places()  # A setting that names no bucket is told before anything is asked or written.
    if encrypt or rotate:
        files = sum(1 for _ in row_files(place))
        code = "STORE_WOULD_ENCRYPT" if encrypt else "STORE_WOULD_ROTATE"
        if not Asked(screen, texts, dry_run, yes).goes_on(code, files=files, file=store_key_file(place)):
            return
    if encrypt:
        say(screen, texts, "STORE_ENCRYPTED", files=rotation.encrypt_plain(place))
    elif rotate:
        say(screen, texts, "STORE_ROTATED", files=rotation.rotate(place))
    vault_of(place)
    file = store_key_file(place)
    say(screen, texts, "STORE_KEY_SHOWN", file=file, fingerprint=read_key(file, "store").fingerprint)
    warn_if_open(file, screen, texts)
