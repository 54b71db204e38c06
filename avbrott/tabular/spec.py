"""SPEC: every key that ``avbrott protect`` knows, with its default, and what must fit. Reading is ``spec_file``'s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from avbrott.model import Flag, Model, Whole
from avbrott.policy import BaseRule, Policy, ProviderRule

ALL = "all"

FileName = Annotated[str, Field(min_length=1)]
Column = Annotated[str, Field(min_length=1)]


def _levels(value: Any) -> Any:
    """``all`` is no list: None."""
    return None if value == ALL else value


Levels = Annotated[tuple[str, ...] | None, BeforeValidator(_levels)]
"""The levels of a dimension that a table has beside the total; None: all of them."""

Crossing = dict[str, Levels]
"""One table by its dimensions; a dimension that is not named stands at its total."""

PUBLIC_COLUMNS = ("count", "hidden")
RECORD_COLUMNS = ("count", "status", "rule", "published", "fact")
WITNESS_COLUMNS = ("witness", "delta")
PUBLIC_WITNESS_COLUMNS = ("system", "count")
VINTAGE = "vintage"
EARLIER_COLUMNS = (VINTAGE, *RECORD_COLUMNS)
EARLIER_WITNESS_COLUMNS = ("witness", VINTAGE, "delta")
REVISION_COLUMNS = (VINTAGE, "old", "new", "decision")
PART_COLUMNS = ("provider", "count")
EARLIER_PART_COLUMNS = (VINTAGE, *PART_COLUMNS)
KNOWN_COLUMNS = ("count",)
FILES = (
    PUBLIC_COLUMNS,
    RECORD_COLUMNS,
    WITNESS_COLUMNS,
    PUBLIC_WITNESS_COLUMNS,
    EARLIER_COLUMNS,
    EARLIER_WITNESS_COLUMNS,
    REVISION_COLUMNS,
    PART_COLUMNS,
    EARLIER_PART_COLUMNS,
    KNOWN_COLUMNS,
)
"""The columns that an output's files have beside the dimensions."""


class BaseSpec(Model):
    """A total over ``dimension`` below ``minimum`` is hidden, with all that it is divided into."""

    dimension: str
    minimum: Whole = Field(ge=1)
    known: Flag = False
    """The attacker has every such total from elsewhere."""


class ProvidersSpec(Model):
    """What a provider, or ``coalition`` of them together, must not know of others: see ``ProviderRule``."""

    column: Column
    minimum: Whole = Field(2, ge=1)
    coalition: Whole = Field(1, ge=1)
    share: float = Field(0.1, strict=True)


class PolicySpec(Model):
    """What is unsafe; the words are those of ``docs/method.md``."""

    threshold: Whole = Field(5, ge=1)
    width: Whole = Field(5, ge=0)
    zeros: Literal["may_hide", "shown"] = "may_hide"
    complement: tuple[str, ...] = ()
    base: BaseSpec | None = None
    providers: ProvidersSpec | None = None
    insiders: Flag = False

    def policy(self, names: dict[str, str], level: str | None = None) -> Policy:
        """The engine's policy; ``names`` gives its name of each dimension, ``level`` that of the providers' column."""
        base = self.base and BaseRule(dimension=names[self.base.dimension], minimum=self.base.minimum, known=self.base.known)
        return Policy(
            name="spec",
            threshold=self.threshold,
            width=self.width,
            zeros=self.zeros,
            complement={names[dimension]: () for dimension in self.complement},
            base=base,
            insiders=self.insiders,
            providers=self.providers and ProviderRule(**self.providers.model_dump(), level=level),
        )


class Spec(Model):
    """The keys of SPEC. Files are relative to the folder of SPEC."""

    count: Column | None = None
    """The column of counts; left out, one row is one person."""
    dimensions: dict[str, tuple[tuple[Column, ...], ...]] = Field(min_length=1)
    """By dimension its hierarchies, each a list of columns from coarse to fine; all end in the same column."""
    windows: dict[str, Annotated[Whole, Field(ge=2)]] = {}
    additive: dict[str, Flag] = {}
    tables: Annotated[tuple[Crossing, ...], Field(min_length=1)] | None = None
    latent: tuple[Crossing, ...] = ()
    policy: PolicySpec = PolicySpec()
    known: tuple[FileName, ...] = ()
    previous: tuple[FileName, ...] = ()
    keep: FileName | None = None
    cost: str = Field("one", min_length=1)
    seed: FileName | None = None

    def levels(self, dimension: str) -> tuple[str, ...]:
        """Every level of a dimension once, coarse to fine."""
        return tuple(dict.fromkeys(level for hierarchy in self.dimensions[dimension] for level in hierarchy))

    def is_additive(self, dimension: str) -> bool:
        """Whether the dimension has a total."""
        return self.additive.get(dimension, True)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the input that the dimensions need."""
        return tuple(level for dimension in self.dimensions for level in self.levels(dimension))

    @property
    def provider_column(self) -> str | None:
        """The column of the input that says whose a person is."""
        return self.policy.providers.column if self.policy.providers else None

    @property
    def cost_column(self) -> str | None:
        """The column of public figures that says what hiding costs."""
        return None if self.cost in {"one", "base", "previous"} else self.cost


class Misfit(NamedTuple):
    """Keys that do not fit together: the way to one of them, the code of a text, and its parameters."""

    way: tuple[str | int, ...]
    code: str
    parameters: dict[str, str] = {}


def misfits(spec: Spec) -> Iterator[Misfit]:
    """What does not fit together in ``spec``."""
    yield from _dimensions(spec)
    for key in ("windows", "additive"):
        for name in getattr(spec, key):
            if name not in spec.dimensions:
                yield Misfit((key, name), "MISTAKE_NO_DIMENSION", {"name": name})
    for key in ("tables", "latent"):
        for place, crossing in enumerate(getattr(spec, key) or ()):
            yield from _crossing(spec, (key, place), crossing)
    yield from _policy(spec)
    if spec.cost_column is not None and spec.cost == spec.count:
        yield Misfit(("cost",), "MISTAKE_COST_IS_COUNT", {"name": spec.cost})
    measures = {("count",): spec.count, ("cost",): spec.cost_column, ("policy", "providers", "column"): spec.provider_column}
    for to, column in measures.items():
        if column is not None and _is_pattern(column):
            yield Misfit(to, "MISTAKE_COLUMN_PATTERN", {"name": column})
        if column is not None and _is_spaced(column):
            yield Misfit(to, "MISTAKE_SPACES", {"name": f'"{column}"'})
    if spec.cost == "previous" and not spec.previous:
        yield Misfit(("cost",), "MISTAKE_NEEDS", {"name": "previous"})
    if spec.cost == "base" and not (spec.policy.base and spec.policy.base.known):
        yield Misfit(("cost",), "MISTAKE_NEEDS", {"name": "policy.base.known"})


def _is_pattern(column: str) -> bool:
    """Whether Polars takes a column's name for several columns: it would read another than the one that is meant."""
    return column == "*" or (column.startswith("^") and column.endswith("$"))


