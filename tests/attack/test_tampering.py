"""Someone who holds a provider's folder, another provider, or a provider itself sends what is no delivery of theirs.

Each is refused with a code, is logged, and disturbs nothing (``tampering_case.refused`` holds all of that): what was accepted
before stays, other extracts and providers go on, no file is written anywhere, and nothing of a row is told. A provider's own
key is among what an attacker has here: what is signed with it is looked at as closely as what is not.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyrage
import pytest

from avbrott.delivery.check import Status, check_term
from avbrott.delivery.package import PACKAGE
from avbrott.delivery.pull import delivered
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.sealing.archive import pack
from avbrott.sealing.keys import read_hub_public, reception_key
from avbrott.sealing.opening import open_sealed
from avbrott.sealing.package import LARGEST_PACKAGE
from avbrott.sealing.seal import SIGNATURE, data_bytes
from tests import sealed_case as case
from tests.tampering_case import DATA, NEXT, SECRET, Hub, archived, refused, rows, whole


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub.begun(tmp_path)


def test_what_is_not_tampered_with_is_accepted(hub: Hub) -> None:
    """Made by the same hands as every forgery here."""
    (hub.outbox / NEXT).write_bytes(hub.sealed(hub.members()))
    assert hub.numbers() == [2, 1]


def test_a_changed_byte_is_refused_wherever_it_stands(hub: Hub) -> None:
    """Every byte of the file: none is accepted, and none ends in anything else than a refusal."""
    content, key = hub.sealed(hub.members()), reception_key(hub.home)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        with pytest.raises(BadInput, match="SEALED_NOT_OPENED"):
            open_sealed(NEXT, bytes(changed), key, hub.key.public)
    assert refused(hub, content[:-1] + bytes([content[-1] ^ 1])) == "SEALED_NOT_OPENED"


def test_a_changed_byte_inside_is_refused_or_changes_nothing(hub: Hub) -> None:
    """Anybody can encrypt to the hub: what is opened in spite of a change is what the provider signed."""
    plain, key = pack(hub.members()), reception_key(hub.home)
    expected = open_sealed(NEXT, hub.encrypted(plain), key, hub.key.public)
    codes = set()
    for place in range(0, len(plain), 3):
        changed = bytearray(plain)
        changed[place] ^= 1 << place % 8
        try:
            assert open_sealed(NEXT, hub.encrypted(bytes(changed)), key, hub.key.public) == expected
        except BadInput as error:
            codes.add(error.code)
    assert codes == {"SEALED_ARCHIVE", "SEALED_TOO_LARGE"}, "the archive's own sums find what is changed by chance"


def test_a_file_cut_short_is_refused(hub: Hub) -> None:
    """At every length, outside and inside; and with something after it."""
    content, plain, key = hub.sealed(hub.members()), pack(hub.members()), reception_key(hub.home)
    for length in range(len(content)):
        with pytest.raises(BadInput, match="SEALED_NOT_OPENED"):
            open_sealed(NEXT, content[:length], key, hub.key.public)
    for length in range(0, len(plain), 7):
        with pytest.raises(BadInput, match="SEALED_ARCHIVE"):
            open_sealed(NEXT, hub.encrypted(plain[:length]), key, hub.key.public)
    assert refused(hub, content[:-100]) == "SEALED_NOT_OPENED"
    assert refused(hub, content + b"more") == "SEALED_NOT_OPENED"


def test_a_delivery_to_another_hub_is_refused(hub: Hub, tmp_path: Path) -> None:
    """The same provider's, properly signed."""
    other = Home(tmp_path / "other")
    reception_key(other)
    assert refused(hub, case.forged(other, hub.members())) == "SEALED_NOT_OPENED"


@pytest.mark.parametrize(
    "kind", ["a password", "text", "a thousand recipients", "nothing", "no encryption", "a header without end"]
)
def test_another_encryption_is_refused(hub: Hub, kind: str) -> None:
    """Though age itself might open some of it; quickly, whatever it would cost to try."""
    plain, public = pack(hub.members()), read_hub_public(hub.home.hub_public)
    recipient = pyrage.x25519.Recipient.from_str(public.age)
    strangers = [pyrage.x25519.Identity.generate().to_public() for _ in range(1000)]
    content = {
        "a password": lambda: pyrage.passphrase.encrypt(plain, "password"),
        "text": lambda: pyrage.encrypt(plain, [recipient], armored=True),
        "a thousand recipients": lambda: pyrage.encrypt(plain, [*strangers, recipient]),
        "nothing": lambda: b"",
        "no encryption": lambda: plain,
        "a header without end": lambda: b"age-encryption.org/v1\n" + b"-> X25519 a\n" * 1_000_000,
    }[kind]()
    begun = time.process_time()
    assert refused(hub, content) == "SEALED_NOT_OPENED"
    assert time.process_time() - begun < 5


def signatures(hub: Hub) -> Iterator[bytes]:
    """Of another provider, of another package, of nobody, of a receipt by the hub; one too short and one too long."""
    package = hub.package()
    yield hub.other.sign(package)
    yield hub.key.sign(package + b" ")
    yield bytes(64)
    yield reception_key(hub.home).sign(package)
    yield hub.key.sign(package)[:63]
    yield hub.key.sign(package) + b"\0"


