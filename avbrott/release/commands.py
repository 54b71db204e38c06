"""The command ``avbrott publish``: options in, one call. What it needs is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.home import DEFAULT_HOME, Home
from avbrott.transport.options import HostKeyOption, KnownHostsOption


def register(application: typer.Typer) -> None:
    """Add it to ``avbrott``."""
    application.command(epilog="avbrott publish --to s3://statistik/utgavor --home var")(publish)


def publish(
    target: Annotated[str, typer.Option("--to")],
    known_hosts: KnownHostsOption = None,
    host_key: HostKeyOption = None,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Lay the releases where others read them."""
    from avbrott.identity.keys_command import say
    from avbrott.release import publish as publishing
    from avbrott.texts import load_messages
    from avbrott.transport.target import Access, opened

    texts = load_messages(contracts)
    with opened(target, Access(known_hosts, host_key)) as place:
        done = publishing.publish(Home(home), place)
        key = "PUBLISHED" if done.releases else "PUBLISHED_BEFORE"
        say(console(), texts, key, releases=", ".join(done.releases), files=done.files, target=place.where)
