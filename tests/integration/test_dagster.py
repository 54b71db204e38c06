"""What Dagster shows and asks for: the graph, a run of one partition, the sensor, and checks that carry findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.partitions import DELIVERIES, register
from assets.resources import Installation
from avbrott.delivery.pull import pull
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import load_contracts
from pipelines.definitions import build_defs
from pipelines.instance import instance_of
from pipelines.sensors import new_deliveries
from tests.integration.running import write_sources

TERM = "HT2012"
KEY = dg.MultiPartitionKey({"provider": "2480", "term": TERM})
FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"

GRAPH = """\
delivered [provider|term] ! in_time
accepted [provider|term] <- delivered ! keeps_contract
linked <- accepted ! plausible
counted <- linked
protected <- counted ! keeps_promise (blocking)
released <- protected ! passes_audit"""
"""Assets in the order of the flow: partitions, what each rests on, its checks."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where one provider delivers one extract of one term."""
    home = Home(tmp_path / "home")
    write_sources(home.root, ["2480"])
    _deliver(home, "clean.csv")
    return home


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """The installation's own instance, kept on disk."""
    with instance_of(home, record=True) as instance:
        yield instance


def _deliver(home: Home, fixture: str) -> None:
    outbox = home.outbox("2480", TERM)
    outbox.mkdir(parents=True, exist_ok=True)
    (outbox / "enrolments.csv").write_bytes((FIXTURES / fixture).read_bytes())


def _definitions(home: Home) -> dg.Definitions:
    return build_defs({"installation": Installation(home=str(home.root))})


def _asked(home: Home, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    """What the sensor asks for at its first tick."""
    return _tick(home, instance, None)[0]


def _tick(home: Home, instance: dg.DagsterInstance, cursor: str | None) -> tuple[list[dg.RunRequest], str | None]:
    """What the sensor asks for, and the cursor that it leaves for the next tick."""
    resources = {"installation": Installation(home=str(home.root))}
    context = dg.build_sensor_context(instance=instance, resources=resources, cursor=cursor)
    found = list(new_deliveries(context) or [])
    return [request for request in found if isinstance(request, dg.RunRequest)], context.cursor


def _run(home: Home, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    register(instance, ["2480"], [Term.parse(TERM)])
    job = _definitions(home).resolve_job_def("deliveries")
    return job.execute_in_process(instance=instance, partition_key=KEY)


def test_the_graph_is_the_flow(home: Home) -> None:
    """Six assets, each resting on the one before; who changes the graph changes this text."""
    graph = _definitions(home).resolve_asset_graph()
    lines = []
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        partitioned = " [provider|term]" if node.partitions_def == DELIVERIES else ""
        above = "".join(f" <- {parent.to_user_string()}" for parent in sorted(node.parent_keys))
        checks = [graph.get_check_spec(check) for check in sorted(node.check_keys)]
        told = "".join(f" ! {check.name}{' (blocking)' if check.blocking else ''}" for check in checks)
        lines.append(f"{key.to_user_string()}{partitioned}{above}{told}")
    assert "\n".join(lines) == GRAPH


def test_what_runs_and_when_is_defined(home: Home) -> None:
    """Jobs, schedule and sensor can be loaded; nothing is switched on by itself."""
    definitions = _definitions(home)
    jobs = {"deliveries", "in_time", "proposal", "release", "everything", "spread"}
    assert {job.name for job in definitions.jobs or []} == jobs
    for schedule in ("release_schedule", "in_time_schedule"):
        assert definitions.resolve_schedule_def(schedule).default_status is dg.DefaultScheduleStatus.STOPPED
    for sensor in ("new_deliveries", "failed_runs"):
        assert definitions.resolve_sensor_def(sensor).default_status is dg.DefaultSensorStatus.STOPPED


def test_one_partition_is_pulled_and_checked(home: Home, instance: dg.DagsterInstance) -> None:
    """The job materialises both assets for the partition, and the instance remembers it."""
    result = _run(home, instance)
    assert result.success
    assert home.accepted("enrolments", "2480", TERM).is_file()
    receipts = home.outbox("2480", TERM).parent / "receipts" / TERM
    assert sorted(file.suffix for file in receipts.iterdir()) == [".html", ".json", ".sig"]
    for asset in ("delivered", "accepted"):
        assert instance.get_materialized_partitions(dg.AssetKey(asset)) == {str(KEY)}
    (check,) = result.get_asset_check_evaluations()
    assert check.passed


def test_who_is_no_member_is_not_waited_for(home: Home, instance: dg.DagsterInstance) -> None:
    """Of the term's members all but one are missing, in the metadata of both assets; those who join later are not."""
    result = _run(home, instance)
    suppliers = load_contracts().suppliers
    members = suppliers.members(Term.parse(TERM))
    assert len(members) < len(suppliers.suppliers)
    for asset, figure in (("delivered", "awaited"), ("accepted", "missing")):
        (made,) = result.asset_materializations_for_node(asset)
        assert made.metadata[figure].value == len(members) - 1


def test_a_check_carries_its_findings(home: Home, instance: dg.DagsterInstance) -> None:
    """A refused delivery fails the check as an error, with the rule, the extract and the field."""
    _deliver(home, "missing_column.csv")
    (check,) = _run(home, instance).get_asset_check_evaluations()
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR
    assert check.metadata["refused"].value == [f"2480 {TERM}"]
    assert "| blocking | COLUMN_MISSING | enrolments |" in str(check.metadata["findings"].value)


def test_the_sensor_asks_once_for_each_content(home: Home, instance: dg.DagsterInstance) -> None:
    """Once for a new delivery, not again when it was run, and again when the provider has corrected it."""
    (first,) = _asked(home, instance)
    assert first.partition_key == KEY
    (again,) = _asked(home, instance)
    assert again.run_key == first.run_key  # Dagster skips a key that it has run
    _run(home, instance)
    assert _asked(home, instance) == []
    _deliver(home, "windows_line_ends.csv")
    (corrected,) = _asked(home, instance)
    assert corrected.partition_key == KEY
    assert corrected.run_key != first.run_key


def test_the_sensor_takes_up_what_was_pulled_and_not_checked(home: Home, instance: dg.DagsterInstance) -> None:
    """Not at once, since a run may be about to check it; then after 1, 2, 4 ... ticks, each time under a key of its own."""
    pull(home, load_contracts(), "2480", Term.parse(TERM))
    cursor, keys = None, []
    for _ in range(6):
        asked, cursor = _tick(home, instance, cursor)
        keys.append([request.run_key for request in asked])
        assert all(request.partition_key == KEY for request in asked)
    assert [len(found) for found in keys] == [0, 1, 1, 0, 1, 0]
    assert len({key for found in keys for key in found}) == 3
    _run(home, instance)
    assert _tick(home, instance, cursor)[0] == []


def test_an_unreadable_folder_is_counted_and_told(home: Home, instance: dg.DagsterInstance) -> None:
    """What the store has of the provider stays accepted; the metadata says that its folder could not be read."""
    _run(home, instance)
    home.sources.write_text(home.sources.read_text().replace("providers/2480", "not/mounted"))
    result = _run(home, instance)
    (made,) = result.asset_materializations_for_node("delivered")
    assert made.metadata["unreadable"].value == 1
    assert "SOURCE_FOLDER_MISSING" in str(made.metadata["problems"].value)
    assert home.accepted("enrolments", "2480", TERM).is_file()
