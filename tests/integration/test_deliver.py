"""``avbrott deliver`` as a person runs it: over SFTP and S3, killed with no warning, and told what is wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from avbrott.sealing.opening import open_sealed
from tests.integration.running import Ended, avbrott, begun
from tests.sending_case import ROWS, Case, row
from tests.servers.s3 import BUCKET, S3Server
from tests.servers.sshd import OpenSsh, free_port

FIRST, SECOND = "2482-ht2025-enrolments-0001.zip.age", "2482-ht2025-enrolments-0002.zip.age"


@pytest.fixture
def case(tmp_path: Path, contracts: Contracts) -> Case:
    """A provider with a delivery prepared."""
    made = Case(tmp_path / "lämnare", contracts)
    made.prepare()
    return made


def deliver(case: Case, target: object, *more: object, **environment: str) -> Ended:
    """Run the command; it ends in words alone."""
    keys = ("--key", case.key, "--hub", case.home.hub_public)
    ended = avbrott("deliver", case.prepared, "--to", target, *keys, *more, **environment)
    assert "Traceback" not in ended.output
    assert "Warning" not in ended.output
    return ended


def test_a_delivery_over_sftp_arrives_once_and_can_be_corrected(case: Case, by_sftp: OpenSsh) -> None:
    """The hub opens both from its folder."""
    way = (by_sftp.target(case.target), "--host-key", by_sftp.fingerprint)
    assert "lämnat som nummer 1" in deliver(case, *way).output
    assert "Inget har skickats" in deliver(case, *way).output
    case.prepare(ROWS[:3])
    assert "mot nummer 1, antal rader: 0 nya, 2 borta, 0 ändrade" in deliver(case, *way).output
    assert case.names == [FIRST, SECOND]
    assert [case.opened(number).statement.rows for number in (1, 2)] == [5, 3]


def test_a_delivery_to_s3_arrives_once_and_can_be_corrected(case: Case, by_s3: S3Server) -> None:
    """As objects under a prefix."""
    target = f"s3://{BUCKET}/in/2482"
    assert "lämnat som nummer 1" in deliver(case, target).output
    assert "Inget har skickats" in deliver(case, target).output
    case.prepare(ROWS[:3])
    assert "2 borta" in deliver(case, target).output
    client = by_s3.client()
    listed = [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET, Prefix="in/2482/")["Contents"]]
    assert listed == [f"in/2482/HT2025/{name}" for name in (FIRST, SECOND)]
    content = client.get_object(Bucket=BUCKET, Key=listed[1])["Body"].read()
    assert open_sealed(SECOND, content, case.reception, case.public).statement.rows == 3


def _there(place: Path, name: str) -> Callable[[], bool]:
    return lambda: any(place.glob(name))


@pytest.mark.parametrize(
    ("where", "sign"),
    [("sent", "*.age"), ("sent", "*.rows"), ("sent", "*.json"), ("target", "*.part"), ("target", "*.age"), ("sent", "")],
    ids=["sealed", "remembered", "recorded", "under way", "arrived", "begun"],
)
def test_killed_without_warning_it_is_run_again(case: Case, by_sftp: OpenSsh, where: str, sign: str) -> None:
    """At each sign of its work in turn: at the receiver all or nothing, and then once; nothing is left of the rest."""
    case.prepare([row(person) for person in range(1, 30_000)])
    way = (by_sftp.target(case.target), "--host-key", by_sftp.fingerprint)
    place = case.sent if where == "sent" else case.target / "HT2025"
    is_there = _there(place, sign) if sign else place.exists
    process = begun("deliver", case.prepared, "--to", *way, "--key", case.key, "--hub", case.home.hub_public)
    while process.poll() is None and not is_there():
        time.sleep(0.001)
    process.kill()
    process.communicate()
    assert [name for name in case.names if not name.endswith(".part")] in ([], [FIRST])
    ended = deliver(case, *way)
    assert ended.code == 0, ended.output
    assert case.names == [FIRST]
    assert case.opened(1).statement.rows == 29_999
    kept = {file.name for file in case.sent.iterdir()} - {".lock"}
    assert kept == {"2482-ht2025-enrolments-0001.rows", "2482-ht2025-enrolments.json"}


def test_what_keeps_a_delivery_from_its_place_is_told(case: Case, by_sftp: OpenSsh) -> None:
    """In both languages, with how to mend it, exit code 2, and no password; nothing is half delivered."""
    there, pinned = by_sftp.target(case.target), ("--host-key", by_sftp.fingerprint)
    other = by_sftp.target(case.target, port=free_port())
    for target, more, environment, told in (
        (case.folder / "nowhere", (), {}, "is not there, or cannot be seen from here"),
        (by_sftp.target(case.folder / "nowhere"), pinned, {}, "is not there, or cannot be seen from here"),
        (there, (), {}, "The server's key is not known"),
        (there, ("--host-key", "SHA256:" + 43 * "A"), {}, "The server has another key than it should have"),
        (there, ("--known-hosts", case.folder / "nowhere"), {}, "servers' keys cannot be read"),
        (there, pinned, {"AVBROTT_SFTP_KEY": "", "AVBROTT_SFTP_PASSWORD": "hemligt"}, "did not accept the login"),
        (there.replace("@", ":hemligt@"), pinned, {}, "There is a password in the address"),
        ("ftp://example.org/in", (), {}, "is nothing that can be delivered to"),
        (f"s3://{BUCKET}", (), {"AWS_EC2_METADATA_DISABLED": "true"}, "There are no credentials"),
    ):
        ended = deliver(case, target, *more, **environment)
        assert (ended.code, told in ended.output) == (2, True), ended.output
        assert "Fel: " in ended.output
        assert "Error: " in ended.output
        assert "hemligt" not in ended.output
    began = time.monotonic()
    lost = deliver(case, other, *pinned)
    assert (lost.code, "could not be reached" in lost.output) == (2, True), lost.output
    assert time.monotonic() - began < 60, "it is tried so often and no more"
    assert case.names == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_receiver_that_forbids_it_is_told(case: Case, tmp_path: Path, nobody: pytest.MonkeyPatch) -> None:
    """Of a read-only account, after everything else went well; run again where it may, it goes on."""
    server = OpenSsh(tmp_path / "ssh", "ForceCommand internal-sftp -R")
    nobody.setenv("AVBROTT_SFTP_KEY", str(server.key))
    way = (server.target(case.target), "--known-hosts", server.known_hosts)
    server.start()
    try:
        ended = deliver(case, *way)
        assert (ended.code, "may not be read or written with what was given" in ended.output) == (2, True), ended.output
    finally:
        server.stop()
    server.more = ""
    server.start()
    try:
        assert deliver(case, *way).code == 0
    finally:
        server.stop()
    assert case.names == [FIRST]
