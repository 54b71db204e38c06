"""A real PostgreSQL of the test's own: its data, its one user with a password, on a port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers.ensure import found_postgres, must_be_there
from tests.servers.sshd import free_port, wait_for

USER, PASSWORD, DATABASE = "avbrott", "lösen: @/%", "postgres"


class Postgres:
    """The server, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._programs = must_be_there(found_postgres(), "PostgreSQL server")
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # not pytest's, which nobody but its owner can come to
        self._process: subprocess.Popen[bytes] | None = None
        secret = self._folder / "password"
        secret.write_text(PASSWORD, "utf-8")
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:  # it refuses to run as root
            self._as = {"user": "postgres", "group": "postgres", "extra_groups": []}
            owner = pwd.getpwnam("postgres")
            for path in (self._folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        command = [self._programs / "initdb", "--pgdata", self._data, "--username", USER, "--pwfile", secret, "--no-sync"]
        self._run([*command, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"])

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        """What lets a program in."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": USER,
            "PGPASSWORD": PASSWORD,
            "PGDATABASE": DATABASE,
        }

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        command = [self._programs / "postgres", "-D", self._data, "-p", str(self.port)]
        command += [part for setting in settings for part in ("-c", setting)]
        self._process = subprocess.Popen(command, cwd=self._folder, stderr=subprocess.DEVNULL, **self._as)
        wait_for(self.port, self._process)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(2)  # SIGINT: connections are ended too
            self._process.wait(timeout=30)
            self._process = None

    def remove(self) -> None:
        """End it, and take its data away."""
        self.stop()
        shutil.rmtree(self._folder)

    def asked(self, question: str) -> str:
        """What ``psql`` answers, besides the program's own way to it."""
        environment = {**os.environ, **self.environment}
        command = [self._programs / "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", question]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    def _run(self, command: list[object]) -> None:
        subprocess.run([str(part) for part in command], cwd=self._folder, check=True, capture_output=True, **self._as)
