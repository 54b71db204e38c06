"""SFTP against a real OpenSSH server: who is let in and who is not, and uploads that go on where they broke."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from avbrott.digests import sum_of
from avbrott.progress import listening
from avbrott.transport.address import SftpAddress
from avbrott.transport.sftp_files import Session
from avbrott.transport.sftp_login import logged_in
from avbrott.transport.target import Access, Patience, opened
from tests.servers.case import LARGE, QUICK, refused
from tests.servers.cutting import CuttingProxy
from tests.servers.door import Door
from tests.servers.sshd import OpenSsh, free_port


def test_the_fingerprint_stands_in_for_a_file_of_keys(by_sftp: OpenSsh, place: Path) -> None:
    """As the server's keeper reads it out, with or without what fills it up."""
    for fingerprint in (by_sftp.fingerprint, f"{by_sftp.fingerprint}="):
        with opened(by_sftp.target(place), Access(host_key=fingerprint, patience=QUICK)) as target:
            assert target.names("") == []


def test_a_name_that_is_no_text_hides_no_other(by_sftp: OpenSsh, place: Path) -> None:
    """A file that somebody copied from an old machine, in the folder and as a folder, is none of ours."""
    (place / "HT2025").mkdir()
    for name in ("a.zip.age", "å.zip.age", "b\x1b[2J.zip.age"):
        (place / "HT2025" / name).write_bytes(b"x")
    (place / "HT2025" / os.fsdecode("Läs mig.txt".encode("latin-1"))).write_bytes(b"x")
    (place / os.fsdecode("lön".encode("latin-1"))).mkdir()
    with opened(by_sftp.target(place), Access(host_key=by_sftp.fingerprint, patience=QUICK)) as target:
        assert target.listing("").folders == ("HT2025",)
        assert target.names("HT2025") == ["a.zip.age", "å.zip.age"]


def test_more_names_than_are_looked_at_are_not_read(by_sftp: OpenSsh, place: Path) -> None:
    """As many are."""
    for number in range(150):  # more than a server tells at a time
        (place / f"{number}.zip.age").touch()
    with opened(by_sftp.target(place), Access(host_key=by_sftp.fingerprint, patience=QUICK)) as target:
        assert refused(lambda: target.listing("", 149), "LAID_TOO_MANY").parameters["most"] == "149"
        assert len(target.listing("", 150).files) == 150


