"""A provider of OpenID Connect on loopback, in a process of its own: who comes is let in as the claims it was started with.

It keeps to what matters to a client: codes that hold once and only with their PKCE verifier and the client's secret, and
signed tokens. What it is to do wrong is said when it is started.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.servers.sshd import free_port, wait_for

CLIENT, SECRET = "avbrott", "a secret of both"


class OpenIdProvider:
    """The process, from ``start`` to ``stop``."""

    def __init__(self, claims: dict[str, Any], wrong: str = "") -> None:
        self.port, self._claims, self._wrong = free_port(), claims, wrong
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "tests.servers.openid", str(self.port), json.dumps(self._claims), self._wrong]
        self._process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        wait_for(self.port, self._process)

    def stop(self) -> None:
        """End it."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=10)


class _Provider:
    def __init__(self, issuer: str, claims: dict[str, Any], wrong: str) -> None:
        self.issuer, self.claims, self.wrong = issuer, claims, wrong
        self.key, self.other = (RSAKey.generate_key(2048, parameters={"kid": "1"}) for _ in range(2))
        self.codes: dict[str, dict[str, str]] = {}

    async def configuration(self, _: Request) -> Response:
        issuer = "http://127.0.0.1:1" if self.wrong == "issuer of configuration" else self.issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """Whoever comes has signed in already."""
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(await request.form())
        asked = self.codes.pop(str(form.get("code")), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier")).encode()).digest()).rstrip(b"=")
        is_client = request.headers.get("authorization") in (f"Basic {basic}", f"Basic {plain}")
        if asked is None or not is_client or challenge.decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = {"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token(asked["nonce"])}
        return JSONResponse(token)

    def _id_token(self, nonce: str) -> str:
        now, wrong = int(time.time()), self.wrong
        claims = {
            "iss": "http://127.0.0.1:1" if wrong == "issuer" else self.issuer,
            "aud": "another" if wrong == "audience" else CLIENT,
            "iat": now - 7200 if wrong == "expired" else now,
            "exp": now - 3600 if wrong == "expired" else now + 60,
            "nonce": "another" if wrong == "nonce" else nonce,
            **self.claims,
        }
        if wrong == "no nonce":
            del claims["nonce"]
        if wrong == "unsigned":
            parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims)]
            return b".".join([*parts, b""]).decode()
        key = self.other if wrong == "key" else self.key
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


def main(port: str, claims: str, wrong: str) -> None:
    """Serve until the process is ended."""
    provider = _Provider(f"http://127.0.0.1:{port}", json.loads(claims), wrong)
    routes = [
        Route("/.well-known/openid-configuration", provider.configuration),
        Route("/keys", provider.keys),
        Route("/authorize", provider.authorize),
        Route("/token", provider.token, methods=["POST"]),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
