"""What ``avbrott deliver`` says of what it changed, of rows that are set aside, and of the last day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from tests.sending_case import ROWS, row
from tests.unit.conftest import Run
from tests.unit.test_sending import Deliver


@pytest.fixture
def deliver(tmp_path: Path, contracts: Contracts, run: Run) -> Deliver:
    return Deliver(tmp_path, contracts, run)


def test_a_mended_date_of_the_key_is_a_changed_row_of_its_person(deliver: Deliver) -> None:
    """As many as one person has new and gone; who has more has the rest as new, and another person's is no change."""
    deliver.prepare()
    deliver()
    deliver.prepare([row(1, start="2025-08-19"), *ROWS[1:]])
    assert "mot nummer 1, antal rader: 0 nya, 0 borta, 1 ändrade." in deliver().out
    deliver.prepare([row(1), row(1, start="2025-09-01"), row(2, path="NAINR"), *ROWS[2:4], row(9)])
    assert "mot nummer 2, antal rader: 2 nya, 1 borta, 2 ändrade." in deliver().out


def test_rows_set_aside_of_what_lies_there_do_not_come_along(deliver: Deliver) -> None:
    """The second time nothing is sent, and nothing that is said is otherwise."""
    deliver.prepare([*ROWS, row(7, start="2025-10-20", end="2025-10-01")])
    assert "följer med, och navet sätter dem åt sidan" in deliver().out
    again = deliver().out
    assert "Inget har skickats" in again
    assert "följer med" not in again
    assert "come along" not in again
    assert "som redan ligger hos mottagaren bryter mot en regel ovan" in again


def test_the_last_day_is_told_of_what_is_sent(deliver: Deliver) -> None:
    """Once, of the day on which it was prepared; nothing of what lies there already or is taken back."""
    deliver.prepare()
    assert deliver().out.count("Sista dag att lämna HT2025: 2026-01-31.") == 1
    assert "Sista dag" not in deliver().out
    deliver.prepare([*ROWS, row(8)], created=date(2026, 2, 3))
    assert "var 2026-01-31, och leveransen är daterad 2026-02-03: den räknas som försenad" in deliver().out
    assert "Sista dag" not in deliver.without("--withdraw", "enrolments", "--yes").out


def test_a_dry_run_of_what_lies_there_already_says_that_nothing_would_be_sent(deliver: Deliver) -> None:
    """As the delivery itself does; not where the file is gone, is damaged, or another was laid since."""
    there = "som redan ligger hos mottagaren. Inget skulle skickas."
    deliver.prepare()
    assert "Inget skulle skickas" not in deliver(deliver.prepared, "--dry-run").out
    deliver()
    said = deliver(deliver.prepared, "--dry-run").out
    assert f"enrolments: samma som nummer 1, {there}" in said
    assert "the same as number 1, which lies at the receiver already. Nothing would be sent." in said
    assert "lämnas till" not in said
    file = deliver.target / "HT2025" / deliver.names[0]
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    assert "lämnas till" in deliver(deliver.prepared, "--dry-run").out
    file.write_bytes(content)
    deliver.prepare(ROWS[:3])
    assert "lämnas till" in deliver(deliver.prepared, "--dry-run").out
    deliver.without("--withdraw", "enrolments", "--yes")
    said = deliver.without("--withdraw", "enrolments", "--dry-run").out
    assert f"samma som nummer 2, {there}" in said
    assert "tas tillbaka" not in said
