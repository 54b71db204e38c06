"""The cookies: their names bind them to this host over TLS (``__Host-``), and no script reads them."""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response

SESSION: Final = "__Host-avbrott"
"""Who is signed in."""
FORM: Final = "__Host-avbrott-form"
"""That a form of somebody who is not signed in was given to this browser."""
VISIT: Final = "__Host-avbrott-visit"
"""That somebody who comes back from the provider of OpenID Connect went there from this browser."""

Cookie = Literal["__Host-avbrott", "__Host-avbrott-form", "__Host-avbrott-visit"]


def give(response: Response, cookie: Cookie, value: str) -> None:
    """Give the browser a cookie until it is closed. Lax: a link in a mail leads to a page, not to the sign-in."""
    response.set_cookie(cookie, value, path="/", secure=True, httponly=True, samesite="lax")


def take(response: Response, cookie: Cookie) -> None:
    """Take a cookie back."""
    response.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite="lax")
