"""Dagster's history in PostgreSQL, as ``deploy/dagster.yaml`` puts it there: runs, sensors, schedules, and what fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from avbrott.errors import BadInput
from avbrott.home import Home
from pipelines.instance import instance_of
from tests.integration.running import avbrott, write_sources
from tests.servers.postgres import PASSWORD, Postgres

ROOT = Path(__file__).parents[2]
SETTING = ROOT / "deploy" / "dagster.yaml"
FIXTURES = ROOT / "tests" / "fixtures" / "delivery"
TERM = "HT2012"
MODULE = ("-m", "pipelines.definitions")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home as the code location finds it, with the packaged setting, where one provider delivers one extract."""
    home = Home(tmp_path / "var")
    write_sources(home.root, ["2480"])
    outbox = home.outbox("2480", TERM)
    outbox.mkdir(parents=True)
    (outbox / "enrolments.csv").write_bytes((FIXTURES / "clean.csv").read_bytes())
    home.dagster.mkdir()
    (home.dagster / "dagster.yaml").write_bytes(SETTING.read_bytes())
    return home


@pytest.fixture
def let_in(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in postgres.environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_sensor_starts_a_run_whose_events_are_in_the_database(
    home: Home, postgres: Postgres, let_in: pytest.MonkeyPatch
) -> None:
    """Dagster's own daemon and commands: what was switched on, the tick, its cursor, the run and its events."""
    let_in.setenv("DAGSTER_HOME", str(home.dagster))
    _dagster(home, "sensor", "start", "new_deliveries")
    _dagster(home, "schedule", "start", "in_time_schedule")
    with _daemon(home), instance_of(home, record=True) as instance:
        _wait_until(lambda: instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])) == 1)
    with instance_of(home, record=True) as instance:
        (run,) = instance.get_runs()
        told = instance.get_latest_materialization_event(dg.AssetKey("accepted"))
        states = {state.instigator_name: state for state in instance.all_instigator_state()}
    assert run.tags["dagster/sensor_name"] == "new_deliveries"
    assert told is not None
    assert (told.run_id, told.asset_materialization.metadata["rows_accepted"].value) == (run.run_id, 4)
    assert {name: state.status.value for name, state in states.items()} == {
        "new_deliveries": "RUNNING",
        "in_time_schedule": "RUNNING",
    }
    assert states["new_deliveries"].instigator_data.cursor is not None
    assert int(postgres.asked("SELECT count(*) FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION'")) >= 2
    assert postgres.asked("SELECT status FROM runs") == "SUCCESS"
    assert int(postgres.asked("SELECT count(*) FROM job_ticks WHERE status = 'SUCCESS'")) >= 1
    assert not list(home.dagster.rglob("*.db"))


def test_a_database_that_lets_nobody_in_is_told(home: Home, postgres: Postgres) -> None:
    """What it says, in which file it is named, what to do; nothing is pulled, and no secret is told."""
    ended = avbrott("run", "--record", "--home", home.root, **{**postgres.environment, "PGPASSWORD": "another"})
    assert ended.code == 2
    said = ('password authentication failed for user "avbrott"', str(home.dagster.resolve() / "dagster.yaml"), "psql")
    assert all(words in ended.output for words in said), ended.output
    assert not [word for word in (PASSWORD, "another", "Traceback", "Retrying") if word in ended.output]
    assert not home.store.exists()


def test_what_is_not_set_or_installed_is_told(home: Home, let_in: pytest.MonkeyPatch) -> None:
    """Every variable that is missing or no number, by name; the extra that is missing; a file that is none."""
    let_in.setenv("PGPORT", "five")
    assert _refusal(home).parameters["names"] == "PGPORT"
    let_in.delenv("PGHOST")
    let_in.delenv("PGPASSWORD")
    assert _refusal(home).parameters["names"] == "PGHOST, PGPASSWORD, PGPORT"
    let_in.setitem(sys.modules, "dagster_postgres", None)
    refusal = _refusal(home)
    assert (refusal.code, refusal.parameters["module"]) == ("INSTANCE_MODULE", "dagster_postgres")
    for text in ("storage: [", "nonsense: 1", "- a"):
        (home.dagster / "dagster.yaml").write_text(text)
        assert _refusal(home).code == "INSTANCE_FILE"


def test_a_database_that_falls_silent_is_told(home: Home, let_in: pytest.MonkeyPatch) -> None:
    """Also in the middle of a run."""
    server = Postgres()
    try:
        for name, value in server.environment.items():
            let_in.setenv(name, value)
        server.start()
        # PT012: the database goes while the instance is open, and that is what is told.
        with pytest.raises(BadInput, match="INSTANCE_SILENT"), instance_of(home, record=True) as instance:  # noqa: PT012
            server.stop()
            instance.get_runs_count()
    finally:
        server.remove()


def _refusal(home: Home) -> BadInput:
    with pytest.raises(BadInput) as refused, instance_of(home, record=True):
        pass
    return refused.value


def _dagster(home: Home, *arguments: str) -> None:
    command = [sys.executable, "-m", "dagster", *arguments, *MODULE]
    subprocess.run(command, cwd=home.root.parent, check=True, capture_output=True)


@contextmanager
def _daemon(home: Home) -> Iterator[None]:
    command = [str(Path(sys.executable).with_name("dagster-daemon")), "run", *MODULE]
    with (home.root / "daemon.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home.root.parent, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 420
    while not is_so():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.5)
