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

STARTS = {"2013B": "2013-02-01", "2013J": "2013-10-01", "2014B": "2014-02-01", "2014J": "2014-10-01"}
TERMS = {"2013B": "VT2013", "2013J": "HT2013", "2014B": "VT2014", "2014J": "HT2014"}
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


def codes(regions: list[str]) -> dict[str, str]:
    """A municipality code a region."""
    return {region: f"{7001 + number}" for number, region in enumerate(regions)}


def write_contracts(folder: Path, regions: list[str]) -> None:
    """Copy the packaged contracts and give them this county's places, programmes and suppliers."""
    shutil.copytree(packaged_contracts(), folder)
    municipality = codes(regions)

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


def unit(municipality: str, module: str) -> str:
    """A unit a region and module, so that a student's modules are told apart."""
    return f"99{municipality}{MODULES.index(module):02d}"


def _holding(folder: Path, term: str) -> Path:
    """The glossary file that defines ``term``."""
    for file in sorted((folder / "glossary").glob("*.yaml")):
        if any(entry["id"] == term for entry in yaml.safe_load(file.read_text("utf-8"))["terms"]):
            return file
    raise LookupError(term)


def deliver(home: Home, data: pl.DataFrame, regions: list[str]) -> None:
    """Write every region's extracts of every term into its outbox."""
    place = codes(regions)
    hashed = {s: hashlib.sha256(f"oulad|{s}".encode()).hexdigest() for s in data["id_student"].unique().to_list()}
    start = pl.col("code_presentation").replace_strict(STARTS).str.to_date()
    mapped = data.select(
        pl.col("id_student").replace_strict(hashed).alias("pseudonym"),
        pl.lit(1990).alias("birth_year"),
        pl.col("gender").replace_strict({"M": "Man", "F": "Kvinna"}).alias("sex"),
        pl.col("region").replace_strict(place).alias("home_municipality"),
        pl.struct("region", "code_module")
        .map_elements(lambda s: unit(place[s["region"]], s["code_module"]), return_dtype=pl.String)
        .alias("school_unit"),
        pl.lit("GY").alias("school_type"),
        pl.col("code_module").alias("study_path"),
        pl.lit(None, pl.String).alias("study_year"),
        start.alias("start_date"),
        (start + pl.duration(days=pl.max_horizontal(pl.col("left_on_day").fill_null(250), 0))).alias("end_date"),
        pl.col("left_on_day").is_not_null().alias("cancelled"),
        (pl.col("final_result") == "Withdrawn").alias("withdrew"),
        pl.col("final_result").is_in(["Pass", "Distinction"]).alias("passed"),
        pl.col("code_presentation").replace_strict(TERMS).alias("term"),
    )
    (home.root).mkdir(parents=True, exist_ok=True)
    sources = {code: {"folder": f"providers/{code}/outbox"} for code in place.values()}
    home.sources.write_text(yaml.safe_dump({"sources": sources}), "utf-8")
    for (region, term), rows in mapped.group_by("home_municipality", "term", maintain_order=True):
        outbox = home.outbox(str(region), str(term))
        outbox.mkdir(parents=True)
        last = f"{str(term)[2:]}-06-30" if str(term).startswith("VT") else f"{str(term)[2:]}-12-31"
        rows.drop("withdrew", "passed", "term").write_csv(outbox / "enrolments.csv")
        left = pl.min_horizontal(pl.col("end_date"), pl.lit(last).str.to_date())
        events = rows.filter(pl.col("withdrew") | pl.col("passed")).select(
            "pseudonym",
            "school_unit",
            pl.when("withdrew").then(pl.lit("AVB")).otherwise(pl.lit("EXA")).alias("event"),
            left.alias("event_date"),
            pl.lit(last).alias("registered_date"),
            pl.when("withdrew").then(pl.lit("EJ_ANGIVET")).otherwise(None).alias("cause"),
        )
        events.write_csv(outbox / "events.csv")
