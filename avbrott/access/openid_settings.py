"""How the provider of OpenID Connect is reached, and who gets which role. File: ``<home>/openid.yaml``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from avbrott.access.settings import RoleName
from avbrott.contract_files import read_contract
from avbrott.home import Home
from avbrott.model import Model


class Rule(Model):
    """Who has ``value`` among the values of ``claim`` gets ``role``; ``of``: the claim that says of what."""

    claim: str
    value: str
    role: RoleName
    of: str | None = None


class OpenId(Model):
    """The content of ``<home>/openid.yaml``."""

    issuer: str = Field(pattern=r"^https?://[^\s?#]+$")
    client_id: str
    secret_file: str | None = None
    """Relative to the home, or absolute; None: the client is a public one, and PKCE alone binds it."""
    address: str = Field(pattern=r"^https?://[^\s/?#]+$")
    """The address of this server, as browsers know it."""
    scope: str = "openid profile"
    rules: tuple[Rule, ...]
    """The first one that fits counts."""

    def secret(self, home: Home) -> Path | None:
        """The file of the client's secret."""
        return home.root / self.secret_file if self.secret_file is not None else None


def read_openid(home: Home) -> OpenId | None:
    """The settings; None where there is no such file. ``BadInput`` names what cannot be used."""
    return read_contract(home.openid, OpenId) if home.openid.exists() else None
