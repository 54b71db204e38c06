"""The commands ``avbrott serve``, ``users`` and ``log``: options in, one call. What they need is imported when they run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avbrott import logs
from avbrott.asking import Asked, DryRunOption, YesOption
from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.home import DEFAULT_HOME, Home

if TYPE_CHECKING:
    from avbrott.access.settings import Access
    from avbrott.registry import Contracts
    from avbrott.texts import Texts

NameArgument = Annotated[str, typer.Argument(metavar="NAME")]

users = typer.Typer(no_args_is_help=True)
log = typer.Typer(no_args_is_help=True)


def register(application: typer.Typer, styles: Callable[[], Path]) -> None:
    """Add the commands to ``avbrott``; ``styles`` tells where the style sheet of the site is."""

    def serve(
        host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
        port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8080,
        certificate: Annotated[Path | None, typer.Option("--certificate")] = None,
        private_key: Annotated[Path | None, typer.Option("--private-key")] = None,
        home: HomeOption = DEFAULT_HOME,
        contracts: ContractsOption = None,
    ) -> None:
        """Serve the site, and the pages of those who sign in."""
        place, promised, access, texts = _read("serve", home, contracts)
        from avbrott.access.server import Door, serve_home

        logs.begin()
        screen = console(quiet=logs.is_json())
        serve_home(place, promised, access, Door(host, port, certificate, private_key), styles(), screen, texts)

    application.command(epilog="avbrott serve --home var --port 8080")(serve)
    application.add_typer(users, name="users", cls=application.info.cls, epilog="avbrott users list --home var")
    application.add_typer(log, name="log", cls=application.info.cls, epilog="avbrott log verify --home var")


@users.command(epilog="avbrott users add anna@umea.se --role data_owner --of 2480 --home var")
def add(
    account: NameArgument,
    role: Annotated[str, typer.Option("--role")],
    of: Annotated[str, typer.Option("--of")] = "",
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Make an account; its password is asked for, or read from a pipe."""
    place, promised, access, texts = _read("users", home, contracts)
    from typing import cast

    from avbrott.access import users_command
    from avbrott.access.accounts import Person
    from avbrott.access.settings import RoleName

    users_command.add(place, promised, access, Person(account, cast("RoleName", role), of), console(), texts)


@users.command("list", epilog="avbrott users list --home var")
def list_accounts(home: HomeOption = DEFAULT_HOME) -> None:
    """List the accounts."""
    place, texts = _place("users", home)
    from avbrott.access import users_command

    users_command.show(place, console(), texts)


@users.command(epilog="avbrott users disable anna@umea.se --home var")
def disable(
    account: NameArgument, dry_run: DryRunOption = False, yes: YesOption = False, home: HomeOption = DEFAULT_HOME
) -> None:
    """Let nobody sign in to an account any more."""
    place, texts = _place("users", home)
    from avbrott.access import users_command

    users_command.disable(place, account, Asked(console(), texts, dry_run, yes))


@users.command(epilog="avbrott users password anna@umea.se --home var")
def password(
    account: NameArgument,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Give an account another password, which unlocks and enables it."""
    place, _, access, texts = _read("users", home, contracts)
    from avbrott.access import users_command

    users_command.set_password(place, access, account, Asked(console(), texts, dry_run, yes))


@users.command(epilog="avbrott users sessions --end anna@umea.se --home var")
def sessions(
    end: Annotated[str | None, typer.Option("--end", metavar="NAME")] = None,
    end_all: Annotated[bool, typer.Option("--end-all")] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """List who is signed in, or sign them out."""
    place, _, access, texts = _read("users", home, contracts)
    from avbrott.access import users_command

    if end is not None or end_all:
        users_command.end_sessions(place, None if end_all else end, Asked(console(), texts, dry_run, yes))
    else:
        users_command.show_sessions(place, access, console(), texts)


@log.command(epilog="avbrott log verify --home var")
def verify(home: HomeOption = DEFAULT_HOME) -> None:
    """Hold the log of access against its chain."""
    place, texts = _place("log", home)
    from avbrott.access import users_command

    users_command.verify_log(place, console(), texts)


def _place(command: str, home: Path) -> tuple[Home, Texts]:
    """What every command needs; ``BadInput`` where the hub's part is not installed, or there is no home."""
    from avbrott.errors import BadInput
    from avbrott.installed import need_hub

    need_hub("HUB_NOT_INSTALLED", command=command)
    from avbrott.texts import load_messages

    if not home.is_dir():
        raise BadInput("HOME_MISSING", home=home)
    return Home(home), load_messages()


def _read(command: str, home: Path, contracts: Path | None) -> tuple[Home, Contracts, Access, Texts]:
    """The same, and what the contracts decide."""
    place, _ = _place(command, home)
    from avbrott.access.settings import load_access
    from avbrott.configuration.look import configured
    from avbrott.texts import load_messages

    promised = configured(place, contracts)
    return place, promised, load_access(promised.folder), load_messages(promised.folder)
