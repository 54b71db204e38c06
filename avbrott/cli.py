"""The command ``avbrott``: the data owner's commands, and those that an installed hub registers. No work is done here.

A command is a thin function that reads its options and calls one function of the library, imported when it is called, so that
``avbrott --help`` answers at once. What the help says is ``help_texts``'. Errors are told here, in one form: Swedish, then
English, then what to do.
"""

from __future__ import annotations

import io
import os
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup
from typer.main import get_command

from avbrott import __version__, logs
from avbrott.at_rest import commands as at_rest_commands
from avbrott.commands import Commands, ContractsOption, HomeOption, console
from avbrott.contract_commands import contracts_group
from avbrott.contract_folder import packaged_contracts
from avbrott.errors import AvbrottError, BadInput, ExitCode, StageFailed
from avbrott.first_start import commands as first_start_commands
from avbrott.help_texts import LANGUAGES, add_help
from avbrott.home import DEFAULT_HOME, Home
from avbrott.identity import commands as identity_commands
from avbrott.outside import from_outside
from avbrott.receipts import commands as receipts_commands
from avbrott.release import commands as release_commands
from avbrott.retention import commands as retention_commands
from avbrott.retention import person_commands
from avbrott.rights import forbidden
from avbrott.sending import commands as sending_commands
from avbrott.synthetic import commands as synthetic_commands
from avbrott.texts import load_messages, load_texts
from avbrott.upkeep import commands as upkeep_commands
from avbrott.usage import usage_error

app = typer.Typer(
    name="avbrott",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


identity_commands.register(app)
sending_commands.register(app)
receipts_commands.register(app)
at_rest_commands.register()
release_commands.register(app)
retention_commands.register(app)
person_commands.register(app)
upkeep_commands.register(app)
first_start_commands.register(app)
synthetic_commands.register(app)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version")] = False,
    debug: Annotated[bool, typer.Option("--debug")] = False,  # noqa: ARG001  main reads it wherever it stands
) -> None:
    """Options of every command."""
    if version:
        console().print(__version__)
        raise typer.Exit


@app.command(epilog="avbrott check enrolments.csv --term HT2025 --provider 2482")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE")],
    contract: str | None = None,
    provider: str | None = None,
    term: str | None = None,
    report: Annotated[Path | None, typer.Option("--report")] = None,
    show_values: Annotated[bool, typer.Option("--show-values")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
    contracts: ContractsOption = None,
) -> None:
    """Hold a delivery against its contract, sending nothing."""
    from avbrott.delivery.command import check_command
    from avbrott.registry import load_contracts

    raise typer.Exit(
        check_command(
            files,
            load_contracts(contracts),
            contract=contract,
            provider=provider,
            term=term,
            report=report,
            show_values=show_values,
            json=json,
            console=console(),
        )
    )


@app.command(epilog="avbrott protect counts.csv --spec spec.yaml --out protected")
def protect(
    source: Annotated[Path, typer.Argument(metavar="INPUT")],
    spec: Annotated[Path, typer.Option("--spec")],
    out: Annotated[Path, typer.Option("--out")],
) -> None:
    """Protect any table, and prove it."""
    from avbrott.installed import need_hub

    need_hub("HUB_NOT_INSTALLED", command="protect")
    from avbrott.tabular.command import protect_command

    raise typer.Exit(protect_command(source, spec, out, console()))


