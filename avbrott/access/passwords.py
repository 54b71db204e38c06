"""Passwords: how one is kept, and whether one is right. Never the password itself, nor in any message."""

from __future__ import annotations

from functools import cache

import argon2

from avbrott.access.settings import PasswordRules
from avbrott.errors import BadInput


def refuse_unfit(password: str, name: str, rules: PasswordRules) -> None:
    """``BadInput`` where a password is too short or long, one sign again and again, or the account's own name."""
    if not rules.shortest <= len(password) <= rules.longest:
        raise BadInput("PASSWORD_LENGTH", shortest=rules.shortest, longest=rules.longest)
    if len(set(password)) < rules.shortest // 3 or name.casefold() in password.casefold():
        raise BadInput("PASSWORD_PLAIN")


def kept(password: str, rules: PasswordRules) -> str:
    """What is kept of a password."""
    return _hasher(rules).hash(password)


def is_right(password: str, kept_as: str | None, rules: PasswordRules) -> bool:
    """Whether a password is the one that is ``kept_as``. Of no account (None) it takes as long, and is not."""
    known = kept_as is not None
    try:
        _hasher(rules).verify(kept_as or _nobodys(rules), password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return known


def is_outdated(kept_as: str, rules: PasswordRules) -> bool:
    """Whether a password that is right should be kept anew, with the figures of today."""
    return _hasher(rules).check_needs_rehash(kept_as)


@cache
def _hasher(rules: PasswordRules) -> argon2.PasswordHasher:
    return argon2.PasswordHasher(time_cost=rules.passes, memory_cost=rules.memory_kib, parallelism=rules.lanes)


@cache
def _nobodys(rules: PasswordRules) -> str:
    return _hasher(rules).hash("nobody's")
