"""Homes that take long to make, made once: the demonstration of a tiny county."""

from __future__ import annotations

import pytest

from avbrott.home import Home
from tests.integration.running import avbrott

DEMO = ("demo", "--pupils", 700, "--years", 3, "--seed", 5)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home of ``avbrott demo`` after it has ended well."""
    home = Home(tmp_path_factory.mktemp("demonstration") / "home")
    ended = avbrott(*DEMO, "--home", home.root)
    assert ended.code == 0, ended.output
    (home.root / "printed.txt").write_text(ended.output, "utf-8")
    return home