@app.command(epilog="avbrott audit current --home var")
def audit(
    release: Annotated[str, typer.Argument(metavar="RELEASE")],
    attack: Annotated[bool, typer.Option("--attack")] = False,
    seconds: Annotated[float, typer.Option(min=0)] = 60.0,
    spec: Annotated[Path | None, typer.Option("--spec")] = None,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Verify a release from its files."""
    from avbrott.registry import load_contracts
    from avbrott.release.command import audit_command
    from avbrott.release.ledger import find_release
    from avbrott.tabular.made import is_output, was_output

    if is_output(Path(release)):
        from avbrott.tabular.command import audit_output_command

        raise typer.Exit(audit_output_command(Path(release), console(), attacked=attack, seconds=seconds, spec=spec))
    if was_output(Path(release)):
        raise BadInput("OUTPUT_MISSING", folder=release)
    if attack or spec is not None:
        find_release(Home(home), release)  # one that is not there is told first
        raise BadInput("OPTION_NEEDS_OUTPUT", release=release, option="--attack" if attack else "--spec")
    raise typer.Exit(audit_command(release, Home(home), load_contracts(contracts), console()))


app.add_typer(contracts_group, name="contracts", epilog="avbrott contracts docs --out kontrakt")


@cache
def application() -> typer.Typer:
    """``app`` with the commands of what else is installed (the hub's, by the entry point group ``avbrott.commands``)."""
    for entry in sorted(entry_points(group="avbrott.commands"), key=lambda found: found.name):
        entry.load()(app)
    return app


@cache
def program() -> TyperGroup:
    """Every command with its help: made once, since that takes a tenth of a second."""
    made = get_command(application())
    assert isinstance(made, TyperGroup)
    add_help(made, load_texts(packaged_contracts(), "commands"))
    return made


def main(*, is_interrupted: bool = False) -> None:
    """Run the command line; every error ends as a message and a documented exit code.

    ``is_interrupted``: Ctrl-C came before it could be run.
    """
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a screen that has no å shows another sign in its place
            stream.reconfigure(errors="replace")
    errors = Console(stderr=True, highlight=False)
    try:
        code = ExitCode.INTERRUPTED if is_interrupted else _run(arguments)
    except AvbrottError as error:
        if debug and error.exit_code is ExitCode.INTERNAL:
            raise
        code = tell(error, errors)
    except typer.TyperException as error:
        code = tell(usage_error(error, arguments), errors)
    except (KeyboardInterrupt, typer.Abort):
        code = ExitCode.INTERRUPTED
    except (BrokenPipeError, SystemExit) as ended:
        if isinstance(ended, SystemExit) and not isinstance(ended.__context__, BrokenPipeError):  # rich makes it of one
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # or what is left would be written at the exit
        try:
            tell(BadInput("NOBODY_READS"), errors)
        except (BrokenPipeError, SystemExit):  # errors go the same way
            os.dup2(nowhere, sys.stderr.fileno())
        code = ExitCode.NOBODY_READS
    except Exception as error:  # the last resort: told by its type, never by its text
        if debug:
            raise
        code = tell(_unforeseen(error), errors)
    if code == ExitCode.INTERRUPTED:  # also as typer tells of Ctrl-C, without a word
        tell(BadInput("INTERRUPTED"), errors)
    sys.exit(int(code))


def _unforeseen(error: Exception) -> AvbrottError:
    """What is told of an error that no other word is for: a file that may not be used is no fault of the program."""
    if isinstance(error, PermissionError) and isinstance(error.filename, str):
        return forbidden(Path(error.filename))
    return from_outside(error) or StageFailed(type(error).__name__)


def _run(arguments: list[str]) -> int:
    """Run a command; what it says to the shell. ``KeyboardInterrupt``, of which Typer makes a code, is one again."""
    logs.refuse_unknown()
    result = program().main(args=arguments, prog_name="avbrott", standalone_mode=False)
    code = int(result) if isinstance(result, int) else ExitCode.DONE
    if code == ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return code


def tell(error: AvbrottError, errors: Console) -> ExitCode:
    """Print an error: Swedish, English, and in both how to mend it, or a line of the log; its exit code is returned.

    Errors are told with the texts that come with the program, so that one about contracts of your own can be told as well.
    """
    if logs.is_json():
        logs.write("error", error.code, about=error.parameters)
        return error.exit_code
    texts = load_messages()
    for language in LANGUAGES:
        style = "dim" if language == "en" else ""
        word = Text(f"{texts.get('ERROR', language)}: ", style="bold dim" if language == "en" else "bold red")
        said = texts.get(error.code, language, **error.parameters) if error.code in texts else str(error)
        errors.print(word.append(said, style=style))
        if error.code in texts:
            errors.print(texts.mend(error.code, language, **error.parameters), markup=False, style=style)
    return error.exit_code
