"""Releases are laid in S3, or in a folder, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.release.audit import audit
from avbrott.release.public import MANIFEST
from avbrott.release.publish import publish
from avbrott.transport.target import opened
from tests import release_case as case
from tests.integration.running import avbrott
from tests.servers.s3 import BUCKET, S3Server


@pytest.fixture
def made(tmp_path: Path) -> Home:
    """A home with a release."""
    county = case.Case(tmp_path / "case")
    county.release(case.engine())
    return county.home


def fetched(server: S3Server, prefix: str, folder: Path) -> Path:
    """What lies under a prefix, read by a client that is not ours."""
    pages = server.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
    for key in [one["Key"] for page in pages for one in page.get("Contents", ())]:
        file = folder / key.removeprefix(f"{prefix}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(server.client().get_object(Bucket=BUCKET, Key=key)["Body"].read())
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder; what the program keeps there for itself is none."""
    found = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    return {str(file.relative_to(folder)): file.read_bytes() for file in found if "current" not in file.parts}


def test_releases_in_s3_are_those_of_the_home(made: Home, by_s3: S3Server, tmp_path: Path) -> None:
    """To the byte, and they hold by their own files; browsers are told what each file is; the same once more lays nothing."""
    target = f"s3://{BUCKET}/{tmp_path.name}"
    ended = avbrott("publish", "--to", target, "--home", made.root)
    assert ended.code == 0, ended.output
    [name] = [folder.name for folder in made.releases.iterdir() if folder.is_dir() and not folder.is_symlink()]
    assert f"Utgåvorna {name} ligger på {target}" in ended.output
    there = fetched(by_s3, tmp_path.name, tmp_path / "there")
    assert files(there) == files(made.releases)
    assert audit(there / name).holds
    told = by_s3.client().head_object(Bucket=BUCKET, Key=f"{tmp_path.name}/{name}/{MANIFEST}")
    assert told["ContentType"] == "application/json"
    again = avbrott("publish", "--to", target, "--home", made.root)
    assert "låg redan" in again.output


def test_a_release_whose_laying_broke_off_is_none(made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no manifest and is in no list; the next time goes on."""
    place = tmp_path / "place"
    place.mkdir()
    with opened(str(place)) as target:
        lay, left = type(target).lay, [3]

        def breaking(self: object, name: str, content: bytes) -> bool:
            left[0] -= 1
            if left[0] < 0:
                raise BadInput("TARGET_LOST", target="x", kind="x", attempts=1)
            return bool(lay(self, name, content))

        monkeypatch.setattr(type(target), "lay", breaking)
        with pytest.raises(BadInput):
            publish(made, target)
        monkeypatch.undo()
        assert files(place)
        assert not any(MANIFEST in name or "index" in name for name in files(place))
        assert publish(made, target).releases
    assert files(place) == files(made.releases)


def test_what_lies_there_and_differs_is_not_replaced(made: Home, tmp_path: Path) -> None:
    """Another release of the same name, and one that somebody changed at home."""
    place = tmp_path / "place"
    place.mkdir()
    with opened(str(place)) as target:
        [name] = publish(made, target).releases
        (place / name / MANIFEST).write_bytes(b"{}")
        with pytest.raises(BadInput, match="PUBLISH_OTHER"):
            publish(made, target)
    table = next((made.releases / name / "tables").glob("*.csv"))
    table.chmod(0o644)
    table.write_text(table.read_text("utf-8") + "x\n", "utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    with opened(str(empty)) as target, pytest.raises(BadInput, match="PUBLISH_DOES_NOT_HOLD"):
        publish(made, target)
    assert not files(empty)
