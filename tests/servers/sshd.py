"""A real OpenSSH server of the test's own: its host key, its user's key, its settings, on a port of loopback."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from pathlib import Path

from tests.servers.ensure import found, must_be_there

_SETTINGS = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
LogLevel VERBOSE
{more}
"""


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as found_port:
        found_port.bind(("127.0.0.1", 0))
        return int(found_port.getsockname()[1])


class OpenSsh:
    """The server, from ``start`` to ``stop``."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder, self.more, self.port, self.user = folder, more, free_port(), getpass.getuser()
        self._program = must_be_there(found(), "sshd")
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        self.key = self._new_key("user_key")
        self.new_host_key()

    def new_host_key(self) -> None:
        """Give the server another key."""
        self._new_key("host_key")
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {self._public('host_key')}\n", "utf-8")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where the service would start it
        settings = self.folder / "sshd_config"
        settings.write_text(_SETTINGS.format(port=self.port, folder=self.folder, more=self.more), "utf-8")
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen([self._program, "-D", "-e", "-f", str(settings)], stderr=log)
        wait_for(self.port, self._process)

    def stop(self) -> None:
        """End it; what it began ends with it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def fingerprint(self) -> str:
        """That of its key, as ``ssh-keygen`` tells it."""
        told = subprocess.run(["ssh-keygen", "-lf", self.folder / "host_key.pub"], capture_output=True, text=True, check=True)
        return told.stdout.split()[1]

    def target(self, folder: Path, port: int | None = None, user: str | None = None) -> str:
        """The TARGET that says a folder of this machine, reached through the server."""
        return f"sftp://{user or self.user}@127.0.0.1:{port or self.port}{folder}"

    def _new_key(self, name: str) -> Path:
        for file in (self.folder / name, self.folder / f"{name}.pub"):
            file.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        return self.folder / name

    def _public(self, name: str) -> str:
        return (self.folder / f"{name}.pub").read_text("utf-8").strip()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers at ``port``; an error where ``process``, which should, has ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")
