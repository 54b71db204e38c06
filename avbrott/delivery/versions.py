"""Which version of its contract an extract of a delivery follows, and whether it may. What one says is ``contract``'s.

A version is judged by the day of the delivery, so that checking it anew years later comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from avbrott.contract import ExtractContract
from avbrott.delivery.pull import Delivery, Extract
from avbrott.findings import Finding, Severity
from avbrott.registry import Contracts


def version_findings(contracts: Contracts, delivery: Delivery) -> Iterator[Finding]:
    """A blocking finding for each extract that follows a version that is not accepted on the day of the delivery."""
    for extract in delivery.extracts:
        if extract.name in contracts.extracts and followed_version(contracts, delivery, extract) is None:
            yield Finding(delivery.provider, str(delivery.term), extract.name, "CONTRACT_VERSION", Severity.BLOCKING)


def by_version(contracts: Contracts, deliveries: Iterable[Delivery]) -> list[tuple[Contracts, list[Delivery]]]:
    """Deliveries that follow the same versions together, with the contracts of those.

    What follows a version that is not accepted is judged by the current one.
    """
    groups: dict[tuple[tuple[str, str], ...], tuple[Contracts, list[Delivery]]] = {}
    for delivery in deliveries:
        found = {e.name: followed_version(contracts, delivery, e) for e in delivery.extracts if e.name in contracts.extracts}
        followed = {name: one for name, one in found.items() if one is not None and one is not contracts.extracts[name]}
        key = tuple(sorted((name, one.version) for name, one in followed.items()))
        promised = contracts.following(followed) if followed else contracts
        groups.setdefault(key, (promised, []))[1].append(delivery)
    return list(groups.values())


def followed_version(contracts: Contracts, delivery: Delivery, extract: Extract) -> ExtractContract | None:
    """The version that an extract follows, the newest accepted one where it names none; None where it may not."""
    accepted = contracts.accepted_versions(extract.name, delivery.created_of(extract))
    named = [one for one in accepted if extract.version in (None, one.version)]
    return named[0] if named else None
