"""Sealing and opening: what comes out is what went in, and the bytes are those that the format says."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from frictionless import Package

from avbrott.delivery.package import PACKAGE
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.sealing.keys import (
    new_signing_key,
    public_file,
    read_hub_public,
    read_provider_public,
    reception_key,
    registered_key,
)
from avbrott.sealing.opening import open_sealed
from avbrott.sealing.package import SealedName, read_package
from avbrott.sealing.seal import SIGNATURE, data_bytes
from tests import sealed_case as case
from tests.unit.conftest import Run


def test_what_is_opened_is_what_was_sealed(tmp_path: Path) -> None:
    """Statement, rows and digest, for rows, for nil and for a withdrawal."""
    home, key = Home(tmp_path), case.signing_key(tmp_path)
    hub = reception_key(home)
    for kind in ("data", "nil", "withdrawal"):
        sealed = case.sealed(home, key, kind=kind, number=12)
        found = open_sealed(sealed.name, sealed.content, hub, key.public)
        rows = 2 if kind == "data" else 0
        assert found.statement == replace(case.STATEMENT, kind=kind, number=12, rows=rows)
        assert found.digest == sealed.digest == hashlib.sha256(sealed.package).hexdigest()
        assert sealed.name == "2482-ht2025-enrolments-0012.zip.age"
        if kind == "data":
            assert found.data is not None
            assert pl.read_parquet(io.BytesIO(found.data)).equals(case.rows())
        else:
            assert found.data is None


def test_the_format_is_read_by_others(tmp_path: Path) -> None:
    """age, ZIP, Ed25519 and Frictionless read it, without a line of ours; each kind is a valid package."""
    home, key = Home(tmp_path), case.signing_key(tmp_path)
    reception_key(home)
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(json.loads((tmp_path / "2482.key.pub").read_text())["public"]))
    identity = pyrage.x25519.Identity.from_str(json.loads(home.reception_key.read_text())["age"])
    for kind in ("data", "nil", "withdrawal"):
        archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(case.sealed(home, key, kind=kind).content, [identity])))
        names = ["datapackage.json", "datapackage.json.sig", "enrolments.parquet"]
        assert archive.namelist() == (names if kind == "data" else names[:2])
        assert {(info.compress_type, info.date_time) for info in archive.infolist()} == {(0, (1980, 1, 1, 0, 0, 0))}
        package = archive.read(PACKAGE)
        public.verify(archive.read(SIGNATURE), b"avbrott1-delivery\n" + package)
        told = json.loads(package)
        assert told["avbrott"]["kind"] == kind
        assert list(Package.metadata_validate(told)) == []
        if kind == "data":
            data = archive.read("enrolments.parquet")
            assert told["resources"][0]["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            assert told["resources"][0]["bytes"] == len(data)


def test_equal_rows_make_equal_packages(tmp_path: Path) -> None:
    """Encryption differs every time; what is inside does not."""
    home, key = Home(tmp_path), case.signing_key(tmp_path)
    one, other = case.sealed(home, key), case.sealed(home, key)
    assert one.content != other.content
    assert (one.package, one.digest) == (other.package, other.digest)
    assert case.sealed(home, key, case.rows(3)).digest != one.digest


def test_rows_travel_as_text() -> None:
    """What a column would say in CSV is what it says in Parquet, in the contract's order, whatever the frame's is."""
    frame = (
        case.rows()
        .with_columns(birth_year=pl.lit(2008), pseudonym=pl.lit(None, pl.String))
        .select(sorted(case.ENROLMENTS.terms))
    )
    found = pl.read_parquet(io.BytesIO(data_bytes(frame, case.ENROLMENTS)))
    assert found.columns == list(case.ENROLMENTS.terms)
    assert set(found.dtypes) == {pl.String()}
    assert found["birth_year"].to_list() == ["2008", "2008"]
    assert found["pseudonym"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"provider": "2480"}, "SEAL_OTHER_PROVIDER"),
        ({"number": 10_000}, "SEAL_NUMBERS_USED"),
    ],
)
def test_what_cannot_be_sealed_is_told(tmp_path: Path, said: dict[str, object], code: str) -> None:
    """Another provider's delivery, and one number too many."""
    home, key = Home(tmp_path), case.signing_key(tmp_path)
    with pytest.raises(BadInput, match=code):
        case.sealed(home, key, **said)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("2482-ht2025-enrolments-0001.zip.age", SealedName("2482", Term("HT", 2025), "enrolments", 1)),
        ("fri-algen-vt2026-agency_counts-0123.zip.age", SealedName("fri-algen", Term("VT", 2026), "agency_counts", 123)),
        ("2482-ht2025-enrolments-0000.zip.age", None),
        ("2482-HT2025-enrolments-0001.zip.age", None),
        ("2482-ht2325-enrolments-0001.zip.age", None),
        ("../2482-ht2025-enrolments-0001.zip.age", None),
        ("2482-ht2025-enrolments-00001.zip.age", None),
        ("2482-ht2025-enrolments-٠٠٠١.zip.age", None),
        ("2482-ht2025-enrolments-0001.zip.age\n", None),
    ],
)
def test_a_name_is_read_as_it_is_written_or_not_at_all(name: str, found: SealedName | None) -> None:
    """A provider's id may have hyphens; nothing else is let through."""
    assert SealedName.parse(name) == found


