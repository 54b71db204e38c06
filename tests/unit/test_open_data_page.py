"""The page of open data: every format of every table, what lies beside the releases, and the licence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from avbrott.open_data.files import ATOM, CATALOGUE, FILES, INDEX, listed_downloads
from dashboards import build_site
from tests.mini_release import write_mini_release


@pytest.fixture(scope="module")
def release(contracts, tmp_path_factory) -> Path:
    """A release that lists downloads, with files in their places, beside an index."""
    releases = tmp_path_factory.mktemp("releases")
    folder = releases / "2020-12-31"
    write_mini_release(folder, contracts)
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    package["avbrott"]["downloads"] = listed_downloads(contracts.published)
    (folder / "datapackage.json").write_text(json.dumps(package), "utf-8")
    for forms in package["avbrott"]["downloads"].values():
        for path in forms.values():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(b"x" * 2500)
    for name in (*INDEX.values(), *ATOM.values(), CATALOGUE):
        (releases / name).write_text("", "utf-8")
    build_site(folder, contracts, folder / "site")
    return folder


@pytest.mark.parametrize("page", ["oppna-data.html", "en/open-data.html"])
def test_every_file_of_every_table_is_linked(release, contracts, page):
    """With its size, and each link leads to a file; those of the other releases too."""
    file = release / "site" / page
    html = file.read_text("utf-8")
    links = {(file.parent / link).resolve() for link in re.findall(r'href="([^"#:]+)"', html)}
    assert all(link.is_file() for link in links)
    downloads = {link for link in links if link.parent.name == "downloads"}
    assert len(downloads) == len(contracts.published) * len(FILES)
    assert html.count("2\u00a0kB") == len(downloads)
    language = "en" if page.startswith("en/") else "sv"
    assert {release.parent / name for name in (INDEX[language], ATOM[language], CATALOGUE)} <= links
    assert f'href="{contracts.catalogue.licence.address}"' in html
