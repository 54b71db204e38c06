"""The partitions of deliveries: provider x term. Their keys are data (``contracts/suppliers.yaml``), not code.

Dynamic, so that a new provider or term needs no new code location: ``register`` adds what the contracts and the asked-for
terms hold. https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from avbrott.periods import Term

PROVIDERS = dg.DynamicPartitionsDefinition(name="provider")
TERMS = dg.DynamicPartitionsDefinition(name="term")
DELIVERIES = dg.MultiPartitionsDefinition({"provider": PROVIDERS, "term": TERMS})


def register(instance: dg.DagsterInstance, providers: Iterable[str], terms: Iterable[Term]) -> None:
    """Make the instance know these providers and terms; what it knows already is left as it is."""
    for definition, keys in ((PROVIDERS, list(providers)), (TERMS, [str(term) for term in sorted(terms)])):
        name = str(definition.name)
        known = set(instance.get_dynamic_partitions(name))
        instance.add_dynamic_partitions(name, [key for key in keys if key not in known])


def by_term(context: dg.AssetExecutionContext) -> dict[Term, list[str]]:
    """The providers of this run by term, both in their order."""
    grouped: dict[Term, list[str]] = {}
    for key in context.partition_keys:
        parts = DELIVERIES.get_partition_key_from_str(key).keys_by_dimension
        grouped.setdefault(Term.parse(parts["term"]), []).append(parts["provider"])
    return {term: sorted(grouped[term]) for term in sorted(grouped)}