def test_a_swapped_signature_is_refused(hub: Hub) -> None:
    """One is there, and is not the provider's of this package."""
    found = [refused(hub, hub.sealed(hub.members() | {SIGNATURE: one})) for one in signatures(hub)]
    assert found == ["SEALED_SIGNATURE"] * 4 + ["SEALED_ARCHIVE"] * 2


def test_rows_that_were_not_signed_are_refused(hub: Hub) -> None:
    """Another row, and the same bytes with one more."""
    other = data_bytes(rows(3), case.ENROLMENTS)
    assert refused(hub, hub.sealed(hub.members() | {DATA: other})) == "SEALED_DATA"
    assert refused(hub, hub.sealed(hub.members() | {DATA: hub.members()[DATA] + b"\0"})) == "SEALED_DATA"


def test_an_old_delivery_that_is_laid_again_is_refused(hub: Hub) -> None:
    """Under a new number, as another of the same number, and under its own name beside nothing newer."""
    first = hub.outbox / NEXT.replace("0002", "0001")
    old = first.read_bytes()
    assert refused(hub, old) == "SEALED_DISAGREES"
    (hub.outbox / NEXT).write_bytes(case.sealed(hub.home, hub.key, rows(3), number=2).content)
    assert hub.numbers() == [2, 1]
    assert refused(hub, case.sealed(hub.home, hub.key, rows(4), number=2).content) == "SEALED_NUMBER_TAKEN"
    (hub.outbox / NEXT).unlink()
    assert refused(hub, old, first.name) == "SEALED_REPLAYED"
    assert hub.numbers() == [2, 1]


def test_a_delivery_under_another_providers_name_is_refused(hub: Hub) -> None:
    """Whether its place, its key or its package is another's."""
    others = case.sealed(hub.home, hub.other, rows(), provider="2480", number=2)
    assert refused(hub, others.content, others.name) == "SEALED_NAME"
    (hub.outbox / others.name).unlink()
    assert refused(hub, others.content) == "SEALED_SIGNATURE"
    right_name = case.members(hub.other, hub.package(), hub.members()[DATA])
    assert refused(hub, hub.sealed(right_name)) == "SEALED_SIGNATURE"
    wrong_name = hub.package({"provider": "2480"}, name="2480-ht2025-enrolments")
    assert refused(hub, hub.sealed(hub.members(wrong_name))) == "SEALED_SENDER"


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ({"term": "VT2025"}, "2482-vt2025-enrolments"),
        ({"number": 3}, "2482-ht2025-enrolments"),
        ({"extract": "events", "kind": "nil", "rows": 0}, "2482-ht2025-events"),
    ],
)
def test_a_delivery_that_is_another_than_its_name_says_is_refused(hub: Hub, own: dict[str, object], name: str) -> None:
    """Its term, its number or its extract."""
    said = {"resources": [{"name": "events", "data": []}]} if "extract" in own else {}
    package = hub.package(own, name=name, **said)
    assert refused(hub, hub.sealed(hub.members(package))) == "SEALED_DISAGREES"


