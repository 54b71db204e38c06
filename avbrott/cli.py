"""The command ``avbrott``: the data owner's commands, and those that an installed hub registers. No work is done here.

A command is a thin function that reads its options and calls one function of the library, imported when it is called, so that
``avbrott --help`` answers at once. Errors are told here, in one form: Swedish, then English, then what to do.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from avbrott import __version__
from avbrott.errors import AvbrottError, BadInput, ExitCode
from avbrott.home import DEFAULT_HOME, Home

app = typer.Typer(
    name="avbrott",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Regional statistik om avbrott i gymnasieskolan, bevisat säker innan den publiceras.\n\n"
    "Regional statistics on upper-secondary dropout, proven safe before it is published.",
)


def _folder(home: Path) -> Path:
    """``home``, unless something else than a folder is there."""
    if home.exists() and not home.is_dir():
        raise BadInput("HOME_IS_FILE", home=home)
    return home


HomeOption = Annotated[Path, typer.Option("--home", callback=_folder, help="Var allt läge finns. / Where all state lies.")]
ContractsOption = Annotated[
    Path | None,
    typer.Option("--contracts", help="Egna kontrakt i stället för de medföljande. / Contracts of your own."),
]


def console() -> Console:
    """Where commands print; errors go to standard error."""
    return Console(highlight=False)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Visa version. / Show the version.")] = False,
) -> None:
    """Options of every command."""
    if version:
        console().print(__version__)
        raise typer.Exit


@app.command(
    epilog="Exempel / Example: avbrott synth --pupils 8500 --years 10 --seed 1 --home var",
)
def synth(
    pupils: Annotated[int, typer.Option(min=1, help="Elever varje 15 oktober. / Pupils on each 15 October.")] = 8500,
    years: Annotated[int, typer.Option(min=1, help="Läsår med utfall. / School years with an outcome.")] = 10,
    seed: Annotated[int, typer.Option(help="Samma frö, samma län. / Same seed, same county.")] = 1,
    flaws: Annotated[str, typer.Option(help="Felsamling: none, mild, harsh. / Set of flaws.")] = "mild",
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Hitta på ett län och lägg dess leveranser i utkorgarna. / Invent a county and put its deliveries in the outboxes."""
    from avbrott.registry import load_contracts
    from avbrott.synthetic.command import synth_command

    raise typer.Exit(
        synth_command(
            Home(home), load_contracts(contracts), pupils=pupils, years=years, seed=seed, flaws=flaws, console=console()
        )
    )


@app.command(epilog="Exempel / Example: avbrott check enrolments.csv --term HT2025 --provider 2482")
def check(
    files: Annotated[list[Path], typer.Argument(help="Filer att pröva. / Files to check.")],
    contract: Annotated[str | None, typer.Option(help="Kontrakt, annars gissat. / Contract, else guessed.")] = None,
    provider: Annotated[str | None, typer.Option(help="Lämnare. / Provider.")] = None,
    term: Annotated[str | None, typer.Option(help="Termin, t.ex. HT2025. / Term.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Skriv JSON. / Print JSON.")] = False,
    contracts: ContractsOption = None,
) -> None:
    """Pröva en leverans mot sitt kontrakt, utan att skicka något. / Hold a delivery against its contract, sending nothing."""
    from avbrott.delivery.command import check_command
    from avbrott.registry import load_contracts

    raise typer.Exit(
        check_command(
            files,
            load_contracts(contracts),
            contract=contract,
            provider=provider,
            term=term,
            json=json,
            console=console(),
        )
    )


@app.command(epilog="Exempel / Example: avbrott audit current --home var")
def audit(
    release: Annotated[str, typer.Argument(help="Utgåva (id, mapp eller current). / Release (id, folder or current).")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Kontrollera en utgåva från dess filer. / Verify a release from its files."""
    from avbrott.release.command import audit_command

    raise typer.Exit(audit_command(release, Home(home), console()))


def register_installed(application: typer.Typer) -> None:
    """Add the commands of what else is installed (the hub's, by the entry point group ``avbrott.commands``)."""
    for entry in sorted(entry_points(group="avbrott.commands"), key=lambda found: found.name):
        entry.load()(application)


def main() -> None:
    """Run the command line; every error ends as a message and a documented exit code."""
    register_installed(app)
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    errors = Console(stderr=True, highlight=False)
    try:
        result = app(args=arguments, prog_name="avbrott", standalone_mode=False)
        code = int(result) if isinstance(result, int) else ExitCode.DONE
    except AvbrottError as error:
        if debug and error.exit_code is ExitCode.INTERNAL:
            raise
        tell(error, errors)
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last resort: told by its type, never by its text
        code = _unexpected(error, errors, debug)
    if code == ExitCode.INTERRUPTED:  # also as typer tells of Ctrl-C, without a word
        tell(BadInput("INTERRUPTED"), errors)
    sys.exit(int(code))


def _unexpected(error: Exception, errors: Console, debug: bool) -> int:
    """A usage error as click words it, or an error of the program: named by its type, its text kept to itself."""
    from click import ClickException

    if isinstance(error, ClickException):
        error.show(file=sys.stderr)
        return ExitCode.BAD_INPUT
    if debug:
        raise error
    tell(BadInput("INTERNAL_ERROR", kind=type(error).__name__), errors)
    return ExitCode.INTERNAL


def tell(error: AvbrottError, errors: Console) -> None:
    """Print an error: Swedish, English, and in both how to mend it."""
    from avbrott.texts import load_messages

    texts = load_messages()
    if error.code not in texts:
        errors.print(f"[bold red]Fel / Error:[/] {error}", markup=True)
        return
    errors.print("[bold red]Fel:[/] ", end="")
    errors.print(texts.get(error.code, "sv", **error.parameters), markup=False)
    errors.print(texts.mend(error.code, "sv", **error.parameters), markup=False)
    errors.print("[bold]Error:[/] ", end="", style="dim")
    errors.print(texts.get(error.code, "en", **error.parameters), markup=False, style="dim")
    errors.print(texts.mend(error.code, "en", **error.parameters), markup=False, style="dim")
