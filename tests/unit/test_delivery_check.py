"""A term is checked over all its providers; the store holds what is accepted now, and nothing of what was before."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from avbrott import atomic
from avbrott.delivery import opened
from avbrott.delivery.check import Outcome, Status, check_term, read_accepted
from avbrott.delivery.coverage import coverage
from avbrott.delivery.due import due
from avbrott.delivery.pull import pull_many
from avbrott.delivery.read import read_content
from avbrott.delivery.table import Table
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests import stored

TERM = Term("HT", 2012)
ENROLMENTS = (
    "pseudonym,birth_year,sex,home_municipality,school_unit,school_type,study_path,study_year,start_date,end_date,cancelled\n"
)
EVENTS = "pseudonym,school_unit,event,event_date,registered_date,cause\n"
ABSENCE = "pseudonym,school_unit,month,offered_minutes,valid_absence_minutes,invalid_absence_minutes,reported_minutes\n"


def mark(number: int) -> str:
    """A pseudonym."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def enrolled(number: int, end: str = "", cancelled: str = "false", unit: str = "99248001") -> str:
    """A row of enrolments."""
    return f"{mark(number)},1996,Man,2480,{unit},GY,EKJUR,1,2012-08-20,{end},{cancelled}\n"


def deliver(home: Home, contracts: Contracts, files: dict[str, str], provider: str = "2480", created: str = "") -> Outcome:
    """Deliver ``files`` by extract, and what becomes of it."""
    outbox = home.outbox(provider, str(TERM))
    outbox.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (outbox / f"{name}.csv").write_text(content)
    if created:
        (outbox / "datapackage.json").write_text(f'{{"created": "{created}"}}')
    home.sources.write_text(f'sources:\n  "{provider}": {{folder: providers/{provider}/outbox, plain: true}}\n')
    pull_many(home, contracts, {TERM: [provider]})
    return check_term(home, contracts, TERM, [provider])[0]


def rows(outcome: Outcome, code: str) -> dict[str, tuple[int, ...]]:
    """The lines of a finding by extract."""
    return {finding.extract: finding.rows for finding in outcome.findings if finding.code == code}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


def test_accepted_rows_are_typed_and_know_where_they_came_from(home: Home, contracts: Contracts) -> None:
    """Dates, whole numbers and truth values have their types, also in a column without any value."""
    deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(1)})
    (file,) = read_accepted(home, "enrolments", [TERM])
    schema = stored.rows(home, file).schema
    assert schema["start_date"] == schema["end_date"] == pl.Date
    assert schema["birth_year"] == schema["study_year"] == schema["row"] == pl.Int64
    assert schema["cancelled"] == pl.Boolean
    assert stored.rows(home, file).select("provider", "term", "row").row(0) == ("2480", "HT2012", 2)
    deliver(home, contracts, {"enrolments": ENROLMENTS})
    assert stored.rows(home, file).schema == schema


def test_a_provider_that_sent_nothing_is_missing(home: Home, contracts: Contracts) -> None:
    """It has an outcome like the others, and no files."""
    (outcome,) = check_term(home, contracts, TERM, ["2480"])
    assert outcome.status is Status.MISSING
    assert list(home.root.rglob("*.parquet")) == []


def test_a_stranger_s_delivery_is_refused(home: Home, contracts: Contracts) -> None:
    """A provider that is not a member in the term cannot deliver, whatever the files hold."""
    outcome = deliver(home, contracts, {"kaa": "x\n"}, provider="2418")
    assert outcome.status is Status.REFUSED
    later = Term("HT", 2016)
    outbox = home.outbox("2418", str(later))
    outbox.mkdir(parents=True)
    header = ",".join(contracts.extracts["kaa"].terms) + "\n"
    (outbox / "kaa.csv").write_text(header)
    pull_many(home, contracts, {later: ["2418"]})
    (outcome,) = check_term(home, contracts, later, ["2418"])
    assert [finding.code for finding in outcome.findings] == ["NOT_A_MEMBER"]
    assert outcome.status is Status.REFUSED


def test_an_extract_that_is_not_the_provider_s_refuses_the_delivery(home: Home, contracts: Contracts) -> None:
    """An agency's counts do not come from a municipality."""
    outcome = deliver(home, contracts, {"agency_counts": "municipality,month,indicator,persons\n"})
    assert rows(outcome, "EXTRACT_NOT_EXPECTED") == {"agency_counts": ()}
    assert outcome.status is Status.REFUSED


