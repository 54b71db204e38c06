"""A delivery through a page: received as any other, its receipt on screen, and nobody else's."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from avbrott.access.database import opened
from avbrott.delivery.many import alone
from avbrott.delivery.pull import delivered
from avbrott.delivery.settled import unsettled
from avbrott.registry import Contracts
from avbrott.sealing.keys import SigningKey
from tests import access_case, sealed_case
from tests.access_case import Server, access_of, csrf_of

PROVIDER, TERM = "2482", sealed_case.TERM
FORM = "application/x-www-form-urlencoded"
HEADER = sealed_case.ENROLMENTS.terms


@pytest.fixture
def hub(tmp_path: Path, contracts: Contracts) -> Server:
    """A hub that has places for two providers, of which one has a registered key."""
    one = access_case.server(tmp_path / "home", contracts)
    sealed_case.register(one.home, tmp_path)
    sealed_case.write_sources(one.home, {PROVIDER: False, "2480": False})
    for provider in (PROVIDER, "2480"):
        one.home.outbox(provider, "-").parent.mkdir(parents=True)
    return one


@pytest.fixture
def key(hub: Server, tmp_path: Path) -> SigningKey:
    assert hub.home.provider_key(PROVIDER).is_file()
    return sealed_case.signing_key(tmp_path)


def frame() -> pl.DataFrame:
    """Rows that keep the contract."""
    row = {
        "pseudonym": "0" * 64, "birth_year": "2008", "sex": "Kvinna", "home_municipality": "2482",
        "school_unit": "99248201", "school_type": "GY", "study_path": "EKJUR", "study_year": "1",
        "start_date": "2025-08-18", "end_date": "", "cancelled": "false",
    }  # fmt: skip
    return pl.DataFrame([row | {"pseudonym": f"{place:064x}"} for place in range(1, 21)]).select(HEADER)


def upload(browser: TestClient, name: str, content: bytes, provider: str = PROVIDER):
    """Choose a file on the page, and send it."""
    csrf = csrf_of(browser.get(f"/deliveries/{provider}").text)
    return browser.post(f"/deliveries/{provider}", data={"csrf": csrf}, files={"delivery": (name, content)})


def test_a_delivery_is_received_as_any_other_and_its_receipt_is_on_screen(hub: Server, key: SigningKey) -> None:
    """It lies where deliveries are pulled from, in the store, and in the log; the page lists the receipt."""
    made = sealed_case.sealed(hub.home, key, frame())
    browser = hub.signed_in("dora")
    sent = upload(browser, made.name, made.content)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"] == f"/deliveries/{PROVIDER}/{TERM}/receipt"
    receipt = browser.get(sent.headers["location"])
    assert "Kvitto på en leverans" in receipt.text
    assert "20" in receipt.text
    assert (hub.home.outbox(PROVIDER, str(TERM)) / made.name).read_bytes() == made.content
    assert [one.number for one in delivered(hub.home, PROVIDER, TERM).extracts] == [1]
    assert f'href="/deliveries/{PROVIDER}/{TERM}/receipt"' in browser.get(f"/deliveries/{PROVIDER}").text
    told = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    assert ("upload", "done", "dora", made.name) in [(one["event"], one["result"], one["who"], one["what"]) for one in told]


def test_the_receipt_is_no_other_providers(hub: Server, key: SigningKey) -> None:
    """Whoever asks for it."""
    made = sealed_case.sealed(hub.home, key, frame())
    upload(hub.signed_in("dora"), made.name, made.content)
    for who in ("dag", "ada", "bo", "rut"):
        answer = hub.signed_in(who).get(f"/deliveries/{PROVIDER}/{TERM}/receipt")
        assert answer.status_code == 403
        assert "Kvitto" not in answer.text
    assert hub.signed_in("dag").get(f"/deliveries/2480/{TERM}/receipt").status_code == 404


def test_the_same_twice_is_one_and_another_of_its_number_is_refused(hub: Server, key: SigningKey) -> None:
    """Nothing is laid over."""
    made = sealed_case.sealed(hub.home, key, frame())
    other = sealed_case.sealed(hub.home, key, frame().head(5))
    browser = hub.signed_in("dora")
    assert [upload(browser, made.name, made.content).status_code for _ in range(2)] == [303, 303]
    refused = upload(browser, other.name, other.content)
    assert refused.status_code == 400
    assert "nummer 1" in refused.text
    assert (hub.home.outbox(PROVIDER, str(TERM)) / made.name).read_bytes() == made.content


def test_what_comes_while_a_run_checks_is_kept_and_checked_by_the_next(
    hub: Server, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who delivers is told that it is received, and not to send it again."""
    monkeypatch.setattr("avbrott.access.delivering._PATIENCE_SECONDS", 0.0)
    made = sealed_case.sealed(hub.home, key, frame())
    with alone(hub.home, 0):
        answer = upload(hub.signed_in("dora"), made.name, made.content)
    assert answer.status_code == 400
    assert "Leveransen är mottagen" in answer.text
    assert [(one.provider, one.term) for one in unsettled(hub.home)] == [(PROVIDER, TERM)]
    assert upload(hub.signed_in("dora"), made.name, made.content).status_code == 303
    assert unsettled(hub.home) == []


