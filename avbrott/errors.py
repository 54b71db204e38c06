"""A user's mistake: what is wrong, where, and how to mend it. Not here: findings about rows (``findings``).

Every message is a text of ``contracts/texts/messages.yaml``, Swedish first and English beside it. Parameters are names of
files, lines, fields and counts, never the value of a row.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command tells the shell. Documented in the README; stable."""

    DONE = 0
    FINDINGS = 1
    BAD_INPUT = 2
    CANNOT_PROTECT = 3
    SOME_REFUSED = 4
    INTERNAL = 70
    INTERRUPTED = 130
    NOBODY_READS = 141


class AvbrottError(Exception):
    """A mistake that its maker can mend. ``code`` names a text with the keys sv, en, mend_sv and mend_en."""

    exit_code: ExitCode = ExitCode.BAD_INPUT

    def __init__(self, code: str, **parameters: object) -> None:
        self.code = code
        self.parameters = {name: str(value) for name, value in parameters.items()}
        where = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        super().__init__(f"{code} ({where})" if where else code)

    def __reduce__(self) -> tuple[object, ...]:
        """Pass through a process's border with its parameters, whatever a subclass is made with."""
        return _revived, (type(self), self.code, self.parameters)


def _revived(kind: type[AvbrottError], code: str, parameters: dict[str, str]) -> AvbrottError:
    error = kind.__new__(kind)
    AvbrottError.__init__(error, code, **parameters)
    return error


class BadInput(AvbrottError):
    """A file, an option or a contract that cannot be used as it is."""


class StageFailed(AvbrottError):
    """An error of the program inside a stage, told by its type and place: its own text may hold a row's value."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, kind: str) -> None:
        super().__init__("INTERNAL_ERROR", kind=kind)


class DoesNotHold(AvbrottError):
    """A release or a delivery was read, and a promise about it is not kept."""

    exit_code = ExitCode.FINDINGS


class CannotProtect(AvbrottError):
    """No pattern of hidden cells keeps the promise: a table must be made coarser."""

    exit_code = ExitCode.CANNOT_PROTECT
