"""Unsafe items as arrays, and which of them a difference moves. What makes an item unsafe is ``rules``'."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from avbrott.disclosure.lattice import Ints, Mask, lengths, ranges


@dataclass(frozen=True, slots=True)
class Items:
    """Unsafe items; one place each in every array."""

    rule: Ints
    """Place in ``rules.RULES``."""
    plus: Ints
    minus: Ints
    """The variable that is taken away, -1 for none."""
    value: Ints
    top: Ints
    """A system must show the item at this or above."""
    span: Ints
    """The values must reach this far."""
    values: Ints
    """How many different values there must be."""
    floor: Ints
    """The least value that the attacker reckons with."""
    bottom: Ints
    """A system must show the item at this or below; its value where there is no such demand."""

    def __len__(self) -> int:
        return len(self.value)

    def at(self, items: Ints, plus: Ints) -> Items:
        """Some items, each as a single variable ``plus``."""
        found = {each.name: getattr(self, each.name)[items] for each in fields(self)}
        return Items(**{**found, "plus": plus, "minus": np.full(len(items), -1, np.int64)})

    def some(self, which: Mask) -> Items:
        """Those that ``which`` says, as they are."""
        return Items(**{each.name: getattr(self, each.name)[which] for each in fields(self)})

    def __add__(self, other: Items) -> Items:
        parts = {each.name: np.concatenate([getattr(self, each.name), getattr(other, each.name)]) for each in fields(Items)}
        return Items(**parts)


class Moving:
    """The items that each variable is in."""

    def __init__(self, items: Items, size: int) -> None:
        """``size`` is the number of variables."""
        two = np.flatnonzero(items.minus >= 0)
        variable = np.concatenate([items.plus, items.minus[two]])
        order = np.argsort(variable, kind="stable")
        self._item = np.concatenate([np.arange(len(items)), two])[order]
        self._sign = np.repeat([1, -1], [len(items), len(two)])[order]
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(variable, minlength=size))])

    def of(self, variables: Ints) -> Ints:
        """The items that some of ``variables`` are in, sorted."""
        return np.unique(self._item[ranges(self._starts, variables)])

    def change(self, where: Ints, delta: Ints) -> tuple[Ints, Ints]:
        """Which items move, sorted, and how far each, where the variables ``where`` move by ``delta``."""
        entries = ranges(self._starts, where)
        item, sums = summed(self._item[entries], self._sign[entries] * np.repeat(delta, lengths(self._starts, where)))
        return item[sums != 0], sums[sums != 0]


def summed(keys: Ints, values: Ints) -> tuple[Ints, Ints]:
    """The different ``keys``, sorted, and the sum of the ``values`` of each."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    new = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    first = np.flatnonzero(new)
    return keys[first], np.add.reduceat(values[order], first) if len(first) else np.zeros(0, np.int64)
