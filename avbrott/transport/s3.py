"""The objects under a prefix of a bucket as a target.

Credentials, region and endpoint are of the environment, as of any program that uses S3 (``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_PROFILE``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` ...).
An object is there whole or not at all. What is large goes up in parts that are no object until the last; parts that an
interrupted upload left are used where they agree, and taken away where they do not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, NoCredentialsError
from botocore.exceptions import ConnectionError as NoConnection

from avbrott.errors import BadInput
from avbrott.progress import report
from avbrott.transport.address import S3Address
from avbrott.transport.target import STAGE_SENT, Patience, is_whole

PIECE = 8 << 20
"""Of more than this there are parts."""
_LOST = (NoConnection, HTTPClientError, IncompleteReadError)
_MISSING = {"404", "NoSuchKey", "NotFound"}
_NO_BUCKET = {"NoSuchBucket"}
_FORBIDDEN = {"403", "AccessDenied", "Forbidden", "AllAccessDisabled"}
_CREDENTIALS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "EntityTooLarge", "InsufficientStorage", "507"}


class S3Target:
    """A prefix of a bucket; keys are the prefix and a name."""

    def __init__(self, address: S3Address, patience: Patience) -> None:
        self._address, self._attempts = address, len(patience.pauses) + 1
        own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        with self._told():
            self._client = boto3.session.Session().client(
                "s3",
                config=Config(
                    connect_timeout=patience.connect_seconds,
                    read_timeout=patience.answer_seconds,
                    retries={"total_max_attempts": self._attempts, "mode": "standard"},
                    # Other makers' servers know neither names of hosts by bucket nor the newest sums.
                    s3={"addressing_style": "path" if own else "auto"},
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )

    @property
    def where(self) -> str:
        return str(self._address)

    def names(self, folder: str) -> list[str]:
        prefix = self._key(folder).rstrip("/") + "/" if folder else self._address.prefix
        found = []
        with self._told():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._address.bucket, Prefix=prefix, Delimiter="/"):
                found += [one["Key"].removeprefix(prefix) for one in page.get("Contents", ())]
        return sorted(name for name in found if name and is_whole(name))

    def size(self, name: str) -> int | None:
        with self._told():
            try:
                return int(self._client.head_object(Bucket=self._address.bucket, Key=self._key(name))["ContentLength"])
            except ClientError as error:
                if _code(error) not in _MISSING:
                    raise
            # A bucket that is not there says the same of its objects.
            self._client.head_bucket(Bucket=self._address.bucket)
            return None

    def read(self, name: str, most: int | None = None) -> bytes:
        place = {"Bucket": self._address.bucket, "Key": self._key(name)}
        with self._told(name):
            for left in reversed(range(self._attempts)):
                try:
                    with self._client.get_object(**place)["Body"] as body:
                        return bytes(body.read() if most is None else body.read(most))
                except _LOST:  # boto tries to begin again, and not to go on
                    if not left:
                        raise
        raise AssertionError  # the last attempt returns or raises

    def write(self, name: str, content: bytes) -> None:
        place = {"Bucket": self._address.bucket, "Key": self._key(name)}
        report(STAGE_SENT, 0, len(content))
        with self._told():
            if len(content) <= PIECE:
                self._client.put_object(**place, Body=content)
            else:
                self._write_parts(place, content)
        report(STAGE_SENT, len(content), len(content))

    def remove(self, name: str) -> None:
        place = {"Bucket": self._address.bucket, "Key": self._key(name)}
        with self._told():
            self._client.delete_object(**place)
            for upload in self._begun(place):
                self._client.abort_multipart_upload(**place, UploadId=upload)

    def _key(self, name: str) -> str:
        return self._address.prefix + name

    def _write_parts(self, place: dict[str, str], content: bytes) -> None:
        """Send the parts that are not there, then make them the object."""
        pieces = [content[at : at + PIECE] for at in range(0, len(content), PIECE)]
        upload, there = self._taken_up(place, pieces)
        if upload is None:
            upload = self._client.create_multipart_upload(**place)["UploadId"]
        for number, piece in enumerate(pieces, start=1):
            report(STAGE_SENT, (number - 1) * PIECE, len(content))
            if number not in there:
                sent = self._client.upload_part(**place, UploadId=upload, PartNumber=number, Body=piece)
                there[number] = sent["ETag"]
        parts = [{"PartNumber": number, "ETag": there[number]} for number in sorted(there)]
        self._client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})

    def _taken_up(self, place: dict[str, str], pieces: list[bytes]) -> tuple[str | None, dict[int, str]]:
        """An upload that an interrupted one left, with those of its parts that agree; the others are taken away."""
        best: tuple[str | None, dict[int, str]] = (None, {})
        sums = {number: hashlib.md5(piece, usedforsecurity=False).hexdigest() for number, piece in enumerate(pieces, start=1)}
        for upload in self._begun(place):
            pages = self._client.get_paginator("list_parts").paginate(**place, UploadId=upload)
            parts = [part for page in pages for part in page.get("Parts", ())]
            agreed = {part["PartNumber"]: part["ETag"] for part in parts}
            if parts and all(tag.strip('"') == sums.get(number) for number, tag in agreed.items()) and best[0] is None:
                best = (upload, agreed)
            else:
                self._client.abort_multipart_upload(**place, UploadId=upload)
        return best

    def _begun(self, place: dict[str, str]) -> list[str]:
        """Uploads of the object that were begun and never ended; none where one may not ask."""
        try:
            found = self._client.list_multipart_uploads(Bucket=place["Bucket"], Prefix=place["Key"]).get("Uploads", ())
        except ClientError as error:
            if _code(error) in _FORBIDDEN:
                return []
            raise
        return [one["UploadId"] for one in found if one["Key"] == place["Key"]]

    @contextmanager
    def _told(self, name: str = "") -> Iterator[None]:
        """What S3 says, as an error that its reader can mend; of its own words none, which can name keys."""
        try:
            yield
        except ClientError as error:
            raise self._error(error, name) from None
        except NoCredentialsError:
            raise BadInput("TARGET_NO_CREDENTIALS", target=self.where) from None
        except _LOST as error:
            told: dict[str, Any] = {"attempts": self._attempts, "kind": type(error).__name__}
            raise BadInput("TARGET_LOST", target=self.where, **told) from None
        except (
            BotoCoreError,
            ValueError,
        ) as error:  # settings that boto cannot use; ``ValueError``: an endpoint that is none
            raise BadInput("TARGET_SETTINGS", target=self.where, kind=type(error).__name__) from None

    def _error(self, error: ClientError, name: str) -> BadInput:
        code = _code(error)
        if code in _MISSING and name:
            return BadInput("TARGET_FILE_MISSING", target=self.where, file=name)
        for codes, told in (
            (_MISSING | _NO_BUCKET, "TARGET_MISSING"),
            (_FORBIDDEN, "TARGET_FORBIDDEN"),
            (_CREDENTIALS, "TARGET_CREDENTIALS"),
            (_FULL, "TARGET_FULL"),
        ):
            if code in codes:
                return BadInput(told, target=self.where)
        return BadInput("TARGET_FAILED", target=self.where, kind=code)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
