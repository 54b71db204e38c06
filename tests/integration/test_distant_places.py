"""Deliveries pulled from real servers: SFTP, S3 and HTTPS give the release that folders give, and receipts go back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from avbrott import atomic
from avbrott.delivery.pull import offered
from avbrott.delivery.sources import read_sources
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.transport.target import Access, opened
from pipelines import headless
from tests.integration.test_sealed_county import county, published, seal_all
from tests.servers.case import QUICK, refused
from tests.servers.https import TOKEN, HttpsServer
from tests.servers.s3 import BUCKET, S3Server
from tests.servers.sshd import OpenSsh


@pytest.fixture(scope="module")
def contracts(few: Contracts) -> Contracts:
    return few


@pytest.fixture
def web(place: Path, tmp_path: Path, nobody: pytest.MonkeyPatch) -> Iterator[HttpsServer]:
    server = HttpsServer(place, tmp_path)
    nobody.setenv("REQUESTS_CA_BUNDLE", str(server.certificate))
    (tmp_path / "token").write_text(f"{TOKEN}\n", "ascii")
    yield server
    server.stop()


def test_a_county_is_pulled_from_servers(
    tmp_path: Path, contracts: Contracts, by_sftp: OpenSsh, by_s3: S3Server, web: HttpsServer
) -> None:
    """The same release as from folders; nothing is copied twice, and each provider's receipt lies at its own place.

    What the servers are come in at with is in no file of the home: no log, no history of runs, nothing that is released.
    """
    near, far = Home(tmp_path / "near"), Home(tmp_path / "far")
    for home in (near, far):
        county(home, contracts)
        (home.root.parent / f"keys-{home.root.name}").mkdir()
        seal_all(home, contracts, home.root.parent / f"keys-{home.root.name}")
    headless.run(near, contracts)
    one, two, three = sorted(contracts.suppliers.by_id)[:3]
    _move(far, one, {"target": by_sftp.target(far.outbox(one, "")), "host_key": by_sftp.fingerprint, "key": str(by_sftp.key)})
    for file in sorted(far.outbox(two, "").glob("*/*")):
        by_s3.client().put_object(Bucket=BUCKET, Key=f"{two}/{file.parent.name}/{file.name}", Body=file.read_bytes())
    _move(far, two, {"target": f"s3://{BUCKET}/{two}"})
    served = Path(str(web.RequestHandlerClass.keywords["directory"])) / "in here"
    far.outbox(three, "").rename(served)
    _move(far, three, {"target": f"{web.url}in%20here", "token": str(tmp_path / "token")})

    ran = headless.run(far, contracts)
    assert (ran.refused, ran.problems) == ((), ())
    assert published(far) == published(near)

    asked = len(web.asked)
    assert [problem.code for problem in offered(far, contracts)[1]] == []
    assert [one for one in web.asked[asked:] if one.startswith("GET") and one.endswith(".age")] == []
    for provider in (one, two):
        place = read_sources(far, contracts.suppliers)[provider]
        with opened(place.where, place.access) as target:
            terms = target.listing("receipts").folders
            assert terms
            assert any(name.endswith(".json") for name in target.names(f"receipts/{terms[-1]}"))
    assert not (served / "receipts").exists()
    secrets = [TOKEN, *(line for line in by_sftp.key.read_text("ascii").splitlines() if not line.startswith("-----"))]
    told = [
        file for file in far.root.rglob("*") if file.is_file() and any(one.encode() in file.read_bytes() for one in secrets)
    ]
    assert told == []


def test_a_web_server_is_read_with_care(web: HttpsServer, place: Path, tmp_path: Path, nobody: pytest.MonkeyPatch) -> None:
    """With the token and by its certificate only; it leads nowhere else, and half a file is none."""
    (place / "HT2025").mkdir()
    (place / "HT2025" / "å b.zip.age").write_bytes(b"x" * 1000)
    (place / "HT2025" / "half.part").write_bytes(b"x")
    access = Access(token=tmp_path / "token", patience=QUICK)
    with opened(web.url, access) as target:
        assert target.listing("").folders == ("HT2025",)
        assert target.names("HT2025") == ["å b.zip.age"]
        assert target.names("VT2026") == []
        assert target.size("HT2025/å b.zip.age") == 1000
        assert target.read("HT2025/å b.zip.age", 10) == b"x" * 10
        refused(lambda: target.read("HT2025/c.zip.age"), "TARGET_FILE_MISSING")
        refused(lambda: target.write("HT2025/c.zip.age", b""), "TARGET_READ_ONLY")
        refused(lambda: target.lay("HT2025/c.zip.age", b""), "TARGET_READ_ONLY")
        web.lies_by = 10
        refused(lambda: target.read("HT2025/å b.zip.age"), "TARGET_LOST")
        web.lies_by, web.elsewhere = 0, "https://example.org/"
        refused(lambda: target.listing(""), "TARGET_FAILED")
        web.elsewhere = None
    with opened(web.url, Access(patience=QUICK)) as target:
        refused(lambda: target.listing(""), "TARGET_FORBIDDEN")
    nobody.delenv("REQUESTS_CA_BUNDLE")
    with opened(web.url, access) as target:
        assert refused(lambda: target.listing(""), "TARGET_LOST").parameters["kind"] == "SSLError"


def _move(home: Home, provider: str, source: dict[str, str]) -> None:
    sources = yaml.safe_load(home.sources.read_text("utf-8"))
    sources["sources"][provider] = source
    atomic.write_text(home.sources, yaml.safe_dump(sources))