def _is_spaced(name: str) -> bool:
    """Whether a name is none that a column is read under: spaces around it are taken away."""
    return bool(name.strip()) and name != name.strip()


def _dimensions(spec: Spec) -> Iterator[Misfit]:
    taken: dict[str, str] = {} if spec.count is None else {spec.count: "count"}
    for name, hierarchies in spec.dimensions.items():
        way = ("dimensions", name)
        if not name.strip() or any(file_names(spec.dimensions, columns).count(name) > 1 for columns in FILES):
            yield Misfit(way, "MISTAKE_DIMENSION_NAME", {"name": name})
        if '"' in name or not name.isprintable():
            yield Misfit(way, "MISTAKE_DIMENSION_SIGNS")
        for one in filter(_is_pattern, (name, *spec.levels(name))):
            yield Misfit(way, "MISTAKE_COLUMN_PATTERN", {"name": one})
        for one in filter(_is_spaced, (name, *spec.levels(name))):
            yield Misfit(way, "MISTAKE_SPACES", {"name": f'"{one}"'})
        if not hierarchies or not all(hierarchies):
            yield Misfit(way, "MISTAKE_NO_HIERARCHY")
            continue
        if len({hierarchy[-1] for hierarchy in hierarchies}) > 1:
            yield Misfit(way, "MISTAKE_FINEST_DIFFERS")
        for place, hierarchy in enumerate(hierarchies):
            if len(set(hierarchy)) < len(hierarchy) or len({*hierarchies[:place], hierarchy}) <= place:
                yield Misfit((*way, place), "MISTAKE_LEVEL_TWICE")
        for level in spec.levels(name):
            if level in taken:
                yield Misfit(way, "MISTAKE_COLUMN_TAKEN", {"name": level, "other": taken[level]})
            taken.setdefault(level, name)


def _crossing(spec: Spec, way: tuple[str | int, ...], crossing: Crossing) -> Iterator[Misfit]:
    for name, levels in crossing.items():
        if name not in spec.dimensions:
            yield Misfit((*way, name), "MISTAKE_NO_DIMENSION", {"name": name})
            continue
        for level in levels or ():
            if level not in spec.levels(name):
                yield Misfit((*way, name), "MISTAKE_NO_SUCH_LEVEL", {"name": level})
        if levels == () and not spec.is_additive(name):
            yield Misfit((*way, name), "MISTAKE_NOT_ADDITIVE", {"name": name})
    for name in spec.dimensions:
        if name not in crossing and not spec.is_additive(name):
            yield Misfit(way, "MISTAKE_NOT_ADDITIVE", {"name": name})


def _policy(spec: Spec) -> Iterator[Misfit]:
    policy = spec.policy
    ruled = [(("policy", "complement"), name) for name in policy.complement]
    if policy.base is not None:
        ruled.append((("policy", "base"), policy.base.dimension))
    for way, name in ruled:
        if name not in spec.dimensions:
            yield Misfit(way, "MISTAKE_NO_DIMENSION", {"name": name})
        elif not spec.is_additive(name):
            yield Misfit(way, "MISTAKE_NOT_ADDITIVE", {"name": name})
    if policy.zeros == "shown" and ruled:
        rules = [*(["complement"] if policy.complement else []), *(["base"] if policy.base else [])]
        yield Misfit(("policy", "zeros"), "MISTAKE_ZEROS_SHOWN", {"rules": " + ".join(rules)})
    if policy.providers is not None:
        if not 0 < policy.providers.share <= 1:
            yield Misfit(("policy", "providers", "share"), "MISTAKE_SHARE")
        if policy.providers.column == spec.count:
            yield Misfit(("policy", "providers", "column"), "MISTAKE_COLUMN_TAKEN", {"name": spec.count, "other": "count"})


def file_names(dimensions: dict[str, Any] | list[str], columns: tuple[str, ...] = PUBLIC_COLUMNS) -> list[str]:
    """The dimensions' columns in a file whose own ``columns`` are these: one of the same name gets an underscore."""
    return [f"{name}_" if name in columns else name for name in dimensions]
