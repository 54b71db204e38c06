"""A county of three municipalities and three school years, small enough to read: contracts, counts, and a release made of it.

The contracts are the case's own, so that the tests of the release writer know nothing of the packaged ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.counting.cells import count_cells
from avbrott.counting.spec import Dimension, Never, SystemSpec, Table
from avbrott.delivery.coverage import COVERAGE
from avbrott.disclosure.protect import Protection, protect
from avbrott.glossary import Code, Glossary, Term
from avbrott.home import Home
from avbrott.model import Text
from avbrott.policy import Policy
from avbrott.registry import Contracts
from avbrott.release.filled import write_tables
from avbrott.release.tables import Protected
from avbrott.release.writer import Sealed, open_release, seal
from avbrott.suppliers import Membership, Supplier, Suppliers
from avbrott.table import Delivery, DimensionContract, Share, SystemContract, TableContract, TableDimension
from tests import stored

YEARS = ("2012/13", "2013/14", "2014/15")
WINDOW = "2012/13..2014/15"
NAMES = ("school_year", "area", "outcome", "back")
DAY = date(2016, 2, 1)


def _text(word: str) -> Text:
    return Text(sv=f"{word} (sv)", en=f"{word} (en)")


def _term(name: str, *codes: Code) -> Term:
    return Term(id=name, name=_text(name), definition=_text(f"{name} means"), type="code", codes=codes, source="the case")


def _code(code: str, level: str, parent: str | None = None, horizon: int | None = None, *, published: bool = True) -> Code:
    text = _text(code)
    return Code(
        code=code, sv=text.sv, en=text.en, level=level, parent=parent, horizon=horizon, published=published
    )  # fmt: skip


GLOSSARY = Glossary(
    terms={
        "school_year": Term(
            id="school_year", name=_text("year"), definition=_text("a year"), type="string", source="the case"
        ),
        "area": _term(
            "area", _code("north", "region"), _code("south", "region"),
            _code("n1", "area", "north"), _code("n2", "area", "north"), _code("s1", "area", "south"),
        ),
        "outcome": _term("outcome", _code("stayed", "outcome"), _code("dropout", "outcome")),
        "back": _term(
            "back", _code("back", "back", horizon=2), _code("away", "back", horizon=2),
            _code("back_unknown", "back", published=False),
        ),
    }
)  # fmt: skip

DIMENSIONS = {
    one.name: one
    for one in (
        DimensionContract(name="school_year", term="school_year", levels=("school_year",), ordered=True, window=3),
        DimensionContract(name="area", term="area", levels=("region", "area"), total=_text("all areas")),
        DimensionContract(name="outcome", term="outcome", levels=("outcome",), total=_text("all outcomes")),
        DimensionContract(name="back", term="back", levels=("back",), total=_text("all dropouts")),
    )
}

TABLES = {
    one.name: one
    for one in (
        TableContract(
            name="by_area", system="pupils", title=_text("by area"), description=_text("outcomes by area"),
            dimensions=(TableDimension(dimension="school_year"), TableDimension(dimension="area"),
                        TableDimension(dimension="outcome")),
            share=Share(dimension="outcome"),
        ),
        TableContract(
            name="coverage", system=None, title=_text("coverage"), description=_text("what came"), dimensions=(),
        ),
        TableContract(
            name="pooled", system="pupils", title=_text("pooled"), description=_text("three years"),
            dimensions=(TableDimension(dimension="school_year", windows="only"), TableDimension(dimension="area"),
                        TableDimension(dimension="outcome")),
            share=Share(dimension="outcome", codes=("dropout",)),
        ),
        TableContract(
            name="returns", system="pupils", title=_text("returns"), description=_text("who came back"),
            dimensions=(TableDimension(dimension="school_year"), TableDimension(dimension="back")),
            where={"outcome": "dropout"}, share=Share(dimension="back"), notes=(_text("a note"),),
        ),
    )
}  # fmt: skip

SUPPLIERS = Suppliers(
    suppliers=tuple(
        Supplier(id=f"p-{area}", name=f"Provider {area}", kind="municipality", municipality=area,
                 extracts=("enrolments",), member=(Membership(first="HT2012"),))
        for area in ("n1", "n2", "s1")
    )
)  # fmt: skip

COUNTS = {
    # (year, area): stayed, dropouts who came back, dropouts who did not
    ("2012/13", "n1"): (210, 14, 21), ("2012/13", "n2"): (64, 2, 1), ("2012/13", "s1"): (118, 9, 13),
    ("2013/14", "n1"): (205, 17, 19), ("2013/14", "n2"): (61, 4, 3), ("2013/14", "s1"): (39, 3, 2),
    ("2014/15", "n1"): (190, 12, 24), ("2014/15", "n2"): (58, 1, 0), ("2014/15", "s1"): (105, 8, 15),
}  # fmt: skip


def contracts(folder: Path) -> Contracts:
    """The case's contracts; ``folder`` gets one file, since a release records the digest of every contract file."""
    (folder / "glossary").mkdir(parents=True, exist_ok=True)
    (folder / "glossary" / "case.yaml").write_text("terms: []\n", "utf-8")
    extract = ExtractContract(
        name="enrolments", version="1.0.0", valid_from=date(2012, 7, 1), title=_text("enrolments"),
        description=_text("who is enrolled"), terms=("area",), key=("area",),
    )  # fmt: skip
    system = SystemContract(
        name="pupils", source="outcomes", period="school_year", dimensions=NAMES, unit=_text("pupils"),
        delivery=Delivery(extract="enrolments", dimension="area"),
    )  # fmt: skip
    return Contracts(
        folder=folder,
        glossary=GLOSSARY,
        extracts={"enrolments": extract},
        suppliers=SUPPLIERS,
        policies={"default": Policy()},
        dimensions=DIMENSIONS,
        systems={"pupils": system},
        tables=TABLES,
    )


