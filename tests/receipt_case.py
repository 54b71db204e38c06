"""A provider's deliveries with their receipts: accepted, with rows set aside, refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import pull_many
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.receipt import Receipt, receipt_names
from avbrott.receipts.write import Sent, send_receipts, write_receipts
from avbrott.registry import Contracts

PROVIDER, OTHER = "2480", "2482"
BEFORE, TERM = Term("VT", 2013), Term("HT", 2013)
HEADER = (
    "pseudonym,birth_year,sex,home_municipality,school_unit,school_type,study_path,study_year,start_date,end_date,cancelled\n"
)

NIL = "avbrott deliver --nil "


def row(number: int, *, sex: str = "Kvinna", start: str = "2012-08-20", end: str = "", unit: str = "99248001") -> str:
    """A row of enrolments that keeps its contract, unless it is asked otherwise."""
    return f"{number:064x},1996,{sex},2480,{unit},GY,EKJUR,1,{start},{end},false\n"


def enrolments(*rows: str) -> dict[str, str]:
    """The files of a delivery of enrolments alone."""
    return {"enrolments.csv": HEADER + "".join(rows)}


ACCEPTED = enrolments(row(1), row(2), row(3))
SET_ASIDE = enrolments(row(1), row(2, sex="X"), row(3, end="2010-01-01"), row(4))
REFUSED = enrolments(row(1), "Anna Andersson" + row(2)[64:])


def deliver(home: Home, files: Mapping[str, str], provider: str = PROVIDER, term: Term = TERM) -> Path:
    """Lay files in a provider's place; the place."""
    outbox = home.outbox(provider, str(term))
    outbox.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (outbox / name).write_text(content, "utf-8")
    places = {one.name for one in (home.root / "providers").iterdir()}
    lines = [f'  "{one}": {{folder: providers/{one}/outbox, plain: true}}\n' for one in sorted(places)]
    home.sources.write_text("sources:\n" + "".join(lines))
    return outbox.parent


def receive(home: Home, contracts: Contracts, provider: str = PROVIDER, term: Term = TERM) -> Sent:
    """What the hub does with what lies in a provider's place."""
    wanted = {term: [provider]}
    pull_many(home, contracts, wanted)
    check_terms(home, contracts, wanted)
    write_receipts(home, contracts, wanted)
    return send_receipts(home, contracts)


def receipt_of(home: Home, provider: str = PROVIDER, term: Term = TERM) -> Receipt:
    """The receipt as the store has it."""
    return Receipt.model_validate_json((home.receipts(str(term)) / receipt_names(provider, term)[-1]).read_bytes())


def received(home: Home, contracts: Contracts, files: dict[str, str], **of: object) -> Receipt:
    """The receipt of a delivery."""
    deliver(home, files, **of)
    receive(home, contracts, **of)
    return receipt_of(home, **of)


def commands(receipt: Receipt) -> list[str]:
    """Every command that the receipt names, but those that say that there is nothing to report."""
    return [command for step in receipt.next for command in step.commands if NIL not in command]


def nothing_to_report(receipt: Receipt) -> list[str]:
    """The extracts that the receipt says how to report nothing of."""
    return [command.split(NIL)[1].split()[0] for step in receipt.next for command in step.commands if NIL in command]


def missing(receipt: Receipt) -> set[str]:
    """The extracts that the receipt tells as missing."""
    return {one.extract for one in receipt.findings if one.code == "EXTRACT_MISSING"}
