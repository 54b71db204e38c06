"""Extracts that did not come though rows of the same delivery need some of theirs: one that ended early has an event.

Such an extract is no "nothing to report". Which rows agree with one that came is ``across``'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import polars as pl

from avbrott.contract import Rule
from avbrott.delivery.judge import Judged
from avbrott.delivery.rules import ACROSS, holds_when
from avbrott.registry import Contracts


def owed(contracts: Contracts, judged: Mapping[str, Judged]) -> Counter[tuple[str, str]]:
    """By provider and extract, how many rows of one other extract need a row there; the most, where several do.

    Whether the extract came is not asked here.
    """
    found = Counter[tuple[str, str]]()
    for name, other, rule, when in _needs(contracts):
        if name not in judged:
            continue
        filled = pl.all_horizontal(pl.col(rule.fields).is_not_null())
        rows = judged[name].frame.filter(filled & holds_when(when)).group_by("provider").len()
        found |= Counter({(provider, other): count for provider, count in rows.iter_rows()})
    return found


def _needs(contracts: Contracts) -> Iterator[tuple[str, str, Rule, Mapping[str, tuple[str, ...]]]]:
    """An extract, the one that its rows need a row of, the rule that says so, and of which of its rows."""
    for name, contract in contracts.extracts.items():
        for rule in contract.rules:
            if rule.kind not in ACROSS or rule.extract is None:
                continue
            yield name, rule.extract, rule, rule.when
            if rule.kind == "agrees":
                yield rule.extract, name, rule, rule.other_when
