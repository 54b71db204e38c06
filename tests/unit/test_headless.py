"""A run without Dagster's servers: how it ends when it is interrupted."""

from __future__ import annotations

from types import SimpleNamespace

import dagster as dg
import pytest

from pipelines import headless


def test_an_interruption_is_pythons_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster makes an error of Ctrl-C that the command line knows nothing of."""

    def interrupted(**_: object) -> None:
        raise dg.DagsterExecutionInterruptedError

    monkeypatch.setattr("avbrott.expectations.process.start", lambda: None)
    job = SimpleNamespace(execute_in_process=interrupted)
    definitions = SimpleNamespace(resolve_job_def=lambda _: job)
    with pytest.raises(KeyboardInterrupt):
        headless._execute(definitions, "everything", None, None, {})
