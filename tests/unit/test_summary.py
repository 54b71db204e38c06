"""The demonstration's last words: figures of all runs, who was refused, where to look next."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.findings import Finding, Severity, to_frame
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import load_messages
from pipelines.headless import Ran
from pipelines.summary import Demonstration, show_summary

REFUSED = ("2417", Term.parse("HT2023"))


def _ran(deliveries: int, refused: tuple[tuple[str, Term], ...] = (), problems: tuple[BadInput, ...] = ()) -> Ran:
    seconds = {"delivered": 1.25, "accepted": 2.0, "linked": 3.0, "counted": 4.0, "protected": 5.0, "released": 6.0}
    accepted = {"accepted": deliveries, "refused": len(refused), "rows_accepted": 1234567, "rows_quarantined": 12}
    protected = {"cells": 60000, "shown": 20001, "hidden": 39999, "witnesses": 777}
    return Ran(
        seconds, {"delivered": {"deliveries": deliveries}, "accepted": accepted, "protected": protected}, refused, problems
    )


def _printed(home: Home, contracts: Contracts, *runs: Ran) -> str:
    screen = Console(file=io.StringIO(), width=80)
    show_summary(screen, home, contracts, load_messages(), Demonstration(7.0, runs, 99.0))
    return screen.file.getvalue().replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """One delivery was refused, for two rules in two extracts, and had a warning as well."""
    home = Home(tmp_path)
    provider, term = REFUSED
    findings = [
        Finding(provider, str(term), "enrolments", "COLUMN_MISSING", Severity.BLOCKING, "sex"),
        Finding(provider, str(term), "events", "FILE_ENCODING", Severity.BLOCKING),
        Finding(provider, str(term), "events", "CODE_UNLISTED", Severity.WARNING),
    ]
    atomic.write_parquet(home.findings(provider, str(term)), to_frame(findings))
    home.sources.write_text(f'sources: {{"{provider}": {{folder: providers/{provider}/outbox}}}}\n', "utf-8")
    home.outbox(provider, str(term)).mkdir(parents=True)
    (home.outbox(provider, str(term)) / "enrolments.csv").write_text("", "utf-8")
    return home


def test_the_runs_stand_side_by_side(home: Home, contracts: Contracts) -> None:
    """Times and what was taken in are summed; cells belong to one release each and are not."""
    lines = _printed(home, contracts, _ran(124, (REFUSED,)), _ran(50), _ran(1)).splitlines()
    told = {line.split("  ")[0]: line.split("  ")[1:] for line in lines}
    rows = {label: [part.strip() for part in parts if part.strip()] for label, parts in told.items()}
    assert rows["Länet / The county"] == ["7,0 s"]
    assert rows["Hämtat / Delivered"] == ["1,2 s", "1,2 s", "1,2 s", "3,8 s"]
    assert rows["leveranser / deliveries"] == ["124", "50", "1", "175"]
    assert rows["avvisade leveranser / refused"] == ["1", "0", "0", "1"]
    assert rows["rader i karantän / rows set aside"] == ["12", "12", "12", "36"]
    assert rows["dolda celler / cells hidden"] == ["39 999"] * 3
    assert rows["vittnen / witnesses"] == ["777"] * 3


def test_it_fits_an_ordinary_screen(home: Home, contracts: Contracts) -> None:
    """80 columns, though there are a million rows; only what is to be copied may be longer."""
    lines = _printed(home, contracts, *[_ran(124, (REFUSED,))] * 3).splitlines()
    assert [line for line in lines if len(line) > 80 and str(home.root) not in line] == []
    assert any(line.startswith("godkända rader / rows accepted") and line.rstrip().endswith("3 703 701") for line in lines)


def test_a_refused_delivery_is_named_with_its_provider_term_and_rules(home: Home, contracts: Contracts) -> None:
    """Once, with every rule that stopped it and none that did not, and how to see more."""
    printed = _printed(home, contracts, _ran(124, (REFUSED,)), _ran(50, (REFUSED,)))
    name = contracts.suppliers.by_id["2417"].name
    assert printed.count(f"2417 {name}, HT2023: COLUMN_MISSING, FILE_ENCODING\n") == 1
    assert printed.index("Avvisat") < printed.index("Refused as a whole") < printed.index(name)
    file = home.outbox("2417", "HT2023") / "enrolments.csv"
    assert f"avbrott check {file} --provider 2417 --term HT2023\n" in printed


def test_without_refusals_it_says_so(tmp_path: Path, contracts: Contracts) -> None:
    """And names no file to check."""
    printed = _printed(Home(tmp_path), contracts, _ran(124))
    assert "Ingen leverans avvisades." in printed
    assert "No delivery was refused." in printed
    assert "avbrott check" not in printed


def test_a_folder_that_could_not_be_read_is_told_once(tmp_path: Path, contracts: Contracts) -> None:
    """Though each run met it."""
    problem = BadInput("TERM_UNREADABLE", term="autumn")
    printed = _printed(Home(tmp_path), contracts, _ran(1, (), (problem,)), _ran(1, (), (problem,)))
    assert printed.count("autumn är ingen termin.") == 1


def test_it_ends_with_where_to_look(home: Home, contracts: Contracts) -> None:
    """The pages, the tables and the audit, whole paths that can be copied."""
    ending = _printed(home, contracts, _ran(124)).split("Klart på 99 s.")[1]
    assert f": {home.current}/site/index.html\n" in ending
    assert f": {home.current}/tables\n" in ending
    assert f": avbrott audit current --home {home.root}\n" in ending
    assert ending.index("Titta vidare") < ending.index("Where to look next")
