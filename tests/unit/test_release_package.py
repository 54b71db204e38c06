"""The formats of a release: valid by an independent reader, and the same as the golden files to the byte."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from pathlib import Path

import pytest

from avbrott import __version__
from avbrott.contract_folder import packaged_contracts
from tests import release_case as case
from tests.release_case import Case

GOLDEN = Path(__file__).parent.parent / "golden" / "release"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The case's release with a pattern made by hand, so that no change of the engine changes it."""
    return Case(tmp_path_factory.mktemp("made")).release(case.by_hand(*case.HIDDEN)).folder


def test_the_release_is_the_golden_one(folder):
    """Every file, byte for byte; the program's version aside. With AVBROTT_GOLDEN set they are written anew."""
    made = {
        file.relative_to(folder).as_posix(): file.read_text("utf-8").replace(f'"{__version__}"', '"VERSION"')
        for file in folder.rglob("*")
        if file.is_file() and file.name != "manifest.json"
    }
    if os.environ.get("AVBROTT_GOLDEN"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for name, text in made.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_text(text, "utf-8")
    golden = {f.relative_to(GOLDEN).as_posix(): f.read_text("utf-8") for f in GOLDEN.rglob("*") if f.is_file()}
    assert sorted(made) == sorted(golden)
    assert {name for name in made if made[name] != golden[name]} == set()


def test_texts_of_your_own_stand_in_the_release(tmp_path):
    """The labels of a release are those of the contracts that it is made from."""
    made = Case(tmp_path)
    texts = (packaged_contracts() / "texts" / "messages_release.yaml").read_text("utf-8")
    label = "FIELD_LABEL_SV: {sv: "
    assert label in texts
    (tmp_path / "contracts" / "texts").mkdir()
    own = texts.replace(label, f"{label}Vår benämning, was: ")
    (tmp_path / "contracts" / "texts" / "messages_release.yaml").write_text(own, "utf-8")
    folder = made.release(case.by_hand(*case.HIDDEN)).folder
    assert "Vår benämning" in (folder / "datapackage.json").read_text("utf-8")


def test_frictionless_finds_the_package_valid(folder):
    """Types, keys and every foreign key to a code list, by the reference implementation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "note"])
    assert len(report.tasks) == 13


def test_frictionless_reads_a_hidden_value_as_missing(folder):
    """Not as zero, and not as a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        rows = Package(str(folder / "datapackage.json")).get_resource("by_area").read_rows()
    hidden = [row for row in rows if row["status"] == "hidden"]
    assert hidden
    assert all(row["value"] is None for row in hidden)


def test_every_table_field_and_code_is_told_in_both_languages(folder):
    """Titles and definitions come from the contracts, Swedish with English beside it."""
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        for one in (resource, *resource["schema"]["fields"]):
            assert all(one[key] for key in ("title", "title_en", "description", "description_en")), one["name"]
    field = next(r for r in package["resources"] if r["name"] == "by_area")["schema"]["fields"][1]
    assert (field["title"], field["description_en"]) == ("area (sv)", "area means (en)")


def test_the_manifest_says_what_the_release_was_made_by(folder):
    """Policy by its full value, contracts, coverage, periods, and the digest of every file but itself."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert set(manifest["files"]) == there - {"manifest.json"}
    assert manifest["policies"]["default"]["threshold"] == 1
    assert manifest["contracts"]["extracts"] == {"enrolments": "1.0.0"}
    assert set(manifest["contracts"]["files"]) == {"glossary/case.yaml"}
    assert manifest["coverage"] == {"expected": 21, "delivered": 21, "late": 1, "refused": 0}
    assert manifest["systems"]["pupils"]["first_published"] == list(case.YEARS)


def test_no_public_file_says_which_hidden_cells_are_unsafe_or_how_many(tmp_path):
    """Two patterns that hide the same cells for other reasons give the same bytes."""
    one = Case(tmp_path / "one").release(case.by_hand(*case.HIDDEN)).folder
    other_reasons = case.by_hand(*case.HIDDEN)
    for place in case.HIDDEN[:2]:
        other_reasons = case.changed(other_reasons, case.pl.lit("unsafe"), "status", *place)
    other = Case(tmp_path / "other").release(other_reasons).folder
    files = [file.relative_to(one) for file in one.rglob("*") if file.is_file()]
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in files)