@pytest.mark.parametrize(
    "change",
    [
        {"name": "2480-ht2025-enrolments"},
        {"created": "yesterday"},
        {"resources": []},
        {"resources": [{"name": "enrolments", "path": "../enrolments.parquet", "hash": "sha256:" + "0" * 64, "bytes": 1}]},
        {"resources": [{"name": "enrolments", "path": "enrolments.parquet", "bytes": 1}]},
        {"avbrott": None},
        *(
            {"avbrott": change}
            for change in (
                {"format": 2},
                {"kind": "gift"},
                {"number": 0},
                {"number": "1"},
                {"number": True},
                {"rows": -1},
                {"rows": 10**10},
                {"term": "HT25"},
                {"provider": "../2482"},
                {"key_epoch": "a|b"},
                {"more": 1},
                {"kind": "nil"},
            )
        ),
    ],
)
def test_a_package_that_does_not_say_what_it_must_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    """One thing wrong at a time; unchanged, it is read."""
    package = json.loads(case.sealed(Home(tmp_path), case.signing_key(tmp_path)).package)
    assert read_package(json.dumps(package).encode()) is not None
    for key, value in change.items():
        package[key] = {**package[key], **value} if isinstance(value, dict) else value
    assert read_package(json.dumps(package).encode()) is None


def test_a_signing_key_and_its_public_half(run: Run, tmp_path: Path) -> None:
    """The key is its owner's alone and in no output; ``show`` knows both halves by one fingerprint; none is written over."""
    file = tmp_path / "signing.key"
    made = run("keys", "signing", file, "--provider", "2482")
    assert made.code == 0, made.err
    public = read_provider_public(public_file(file))
    assert public.provider == "2482"
    secret = json.loads(file.read_text())["key"]
    for ended in (made, run("keys", "show", file), run("keys", "show", public_file(file))):
        assert public.fingerprint in ended.out
        assert secret not in ended.out + ended.err
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert run("keys", "signing", file, "--provider", "2482").code == 2
    public_file(file).unlink()
    assert run("keys", "signing", file, "--provider", "2480").code == 2
    assert not public_file(file).exists()
    assert run("keys", "signing", file, "--provider", "2482").code == 0, "what an interruption left is completed"
    assert (file.read_bytes(), read_provider_public(public_file(file))) == (before, public)
    assert run("keys", "signing", tmp_path / "other.key", "--provider", "a/b").code == 2


def test_a_key_of_a_provider_that_is_not_in_the_list_is_told(run: Run, tmp_path: Path, contracts_folder: Path) -> None:
    """At home a newcomer may make one, and a misspelt id is seen there; of a provider in the list nothing is said."""
    misspelt = run("keys", "signing", tmp_path / "own.key", "--provider", "2842")
    assert misspelt.code == 0, misspelt.err
    said = " ".join(misspelt.out.split())
    assert "no provider has the id 2842" in said
    assert "--provider" in said
    assert str(tmp_path / "own.key.pub") in said
    known = run("keys", "signing", tmp_path / "known.key", "--provider", "2482")
    assert "no provider has the id" not in known.out
    listed = contracts_folder / "suppliers.yaml"
    listed.write_text(listed.read_text("utf-8").replace('id: "2482"', "id: skelleftea"), "utf-8")
    entered = run("keys", "signing", tmp_path / "new.key", "--provider", "skelleftea", "--contracts", contracts_folder)
    assert entered.code == 0, entered.err
    assert "no provider has the id" not in entered.out


def test_the_hubs_key_is_made_once_and_its_public_half_told(run: Run, tmp_path: Path) -> None:
    """The command says the same the second time, and ``show`` knows both halves."""
    home = Home(tmp_path)
    first = run("keys", "hub", "--home", tmp_path)
    assert first.code == 0, first.err
    assert str(home.hub_public) in first.out
    private = home.reception_key.read_bytes()
    public = read_hub_public(home.hub_public)
    home.hub_public.unlink()
    assert run("keys", "hub", "--home", tmp_path).out == first.out
    assert home.reception_key.read_bytes() == private
    assert read_hub_public(home.hub_public) == public
    for file in (home.reception_key, home.hub_public):
        shown = run("keys", "show", file)
        assert public.fingerprint in shown.out
        assert json.loads(private)["age"] not in shown.out
    other = Home(tmp_path / "other")
    reception_key(other)
    home.hub_public.write_bytes(other.hub_public.read_bytes())
    assert "hör inte till nyckeln" in run("keys", "hub", "--home", tmp_path).err


def test_a_registered_key_is_the_providers_own(tmp_path: Path) -> None:
    """None is no key; another's, or a damaged one, is an error and not none."""
    home = Home(tmp_path)
    assert registered_key(home, "2482") is None
    key = case.register(home, tmp_path)
    assert registered_key(home, "2482") == key.public
    home.provider_key("2480").write_bytes(home.provider_key("2482").read_bytes())
    with pytest.raises(BadInput, match="KEY_OTHER_PROVIDER"):
        registered_key(home, "2480")
    home.provider_key("2482").write_text('{"avbrott_key": "provider_public", "provider": "2482", "public": "00"}')
    with pytest.raises(BadInput, match="KEY_FILE_UNREADABLE"):
        registered_key(home, "2482")


def test_a_signature_serves_one_purpose(tmp_path: Path) -> None:
    """A receipt's is no delivery's, were the keys the same."""
    key = new_signing_key(tmp_path / "signing.key", "2482")
    hub = reception_key(Home(tmp_path))
    assert key.public.verifies(key.sign(b"content"), b"content")
    assert not key.public.verifies(key.sign(b"content"), b"other")
    assert hub.public.verifies(hub.sign(b"content"), b"content")
    assert not replace(key.public, public=hub.public.signing).verifies(hub.sign(b"content"), b"content")
