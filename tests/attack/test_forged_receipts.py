"""Somebody who can write in a provider's place exchanges receipts there: none that is not the hub's own is shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from avbrott.errors import DoesNotHold
from avbrott.home import Home
from avbrott.receipts.read import Found, fetch_receipts
from avbrott.receipts.receipt import receipt_names
from avbrott.registry import Contracts
from avbrott.sealing.keys import read_hub_public, reception_key
from avbrott.transport.folder import FolderTarget
from tests.receipt_case import ACCEPTED, BEFORE, OTHER, PROVIDER, REFUSED, TERM, deliver, receive

PAGE, SIGNATURE, ITSELF = receipt_names(PROVIDER, TERM)


@pytest.fixture
def home(tmp_path: Path, contracts: Contracts) -> Home:
    """A hub that has refused a delivery, accepted the one before it, and accepted another provider's."""
    home = Home(tmp_path)
    for provider, term, files in ((PROVIDER, BEFORE, ACCEPTED), (PROVIDER, TERM, REFUSED), (OTHER, TERM, ACCEPTED)):
        deliver(home, files, provider, term)
        receive(home, contracts, provider, term)
    return home


def place(home: Home, provider: str = PROVIDER) -> Path:
    """The provider's place."""
    return home.outbox(provider, str(TERM)).parent


def folder(home: Home, provider: str = PROVIDER) -> Path:
    """Where the receipts of the term lie."""
    return place(home, provider) / "receipts" / str(TERM)


def fetched(home: Home) -> Found:
    """What the provider is shown, and what not."""
    return fetch_receipts(FolderTarget(place(home)), read_hub_public(home.hub_public), [BEFORE, TERM], PROVIDER)


def refused(home: Home) -> list[str]:
    """Why the receipt of the term is not shown; that of the term before is, whatever is wrong with this one."""
    found = fetched(home)
    assert [one.receipt.term for one in found.receipts] == [str(BEFORE)]
    assert all(isinstance(error, DoesNotHold) for error in found.refused)
    return [error.code for error in found.refused]


def test_receipts_that_were_left_alone_are_shown(home: Home) -> None:
    """Both terms', by term."""
    assert [one.receipt.status for one in fetched(home).receipts] == ["accepted", "refused"]
    assert fetched(home).refused == ()


def test_a_refusal_is_not_made_an_approval(home: Home) -> None:
    """One changed word breaks the signature."""
    file = folder(home) / ITSELF
    file.write_bytes(file.read_bytes().replace(b'"status": "refused"', b'"status": "accepted"'))
    assert refused(home) == ["RECEIPT_FORGED"]


@pytest.mark.parametrize("place_of_byte", [0, 200, -3])
def test_a_changed_byte_is_found(home: Home, place_of_byte: int) -> None:
    """Wherever in the receipt it is."""
    file = folder(home) / ITSELF
    content = bytearray(file.read_bytes())
    content[place_of_byte] ^= 1
    file.write_bytes(content)
    assert refused(home) == ["RECEIPT_FORGED"]


def test_another_key_signs_for_nobody(home: Home, tmp_path: Path) -> None:
    """A receipt that another hub's key signed, or that the hub's key signed as something else, is not the hub's."""
    content = (folder(home) / ITSELF).read_bytes()
    (folder(home) / SIGNATURE).write_bytes(reception_key(Home(tmp_path / "other")).sign(content))
    assert refused(home) == ["RECEIPT_FORGED"]


@pytest.mark.parametrize("signature", [None, b"", b"0" * 63, b"0" * 65, b"0" * 64])
def test_a_signature_that_is_none_is_not_taken_for_one(home: Home, signature: bytes | None) -> None:
    """Missing, too short, too long, or of another text."""
    file = folder(home) / SIGNATURE
    file.unlink() if signature is None else file.write_bytes(signature)
    assert refused(home) == ["RECEIPT_FORGED" if signature == b"0" * 64 else "RECEIPT_UNSIGNED"]


def test_the_signature_of_another_receipt_does_not_serve(home: Home) -> None:
    """Swapped signatures are found."""
    other = place(home) / "receipts" / str(BEFORE) / receipt_names(PROVIDER, BEFORE)[1]
    shutil.copyfile(other, folder(home) / SIGNATURE)
    assert refused(home) == ["RECEIPT_FORGED"]


def test_another_providers_receipt_is_not_taken_for_ones_own(home: Home) -> None:
    """The hub's signature holds, and it is about somebody else."""
    for name, other in zip(receipt_names(PROVIDER, TERM), receipt_names(OTHER, TERM), strict=True):
        shutil.copyfile(folder(home, OTHER) / other, folder(home) / name)
    assert refused(home) == ["RECEIPT_ELSEWHERE"]


def test_another_providers_receipt_beside_or_instead_of_ones_own_is_not_shown(home: Home) -> None:
    """Under its own name it is somebody else's: it is left out, also where one's own is gone."""
    for name in receipt_names(OTHER, TERM):
        shutil.copyfile(folder(home, OTHER) / name, folder(home) / name)
    assert [one.receipt.provider.id for one in fetched(home).receipts] == [PROVIDER, PROVIDER]
    for name in receipt_names(PROVIDER, TERM):
        (folder(home) / name).unlink()
    assert [one.receipt.term for one in fetched(home).receipts] == [str(BEFORE)]


def test_the_receipt_of_another_term_is_not_taken_for_this_one(home: Home) -> None:
    """An approval of the term before, under this term's name."""
    earlier = place(home) / "receipts" / str(BEFORE)
    for name, other in zip(receipt_names(PROVIDER, TERM), receipt_names(PROVIDER, BEFORE), strict=True):
        shutil.copyfile(earlier / other, folder(home) / name)
    assert refused(home) == ["RECEIPT_ELSEWHERE"]


def test_a_page_that_the_hub_did_not_make_is_not_copied(home: Home) -> None:
    """The page has no signature of its own: its digest stands in the receipt."""
    file = folder(home) / PAGE
    file.write_text(file.read_text("utf-8").replace("avvisad", "godkänd"), "utf-8")
    assert refused(home) == ["RECEIPT_PAGE_FORGED"]
    file.unlink()
    assert refused(home) == ["RECEIPT_PAGE_FORGED"]


def test_a_huge_file_is_not_read(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than any receipt is no receipt."""
    monkeypatch.setattr("avbrott.receipts.read.LARGEST", 100)
    found = fetched(home)
    assert found.receipts == ()
    assert {error.code for error in found.refused} == {"RECEIPT_UNSIGNED"}


def test_what_the_hub_signed_and_is_no_receipt_is_told(home: Home) -> None:
    """A later hub's receipt of another shape is told as that, not shown in part."""
    file = folder(home) / ITSELF
    content = json.dumps(json.loads(file.read_bytes()) | {"schema": "avbrott-receipt/2"}).encode()
    file.write_bytes(content)
    (folder(home) / SIGNATURE).write_bytes(reception_key(home).sign(content))
    assert [error.code for error in fetched(home).refused] == ["RECEIPT_UNREADABLE"]


def test_a_later_hubs_new_key_is_no_error(home: Home) -> None:
    """A key that is new does not change what the others mean."""
    file = folder(home) / ITSELF
    content = json.dumps(json.loads(file.read_bytes()) | {"weather": "fair"}).encode()
    file.write_bytes(content)
    (folder(home) / SIGNATURE).write_bytes(reception_key(home).sign(content))
    assert len(fetched(home).receipts) == 2
