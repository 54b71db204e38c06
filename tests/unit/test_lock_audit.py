"""The audit of the lock fails for a known fault alone, and says so where it could not be made."""

from __future__ import annotations

from tests.lock_audit import told

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
FAULTY = {"name": "faulty", "version": "1.0", "vulns": [{"id": "PYSEC-0000-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}


def test_a_known_fault_fails_and_is_named() -> None:
    """With the version that mends it."""
    said, code = told({"dependencies": [SOUND, FAULTY, UNKNOWN]})
    assert code == 1
    assert said.splitlines() == [
        "2 of 3 pinned packages audited, known faults: 1",
        "faulty 1.0: PYSEC-0000-1, mended in 1.1",
    ]


def test_no_fault_passes() -> None:
    """And says how much was audited."""
    assert told({"dependencies": [SOUND, UNKNOWN]}) == ("1 of 2 pinned packages audited, known faults: 0", 0)


def test_what_could_not_be_audited_is_said() -> None:
    """It is no fault of the code."""
    for report in ([UNKNOWN], []):
        said, code = told({"dependencies": report})
        assert code == 0
        assert "not audited" in said
