"""Lines of JSON for who collects logs: what each command that goes on for long tells, in one form, and nothing besides."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from assets.partitions import register
from assets.resources import Installation
from avbrott.errors import StageFailed
from avbrott.home import Home
from avbrott.logs import SETTING
from avbrott.periods import Term
from pipelines.definitions import build_defs
from pipelines.instance import instance_of
from tests.integration.running import START, Ended, avbrott, write_sources
from tests.servers.hub import HubServer

FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"
TERM = "HT2012"
STAGES = ["delivered", "accepted", "linked", "counted", "protected", "released"]
KEYS = ["time", "level", "code", "run", "counts", "about"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where one provider delivers what is accepted, and another one what is refused."""
    home = Home(tmp_path / "var")
    write_sources(home.root, ["2480", "2482"])
    for provider, fixture in (("2480", "clean.csv"), ("2482", "missing_column.csv")):
        home.outbox(provider, TERM).mkdir(parents=True)
        (home.outbox(provider, TERM) / "enrolments.csv").write_bytes((FIXTURES / fixture).read_bytes())
    return home


def lines_of(output: str) -> list[dict]:
    """Every line, each of the one form: a time, a level, a code, a run, whole numbers, and names."""
    told = [json.loads(line) for line in output.splitlines()]
    for line in told:
        assert list(line) == KEYS
        assert line["level"] in ("info", "warning", "error")
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", line["code"])
        assert all(type(count) is int for count in line["counts"].values())
        for value in line["about"].values():
            assert all(isinstance(one, str) for one in ([*value] if isinstance(value, list) else [value]))
    times = [datetime.fromisoformat(line["time"]) for line in told]
    assert times == sorted(times)
    return told


def logged(*arguments: object) -> tuple[Ended, list[dict]]:
    """A command as a service starts it; nothing else is printed than lines."""
    ended = avbrott(*arguments, **{SETTING: "json", "PYTHONWARNINGS": "ignore"})
    return ended, lines_of(ended.output)


def test_a_run_tells_its_stages_and_its_end(home: Home) -> None:
    """By one name of the run, which Dagster's history has too; what was refused, by codes; and no row's value."""
    ended, told = logged("run", "--record", "--home", home.root)
    assert ended.code == 4
    codes = [line["code"] for line in told]
    assert codes[0] == "RUN_BEGUN"
    assert codes[-2:] == ["RELEASED", "RUN_DONE"]
    done = {line["about"]["stage"]: line["counts"] for line in told if line["code"] == "STAGE_DONE"}
    assert [*done] == [line["about"]["stage"] for line in told if line["code"] == "STAGE_BEGUN"] == STAGES
    assert (done["accepted"]["rows_accepted"], done["accepted"]["refused"]) == (4, 1)
    (refused,) = (line for line in told if line["code"] == "DELIVERY_REFUSED")
    assert (refused["level"], refused["about"]["provider"], refused["about"]["term"]) == ("warning", "2482", TERM)
    assert refused["about"]["codes"]
    with instance_of(home, record=True) as instance:
        (run,) = instance.get_runs()
    assert {line["run"] for line in told} == {run.run_id}
    rows = (FIXTURES / "clean.csv").read_text("utf-8").splitlines()[1:]
    pseudonyms = {word for row in rows for word in re.split("[,;]", row) if len(word) > 20}
    assert pseudonyms
    assert not [word for word in pseudonyms if word in ended.output]


def test_an_error_is_a_line(tmp_path: Path) -> None:
    """With its code and exit code as ever; a setting that is none is told to whoever made it."""
    ended, told = logged("run", "--home", tmp_path)
    assert ended.code == 2
    assert [(line["level"], line["code"]) for line in told][-1] == ("error", "NOTHING_OFFERED")
    ended = avbrott("run", "--home", tmp_path, **{SETTING: "yaml"})
    assert ended.code == 2
    assert "AVBROTT_LOG_FORMAT är yaml" in ended.output


def test_health_tells_each_notice(home: Home) -> None:
    """As a warning each, and its figures; the document of --json stays what it is."""
    ended, told = logged("health", "--home", home.root, "--date", "2013-06-01")
    assert ended.code == 1
    (new,) = (line for line in told if line["code"] == "HEALTH_NEW")
    assert (new["level"], new["about"]) == ("warning", {"kind": "stuck", "count": "2"})
    assert (told[-1]["code"], told[-1]["about"]["date"]) == ("HEALTH_DONE", "2013-06-01")
    assert told[-1]["counts"]
    command = [sys.executable, "-c", START, "health", "--json", "--home", str(home.root)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(asked.stdout)["notices"]


def test_the_server_tells_that_it_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where, and that it ended."""
    monkeypatch.setenv(SETTING, "json")
    (tmp_path / "home").mkdir()
    server = HubServer(tmp_path / "home")
    server.start()
    _, printed = server.stop()
    told = lines_of(printed)
    assert [line["code"] for line in told] == ["SERVING", "SERVED"]
    assert told[0]["about"] == {"address": f"http://127.0.0.1:{server.port}/"}


def test_the_code_location_tells_its_stages(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Dagster's own runs too, also one that fails: by its code and kind, and not by its words."""
    monkeypatch.setenv(SETTING, "json")
    definitions = build_defs({"installation": Installation(home=str(home.root))})
    key = dg.MultiPartitionKey({"provider": "2480", "term": TERM})
    with instance_of(home, record=True) as instance:
        register(instance, ["2480"], [Term.parse(TERM)])
        job = definitions.resolve_job_def("deliveries")
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        ran = job.execute_in_process(instance=instance, partition_key=key, run_config=quiet)
        told = lines_of(capsys.readouterr().err)
        assert [(line["code"], line["about"]["stage"]) for line in told] == [
            ("STAGE_BEGUN", "delivered"),
            ("STAGE_DONE", "delivered"),
            ("STAGE_BEGUN", "accepted"),
            ("STAGE_DONE", "accepted"),
        ]
        assert {line["run"] for line in told} == {ran.run_id}

        def breaks(*_: object) -> None:
            raise ValueError("19990101-1234")

        monkeypatch.setattr("assets.delivered.pull_many", breaks)
        with pytest.raises(StageFailed):
            job.execute_in_process(instance=instance, partition_key=key, run_config=quiet)
    failed = lines_of(capsys.readouterr().err)[-1]
    assert (failed["level"], failed["code"]) == ("error", "STAGE_FAILED")
    assert failed["about"] == {"stage": "delivered", "codes": ["INTERNAL_ERROR"], "kind": "ValueError"}
