"""S3 against moto's server: parts that were left, and what is told of buckets, credentials and servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from avbrott.errors import BadInput
from avbrott.transport.s3 import PIECE
from avbrott.transport.target import Access, opened
from tests.servers.case import LARGE, QUICK, refused
from tests.servers.cutting import CuttingProxy
from tests.servers.s3 import BUCKET, S3Server
from tests.servers.sshd import free_port


def test_parts_that_an_interrupted_upload_left_are_used(by_s3: S3Server, place: Path) -> None:
    """Those that agree; an upload with others is taken away once the object is there, and neither was ever one before."""
    client, key = by_s3.client(), f"{place.parent.name}/a.age"
    for piece in (b"x" * PIECE, LARGE[:PIECE]):
        begun = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        client.upload_part(Bucket=BUCKET, Key=key, UploadId=begun, PartNumber=1, Body=piece)
    with opened(f"s3://{BUCKET}/{place.parent.name}") as target:
        assert target.names("") == []
        counted: list[int] = []
        target._client.meta.events.register("before-call.s3.UploadPart", lambda **_: counted.append(1))
        target.write("a.age", LARGE)
        assert target.read("a.age") == LARGE
    assert len(counted) == -(-len(LARGE) // PIECE) - 1
    assert "Uploads" not in client.list_multipart_uploads(Bucket=BUCKET)


@pytest.mark.parametrize("size", [5 << 20, len(LARGE)], ids=["in one", "in parts"])
def test_an_upload_whose_connection_breaks_arrives(
    by_s3: S3Server, place: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What was cut is sent once more, in the same call; nothing is there before it is whole."""
    proxy = CuttingProxy(by_s3.port, [3 << 20, 1 << 20])
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
    try:
        with opened(f"s3://{BUCKET}/{place.parent.name}", Access(patience=QUICK)) as target:
            target.write("a.age", LARGE[:size])
            assert target.read("a.age") == LARGE[:size]
    finally:
        proxy.close()
    assert proxy.connections > 2


@pytest.mark.usefixtures("by_s3")
def test_a_bucket_that_is_not_there_is_told() -> None:
    """When it is read, written or asked for a size."""
    with opened("s3://no-such-bucket/x", Access(patience=QUICK)) as target:
        refused(lambda: target.names(""), "TARGET_MISSING")
        refused(lambda: target.write("a.age", b"content"), "TARGET_MISSING")
        refused(lambda: target.size("a.age"), "TARGET_MISSING")


def test_s3_without_or_with_wrong_credentials_is_told(by_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was given is in no message."""
    by_s3.ask_for_credentials(0)
    try:
        with opened(f"s3://{BUCKET}/x", Access(patience=QUICK)) as target:
            told = refused(lambda: target.write("a.age", b"content"), "TARGET_CREDENTIALS")
        assert "testing" not in str(told)
    finally:
        by_s3.ask_for_credentials(1_000_000)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with opened(f"s3://{BUCKET}/x", Access(patience=QUICK)) as target:
        refused(lambda: target.names(""), "TARGET_NO_CREDENTIALS")


@pytest.mark.usefixtures("by_s3")
def test_s3_that_is_not_there_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bound; and an address that is none is a setting."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with opened(f"s3://{BUCKET}/x", Access(patience=QUICK)) as target:
        refused(lambda: target.write("a.age", b"content"), "TARGET_LOST")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no address")
    with pytest.raises(BadInput, match="TARGET_SETTINGS"), opened(f"s3://{BUCKET}/x", Access(patience=QUICK)):
        pass


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("AccessDenied", "TARGET_FORBIDDEN"),
        ("QuotaExceeded", "TARGET_FULL"),
        ("XMinioStorageFull", "TARGET_FULL"),
        ("SignatureDoesNotMatch", "TARGET_CREDENTIALS"),
        ("NoSuchBucket", "TARGET_MISSING"),
        ("MethodNotAllowed", "TARGET_FAILED"),
    ],
)
@pytest.mark.usefixtures("by_s3")
def test_what_s3_says_is_told_in_ones_own_words(said: str, told: str) -> None:
    """By its code; what it says besides can name keys, and is not repeated."""
    with opened(f"s3://{BUCKET}/x", Access(patience=QUICK)) as target, Stubber(target._client) as answers:
        answers.add_client_error("put_object", said, "AKIAEXAMPLE may not")
        assert "AKIA" not in str(refused(lambda: target.write("a.age", b"content"), told))


@pytest.mark.parametrize("size", [5, PIECE + 1], ids=["in one", "in parts"])
@pytest.mark.parametrize("said", ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload"])
def test_an_object_that_came_meanwhile_is_not_replaced(by_s3: S3Server, place: Path, size: int, said: str) -> None:
    """The server is asked so, and says that there is one: another's, or this one, whose answer never came."""
    content, prefix = LARGE[:size], place.parent.name
    with opened(f"s3://{BUCKET}/{prefix}", Access(patience=QUICK)) as target:
        for name, other, is_ours in (("a.age", b"another's", False), ("b.age", content, True)):
            conditions = _meanwhile(by_s3, target._client, f"{prefix}/{name}", other, said)
            assert target.lay(name, content) is is_ours
            assert conditions == ["*"]
            assert target.read(name) == other
    assert (
        "Uploads" not in by_s3.client().list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/a.age")
        or said == "NoSuchUpload"
    )


def _meanwhile(server: S3Server, client: Any, key: str, content: bytes, said: str) -> list[str | None]:
    """Let an object come just before the next one is made, and that be refused; which conditions it was made under."""
    conditions: list[str | None] = []
    events = ("before-parameter-build.s3.PutObject", "before-parameter-build.s3.CompleteMultipartUpload")

    def come(params: dict[str, Any], **_: object) -> None:
        if params["Key"] == key:
            conditions.append(params.get("IfNoneMatch"))
            server.client().put_object(Bucket=BUCKET, Key=key, Body=content)
            raise ClientError({"Error": {"Code": said}}, "PutObject")

    for event in events:
        client.meta.events.register(event, come)
    return conditions


@pytest.mark.usefixtures("by_s3")
def test_a_server_that_knows_no_conditions_is_laid_at(place: Path) -> None:
    """Nothing was there when it was looked."""
    with opened(f"s3://{BUCKET}/{place.parent.name}", Access(patience=QUICK)) as target:
        asked: list[bool] = []

        def refuse(params: dict[str, Any], **_: object) -> None:
            asked.append("IfNoneMatch" in params)
            if asked[-1]:
                raise ClientError({"Error": {"Code": "NotImplemented"}}, "PutObject")

        target._client.meta.events.register("before-parameter-build.s3.PutObject", refuse)
        assert target.lay("a.age", b"content")
        assert asked == [True, False]
        assert target.read("a.age") == b"content"
