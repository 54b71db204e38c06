"""The engine's search on the cells of a SPEC; where it finds no pattern, what of SPEC is the reason.

Not here: how a pattern is found (``avbrott.disclosure``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from avbrott.disclosure.protect import Given, Protection, protect
from avbrott.errors import AvbrottError, BadInput, CannotProtect
from avbrott.policy import Policy
from avbrott.progress import report
from avbrott.tabular.held import Held
from avbrott.tabular.layout import Layout
from avbrott.tabular.spec_file import SpecFile

KEPT_TOLD = 20
"""How many kept cells a message names."""
TRIED = 100_000
"""How many cells the searches may see together that tell which kept cells are too much."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the engine is given."""

    spec: SpecFile
    layout: Layout
    policy: Policy
    held: Held
    given: Given
    seed: bytes

    def run(self) -> Protection:
        """A pattern and its proof. ``CannotProtect`` names what is the reason where that can be told."""
        try:
            return self._once(self.given)
        except BadInput as error:
            if error.code != "PROVIDERS_TOO_FEW":
                raise
            place = {"file": self.spec.path, "line": self.spec.line("policy", "providers", "coalition")}
            raise BadInput("SPEC_PROVIDERS_TOO_FEW", **place, **error.parameters) from None
        except CannotProtect as error:
            raise self._reason(error) from None

    def _once(self, given: Given, *, facts: bool = True) -> Protection:
        held = self.held
        earlier, previous = (held.earlier, held.previous) if facts else (None, None)
        return protect(
            held.system,
            held.cells,
            self.policy,
            earlier=earlier,
            previous=previous,
            given=given,
            seed=self.seed,
            progress=_told,
        )

    def _reason(self, error: CannotProtect) -> CannotProtect:
        free = replace(self.given, keep=None)
        if not self.held.keep.is_empty():
            try:
                return self._kept(error, self._once(free))
            except CannotProtect as other:
                error = other
        folders = ", ".join(self.spec.spec.previous)
        # Earlier figures are the reason where there is a pattern without them, and so are known ones.
        if not self.held.earlier.is_empty() and _works(lambda: self._once(free, facts=False)):
            return CannotProtect("EARLIER_FACTS", folders=folders, **error.parameters)
        if not self.held.known.is_empty() and _works(lambda: self._once(replace(free, known=None))):
            files = ", ".join([*self.spec.spec.known, *self.spec.spec.previous])
            return CannotProtect("KNOWN_FACTS", files=files, **error.parameters)
        if self.held.vintages is not None:
            return CannotProtect("CHANGED_FIGURES", folders=folders, **error.parameters)
        return CannotProtect("TABLES_UNPROTECTED", file=self.spec.path, **error.parameters)

    def _kept(self, error: CannotProtect, found: Protection) -> CannotProtect:
        """Which kept cells cannot be kept: those that a rule hides; else those that are one too many."""
        keep, names = self.held.keep, list(self.held.system.dimensions)
        hidden = ["unsafe"] if error.code == "KEEP_UNSAFE" else ["unsafe", "complementary"]
        gone = keep.join(found.cells.filter(pl.col("status").is_in(hidden)), on=names, how="semi")
        if error.code != "KEEP_UNSAFE":
            gone = self._too_many(gone, found.cells.height)
        told = [self.layout.told(cell) for cell in gone.select(list(self.layout.names)).iter_rows(named=True)]
        more = f" … (+{len(told) - KEPT_TOLD})" if len(told) > KEPT_TOLD else ""
        code = "KEEP_IMPOSSIBLE" if error.code == "KEEP_UNSAFE" else "KEEP_TOO_MUCH"
        return CannotProtect(code, file=keep["file"][0], cells="; ".join(told[:KEPT_TOLD]) + more)

    def _too_many(self, gone: pl.DataFrame, size: int) -> pl.DataFrame:
        """Of ``gone``, which the pattern without ``keep`` hides, those that cannot be shown beside the others."""
        names = list(self.held.system.dimensions)
        kept = self.held.keep.join(gone, on=names, how="anti")
        named = [gone.clear()]
        most = TRIED // size
        for cell in gone.head(most).iter_slices(1):
            tried = pl.concat([kept, cell])
            if _works(partial(self._once, replace(self.given, keep=tried))):
                kept = tried
            else:
                named.append(cell)
        left = pl.concat([*named, gone.slice(most)])
        return left if left.height else gone


def _works(search: Callable[[], Protection]) -> bool:
    try:
        search()
    except AvbrottError:
        return False
    return True


def _told(done: int, of: int) -> None:
    report("protect", done, of)
