"""The objects under a prefix of a bucket as a target.

Credentials, region and endpoint are of the environment, as of any program that uses S3 (``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_PROFILE``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` ...).
An object is there whole or not at all. What is large goes up in parts that are no object until the last; parts that an
interrupted upload left are used where they agree, and taken away once the object is there.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, NoCredentialsError
from botocore.exceptions import ConnectionError as NoConnection

from avbrott.errors import BadInput
from avbrott.progress import report
from avbrott.transport.address import S3Address
from avbrott.transport.target import STAGE_SENT, Access, Listing, is_there_as, is_whole, refuse_many

PIECE = 8 << 20
"""Of more than this there are parts."""
_CLOCK = ".clock"
_LOST = (NoConnection, HTTPClientError, IncompleteReadError)
_MISSING = {"404", "NoSuchKey", "NotFound"}
_NO_BUCKET = {"NoSuchBucket"}
_FORBIDDEN = {"403", "AccessDenied", "Forbidden", "AllAccessDisabled"}
_CREDENTIALS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
_TAKEN = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict", "NoSuchUpload"}
"""``NoSuchUpload``: it was made the object, and the answer never came; or another's object was, and this one taken away."""
_NO_CONDITIONS = {"501", "NotImplemented"}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "EntityTooLarge", "InsufficientStorage", "507"}


class S3Target:
    """A prefix of a bucket; keys are the prefix and a name."""

    def __init__(self, address: S3Address, access: Access) -> None:
        patience = access.patience
        self._address, self._attempts = address, len(patience.pauses) + 1
        own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        with self._told():
            self._client = boto3.session.Session(profile_name=access.profile).client(
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
        return list(self.listing(folder).files)

    def listing(self, folder: str, most: int | None = None) -> Listing:
        prefix = self._key(folder).rstrip("/") + "/" if folder else self._address.prefix
        folders, files = [], {}
        with self._told():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._address.bucket, Prefix=prefix, Delimiter="/"):
                folders += [one["Prefix"].removeprefix(prefix).rstrip("/") for one in page.get("CommonPrefixes", ())]
                for one in page.get("Contents", ()):
                    files[one["Key"].removeprefix(prefix)] = f"{one['Size']} {one['ETag']}"
                refuse_many(len(folders) + len(files), most, self.where, folder)
        whole = sorted(name for name in files if name and is_whole(name))
        parts = sorted(name for name in folders if name and is_whole(name))
        return Listing(tuple(parts), {name: files[name] for name in whole})

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
        place = self._place(name)
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
        with self._told():
            self._put(self._place(name), content)

    def lay(self, name: str, content: bytes) -> bool:
        """A server is asked to put nothing in the place of another object; where one does not heed it, it is looked."""
        there = is_there_as(self, name, content)
        if there is not None:
            return there
        place = self._place(name)
        with self._told():
            try:
                tag = self._put(place, content, IfNoneMatch="*")
            except ClientError as error:
                if _code(error) in _NO_CONDITIONS:
                    tag = self._put(place, content)
                elif _code(error) in _TAKEN and self.size(name) is not None:
                    return is_there_as(self, name, content) is True
                else:
                    raise
            return bool(self._client.head_object(**place)["ETag"] == tag)

    def give_up(self, name: str, content_sum: str) -> None:  # noqa: ARG002  an upload does not tell what of
        place = self._place(name)
        with self._told():
            self._abort(place, self._begun(place))

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is removed already."""
        with self._told():
            self._client.delete_object(**self._place(name))

    def ages(self) -> dict[str, timedelta]:
        """By name how old every file of the place is, by the clock of the server alone."""
        with self._told():
            self._client.put_object(**self._place(_CLOCK), Body=b"")
            now = self._client.head_object(**self._place(_CLOCK))["LastModified"]
            self._client.delete_object(**self._place(_CLOCK))
            pages = self._client.get_paginator("list_objects_v2")
            found = pages.paginate(Bucket=self._address.bucket, Prefix=self._address.prefix)
            ages = {one["Key"]: now - one["LastModified"] for page in found for one in page.get("Contents", ())}
        return {key.removeprefix(self._address.prefix): age for key, age in ages.items()}

    def keeps_versions(self) -> bool:
        """Whether what is removed is kept; where one may not ask, or the server has no versions, it is not known to be."""
        with self._told():
            try:
                found = self._client.get_bucket_versioning(Bucket=self._address.bucket)
            except ClientError as error:
                if _code(error) in _FORBIDDEN | _NO_CONDITIONS:
                    return False
                raise
        return bool(found.get("Status") == "Enabled")

    def _place(self, name: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": self._key(name)}

    def _put(self, place: dict[str, str], content: bytes, **condition: str) -> str:
        """Make the object, and tell its tag."""
        report(STAGE_SENT, 0, len(content))
        if len(content) <= PIECE:
            made = self._client.put_object(**place, **_kind(place["Key"]), Body=content, **condition)
        else:
            made = self._put_parts(place, content, condition)
        report(STAGE_SENT, len(content), len(content))
        return str(made["ETag"])

    def _key(self, name: str) -> str:
        return self._address.prefix + name

    def _put_parts(self, place: dict[str, str], content: bytes, condition: dict[str, str]) -> dict[str, Any]:
        """Send the parts that are not there, then make them the object; uploads of others are of no use then."""
        pieces = [content[at : at + PIECE] for at in range(0, len(content), PIECE)]
        upload, there = self._taken_up(place, pieces)
        if upload is None:
            upload = self._client.create_multipart_upload(**place, **_kind(place["Key"]))["UploadId"]
        for number, piece in enumerate(pieces, start=1):
            report(STAGE_SENT, (number - 1) * PIECE, len(content))
            if number not in there:
                sent = self._client.upload_part(**place, UploadId=upload, PartNumber=number, Body=piece)
                there[number] = sent["ETag"]
        parts = {"Parts": [{"PartNumber": number, "ETag": there[number]} for number in sorted(there)]}
        try:
            made = self._client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts, **condition)
        except ClientError as error:
            if _code(error) in _TAKEN:
                self._abort(place, [upload])
            raise
        with suppress(ClientError):  # what was asked for is done
            self._abort(place, self._begun(place))
        return dict(made)

    def _taken_up(self, place: dict[str, str], pieces: list[bytes]) -> tuple[str | None, dict[int, str]]:
        """An upload that an interrupted one left, with its parts, which agree. Others may be going on, and are left alone."""
        sums = {number: hashlib.md5(piece, usedforsecurity=False).hexdigest() for number, piece in enumerate(pieces, start=1)}
        for upload in self._begun(place):
            pages = self._client.get_paginator("list_parts").paginate(**place, UploadId=upload)
            parts = [part for page in pages for part in page.get("Parts", ())]
            agreed = {part["PartNumber"]: part["ETag"] for part in parts}
            if parts and all(tag.strip('"') == sums.get(number) for number, tag in agreed.items()):
                return upload, agreed
        return None, {}

    def _abort(self, place: dict[str, str], uploads: Iterable[str]) -> None:
        for upload in uploads:
            with suppress(ClientError):  # ended by itself
                self._client.abort_multipart_upload(**place, UploadId=upload)

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


def _kind(key: str) -> dict[str, str]:
    """What a browser is told that an object is, by its name."""
    kind, packed = mimetypes.guess_type(key)
    return {"ContentType": kind} if kind and not packed else {}
