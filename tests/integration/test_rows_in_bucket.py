"""A store whose rows lie in a bucket, on a real server of S3: the same releases, and nothing on the disk but lines."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest import container, elsewhere
from avbrott.at_rest.commands import store
from avbrott.at_rest.elsewhere import FROM, SETTING, Line
from avbrott.at_rest.files import raw_bytes, read_frame, remove, size_of, sums_of, write_frame
from avbrott.at_rest.rotation import rotate
from avbrott.at_rest.vault import row_files, vault_of
from avbrott.configuration.look import look
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.retention.erase import refuse_versions, sweep, unlink_linked
from pipelines import headless
from tests.integration.test_sealed_county import county, published
from tests.servers.s3 import BUCKET, S3Server

ROWS = pl.DataFrame({"pseudonym": ["a", "b"], "n": [1, 2]})


@pytest.fixture
def bucket(by_s3: S3Server, place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, bytes]]:
    """What lies at the test's own prefix, by name; rows go there."""
    prefix = f"{place.parent.name}/rows"
    monkeypatch.setenv(SETTING, f"s3://{BUCKET}/{prefix}")
    client = by_s3.client()

    def objects() -> dict[str, bytes]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return {key.removeprefix(f"{prefix}/"): client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    return objects


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    vault_of(made)
    return made


def lines(home: Home) -> set[str]:
    """The objects that the files of the store stand for; each of them is such a file."""
    found = {file: Line.at(file) for file in row_files(home)}
    assert all(found.values()), [file.name for file, line in found.items() if line is None]
    return {line.name for line in found.values() if line}


def test_a_county_publishes_the_same(
    tmp_path: Path, few: Contracts, bucket: Callable[[], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every object is encrypted and named by one line, also after what is linked was erased and made again."""
    near, far = Home(tmp_path / "near"), Home(tmp_path / "far")
    with monkeypatch.context() as here:
        here.delenv(SETTING)
        county(near, few)
        headless.run(near, few)
        assert not any(Line.at(file) for file in row_files(near))
    county(far, few)
    headless.run(far, few)
    assert published(far) == published(near)
    there = bucket()
    assert there.keys() == lines(far)
    assert all(held.startswith(container.MAGIC) for held in there.values())
    assert max(file.stat().st_size for file in row_files(far)) < 120
    rows = read_frame(vault_of(far), far.linked("outcomes")).height
    unlink_linked(far)
    assert bucket().keys() == lines(far)
    headless.run(far, few)
    assert read_frame(vault_of(far), far.linked("outcomes")).height == rows
    assert bucket().keys() == lines(far)
    assert published(far) == published(near)


def test_a_file_is_written_read_replaced_and_removed(home: Home, bucket: Callable[[], dict[str, bytes]]) -> None:
    vault, file = vault_of(home), home.linked("x")
    write_frame(vault, file, ROWS)
    (held,) = bucket().values()
    assert raw_bytes(file) == held
    assert (size_of(file), sums_of([file])) == (len(held), [Line.at(file).sum])  # type: ignore[union-attr]  # it is one
    assert read_frame(vault, file).equals(ROWS)
    assert b"pseudonym" not in file.read_bytes() + held
    write_frame(vault, file, ROWS)
    assert list(bucket().values()) == [held]
    for release in ("one", "two"):  # alike, and not one object
        write_frame(vault, home.frozen(release) / "x.parquet", ROWS)
    remove(home.frozen("one") / "x.parquet")
    assert read_frame(vault, home.frozen("two") / "x.parquet").equals(ROWS)
    remove(home.frozen("two") / "x.parquet")
    write_frame(vault, file, ROWS.head(1))
    assert held not in bucket().values()
    assert len(bucket()) == 1
    remove(file)
    assert bucket() == {}
    remove(file)


def test_a_store_moves_when_it_is_written_anew(
    home: Home, bucket: Callable[[], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new key for the store encrypts every file anew: to the bucket where there is one."""
    with monkeypatch.context() as here:
        here.delenv(SETTING)
        write_frame(vault_of(home), home.linked("x"), ROWS)
    assert bucket() == {}
    assert read_frame(vault_of(home), home.linked("x")).equals(ROWS)
    for _ in range(2):
        assert rotate(home) == 1
        assert bucket().keys() == lines(home)
        assert read_frame(vault_of(home), home.linked("x")).equals(ROWS)


def test_a_store_moves_to_another_bucket_and_back_to_the_disk(
    home: Home, place: Path, bucket: Callable[[], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed move is gone on with: each file is read where it lies, and nothing is left in the bucket that is left."""
    first = os.environ[SETTING]
    monkeypatch.setenv(FROM, first)
    write_frame(vault_of(home), home.linked("x"), ROWS)
    write_frame(vault_of(home), home.linked("y"), ROWS.head(1))
    monkeypatch.setenv(SETTING, f"{first}-other")
    write_frame(vault_of(home), home.linked("y"), ROWS)
    for name in ("x", "y"):
        assert read_frame(vault_of(home), home.linked(name)).equals(ROWS)
    assert rotate(home) == 2
    assert bucket().keys() == {f"{place.parent.name}/rows-other/{name}" for name in lines(home)}
    monkeypatch.setenv(FROM, f"{first}-other")
    monkeypatch.delenv(SETTING)
    assert rotate(home) == 2
    assert bucket() == {}
    monkeypatch.delenv(FROM)
    assert not any(Line.at(file) for file in row_files(home))
    for name in ("x", "y"):
        assert read_frame(vault_of(home), home.linked(name)).equals(ROWS)


def test_what_is_wrong_is_told(
    home: Home, by_s3: S3Server, bucket: Callable[[], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that is another, or is not there; no setting, or one that names no bucket."""
    vault, file = vault_of(home), home.linked("x")
    write_frame(vault, file, ROWS)
    (name,) = bucket()
    key = f"{elsewhere.elsewhere()._target._address.prefix}{name}"  # type: ignore[union-attr]  # there is one
    by_s3.client().put_object(Bucket=BUCKET, Key=key, Body=b"another")
    with pytest.raises(BadInput, match="STORE_FILE_DAMAGED"):
        read_frame(vault, file)
    by_s3.client().delete_object(Bucket=BUCKET, Key=key)
    with pytest.raises(BadInput, match="STORE_OBJECT_MISSING"):
        read_frame(vault, file)
    monkeypatch.delenv(SETTING)
    with pytest.raises(BadInput, match="STORE_ROWS_ELSEWHERE"):
        read_frame(vault, file)
    with pytest.raises(BadInput, match="STORE_ROWS_ELSEWHERE"):
        remove(file)
    assert file.is_file()
    monkeypatch.setenv(FROM, "/somewhere")
    assert "STORE_ROWS_AT_NO_BUCKET" in {problem.code for problem in look(home, None)[1]}
    monkeypatch.delenv(FROM)
    for said in ("/somewhere", "sftp://u@host/x"):
        monkeypatch.setenv(SETTING, said)
        assert "STORE_ROWS_AT_NO_BUCKET" in {problem.code for problem in look(home, None)[1]}
        with pytest.raises(BadInput, match="STORE_ROWS_AT_NO_BUCKET"):
            write_frame(vault, home.linked("y"), ROWS)
        with pytest.raises(BadInput, match="STORE_ROWS_AT_NO_BUCKET"):
            store(home.root, rotate=True, yes=True)
    assert not home.linked("y").exists()
    assert [file.name for file in home.root.glob("store.key*")] == ["store.key"]


def test_what_killed_runs_left_is_swept(
    home: Home, bucket: Callable[[], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is a day old: until then somebody may be about to write its line."""
    write_frame(vault_of(home), home.linked("x"), ROWS)
    write_frame(vault_of(home), home.linked("y"), ROWS.head(1))
    home.linked("y").unlink()
    assert len(bucket()) == 2
    assert sweep(home) == 0
    monkeypatch.setattr(elsewhere, "_AGE", timedelta(seconds=-1))
    assert sweep(home) == 1
    assert bucket().keys() == lines(home)


@pytest.mark.usefixtures("bucket")
def test_nothing_is_erased_from_a_bucket_that_keeps_versions(by_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_versions()
    client, name = by_s3.client(), "keeps-versions"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    monkeypatch.setenv(SETTING, f"s3://{name}/rows")
    with pytest.raises(BadInput, match="STORE_KEEPS_VERSIONS"):
        refuse_versions()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"AVBROWS1 ",
        b"AVBROWS1 " + b"a" * 64 + b" 12 " + b"0" * 16,
        b"AVBROWS1 " + b"A" * 64 + b" 12 " + b"0" * 16 + b"\n",
        b"x" * 200,
    ],
)
def test_what_is_no_line(content: bytes) -> None:
    assert Line.of(content) is None
    line = Line("a" * 64, 12, "0" * 16)
    assert Line.of(line.written) == line
