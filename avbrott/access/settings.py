"""What decides about access: roles, sessions, limits. File: ``contracts/access.yaml``, whose comments say what each means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from avbrott.contract_folder import own_or_packaged
from avbrott.model import Model
from avbrott.registry import read_contract

FILE = "access.yaml"

Right = Literal["coverage", "provider_pages", "school_pages", "deliver", "proposal", "approve"]
Of = Literal["nothing", "provider", "school"]
RoleName = Literal["analyst", "data_owner", "school_leader", "releaser"]

_OF: dict[str, Of] = {"provider_pages": "provider", "deliver": "provider", "school_pages": "school"}
"""The rights that are of one thing each; the others are of none."""


class Role(Model):
    """What a role is of, and what it may do."""

    of: Of
    may: tuple[Right, ...]

    @property
    def fits(self) -> bool:
        """Whether every right is of what the role is of: a right to one provider's pages is nothing to a role of none."""
        return all(_OF.get(right, self.of) == self.of for right in self.may)


class SessionRules(Model):
    """How long a person stays signed in."""

    idle_minutes: int = Field(strict=True, ge=1, le=24 * 60)
    longest_minutes: int = Field(strict=True, ge=1, le=24 * 60)


class SignInRules(Model):
    """How often a password may be tried."""

    failures: int = Field(strict=True, ge=1)
    locked_minutes: int = Field(strict=True, ge=1)
    window_minutes: int = Field(strict=True, ge=1)
    by_account: int = Field(strict=True, ge=1)
    by_address: int = Field(strict=True, ge=1)
    provider_minutes: int = Field(strict=True, ge=1)


class PasswordRules(Model):
    """What a password must be, and how it is kept."""

    shortest: int = Field(strict=True, ge=8)
    longest: int = Field(strict=True, le=1000)
    memory_kib: int = Field(strict=True, ge=8 * 1024)
    passes: int = Field(strict=True, ge=1)
    lanes: int = Field(strict=True, ge=1)
    at_once: int = Field(strict=True, ge=1)
    waiting: int = Field(strict=True, ge=1)


class Limits(Model):
    """How much is taken from anybody, and how long it is waited for."""

    header_bytes: int = Field(strict=True, ge=1024)
    header_seconds: int = Field(strict=True, ge=1)
    form_bytes: int = Field(strict=True, ge=1024)
    form_seconds: int = Field(strict=True, ge=1)
    upload_bytes: int = Field(strict=True, ge=1024)
    upload_seconds: int = Field(strict=True, ge=1)
    answer_seconds: int = Field(strict=True, ge=1)
    uploads_waiting: int = Field(strict=True, ge=1)
    connections: int = Field(strict=True, ge=1)
    cache_bytes: int = Field(strict=True, ge=0)


class Access(Model):
    """The whole file."""

    roles: dict[RoleName, Role]
    session: SessionRules
    sign_in: SignInRules
    password: PasswordRules
    limits: Limits
    proxies: tuple[str, ...] = ()


def load_access(folder: Path) -> Access:
    """Read ``access.yaml`` of the contracts in ``folder``, or the packaged one where these have none of their own.

    ``BadInput`` names the key that cannot be used.
    """
    from avbrott.mistakes import Mistake, raise_mistakes

    file = own_or_packaged(folder, FILE)
    access = read_contract(file, Access)
    wrong = (
        Mistake(FILE, f"roles.{name}.may", "MISTAKE_ROLE_RIGHTS", {"of": role.of})
        for name, role in access.roles.items()
        if not role.fits
    )
    raise_mistakes(wrong, file.parent)
    return access
