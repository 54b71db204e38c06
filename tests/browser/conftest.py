"""A real browser on a real folder: headless Chromium opens the site from the file system, and what it asks for is heard."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards.site import build_site
from tests.browser.ensure import found
from tests.mini_release import write_mini_release

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@dataclass
class Heard:
    """What a page said and asked for while it was open."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def site(contracts, tmp_path_factory) -> Path:
    """The site of a mini release, in a folder whose name has a space and an å."""
    folder = tmp_path_factory.mktemp("en utgåva")
    write_mini_release(folder, contracts)
    build_site(folder, contracts, folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped, except where they must run (CI=true).

    Closed with its module: Playwright keeps an event loop running in its thread, and there no Dagster run can start one.
    """
    with sync_playwright() as playwright:
        chromium = found() or playwright.chromium.executable_path
        if not Path(chromium).is_file():
            missing = "no Chromium; make browser installs one"
            if os.environ.get("CI") == "true":
                pytest.fail(missing)
            pytest.skip(missing)
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pages(site) -> list[Path]:
    """Every page of the county in both languages, and one of each kind that is made for each code."""
    made = re.compile(r"(kommun|municipality|program|programme)-(?!2481\.|na\.)")
    return [file for file in sorted(site.rglob("*.html")) if not made.match(file.name)]


def listened(page: Page) -> Heard:
    """Listen to ``page``: errors of its console and scripts, and every request that leaves the folder."""
    heard = Heard()
    page.on("console", lambda said: heard.errors.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.errors.append(str(error)))
    page.on(
        "request",
        lambda asked: heard.requests.append(asked.url) if not asked.url.startswith(("file:", "data:", "blob:")) else None,
    )
    return heard
