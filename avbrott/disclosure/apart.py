"""How far apart two variables can be, by what bounds each: what both are made of cancels. No search here.

A total less the same total of an earlier vintage is the part that has come, where nothing else in it has changed.
"""

from __future__ import annotations

from collections import defaultdict

from avbrott.disclosure.lattice import Ints
from avbrott.disclosure.system import System
from avbrott.disclosure.vintages import beside_each_other

Way = tuple[int, ...]
"""The parts of a sum, or a variable by itself."""
Pair = tuple[int, int]


class Apart:
    """Bounds of differences in one system."""

    def __init__(self, system: System) -> None:
        before, after = (system.variable[cells] for cells in beside_each_other(system.lattice))
        self._vintages = {
            *zip(before.tolist(), after.tolist(), strict=True),
            *zip(after.tolist(), before.tolist(), strict=True),
        }
        self._ways: dict[int, list[Way]] = defaultdict(list)
        rows = system.relations
        for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
            inside, signs = rows.indices[start:end], rows.data[start:end]
            self._ways[int(inside[signs < 0][0])].append(tuple(sorted(inside[signs > 0].tolist())))

    def between(self, low: Ints, high: Ints, plus: int, minus: int, found: dict[Pair, Pair]) -> Pair:
        """The least and the most of ``plus`` less ``minus``, which are between ``low`` and ``high``; ``found`` so far."""
        if (plus, minus) not in found:
            least, most = int(low[plus] - high[minus]), int(high[plus] - low[minus])
            for more in ((plus,), *self._ways.get(plus, ())):
                for less in ((minus,), *self._ways.get(minus, ())):
                    for one, other in self._over(low, high, more, less, found):
                        least, most = max(least, one), min(most, other)
            found[plus, minus] = least, most
        return found[plus, minus]

    def _over(self, low: Ints, high: Ints, more: Way, less: Way, found: dict[Pair, Pair]) -> list[Pair]:
        """The same by one way of dividing each; nothing where these have nothing in common."""
        up, down = sorted({*more} - {*less}), sorted({*less} - {*more})
        pairs = []
        for one in up:
            other = next((each for each in down if (one, each) in self._vintages), None)
            if other is not None:
                pairs.append((one, other))
                down.remove(other)
        if (len(up) == len(more) and not pairs) or len(more) == len(less) == 1:
            return []
        alone = [one for one in up if one not in {one for one, _ in pairs}]
        ends = [self.between(low, high, *pair, found) for pair in pairs]
        least = sum(one for one, _ in ends) + int(low[alone].sum() - high[down].sum())
        most = sum(other for _, other in ends) + int(high[alone].sum() - low[down].sum())
        return [(least, most)]
