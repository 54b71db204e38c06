"""A command line that no command can use, in the program's own words. What a command does with its options is not here.

Typer's own words are English alone. Only its base class is public, so an error's kind is known by its name; one that is
not known here is told with Typer's words in brackets.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from typer import TyperException

from avbrott.errors import BadInput
from avbrott.rights import forbidden

_UNREADABLE = "is not readable."
"""So Typer ends what it says of a path that is there and may not be read; its other words are of values."""
_CHOICES = re.compile(r"is not one of ('.+')\.?$")
"""So it ends what it says of a value that is none of those that there are."""
_TOLD = {
    "NoSuchOption": "USAGE_OPTION_UNKNOWN",
    "BadOptionUsage": "USAGE_OPTION_VALUE",
    "MissingParameter": "USAGE_MISSING",
    "BadParameter": "USAGE_VALUE",
    "NoArgsIsHelpError": "USAGE_NO_COMMAND",
}


def usage_error(error: TyperException, arguments: Sequence[str]) -> BadInput:
    """What is wrong with ``arguments`` (what stands after ``avbrott``), with the command whose ``--help`` says how it is."""
    code = _TOLD.get(type(error).__name__, "USAGE_OTHER")
    parameter = getattr(error, "param", None)
    minimum, maximum = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if code == "USAGE_VALUE" and minimum is not None:
        number = "USAGE_NUMBER" if maximum is None else "USAGE_NUMBER_TO"
        told = "USAGE_DECIMAL" if _takes_decimals(parameter) else number
        return BadInput(told, option=_name(error), command=_command(error, arguments), minimum=minimum, maximum=maximum)
    choices = _CHOICES.search(error.message)
    if code == "USAGE_VALUE" and choices is not None:
        listed = choices[1].replace("'", "")
        return BadInput("USAGE_CHOICE", option=_name(error), command=_command(error, arguments), choices=listed)
    if code == "USAGE_VALUE" and error.message.endswith(_UNREADABLE):
        return forbidden(_path(error.message))
    return BadInput(code, option=_name(error), command=_command(error, arguments), told=error.message.rstrip("."))


def _takes_decimals(parameter: object) -> bool:
    return getattr(getattr(parameter, "type_descriptor", None), "annotation", None) is float


def _path(message: str) -> Path:
    """The path that Typer quotes as Python would."""
    told = message.removesuffix(_UNREADABLE).strip()
    quoted = told[min(told.find(mark) for mark in "'\"" if mark in told) :]
    return Path(str(ast.literal_eval(quoted)))


def _name(error: TyperException) -> str:
    """The option or argument, as it stands in the help."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "option_name", ""))
    return str(parameter.metavar or parameter.opts[0])


def _command(error: TyperException, arguments: Sequence[str]) -> str:
    """The command that was asked for; some errors do not know theirs."""
    context = getattr(error, "ctx", None)
    if context is not None:
        return str(context.command_path)
    return " ".join(["avbrott", *(argument for argument in arguments[:1] if not argument.startswith("-"))])
