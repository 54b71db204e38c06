"""The folder that a site is written to: what may stand there, and that it is whole or as it was."""

from pathlib import Path

import pytest

from avbrott.errors import BadInput
from dashboards.site import build_site
from tests.mini_release import write_mini_release


@pytest.fixture(scope="module")
def release(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_release_that_cannot_be_read_leaves_the_old_site(release, contracts, tmp_path):
    """A failing build raises BadInput and the site that was there stays, whole; no half-written folder is left."""
    out = tmp_path / "site"
    build_site(release, contracts, out)
    before = content(out)
    broken = tmp_path / "broken"
    (broken / "tables").mkdir(parents=True)
    (broken / "datapackage.json").write_text("{}", "utf-8")
    (broken / "tables" / "one.csv").write_text("no,table\n", "utf-8")
    with pytest.raises(BadInput):
        build_site(broken, contracts, out)
    assert content(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "site"]


def test_a_folder_that_cannot_be_made_is_told(release, contracts, tmp_path):
    """Below a file, a name that no drive takes, where nothing is written; nothing is left behind."""
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file" / "site", tmp_path / ("x" * 300), Path("/proc/site")):
        with pytest.raises(BadInput) as refused:
            build_site(release, contracts, out)
        assert (refused.value.code, refused.value.parameters["folder"]) == ("SITE_FOLDER_UNWRITABLE", str(out))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_no_site_is_not_replaced(contracts, release, tmp_path):
    """A folder of somebody's own, a file or a link in the way stays; an empty folder and an earlier site do not hinder."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "diary.txt").write_text("mine")
    file = tmp_path / "file"
    file.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(own)
    for taken in (own, file, link):
        with pytest.raises(BadInput) as refused:
            build_site(release, contracts, taken)
        assert refused.value.code == "SITE_FOLDER_TAKEN"
    assert (own / "diary.txt").read_text() == file.read_text() == "mine"
    empty = tmp_path / "empty"
    empty.mkdir()
    for _ in range(2):
        build_site(release, contracts, empty)
        assert (empty / "index.html").is_file()
