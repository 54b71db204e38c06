"""Someone searches every receipt of a county for what stands in its rows: pseudonyms, days, codes of schools and study paths.

What rows and receipts may share is what the contracts and their texts say themselves (codes in a rule's words, examples), the
days of the deliveries, and numbers, which are counts and line numbers. The search is tried where the values must be found.
"""

from __future__ import annotations

import csv
import re
from html import unescape
from pathlib import Path

import pytest

from avbrott.delivery.due import due
from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import delivered, pull_many, stored
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.write import send_receipts, write_receipts
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from tests.stored import content

WORD = re.compile(r"[0-9A-Za-zÅÄÖåäö_-]{6,}")
"""What is long enough to be somebody's: shorter values are codes, years and counts."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Home:
    """A county with every planted flaw, its deliveries checked and its receipts handed over."""
    home = Home(tmp_path_factory.mktemp("a county"))
    summary = generate(home, contracts, pupils=250, years=2, flaws="harsh")
    terms = [Term.parse(term) for term in summary.terms]
    wanted = {term: list(contracts.suppliers.by_id) for term in terms}
    pull_many(home, contracts, wanted)
    check_terms(home, contracts, wanted)
    assert write_receipts(home, contracts, wanted) == len(stored(home))
    assert send_receipts(home, contracts).unsent == 0
    return home


@pytest.fixture(scope="module")
def values(home: Home) -> set[str]:
    """Every long value of every row that was delivered."""
    found: set[str] = set()
    for file in home.delivered("-", "-").parents[1].rglob("*.csv"):
        text = content(home, file).decode("utf-8", "replace")
        found |= {word for row in list(csv.reader(text.splitlines()))[1:] for cell in row for word in WORD.findall(cell)}
    return found


@pytest.fixture(scope="module")
def known(home: Home, contracts: Contracts) -> set[str]:
    """What anybody knows: the words of the contracts and their texts, the days of deliveries, and when they are due."""
    texts = "".join(file.read_text("utf-8") for file in sorted(contracts.folder.rglob("*.yaml")))
    days = {delivered(home, provider, term).created.isoformat() for provider, term in stored(home)}
    days |= {due(contracts, term).isoformat() for _, term in stored(home)}
    return set(WORD.findall(texts)) | days


def said(home: Home) -> dict[Path, str]:
    """The text of every receipt and page that lies at a provider."""
    files = [file for file in (home.root / "providers").rglob("receipts/*/*") if file.suffix in {".json", ".html"}]
    return {file: unescape(file.read_text("utf-8")) for file in files}


def test_no_receipt_holds_a_value_of_a_row(home: Home, values: set[str], known: set[str]) -> None:
    """Neither as JSON nor as a page, of whatever became of the delivery."""
    receipts = said(home)
    assert len(receipts) == 2 * len(stored(home)) > 100
    assert any('"refused"' in text for text in receipts.values())
    assert any("QUARANTINE" in text.upper() for text in receipts.values())
    shown = {file: set(WORD.findall(text)) & values - known for file, text in receipts.items()}
    assert {file.name: words for file, words in shown.items() if words} == {}


def test_the_search_finds_what_is_there(home: Home, values: set[str], known: set[str]) -> None:
    """The same search over what was delivered finds pseudonyms by the hundred, and days."""
    files = sorted(home.delivered("-", "-").parents[1].rglob("enrolments.csv"))
    texts = [content(home, file).decode("utf-8", "replace") for file in files]
    found = {word for text in texts for word in WORD.findall(text)} & values - known
    assert len([value for value in found if re.fullmatch("[0-9a-f]{64}", value)]) > 100
    assert any(DAY.fullmatch(value) for value in found)
    assert len(values) > 500


def test_a_receipt_names_nobody_elses_delivery(home: Home, contracts: Contracts) -> None:
    """No other provider's name or id stands in it: who else is awaited, late or refused is nobody's to know."""
    names = {supplier.id: supplier.name for supplier in contracts.suppliers.suppliers}
    for file, text in said(home).items():
        own = next(provider for provider in names if file.name.startswith(f"{provider}-"))
        others = [name for provider, name in names.items() if provider != own and name not in names[own]]
        assert [name for name in others if name in text] == [], file.name
