"""The Open University data as a county of its own: regions as municipalities, modules as programmes, presentations as terms.

The mapping is the test's own (issue: real input). Contracts are the packaged ones with other places, programmes and
suppliers, which also shows that nothing about one county stands in code.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from avbrott.home import Home
from avbrott.registry import packaged_contracts
from tests.integration.running import write_sources

STARTS = {"2013B": "2013-02-01", "2013J": "2013-10-01", "2014B": "2014-02-01", "2014J": "2014-10-01"}
TERMS = {"2013B": "VT2013", "2013J": "HT2013", "2014B": "VT2014", "2014J": "HT2014"}
DAYS = 250
"""How long a registration runs that nobody ended; shorter than from February to 15 October."""
MODULES = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG"]


def read(folder: Path) -> pl.DataFrame:
    """Registrations with their student's data, one row a registration."""
    students = pl.read_csv(folder / "studentInfo.csv", infer_schema=False)
    registered = pl.read_csv(folder / "studentRegistration.csv", infer_schema=False)
    keys = ["code_module", "code_presentation", "id_student"]
    return (
        students.join(registered, on=keys, how="left", validate="1:1")
        .with_columns(pl.col("date_unregistration").replace("", None).cast(pl.Int64).alias("left_on_day"))
        .sort(keys)
    )


def codes(data: pl.DataFrame) -> dict[str, str]:
    """A municipality code a region."""
    return {region: f"{7001 + number}" for number, region in enumerate(sorted(data["region"].unique()))}


def write_contracts(folder: Path, data: pl.DataFrame) -> None:
    """Copy the packaged contracts and give them this county's places, programmes and suppliers."""
    shutil.copytree(packaged_contracts(), folder)
    municipality = codes(data)

    def change(file: Path, term: str, values: list[dict[str, str]]) -> None:
        content = yaml.safe_load(file.read_text("utf-8"))
        found = next(entry for entry in content["terms"] if entry["id"] == term)
        found["codes"] = values
        file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")

    groups = [{"code": f"grp_{side}", "level": "group", "sv": side, "en": side} for side in ("north", "south")]
    groups.append({"code": "grp_outside", "level": "group", "sv": "Utanför", "en": "Outside"})
    places = [
        {
            "code": code,
            "level": "municipality",
            "parent": "grp_north" if number % 2 else "grp_south",
            "sv": region,
            "en": region,
        }
        for number, (region, code) in enumerate(municipality.items())
    ]
    places.append({"code": "outside", "level": "municipality", "parent": "grp_outside", "sv": "Utanför", "en": "Outside"})
    change(_holding(folder, "municipality"), "municipality", [*groups, *places])
    types = [{"code": "science", "level": "programme_type", "sv": "Natur", "en": "Science"}]
    types.append({"code": "other_type", "level": "programme_type", "sv": "Övrigt", "en": "Other"})
    modules = [{"code": m, "level": "programme", "parent": "science", "sv": m, "en": m} for m in MODULES]
    modules.append({"code": "other_programme", "level": "programme", "parent": "other_type", "sv": "Övrigt", "en": "Other"})
    change(_holding(folder, "programme"), "programme", [*types, *modules])
    breaks = yaml.safe_load((folder / "series_breaks.yaml").read_text("utf-8"))
    breaks["breaks"] = [{k: v for k, v in found.items() if k != "codes"} for found in breaks["breaks"]]
    (folder / "series_breaks.yaml").write_text(yaml.safe_dump(breaks, allow_unicode=True, sort_keys=False), "utf-8")
    suppliers = [
        {
            "id": code,
            "name": region,
            "kind": "municipality",
            "municipality": code,
            "extracts": ["enrolments", "events"],
            "units": [{"code": unit(code, m), "name": f"{region} {m}", "municipality": code} for m in MODULES],
            "member": [{"first": "VT2013"}],
        }
        for region, code in municipality.items()
    ]
    text = yaml.safe_dump({"suppliers": suppliers}, allow_unicode=True, sort_keys=False)
    (folder / "suppliers.yaml").write_text(text, "utf-8")
    extract = folder / "extracts" / "enrolments.yaml"
    content: dict[str, Any] = yaml.safe_load(extract.read_text("utf-8"))
    content["rules"] = [rule for rule in content["rules"] if rule["kind"] != "age"]
    extract.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    linking = folder / "linking.yaml"
    rules = yaml.safe_load(linking.read_text("utf-8")) | {"national_types": ["science"], "introductory_types": []}
    linking.write_text(yaml.safe_dump(rules, allow_unicode=True, sort_keys=False), "utf-8")