def spec(years: tuple[str, ...] = YEARS) -> SystemSpec:
    """The system of the case for ``years``; who came back is known two years on."""
    last = max(int(year[:4]) for year in years) + 1
    never = [
        Never(
            "school_year",
            frozenset([year]),
            "back",
            frozenset({"back_unknown"} if int(year[:4]) + 2 <= last else {"back", "away"}),
        )
        for year in years
    ]
    areas = pl.DataFrame({"region": ["north", "north", "south"], "area": ["n1", "n2", "s1"]})
    dimensions = [
        Dimension("school_year", pl.DataFrame({"school_year": list(years)}), (("school_year",),), total=False, window=3),
        Dimension("area", areas, (("region", "area"),)),
        Dimension("outcome", pl.DataFrame({"outcome": ["stayed", "dropout"]}), (("outcome",),)),
        Dimension("back", pl.DataFrame({"back": ["back", "away", "back_unknown"]}), (("back",),)),
    ]
    area = {"area": ("region", "area"), "outcome": ("outcome",)}
    return SystemSpec(
        name="pupils",
        dimensions={dimension.name: dimension for dimension in dimensions},
        tables=(
            Table("by_area", {"school_year": ("school_year",), **area}),
            Table(
                "pooled", {"school_year": ("school_year",), **area},
                windows=frozenset({"school_year"}), windows_only=frozenset({"school_year"}),
            ),
            Table("returns", {"school_year": ("school_year",), "back": ("back",)}, where={"outcome": "dropout"}),
        ),
        never=tuple(never),
        unpublished=({"back": frozenset({"back_unknown"})},),
    )  # fmt: skip


def cells(system: SystemSpec, counts: dict[tuple[str, str], tuple[int, int, int]] = COUNTS) -> pl.DataFrame:
    """Every cell of ``system``, counted from ``counts``."""
    years = system.dimensions["school_year"].members["school_year"].to_list()
    late = {next(iter(one.first_codes)) for one in system.never if "back" in one.second_codes}
    rows = []
    for (year, area), (stayed, back, away) in counts.items():
        if year in years:
            rows.append((year, area, "stayed", None, stayed))
            known = [("back_unknown", back + away)] if year in late else [("back", back), ("away", away)]
            rows += [(year, area, "dropout", code, number) for code, number in known]
    schema = {**dict.fromkeys(NAMES, pl.String), "count": pl.Int64}
    return count_cells(pl.DataFrame(rows, schema=schema, orient="row"), system).drop("tables")


