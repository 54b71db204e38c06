"""What a TARGET says, and what it may not say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.transport.address import FolderAddress, S3Address, SftpAddress, read_address
from avbrott.transport.target import opened


@pytest.mark.parametrize("text", ["out", "/srv/mottagna", r"C:\leveranser", r"\\server\delad", "a:b", "./sftp"])
def test_what_names_no_way_is_a_folder(text: str) -> None:
    """Also as Windows writes one."""
    assert read_address(text) == FolderAddress(Path(text))


def test_an_address_of_sftp_has_user_server_port_and_path() -> None:
    """Its path is the server's own, or counted from where one comes in."""
    found = read_address("sftp://k%C3%B6ping@filer.example:2222/in/till%20oss/")
    assert found == SftpAddress("köping", "filer.example", 2222, "/in/till oss/")
    assert found.root == "/in/till oss"
    assert read_address("SFTP://a@b/~/in").root == "in"
    assert read_address("sftp://a@b/~/").root == "."
    assert read_address("sftp://a@b").root == "/"
    assert str(read_address("sftp://a@b/in")) == "sftp://a@b/in"


def test_an_address_of_s3_has_a_bucket_and_a_prefix() -> None:
    """With or without slashes around it."""
    assert read_address("s3://hink/a/b/") == S3Address("hink", "a/b/")
    assert read_address("s3://hink") == S3Address("hink", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://example.org/in", "TARGET_SCHEME_UNKNOWN"),
        ("https://", "TARGET_ADDRESS_HTTPS"),
        ("https://example.org/in?x", "TARGET_ADDRESS_HTTPS"),
        ("https://example.org:port/in", "TARGET_ADDRESS_HTTPS"),
        ("https://a:hemligt@example.org/in", "TARGET_PASSWORD_IN_ADDRESS"),
        ("file:///in", "TARGET_SCHEME_UNKNOWN"),
        ("sftp://example.org/in", "TARGET_ADDRESS_SFTP"),
        ("sftp://a@b:port/in", "TARGET_ADDRESS_SFTP"),
        ("sftp://a@[b/in", "TARGET_ADDRESS_SFTP"),
        ("sftp://a@b/in?x", "TARGET_ADDRESS_SFTP"),
        ("s3://Hink/in", "TARGET_ADDRESS_BUCKET"),
        ("s3://", "TARGET_ADDRESS_BUCKET"),
        ("sftp://a:hemligt@b/in", "TARGET_PASSWORD_IN_ADDRESS"),
        ("s3://id:hemligt@hink/in", "TARGET_PASSWORD_IN_ADDRESS"),
    ],
)
def test_what_is_no_address_is_told(text: str, code: str) -> None:
    """Without a password that stands in it."""
    with pytest.raises(BadInput) as told:
        read_address(text)
    assert told.value.code == code
    assert "hemligt" not in str(told.value)


@pytest.mark.parametrize(("text", "library"), [("sftp://a@b/in", "paramiko"), ("s3://hink/in", "boto3")])
def test_a_missing_library_is_told_with_what_brings_it(text: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way has an extra of its own, and the install of a data owner has neither."""
    monkeypatch.setitem(sys.modules, library, None)
    for module in ("sftp", "sftp_login", "s3"):
        monkeypatch.delitem(sys.modules, f"avbrott.transport.{module}", raising=False)
    with pytest.raises(BadInput) as told, opened(text):
        pass
    assert told.value.code == "TARGET_NEEDS_EXTRA"
    assert told.value.parameters == {"extra": text.split(":", maxsplit=1)[0], "library": library}
