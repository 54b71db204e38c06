"""What Dagster does by itself: counts after deliveries, says each morning who is late, and tells of a run that failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.partitions import register
from assets.resources import Installation
from avbrott import clock
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.upkeep.alerts import Failure, tell
from pipelines.alerts import failed_runs
from pipelines.definitions import build_defs
from pipelines.instance import instance_of
from tests.integration.running import write_sources
from tests.servers.listening import MailServer, Webhook

FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"
TERM = "HT2012"
KEY = dg.MultiPartitionKey({"provider": "2480", "term": TERM})
FOLLOWING = ("linked", "counted")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where one provider delivers one extract of one term."""
    home = Home(tmp_path / "home")
    write_sources(home.root, ["2480"])
    outbox = home.outbox("2480", TERM)
    outbox.mkdir(parents=True)
    (outbox / "enrolments.csv").write_bytes((FIXTURES / "clean.csv").read_bytes())
    return home


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with instance_of(home, record=True) as instance:
        register(instance, ["2480", "2482"], [Term.parse(TERM)])
        yield instance


@pytest.fixture
def definitions(home: Home) -> dg.Definitions:
    return build_defs({"installation": Installation(home=str(home.root))})


def _deliver(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    job = definitions.resolve_job_def("deliveries")
    assert job.execute_in_process(instance=instance, partition_key=KEY).success


def test_counts_follow_deliveries(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    """Nothing before a delivery is accepted; then linked and counted once, though others have not delivered."""
    before = dg.evaluate_automation_conditions(definitions, instance)
    assert before.total_requested == 0
    _deliver(definitions, instance)
    after = dg.evaluate_automation_conditions(definitions, instance, cursor=before.cursor)
    assert [after.get_num_requested(dg.AssetKey(asset)) for asset in FOLLOWING] == [1, 1]
    assert after.total_requested == 2
    assert dg.evaluate_automation_conditions(definitions, instance, cursor=after.cursor).total_requested == 0


def test_who_is_late_is_told_each_morning(
    definitions: dg.Definitions, instance: dg.DagsterInstance, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the term's own deadline, as a warning; nobody is before it."""
    term, job = Term.parse(TERM), definitions.resolve_job_def("in_time")
    _deliver(definitions, instance)
    told = {}
    for day in (term.last_day, term.last_day.replace(year=term.last_day.year + 1, month=3, day=1)):
        monkeypatch.setattr(clock, "today", lambda day=day: day)
        (check,) = job.execute_in_process(instance=instance).get_asset_check_evaluations()
        assert check.severity is dg.AssetCheckSeverity.WARN
        told[check.passed] = check.metadata["late"].value
    assert told[True] == []
    assert len(told[False]) == len(contracts.suppliers.members(term))  # who delivered has other extracts to deliver
    assert f"2482 {TERM}: 29" in told[False]


@pytest.fixture
def listeners(home: Home) -> Iterator[tuple[Webhook, MailServer]]:
    """A webhook and a mail server that ``alerts.yaml`` names."""
    hook, post = Webhook(), MailServer()
    (home.root / "hook").write_text(f"http://127.0.0.1:{hook.port}/secret\n")
    mail = f"{{to: [drift@example.se], sender: avbrott@example.se, host: 127.0.0.1, port: {post.port}}}"
    home.alerts.write_text(f"webhook_file: hook\nmail: {mail}\n")
    yield hook, post
    for server in (hook, post):
        server.shutdown()
        server.server_close()


def test_a_run_that_failed_is_told(
    home: Home, definitions: dg.Definitions, instance: dg.DagsterInstance, listeners: tuple[Webhook, MailServer]
) -> None:
    """By webhook and mail, in both languages, with its code and never a value: the damaged record holds one."""
    _deliver(definitions, instance)
    (home.delivered("2480", TERM) / "delivery.json").write_text('{"provider": "19990101-1234"}')
    result = definitions.resolve_job_def("release").execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success
    resources = {"installation": Installation(home=str(home.root))}
    context = dg.build_run_status_sensor_context(
        "failed_runs", result.get_run_failure_event(), instance, result.dagster_run, resources=resources
    )
    failed_runs(context.for_run_failure())
    (text,), (mail,) = (server.heard for server in listeners)
    assert "Avbrott: körningen release misslyckades / Avbrott: the run release failed" in text
    assert all(told in text for told in ("linked", "DELIVERY_UNREADABLE", result.run_id))
    assert "To: drift@example.se" in mail
    assert "19990101" not in text + mail


def test_nobody_is_told_where_nobody_is_named(home: Home, contracts: Contracts) -> None:
    """Without the file nothing is sent; one that is wrong, or names whom nobody hears, is told with what to mend."""
    failure = Failure("release", "run", ("linked",), ())
    assert tell(home, contracts, failure) == 0
    home.alerts.write_text("webhook_file: missing\n")
    with pytest.raises(BadInput, match="ALERT_WEBHOOK"):
        tell(home, contracts, failure)
    home.alerts.write_text("mail: {to: [a@example.se], sender: b@example.se, host: 127.0.0.1, port: 1}\n")
    with pytest.raises(BadInput, match="ALERT_MAIL"):
        tell(home, contracts, failure)
    home.alerts.write_text("mail: {to: []}\n")
    with pytest.raises(BadInput):
        tell(home, contracts, failure)
