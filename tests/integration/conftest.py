"""What takes long to make, made once: the demonstration of a tiny county, and servers to deliver to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts
from avbrott.synthetic.generate import generate
from avbrott.transport.target import Access
from pipelines import headless
from tests.few_contracts import few_contracts
from tests.integration.installing import BaseInstall, install_base
from tests.integration.running import avbrott
from tests.servers.s3 import BUCKET, S3Server
from tests.servers.sshd import OpenSsh

DEMO = ("demo", "--pupils", 700, "--years", 3, "--seed", 5)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home of ``avbrott demo`` after it has ended well."""
    home = Home(tmp_path_factory.mktemp("demonstration") / "home")
    ended = avbrott(*DEMO, "--home", home.root)
    assert ended.code == 0, ended.output
    (home.root / "printed.txt").write_text(ended.output, "utf-8")
    return home


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    """The contracts of few providers and tables."""
    return load_contracts(few_contracts(tmp_path_factory.mktemp("few") / "contracts"))


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory, few: Contracts) -> Home:
    """A county of two school years and ``few`` contracts, released once; not to be changed."""
    home = Home(tmp_path_factory.mktemp("two_years") / "home")
    generate(home, few, pupils=600, years=2, seed=2)
    headless.run(home, few)
    return home


@pytest.fixture(scope="session")
def base_install(tmp_path_factory: pytest.TempPathFactory) -> BaseInstall:
    """What ``pip install .`` installs."""
    return install_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    server = OpenSsh(tmp_path_factory.mktemp("server") / "ssh")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder at the receiver."""
    folder = tmp_path / "mottagare åäö"
    folder.mkdir()
    return folder


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No key or password of whoever runs the tests; what sets others."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("AWS_", "AVBROTT_SFTP", "SSH_AUTH"))]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def by_sftp(sshd: OpenSsh, nobody: pytest.MonkeyPatch) -> OpenSsh:
    nobody.setenv("AVBROTT_SFTP_KEY", str(sshd.key))
    return sshd


@pytest.fixture
def by_s3(s3: S3Server, nobody: pytest.MonkeyPatch) -> S3Server:
    for name, value in s3.environment.items():
        nobody.setenv(name, value)
    return s3


@pytest.fixture(params=["folder", "sftp", "s3"])
def reached(request: pytest.FixtureRequest, place: Path) -> tuple[str, Access]:
    """A place of each kind, and how one comes in."""
    if request.param == "folder":
        return str(place), Access()
    if request.param == "sftp":
        server = request.getfixturevalue("by_sftp")
        return server.target(place), Access(server.known_hosts)
    request.getfixturevalue("by_s3")
    return f"s3://{BUCKET}/{place.parent.name}", Access()
