"""A DuckDB session: bounded memory, and no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.session import SETTING, session

_TOO_MUCH = "CREATE TEMP TABLE t AS SELECT md5(i::VARCHAR) || 'MARKER' || i AS p FROM range(3000000) AS r(i)"


def test_what_does_not_fit_in_memory_is_told_and_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB would spill it in plain; the error says which setting is the limit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(BadInput, match="MEMORY_TOO_SMALL") as told, session(memory="60MB") as connection:
        connection.execute(_TOO_MUCH)
    assert told.value.parameters == {"setting": SETTING}
    assert list(tmp_path.rglob("*")) == []


def test_the_setting_is_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, the machine's memory is."""
    monkeypatch.setenv(SETTING, "61MB")
    with session() as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == ("58.1 MiB",)
    monkeypatch.delenv(SETTING)
    with session() as connection:
        connection.execute(_TOO_MUCH)