@pytest.mark.parametrize("question", ["listing", "size", "read"])
def test_a_server_that_does_not_end_is_ended(
    by_sftp: OpenSsh, place: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """Though a little comes within each single wait."""
    (place / "a.zip.age").write_bytes(b"x" * 100)
    access = Access(host_key=by_sftp.fingerprint, patience=Patience(5, 1, (0.05,)))
    with opened(by_sftp.target(place), access) as target:
        assert target.size("a.zip.age") == 100
        whole = Session._read_all

        def slowly(self: Session, size: int) -> bytes:
            for _ in range(50):
                time.sleep(0.2)
                if not self.get_channel().get_transport().is_active():
                    raise EOFError
            return bytes(whole(self, size))

        monkeypatch.setattr(Session, "_read_all", slowly)
        began = time.monotonic()
        refused(lambda: getattr(target, question)("" if question == "listing" else "a.zip.age"), "TARGET_LOST")
        assert time.monotonic() - began < 15


def test_an_unknown_server_is_refused_before_anything_is_said(by_sftp: OpenSsh, place: Path) -> None:
    """It is told which key it showed, to compare."""
    with opened(by_sftp.target(place), Access(patience=QUICK)) as target:
        told = refused(lambda: target.names(""), "SFTP_HOST_UNKNOWN")
    assert told.parameters["fingerprint"] == by_sftp.fingerprint


@pytest.mark.usefixtures("nobody")
def test_a_changed_host_key_is_refused(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the file of keys and by the fingerprint alike; the server hears of no login."""
    server = OpenSsh(tmp_path / "ssh")
    monkeypatch.setenv("AVBROTT_SFTP_KEY", str(server.key))
    known, fingerprint = server.known_hosts.read_text("utf-8"), server.fingerprint
    server.new_host_key()
    server.start()
    try:
        (tmp_path / "known").write_text(known, "utf-8")
        for access in (Access(tmp_path / "known", patience=QUICK), Access(host_key=fingerprint, patience=QUICK)):
            with opened(server.target(place), access) as target:
                refused(lambda target=target: target.names(""), "SFTP_HOST_CHANGED")
    finally:
        server.stop()
    assert "Accepted" not in (server.folder / "log").read_text("utf-8")


@pytest.mark.usefixtures("nobody")
def test_a_wrong_password_or_key_is_refused(
    sshd: OpenSsh, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, so that no account is locked; and nothing of a password is told."""
    access = Access(sshd.known_hosts, patience=QUICK)
    other = OpenSsh(tmp_path / "other").key
    (tmp_path / "password").write_text("hemligt-fel\n", "utf-8")
    for name, value in (
        ("AVBROTT_SFTP_PASSWORD", "hemligt-fel"),
        ("AVBROTT_SFTP_PASSWORD_FILE", str(tmp_path / "password")),
        ("AVBROTT_SFTP_KEY", str(other)),
        ("NOTHING", "given"),
    ):
        before = (sshd.folder / "log").read_text("utf-8").count("Connection from")
        with monkeypatch.context() as setting, opened(sshd.target(place), access) as target:
            setting.setenv(name, value)
            told = refused(lambda target=target: target.names(""), "SFTP_REFUSED")
        assert "hemligt" not in str(told)
        assert (sshd.folder / "log").read_text("utf-8").count("Connection from") == before + 1


@pytest.mark.parametrize("is_in_file", [True, False], ids=["file", "environment"])
def test_the_right_password_lets_in(nobody: pytest.MonkeyPatch, tmp_path: Path, *, is_in_file: bool) -> None:
    """Of a file, whose line may end, or of the environment; with every letter that it has."""
    door = Door("lösen  ord")
    (tmp_path / "password").write_bytes("lösen  ord\r\n".encode())
    nobody.setenv("AVBROTT_SFTP_PASSWORD", "wrong" if is_in_file else "lösen  ord")
    if is_in_file:
        nobody.setenv("AVBROTT_SFTP_PASSWORD_FILE", str(tmp_path / "password"))
    try:
        address = SftpAddress("k2482", "127.0.0.1", door.port, "/")
        client = logged_in(address, Access(host_key=door.fingerprint, patience=QUICK))
        client.close()
    finally:
        door.close()


@pytest.mark.usefixtures("nobody")
def test_a_key_that_is_none_is_told(sshd: OpenSsh, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there, no key, or locked with a password that was not given."""
    locked = sshd.folder / "locked"
    if not locked.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "lösen", "-f", locked], check=True)
    for file in (sshd.folder / "nowhere", sshd.known_hosts, locked):
        monkeypatch.setenv("AVBROTT_SFTP_KEY", str(file))
        with opened(sshd.target(place), Access(sshd.known_hosts, patience=QUICK)) as target:
            refused(lambda target=target: target.names(""), "SFTP_KEY_UNREADABLE")


def test_a_server_that_is_not_there_is_given_up(by_sftp: OpenSsh, place: Path) -> None:
    """After as many attempts as there is patience for."""
    text = by_sftp.target(place, port=free_port())
    with opened(text, Access(by_sftp.known_hosts, patience=QUICK)) as target:
        assert refused(lambda: target.names(""), "TARGET_LOST").parameters["attempts"] == "3"


def test_a_path_that_the_server_does_not_have_is_told(by_sftp: OpenSsh, place: Path) -> None:
    """It is not made."""
    with opened(by_sftp.target(place / "nowhere"), Access(by_sftp.known_hosts, patience=QUICK)) as target:
        refused(lambda: target.write("a.age", b"content"), "TARGET_MISSING")
    assert list(place.iterdir()) == []


def test_an_upload_goes_on_where_the_connection_broke(by_sftp: OpenSsh, place: Path) -> None:
    """Twice cut, it arrives whole in one call, and what was there is not sent again."""
    proxy, heard = CuttingProxy(by_sftp.port, [6 << 20, 9 << 20]), dict[int, int]()
    try:
        access = Access(host_key=by_sftp.fingerprint, patience=QUICK)
        with (
            opened(by_sftp.target(place, port=proxy.port), access) as target,
            listening(lambda _, done, __: heard.setdefault(proxy.connections, done)),
        ):
            target.write("a.age", LARGE)
    finally:
        proxy.close()
    assert proxy.connections == 3
    assert (place / "a.age").read_bytes() == LARGE
    assert [file.name for file in place.iterdir()] == ["a.age"]
    assert sorted(heard) == [1, 2, 3], "each further attempt is heard of"
    assert 3 << 20 < heard[2] < heard[3], "from where it broke"


def test_an_upload_that_is_held_up_begins_another_connection(by_sftp: OpenSsh, place: Path) -> None:
    """Once it has waited as long as it has patience for, and it goes on where it was."""
    proxy = CuttingProxy(by_sftp.port, [6 << 20], is_slow=True)
    access = Access(host_key=by_sftp.fingerprint, patience=Patience(5, 1, (0.05,)))
    try:
        with opened(by_sftp.target(place, port=proxy.port), access) as target:
            target.write("a.age", LARGE)
    finally:
        proxy.close()
    assert proxy.connections == 2
    assert (place / "a.age").read_bytes() == LARGE


@pytest.mark.usefixtures("nobody")
def test_a_server_that_says_nothing_is_given_up(place: Path) -> None:
    """It takes connections, and that is all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        access = Access(host_key="SHA256:x", patience=Patience(0.3, 0.3, (0.05,)))
        with opened(f"sftp://k2482@127.0.0.1:{port}{place}", access) as target:
            refused(lambda: target.names(""), "TARGET_LOST")


def test_a_connection_that_always_breaks_is_given_up(by_sftp: OpenSsh, place: Path) -> None:
    """Nothing has the file's name; the same call goes on later."""
    proxy = CuttingProxy(by_sftp.port, [2 << 20] * 3)
    access = Access(host_key=by_sftp.fingerprint, patience=QUICK)
    try:
        with opened(by_sftp.target(place, port=proxy.port), access) as target:
            refused(lambda: target.write("a.age", LARGE), "TARGET_LOST")
            assert target.names("") == []
            assert not (place / "a.age").exists()
            target.write("a.age", LARGE)
    finally:
        proxy.close()
    assert (place / "a.age").read_bytes() == LARGE


def test_a_killed_upload_goes_on_where_it_ended(by_sftp: OpenSsh, place: Path) -> None:
    """The rest has no name of a delivery; the next call sends what is missing and no more."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom avbrott.transport.target import Access, Patience, opened\n"
        "with opened(sys.argv[1], Access(Path(sys.argv[2]))) as target:\n"
        "    target.lay('a.age', Path(sys.argv[3]).read_bytes())\n"
    )
    content = LARGE * 4
    (place.parent / "content").write_bytes(content)
    command = [sys.executable, "-c", script, by_sftp.target(place), str(by_sftp.known_hosts), str(place.parent / "content")]
    part = place / _part(content)
    with subprocess.Popen(command) as process:
        while not (part.exists() and part.stat().st_size > 1 << 20):
            assert process.poll() is None, "it was quicker than its killer"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert [file.name for file in place.iterdir()] == [part.name]
    heard: list[int] = []
    with opened(by_sftp.target(place), Access(by_sftp.known_hosts)) as target:
        assert target.names("") == []
        with listening(lambda _, done, __: heard.append(done)):
            assert target.lay("a.age", content)
    assert heard[0] > 1 << 20
    assert (place / "a.age").read_bytes() == content
    assert not part.exists()


@pytest.mark.parametrize("left", [LARGE[:100] + b"x", LARGE + b"more", b"", LARGE], ids=["other", "longer", "empty", "whole"])
def test_what_lies_there_of_another_file_is_not_built_on(by_sftp: OpenSsh, place: Path, left: bytes) -> None:
    """What agrees is used, and nothing else; nor is what another began, and once there is a file it is taken away."""
    (place / _part(LARGE)).write_bytes(left)
    (place / _part(b"another's")).write_bytes(LARGE[:100])
    with opened(by_sftp.target(place), Access(by_sftp.known_hosts)) as target:
        assert target.lay("a.age", LARGE)
    assert (place / "a.age").read_bytes() == LARGE
    assert [file.name for file in place.iterdir()] == ["a.age"]


def _part(content: bytes) -> str:
    """What a file is called on its way to be ``a.age``."""
    return f"a.age.{sum_of(content)[:16]}.part"


@pytest.mark.usefixtures("nobody")
def test_a_server_without_room_is_told(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of a megabyte stands for a full disk: OpenSSH says the same of both."""
    limited = tmp_path / "limited"
    limited.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 1024\nexec {_sftp_server()}\n", "utf-8")
    limited.chmod(0o755)
    server = OpenSsh(tmp_path / "ssh", f"ForceCommand {limited}")
    monkeypatch.setenv("AVBROTT_SFTP_KEY", str(server.key))
    server.start()
    try:
        with opened(server.target(place), Access(server.known_hosts, patience=QUICK)) as target:
            refused(lambda: target.write("a.age", LARGE), "TARGET_REFUSED_WRITE")
            assert target.names("") == []
            target.write("small.age", b"small")
    finally:
        server.stop()


@pytest.mark.usefixtures("nobody")
def test_a_server_that_forbids_writing_is_told(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read-only, as an account that may fetch and not deliver."""
    server = OpenSsh(tmp_path / "ssh", "ForceCommand internal-sftp -R")
    monkeypatch.setenv("AVBROTT_SFTP_KEY", str(server.key))
    server.start()
    try:
        with opened(server.target(place), Access(server.known_hosts, patience=QUICK)) as target:
            refused(lambda: target.write("HT2025/a.age", b"content"), "TARGET_FORBIDDEN")
            refused(lambda: target.write("a.age", b"content"), "TARGET_FORBIDDEN")
    finally:
        server.stop()
    assert list(place.iterdir()) == []


def _sftp_server() -> str:
    """The program that OpenSSH's service starts for a session of SFTP."""
    folders = ("/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh", "/usr/libexec")
    return next(f"{folder}/sftp-server" for folder in folders if Path(folder, "sftp-server").is_file())
