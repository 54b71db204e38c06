"""The lock held against known faults of what it pins: ``python -m tests.lock_audit``, a part of ``make check``.

Exit code 1 where something that is pinned has a known fault. Where PyPI does not answer in ``SECONDS``, or not about what is
pinned, that is said and nothing fails: a machine without a network can still check its code.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements.lock"
SECONDS = 120


def main() -> int:
    """Print one line, and one a fault."""
    asks = [
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "-r",
        str(LOCK),
        "-f",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        asked = subprocess.run(
            [sys.executable, *asks, "--timeout", "10"], capture_output=True, text=True, timeout=SECONDS, check=False
        )
        said, code = told(json.loads(asked.stdout))
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        said, code = told({"dependencies": []})
    print(said)
    return code


def told(report: dict[str, Any]) -> tuple[str, int]:
    """What pip-audit's report says, in words, and the exit code."""
    audited = [one for one in report["dependencies"] if "vulns" in one]
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        for one in audited
        for fault in one["vulns"]
    ]
    if not audited:
        return "The lock is not audited: PyPI says nothing here of what it pins. Run make check where it does.", 0
    counted = f"{len(audited)} of {len(report['dependencies'])} pinned packages audited, known faults: {len(faults)}"
    return "\n".join([counted, *faults]), 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
