"""The figures of an installation as Prometheus' text, for a file that node_exporter reads (textfile collector).

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from avbrott.upkeep.notices import Health

PREFIX = "avbrott"
_MEANS = {
    "late": "Providers and terms of which something was due and has not come.",
    "stuck": "What was not pulled, checked, mended, approved, published or handed over, or is not all there.",
    "full": "Whether the disk of the home is nearly full.",
    "expiring": "What is to be erased or replaced soon.",
    "free_bytes": "Bytes that are free on the disk of the home.",
    "size_bytes": "Bytes that the disk of the home has.",
    "deliveries": "Deliveries in the store, one a provider and term.",
    "releases": "Releases that are published.",
    "release_age_days": "Days since the date of the newest release.",
}


def exposition(health: Health) -> bytes:
    """Every figure as a gauge, by name; counts alone, without a provider's name or any row's value."""
    registry = CollectorRegistry()
    for name in sorted(health.figures):
        Gauge(f"{PREFIX}_{name}", _MEANS[name], registry=registry).set(health.figures[name])
    return bytes(generate_latest(registry))
