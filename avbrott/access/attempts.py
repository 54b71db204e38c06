"""How often a sign-in was tried of late: by account and by address, also over the server's restart."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Literal

from avbrott.access.addresses import network_of
from avbrott.access.database import opened
from avbrott.access.settings import SignInRules
from avbrott.home import Home

Way = Literal["address", "openid", "back"]
"""What an address is counted at: passwords, the way to a provider of OpenID Connect, and the way back."""


@dataclass(frozen=True, slots=True)
class TooOften:
    """That there were too many attempts already."""

    is_first: bool
    """Whether this is the first of the window: it alone is noted, so that nobody fills the log."""


def too_often(home: Home, rules: SignInRules, address: str, name: str | None = None, way: Way = "address") -> TooOften | None:
    """Count an attempt, unless there were too many already. What was typed as a name is kept as a sum alone."""
    now = time.time()
    since = now - 60 * rules.window_minutes
    limits = {f"{way} {network_of(address)}": rules.by_address}
    if name is not None:
        limits[f"account {hashlib.sha256(name.encode()).hexdigest()}"] = rules.by_account
    with opened(home) as file:
        file.execute("DELETE FROM attempts WHERE at < ?", (since,))

        def counted(key: str) -> int:
            return int(file.execute("SELECT count(*) FROM attempts WHERE key = ?", (key,)).fetchone()[0])

        noted = [f"noted {key}" for key, most in limits.items() if counted(key) >= most]
        told = [key for key in noted if not counted(key)]
        file.executemany("INSERT INTO attempts (key, at) VALUES (?, ?)", [(key, now) for key in (told if noted else limits)])
    return TooOften(bool(told)) if noted else None