def test_a_refused_or_emptied_delivery_leaves_no_accepted_rows(home: Home, contracts: Contracts) -> None:
    """Rows accepted before are gone when the correction is refused, or leaves the extract out."""
    deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(1), "events": EVENTS})
    assert read_accepted(home, "enrolments", [TERM])
    deliver(home, contracts, {"enrolments": ENROLMENTS + "x\n"})
    assert not read_accepted(home, "enrolments", [TERM])
    assert not read_accepted(home, "events", [TERM])
    deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(1)})
    (home.outbox("2480", "HT2012") / "events.csv").unlink()
    deliver(home, contracts, {})
    assert read_accepted(home, "enrolments", [TERM])
    assert not read_accepted(home, "events", [TERM])


@pytest.mark.parametrize("error", [ValueError("hemlig"), pl.exceptions.PanicException("hemlig")])
def test_a_file_that_the_reader_breaks_down_on_is_refused_alone(
    error: BaseException,
    home: Home,
    contracts: Contracts,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is told by a code, the log has the error's kind and not its words, and what else was delivered is accepted."""
    monkeypatch.setenv("AVBROTT_LOG_FORMAT", "json")
    for provider, unit in (("2480", "99248001"), ("2482", "99248201")):
        deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(1, unit=unit)}, provider)

    def breaking(content: bytes, *, kind: str) -> Table:
        if not tables:
            tables.append(content)
            raise error
        return read_content(content, kind=kind)

    tables = list[bytes]()
    monkeypatch.setattr(opened, "read_content", breaking)
    monkeypatch.setattr(atomic, "THREADS", 1)
    told, other = check_term(home, contracts, TERM, ["2480", "2482"])
    assert rows(told, "FILE_READER_FAILED") == {"enrolments": ()}
    assert (told.status, other.status) == (Status.REFUSED, Status.ACCEPTED)
    said = capsys.readouterr().err
    assert f'"kind": "{type(error).__name__}"' in said
    assert "hemlig" not in said + repr(told.findings)


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), MemoryError()])
def test_what_the_machine_lacks_refuses_no_delivery(
    error: Exception, home: Home, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends, and the next one reads the file."""
    deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(1)})

    def breaking(*_: object, **__: object) -> Table:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(opened, "read_content", breaking)
        with pytest.raises(type(error)):
            check_term(home, contracts, TERM, ["2480"])
    assert check_term(home, contracts, TERM, ["2480"])[0].status is Status.ACCEPTED


def test_the_same_input_gives_the_same_bytes(home: Home, contracts: Contracts) -> None:
    """Accepted, quarantined and findings are the same files when checked again."""
    files = {"enrolments": ENROLMENTS + enrolled(1) + enrolled(1, "2012-10-01") + enrolled(2)}
    deliver(home, contracts, files)
    written = {file: file.read_bytes() for file in home.root.rglob("*.parquet")}
    deliver(home, contracts, files)
    assert len(written) == 3
    assert {file: file.read_bytes() for file in home.root.rglob("*.parquet")} == written


def test_absence_without_an_enrolment_is_set_aside(home: Home, contracts: Contracts) -> None:
    """Rows of one extract must be found in another of the same delivery, also one that is set aside there."""
    outcome = deliver(
        home,
        contracts,
        {
            "enrolments": ENROLMENTS + enrolled(1) + enrolled(2, "2012-01-01"),
            "absence": ABSENCE + "".join(f"{mark(n)},99248001,2012-10,100,0,0,100\n" for n in (1, 2, 3)),
        },
    )
    assert rows(outcome, "ABSENCE_WITHOUT_ENROLMENT") == {"absence": (4,)}
    assert outcome.accepted["absence"] == 2


def test_a_rule_between_extracts_waits_for_the_other(home: Home, contracts: Contracts) -> None:
    """Where enrolments were not delivered, only that is told."""
    outcome = deliver(home, contracts, {"absence": ABSENCE + f"{mark(1)},99248001,2012-10,100,0,0,100\n"})
    assert outcome.accepted == {"absence": 1}
    assert set(rows(outcome, "EXTRACT_MISSING")) == {"events", "kaa"}
    assert set(rows(outcome, "EXTRACT_OWED")) == {"enrolments"}, "of which there must be some"


def test_an_extract_that_other_rows_need_is_owed(home: Home, contracts: Contracts) -> None:
    """Events where enrolments ended early, with how many did; enrolments where there are events."""
    ended = enrolled(1, "2012-11-01", "true") + enrolled(2, "2012-11-01", "true") + enrolled(3)
    outcome = deliver(home, contracts, {"enrolments": ENROLMENTS + ended})
    assert [(one.extract, one.count) for one in outcome.findings if one.code == "EXTRACT_OWED"] == [("events", 2)]
    outcome = deliver(home, contracts, {"enrolments": ENROLMENTS + ended, "events": EVENTS})
    assert "EXTRACT_OWED" not in {one.code for one in outcome.findings}, "it came, and rows are held against it"


def test_enrolments_and_events_must_agree_both_ways(home: Home, contracts: Contracts) -> None:
    """An early end without an event, and an event without an early end, are told about where they stand."""
    events = "".join(f"{mark(n)},99248001,AVB,2012-11-01,2012-11-02,OKAND\n" for n in (2, 3))
    outcome = deliver(
        home,
        contracts,
        {
            "enrolments": ENROLMENTS + enrolled(1, "2012-11-01", "true") + enrolled(2, "2012-11-01", "true") + enrolled(3),
            "events": EVENTS + events,
        },
    )
    assert rows(outcome, "CANCELLED_WITHOUT_EVENT") == {"enrolments": (2,), "events": (3,)}
    assert outcome.status is Status.ACCEPTED


@pytest.mark.parametrize("cause", ["depression", "ADHD", "Psykisk ohälsa", "F32.1"])
def test_a_cause_that_tells_of_health_refuses_the_delivery(cause: str, home: Home, contracts: Contracts) -> None:
    """It is no code that is merely not listed: nothing of the delivery is kept, and what is told does not say it again."""
    events = "".join(f"{mark(n)},99248001,AVB,2012-11-01,2012-11-02,{why}\n" for n, why in ((1, "OKAND"), (2, cause)))
    outcome = deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(1), "events": EVENTS + events})
    assert rows(outcome, "HEALTH_CONTENT") == {"events": (3,)}
    assert outcome.status is Status.REFUSED
    assert not read_accepted(home, "enrolments", [TERM])
    assert cause not in repr(outcome)


def test_a_column_of_diagnoses_is_found_whatever_it_is_called(home: Home, contracts: Contracts) -> None:
    """Beside that the contract has no such column."""
    header = EVENTS.replace("\n", ",x\n")
    outcome = deliver(home, contracts, {"events": header + f"{mark(1)},99248001,AVB,2012-11-01,2012-11-02,OKAND,Autism\n"})
    assert rows(outcome, "HEALTH_CONTENT") == {"events": (2,)}


def test_late_is_after_the_day_it_was_due(home: Home, contracts: Contracts) -> None:
    """The day itself is in time."""
    assert due(contracts, Term("VT", 2013)) > Term("VT", 2013).last_day
    day = due(contracts, TERM).isoformat()
    assert not deliver(home, contracts, {"enrolments": ENROLMENTS}, created=day).late
    assert deliver(home, contracts, {"enrolments": ENROLMENTS}, "2482", "2013-06-01").late


def test_a_correction_makes_nothing_late_that_came_in_time(home: Home, contracts: Contracts) -> None:
    """What was accepted first counts, however often it is replaced; of what was refused the first day does not."""
    in_time, late = due(contracts, TERM), due(contracts, TERM) + timedelta(days=1)
    enrolments = {"enrolments": ENROLMENTS + enrolled(1)}
    assert not deliver(home, contracts, enrolments, created=str(in_time)).late
    for number in (2, 3):
        corrected = deliver(home, contracts, {"enrolments": ENROLMENTS + enrolled(number)}, created=str(late))
        assert (corrected.created, corrected.late) == (late, False)
    row = coverage(home, contracts).filter(provider="2480", term=str(TERM), extract="enrolments")
    assert row.select("delivered", "late").row(0) == (True, False)
    refused = {"enrolments": ENROLMENTS.replace("sex,", "")}
    assert deliver(home, contracts, refused, "2482", str(in_time)).status is Status.REFUSED
    enrolments = {"enrolments": ENROLMENTS + enrolled(1, unit="99248201")}
    assert deliver(home, contracts, enrolments, "2482", str(late)).late
