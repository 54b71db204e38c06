"""The log of what was refused at reception: a line of JSON each, when it is refused first. Never a row's value."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

from avbrott.delivery.record import Delivery
from avbrott.home import Home

_one_at_a_time = threading.Lock()
"""Providers are pulled side by side, and a line is whole."""


def log_refusals(home: Home, before: Delivery, now: Delivery) -> None:
    """Write a line for each file that is refused ``now`` and was not ``before``."""
    new = [one for one in now.refused if one not in before.refused]
    if not new:
        return
    at = datetime.now(UTC).isoformat(timespec="seconds")
    place = {"at": at, "provider": now.provider, "term": str(now.term)}
    told = [{"extract": one.extract, "code": one.code, "file": one.file, "sha256": one.sha256} for one in new]
    lines = "".join(json.dumps(place | line) + "\n" for line in told)
    with _one_at_a_time:
        home.reception_log.parent.mkdir(parents=True, exist_ok=True)
        with home.reception_log.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(lines)