@pytest.mark.parametrize(
    "name",
    [
        "../enrolments.parquet",
        "../../../keys/providers/2480.pub",
        "/enrolments.parquet",
        "C:\\enrolments.parquet",
        "enrolments.parquet/",
        "a/b/c/enrolments.parquet",
        "enrolments.parquet\0.exe",
        "Enrolments.parquet",
        "events.parquet",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(hub: Hub, name: str) -> None:
    """In place of the rows', and as one more; nothing is written anywhere."""
    *others, (_, data) = whole(hub)
    assert refused(hub, hub.encrypted(archived([*others, (name, data)]))) == "SEALED_ARCHIVE"
    assert refused(hub, hub.encrypted(archived([*whole(hub), (name, b"")]))) == "SEALED_ARCHIVE"


@pytest.mark.parametrize("missing", [PACKAGE, SIGNATURE, DATA])
def test_a_member_that_is_missing_is_refused(hub: Hub, missing: str) -> None:
    """Each of the three."""
    members = hub.members()
    del members[missing]
    assert refused(hub, hub.sealed(members)) == "SEALED_ARCHIVE"


@pytest.mark.parametrize("again", [PACKAGE, SIGNATURE, DATA])
def test_a_name_that_is_there_twice_is_refused(hub: Hub, again: str) -> None:
    """In place of another member or as one more: which one counts would be up to who reads it."""
    others = [(name, content) for name, content in whole(hub) if name != again]
    mine = dict(whole(hub))[again]
    assert refused(hub, hub.encrypted(archived([others[0], (again, mine), (again, b"")]))) == "SEALED_ARCHIVE"
    assert refused(hub, hub.encrypted(archived([*whole(hub), (again, b"")]))) == "SEALED_ARCHIVE"


def test_rows_beside_nil_are_refused(hub: Hub) -> None:
    """What says that there are none has none."""
    nothing = [{"name": "enrolments", "data": []}]
    package = hub.package({"kind": "nil", "rows": 0}, resources=nothing)
    assert refused(hub, hub.sealed(hub.members(package))) == "SEALED_ARCHIVE"


@pytest.mark.parametrize(
    "trick", ["a comment", "something before", "something after", "ZIP64", "encrypted", "another listing"]
)
def test_an_archive_that_others_would_read_otherwise_is_refused(hub: Hub, trick: str) -> None:
    """What programs that read ZIP do not agree on is in none of ours."""
    plain = pack(hub.members())
    listed = plain.index(b"PK\x01\x02")
    locked = bytearray(plain)
    locked[listed + 8] |= 1
    content = {
        "a comment": archived(whole(hub), comment=b"hidden"),
        "something before": b"MZ" + plain,
        "something after": plain + b"more",
        "ZIP64": archived(whole(hub), of_member=b"PK\x06\x07" + bytes(16)),
        "encrypted": bytes(locked),
        "another listing": plain + plain[listed:],
    }[trick]
    assert refused(hub, hub.encrypted(content)) == "SEALED_ARCHIVE"


@pytest.mark.parametrize(
    "package",
    [
        b"",
        b"\xff\xfe",
        b"no json",
        b"[]",
        b"{}",
        b'{"name": NaN}',
        b"[" * 100_000,
        b'{"avbrott": ' * 20_000,
        b'{"name": "' + b"x" * LARGEST_PACKAGE + b'"}',
    ],
    ids=lambda content: f"{content[:12].decode('latin-1')} {len(content)}",
)
def test_a_package_that_is_none_is_refused(hub: Hub, package: bytes) -> None:
    """No JSON, another, deeply nested or huge; signed by the provider."""
    assert refused(hub, hub.sealed(hub.members(package))) == "SEALED_PACKAGE"


def test_a_package_with_a_row_in_it_is_not_quoted(hub: Hub) -> None:
    """Neither where its numbers should stand, nor where there is room for anything."""
    package = hub.package({"rows": SECRET, "number": SECRET}, name=SECRET, title=SECRET)
    assert refused(hub, hub.sealed(hub.members(package))) == "SEALED_PACKAGE"


def _other_columns(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.write_parquet(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda _: b"", "SEALED_PARQUET"),
        (lambda _: b"PAR1" + bytes(100) + b"PAR1", "SEALED_PARQUET"),
        (lambda data: data[: len(data) // 2], "SEALED_PARQUET"),
        (lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1", "SEALED_PARQUET"),
        (lambda _: rows().write_csv().encode(), "SEALED_PARQUET"),
        (lambda _: _other_columns(rows().with_columns(name=pl.lit(SECRET))), "SEALED_COLUMNS"),
        (lambda _: _other_columns(rows().drop("sex")), "SEALED_COLUMNS"),
        (lambda _: _other_columns(rows().rename({"sex": SECRET})), "SEALED_COLUMNS"),
        (lambda _: _other_columns(rows().with_columns(sex=pl.concat_list("sex"))), "SEALED_PARQUET"),
        (lambda _: data_bytes(rows(3), case.ENROLMENTS), "SEALED_ROWS"),
        (lambda _: data_bytes(rows(0), case.ENROLMENTS), "SEALED_ROWS"),
    ],
)
def test_rows_that_are_not_what_they_should_be_are_refused(
    hub: Hub, damage: Callable[[bytes], bytes], code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Damaged, of other columns than the contract's, or of another number; signed by the provider, and told nowhere."""
    data = damage(data_bytes(rows(), case.ENROLMENTS))
    assert refused(hub, hub.sealed(hub.members(data=data))) == code
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize(
    "name", ["20070304-2391.zip.age", "2482-ht2025-20070304-2391.zip.age", "å.zip.age.zip.age", "å\n.zip.age"]
)
def test_a_name_that_is_no_deliverys_is_not_told(hub: Hub, name: str) -> None:
    """It may be a person's."""
    assert refused(hub, b"", name) == "SEALED_NAME"
    assert "20070304" not in hub.home.reception_log.read_text()


def test_a_forgery_stops_nothing_at_the_check(hub: Hub) -> None:
    """What was accepted is checked as if it were not there; a finding says what it is, and the outcome that there is one."""
    refused(hub, hub.sealed(hub.members() | {SIGNATURE: bytes(64)}))
    (outcome,) = check_term(hub.home, case.CONTRACTS, case.TERM, ["2482"])
    found = [(one.code, one.extract, one.severity) for one in outcome.findings if one.code.startswith("SEALED")]
    assert found == [("SEALED_SIGNATURE", "enrolments", "warning")]
    assert outcome.refused_files == 1
    assert delivered(hub.home, "2482", case.TERM).extracts != ()
    (hub.outbox / NEXT).unlink()
    hub.pulled()
    (again,) = check_term(hub.home, case.CONTRACTS, case.TERM, ["2482"])
    assert (again.status, again.accepted, again.quarantined) == (outcome.status, outcome.accepted, outcome.quarantined)
    assert again.status is not Status.MISSING
    assert json.loads(hub.home.reception_log.read_text().splitlines()[-1])["code"] == "SEALED_SIGNATURE"