@pytest.mark.parametrize(
    "name",
    ["", "delivery.csv", "../2482-ht2025-enrolments-0001.zip.age", "2482-ht2025-enrolments-0001.zip.age\x00", "a\r\nb: c",
     "2480-ht2025-enrolments-0001.zip.age", "secret.key", "2482-ht2025-enrolments-0001.zip.age.part"],
)  # fmt: skip
def test_a_file_of_another_name_is_refused_and_laid_nowhere(hub: Server, name: str) -> None:
    """Also one that is called as another provider's; its name is not repeated."""
    before = sorted(hub.home.root.glob("providers/**/*"))
    answer = upload(hub.signed_in("dora"), name, b"x" * 100)
    assert answer.status_code in (400, 403)
    assert sorted(hub.home.root.glob("providers/**/*")) == before


def test_what_is_not_the_providers_own_is_refused_by_the_same_reception(hub: Server, tmp_path: Path) -> None:
    """Signed with another key: the receipt says so, and no row is accepted."""
    (tmp_path / "other").mkdir()
    stranger = sealed_case.signing_key(tmp_path / "other")
    made = sealed_case.sealed(hub.home, stranger, frame())
    browser = hub.signed_in("dora")
    sent = upload(browser, made.name, made.content)
    assert sent.status_code == 303, sent.text
    assert [one.code for one in delivered(hub.home, PROVIDER, TERM).refused] == ["SEALED_SIGNATURE"]
    assert "SEALED_SIGNATURE" in browser.get(sent.headers["location"]).text


def test_a_provider_without_a_registered_key_is_told_so(hub: Server) -> None:
    """Before anything is laid."""
    answer = upload(hub.signed_in("dag"), "2480-ht2025-enrolments-0001.zip.age", b"x", provider="2480")
    assert answer.status_code == 400
    assert "avbrott keys signing" in answer.text
    assert not list(hub.home.outbox("2480", "-").parent.iterdir())


def test_what_is_too_large_is_refused(hub: Server, key: SigningKey, contracts: Contracts) -> None:
    """Whether it says how large it is or not; a form that is no upload has less room still."""
    access = access_of(contracts)
    limits = access.limits.model_copy(update={"upload_bytes": 100_000, "form_bytes": 2000})
    small = access_case.with_access(hub, access.model_copy(update={"limits": limits}))
    browser = small.signed_in("dora")
    assert upload(browser, "2482-ht2025-enrolments-0001.zip.age", b"x" * 100_001).status_code == 413
    told = browser.post("/sign-out", content=(b"x" * 1000 for _ in range(3)), headers={"content-type": FORM})
    assert told.status_code == 413
    assert browser.post("/sign-out", data={"csrf": "x" * 3000}).status_code == 413
    made = sealed_case.sealed(hub.home, key, frame())
    assert upload(browser, made.name, made.content).status_code == 303


def test_a_provider_whose_place_is_its_own_is_told_to_deliver_there(hub: Server, tmp_path: Path) -> None:
    """Of a distant place the hub has a copy alone: nothing is laid in that."""
    sealed_case.register(hub.home, tmp_path, "2480")
    hub.home.sources.write_text('sources: {"2480": {target: "sftp://k2480@nav.example.se/ut"}}', "utf-8")
    answer = upload(hub.signed_in("dag"), "2480-ht2025-enrolments-0001.zip.age", b"x", provider="2480")
    assert answer.status_code == 400
    assert "avbrott deliver" in answer.text
    assert not hub.home.fetched("2480").exists()


def test_a_provider_that_the_contracts_have_no_longer_has_no_page(hub: Server) -> None:
    """Its account is still there: that is no fault of the server."""
    with opened(hub.home) as file:
        file.execute("UPDATE accounts SET of = '9999' WHERE name = 'dag'")
    browser = hub.signed_in("dag")
    assert browser.get("/deliveries/9999").status_code == 404
    form = {"csrf": csrf_of(browser.get("/mine").text)}
    files = {"delivery": ("9999-vt2026-enrolments-0001.zip.age", b"x")}
    assert browser.post("/deliveries/9999", data=form, files=files).status_code == 404


def test_a_folder_that_is_no_terms_is_no_receipt(hub: Server, key: SigningKey) -> None:
    """A disk of its own for the store has one."""
    browser = hub.signed_in("dora")
    made = sealed_case.sealed(hub.home, key, frame())
    upload(browser, made.name, made.content)
    (hub.home.receipts("lost+found")).mkdir()
    page = browser.get(f"/deliveries/{PROVIDER}")
    assert page.status_code == 200
    assert "/receipt" in page.text
