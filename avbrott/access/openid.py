"""Signing in at a provider of OpenID Connect: who comes back from there, and which role her claims give her.

Authlib speaks with the provider; what was agreed with it when somebody was sent there is kept at this server, bound to her
browser by a cookie. File: ``<home>/openid.yaml`` (``docs/access.md``).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, cast

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from avbrott.access import log
from avbrott.access.accounts import ELSEWHERE, Person, refuse_unknown
from avbrott.access.cookies import VISIT, give, take
from avbrott.access.database import opened
from avbrott.access.hall import Visit
from avbrott.access.openid_settings import OpenId, read_openid
from avbrott.access.settings import Access
from avbrott.access.signing_in import MINE, limited_at, safe_next, signed_in
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts

CALLBACK = "/sign-in/back"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key pair: what is signed with a secret that both have, or not at all, is not believed."""
_SECONDS = 10.0
_LONGEST_WHO = 200
_KEPT_SECONDS = 24 * 3600.0
"""Nobody who went to the provider comes back after so long, whatever the rules say."""


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What was agreed when somebody was sent to the provider."""

    nonce: str
    verifier: str
    onward: str


class Provider:
    """The provider, from the server's start."""

    def __init__(self, settings: OpenId, secret: str | None) -> None:
        self._settings = settings
        registered = OAuth().register(
            "provider",
            client_id=settings.client_id,
            client_secret=secret,
            server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.scope,
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
                "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
            },
        )
        self._client = cast("Any", registered)

    async def begin(self, visit: Visit) -> Response:
        """Send the browser to the provider."""
        onward = safe_next(visit.request.query_params.get("next", ""))
        limited = await limited_at(visit, "openid", onward)
        if limited is not None:
            return limited
        try:
            await self._metadata()
            sent = await self._client.create_authorization_url(
                self._settings.address + CALLBACK, nonce=secrets.token_urlsafe(32)
            )
        except (httpx2.HTTPError, AuthlibBaseError, ValueError):
            raise BadInput("OPENID_SILENT", issuer=self._settings.issuer) from None
        binding = secrets.token_urlsafe(32)
        agreed = _Agreed(sent["nonce"], sent["code_verifier"], onward)
        await run_in_threadpool(_keep, visit.hall.home, sent["state"], binding, agreed)
        response = RedirectResponse(sent["url"], 303)
        give(response, VISIT, binding)
        return response

    async def back(self, visit: Visit) -> Response:
        """Take the browser back from the provider; every refusal is noted, and says the same but for what was not agreed."""
        hall, asked = visit.hall, visit.request.query_params
        limited = await limited_at(visit, "back", MINE)
        if limited is not None:
            return limited
        binding = visit.request.cookies.get(VISIT, "")
        minutes = hall.access.sign_in.provider_minutes
        agreed = await run_in_threadpool(_taken, hall.home, asked.get("state", ""), binding, 60.0 * minutes)
        person = await self._person(asked.get("code", ""), agreed) if agreed and "code" in asked else None
        is_known = person is not None and _is_known(hall.contracts, hall.access, person)
        response = await signed_in(visit, person, agreed.onward, None) if agreed and person and is_known else None
        if response is None:
            done = log.Done("sign_in", "refused", what="openid", address=visit.address)
            await run_in_threadpool(log.add, hall.home, done)
            response = visit.refused(BadInput("OPENID_REFUSED"), 403)
        take(response, VISIT)
        return response

    async def _metadata(self) -> None:
        """What the provider says of itself: it must be the one that is meant."""
        told = await self._client.load_server_metadata()
        if told.get("issuer") != self._settings.issuer:
            raise ValueError
        offered = told.get("id_token_signing_alg_values_supported") or ["RS256"]
        told["id_token_signing_alg_values_supported"] = [one for one in offered if one in _ALGORITHMS]

    async def _person(self, code: str, agreed: _Agreed) -> Person | None:
        """Who the provider says that this is, and what she is here; None where nothing holds, or no rule fits."""
        try:
            await self._metadata()
            token = await self._client.fetch_access_token(
                self._settings.address + CALLBACK, code=code, code_verifier=agreed.verifier
            )
            claims = await self._client.parse_id_token(token, nonce=agreed.nonce)
        except (httpx2.HTTPError, AuthlibBaseError, JoseError, ValueError, TypeError, KeyError):
            return None
        if not claims or claims.get("nonce") != agreed.nonce:
            return None
        return person_of(self._settings, claims)


def person_of(settings: OpenId, claims: dict[str, Any]) -> Person | None:
    """Who the claims are of, by the first rule that fits; None where none does."""
    who = claims.get("sub")
    if not isinstance(who, str) or not 0 < len(who) <= _LONGEST_WHO or not who.isprintable():
        return None
    for rule in settings.rules:
        if rule.value in _values(claims, rule.claim):
            of = _values(claims, rule.of) if rule.of else ("",)
            return Person(ELSEWHERE + who, rule.role, of[0]) if len(of) == 1 else None
    return None


def read_provider(home: Home) -> Provider | None:
    """The provider of ``<home>/openid.yaml``; None where there is no such file. ``BadInput`` names what cannot be used."""
    settings = read_openid(home)
    if settings is None:
        return None
    file, secret = settings.secret(home), None
    if file is not None:
        try:
            secret = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise BadInput("OPENID_SECRET", file=file) from None
        if not secret:
            raise BadInput("OPENID_SECRET", file=file)
    return Provider(settings, secret)


def _is_known(contracts: Contracts, access: Access, person: Person) -> bool:
    try:
        refuse_unknown(contracts, access, person)
    except BadInput:
        return False
    return True


def _values(claims: dict[str, Any], name: str) -> tuple[str, ...]:
    """The values of a claim, which is one text or a list of them."""
    said = claims.get(name)
    listed = said if isinstance(said, list) else [said]
    return tuple(one for one in listed if isinstance(one, str))


def _keep(home: Home, state: str, binding: str, agreed: _Agreed) -> None:
    with opened(home) as file:
        file.execute("DELETE FROM visits WHERE begun < ?", (time.time() - _KEPT_SECONDS,))
        file.execute(
            "INSERT INTO visits (state, binding, nonce, verifier, next, begun) VALUES (?, ?, ?, ?, ?, ?)",
            (state, binding, agreed.nonce, agreed.verifier, agreed.onward, time.time()),
        )


def _taken(home: Home, state: str, binding: str, seconds: float) -> _Agreed | None:
    """What was agreed under ``state`` with this browser, of late; it holds once."""
    with opened(home) as file:
        file.execute("DELETE FROM visits WHERE begun < ?", (time.time() - seconds,))
        row = file.execute(
            "DELETE FROM visits WHERE state = ? AND binding = ? RETURNING nonce, verifier, next", (state, binding)
        ).fetchone()
    return _Agreed(*row) if row else None