@cache
def engine(**changed: object) -> Protected:
    """The case protected by the engine itself; ``changed`` are fields of the policy."""
    policy = Policy(reliability=45).model_copy(update=changed)
    system = spec()
    return Protected(system, policy, protect(system, cells(system), policy, seed=b"the case"))


def by_hand(*hidden: tuple[str, str, str, str]) -> Protected:
    """The case under a policy that calls nothing unsafe, with the cells ``hidden`` hidden all the same: a pattern to read."""
    system = spec()
    away = pl.DataFrame(list(hidden), schema=dict.fromkeys(NAMES, pl.String), orient="row")
    marked = cells(system).join(away.with_columns(status=pl.lit("complementary")), on=NAMES, how="left")
    found = marked.with_columns(pl.col("status").fill_null("shown"), rule=pl.lit(None, pl.String))
    witnesses = found.clear().select(pl.lit(0, pl.Int64).alias("witness"), *NAMES, delta="count")
    return Protected(system, Policy(threshold=1, reliability=45), Protection(found, witnesses))


HIDDEN = (
    ("2013/14", "n2", "dropout", "Total"), ("2013/14", "n2", "stayed", "Total"),
    ("2013/14", "n1", "dropout", "Total"), ("2013/14", "n1", "stayed", "Total"),
)  # fmt: skip


def deliveries(*missing: tuple[str, str]) -> pl.DataFrame:
    """Every provider's enrolments of every term, but those (provider, term) that are missing; one was late."""
    terms = ("HT2012", "VT2013", "HT2013", "VT2014", "HT2014", "VT2015", "HT2015")
    rows = [
        (f"p-{area}", term, "enrolments", (f"p-{area}", term) not in missing, (area, term) == ("n2", "VT2014"), False)
        for area in ("n1", "n2", "s1")
        for term in terms
    ]
    return pl.DataFrame(rows, schema=COVERAGE, orient="row")


@dataclass
class Case:
    """A home in which releases are made; ``page`` is what the case's site says."""

    root: Path
    page: str = "<!doctype html><title>Avbrott</title>\n"
    script: str = 'window.AVBROTT = {"figures": [{"y": [1, null]}]};\n'
    home: Home = field(init=False)
    contracts: Contracts = field(init=False)

    def __post_init__(self) -> None:
        self.home = Home(self.root / "home")
        self.contracts = contracts(self.root / "contracts")
        rows = self.home.linked("outcomes")
        stored.put_rows(self.home, rows, pl.DataFrame({"school_year": ["2012/13"]}))

    def release(self, system: Protected, day: date = DAY, came: pl.DataFrame | None = None) -> Sealed:
        """Make a release of ``system``: tables, a page and its data, sealed."""
        with open_release(self.home, day) as draft:
            linked = {"outcomes": self.home.linked("outcomes")}
            write_tables(draft, self.contracts, {"pupils": system}, deliveries() if came is None else came, linked)
            (draft.folder / "site" / "data").mkdir(parents=True)
            (draft.folder / "site" / "index.html").write_text(self.page, "utf-8")
            (draft.folder / "site" / "data" / "index.js").write_text(self.script, "utf-8")
            return seal(draft, self.contracts)


def changed(system: Protected, edit: pl.Expr, column: str, *place: str) -> Protected:
    """``system`` with ``column`` of one cell set to ``edit``: a protection that was tampered with."""
    here = pl.all_horizontal(pl.col(name) == code for name, code in zip(NAMES, place, strict=True))
    found = system.protection.cells.with_columns(pl.when(here).then(edit).otherwise(pl.col(column)).alias(column))
    return replace(system, protection=Protection(found, system.protection.witnesses))