def unit(municipality: str, module: str) -> str:
    """A unit a region and module, so that a student's modules are told apart."""
    return f"99{municipality}{MODULES.index(module):02d}"


def _holding(folder: Path, term: str) -> Path:
    """The glossary file that defines ``term``."""
    for file in sorted((folder / "glossary").glob("*.yaml")):
        if any(entry["id"] == term for entry in yaml.safe_load(file.read_text("utf-8"))["terms"]):
            return file
    raise LookupError(term)


def registrations(data: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``enrolments``, with the term they are delivered in and how they ended (``withdrew``, ``passed``)."""
    place = codes(data)
    pseudonyms = {s: hashlib.sha256(f"oulad|{s}".encode()).hexdigest() for s in data["id_student"].unique().to_list()}
    start = pl.col("code_presentation").replace_strict(STARTS).str.to_date()
    days = pl.max_horizontal(pl.col("left_on_day").fill_null(DAYS), 0)
    units = {f"{region}|{module}": unit(code, module) for region, code in place.items() for module in MODULES}
    return data.select(
        pl.col("id_student").replace_strict(pseudonyms).alias("pseudonym"),
        pl.lit(1990).alias("birth_year"),
        pl.col("gender").replace_strict({"M": "Man", "F": "Kvinna"}).alias("sex"),
        pl.col("region").replace_strict(place).alias("home_municipality"),
        pl.concat_str("region", "code_module", separator="|").replace_strict(units).alias("school_unit"),
        pl.lit("GY").alias("school_type"),
        pl.col("code_module").alias("study_path"),
        pl.lit(None, pl.String).alias("study_year"),
        start.alias("start_date"),
        (start + pl.duration(days=days)).alias("end_date"),
        pl.col("left_on_day").is_not_null().alias("cancelled"),
        (pl.col("final_result") == "Withdrawn").alias("withdrew"),
        pl.col("final_result").is_in(["Pass", "Distinction"]).alias("passed"),
        pl.col("code_presentation").replace_strict(TERMS).alias("term"),
    )


def events_of(registered: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``events``: withdrawn or passed, told in the term of the registration and dated within it."""
    last = last_day()
    return registered.filter(pl.col("withdrew") | pl.col("passed")).select(
        "pseudonym",
        "school_unit",
        pl.when("withdrew").then(pl.lit("AVB")).otherwise(pl.lit("EXA")).alias("event"),
        pl.min_horizontal("end_date", last).alias("event_date"),
        last.alias("registered_date"),
        pl.when("withdrew").then(pl.lit("EJ_ANGIVET")).otherwise(None).alias("cause"),
    )


def last_day() -> pl.Expr:
    """The last day of a row's term."""
    autumn, year = pl.col("term").str.starts_with("HT"), pl.col("term").str.slice(2).cast(pl.Int32)
    return pl.when(autumn).then(pl.date(year, 12, 31)).otherwise(pl.date(year, 6, 30))


def deliver(home: Home, data: pl.DataFrame) -> None:
    """Write every region's extracts of every term into its outbox."""
    write_sources(home.root, list(codes(data).values()))
    for (place, term), rows in registrations(data).group_by("home_municipality", "term", maintain_order=True):
        outbox = home.outbox(str(place), str(term))
        outbox.mkdir(parents=True)
        rows.drop("withdrew", "passed", "term").write_csv(outbox / "enrolments.csv")
        events_of(rows).write_csv(outbox / "events.csv")
