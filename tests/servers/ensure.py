"""Make sure that an OpenSSH server is there for the tests of SFTP: the one that is installed, else apt's as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def found() -> str | None:
    """The path of an installed sshd, which asks to be called by it; none where there is none."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def ensure() -> int:
    """Install a server where none is; the exit code says whether there is one now."""
    if found():
        return 0
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # installed, not started
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "openssh-server"], check=False, env=environment
        )
        if found():
            return 0
    print("OpenSSH:s server saknas; testerna av SFTP kan inte köras. / No OpenSSH server; tests of SFTP cannot run.")
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(ensure())
