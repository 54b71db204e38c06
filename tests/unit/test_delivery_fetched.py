"""The copy of a distant place: sealed files alone, once, whole, and no other provider's trouble."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from avbrott import atomic
from avbrott.delivery import fetched
from avbrott.delivery.fetched import fetch_all
from avbrott.delivery.sources import Place, read_sources
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.lock import holding
from avbrott.registry import Contracts
from avbrott.transport.target import Access, Listing, refuse_many

TODAY = date(2025, 10, 1)
SEALED = "2482-ht2025-enrolments-0001.zip.age"


class Distant:
    """A place in memory: content by folder and name; ``read`` counts what was fetched."""

    where = "sftp://hub@server/2482"

    def __init__(self, content: Mapping[str, Mapping[str, bytes]]) -> None:
        self.content = {folder: dict(files) for folder, files in content.items()}
        self.fetched: list[str] = []
        self.shortens, self.down = 0, False
        self.error: Exception | None = None

    def listing(self, folder: str, most: int | None = None) -> Listing:
        if self.error is not None:
            raise self.error
        if self.down:
            raise BadInput("TARGET_LOST", target=self.where, attempts=1, kind="Timeout")
        files = self.content.get(folder, {})
        refuse_many(len(files), most, self.where, folder)
        return Listing(() if folder else tuple(sorted(self.content)), {n: str(hash(files[n])) for n in sorted(files)})

    def size(self, name: str) -> int:
        folder, _, file = name.partition("/")
        return len(self.content[folder][file])

    def read(self, name: str, most: int) -> bytes:
        self.fetched.append(name)
        folder, _, file = name.partition("/")
        return self.content[folder][file][: min(most, self.size(name) - self.shortens)]


@pytest.fixture
def distant(monkeypatch: pytest.MonkeyPatch) -> Distant:
    one = Distant({"HT2025": {SEALED: b"first"}})

    @contextmanager
    def opens(where: str, access: Access) -> Iterator[Distant]:  # noqa: ARG001  what it stands for has it
        if where != one.where:
            raise BadInput("TARGET_MISSING", target=where)
        yield one

    monkeypatch.setattr(fetched, "opened", opens)
    return one


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "copy", target=Distant.where)


def copied(place: Place) -> dict[str, bytes]:
    return {f"{file.parent.name}/{file.name}": file.read_bytes() for file in sorted(place.folder.glob("*/*"))}


def test_what_is_new_is_copied_and_what_is_gone_goes(distant: Distant, place: Place) -> None:
    """Once each; a corrected delivery comes beside the first, and a folder that is no term's is left alone."""
    distant.content["receipts"] = {"a": b"not looked at"}
    for _ in range(2):
        assert fetch_all({"2482": place}, TODAY) == {}
        assert copied(place) == {f"HT2025/{SEALED}": b"first"}
    assert distant.fetched == [f"HT2025/{SEALED}"]
    second = SEALED.replace("0001", "0002")
    distant.content["HT2025"] = {second: b"second"}
    fetch_all({"2482": place}, TODAY)
    assert copied(place) == {f"HT2025/{second}": b"second"}
    distant.content["HT2025"][second] = b"another"
    fetch_all({"2482": place}, TODAY)
    assert copied(place) == {f"HT2025/{second}": b"another"}
    del distant.content["HT2025"]
    fetch_all({"2482": place}, TODAY)
    assert copied(place) == {}


def test_the_content_of_what_is_not_sealed_is_never_copied(distant: Distant, place: Place) -> None:
    """Its name is, so that it is refused; nor is what lies there for a term that has not begun, until it has."""
    distant.content = {"HT2025": {"enrolments.csv": b"19990101-1234"}, "VT2026": {SEALED: b"early"}}
    fetch_all({"2482": place}, TODAY)
    assert copied(place) == {"HT2025/enrolments.csv": b"", f"VT2026/{SEALED}": b""}
    assert distant.fetched == []
    fetch_all({"2482": place}, date(2026, 2, 1))
    assert copied(place)[f"VT2026/{SEALED}"] == b"early"


def test_half_a_file_is_not_laid(distant: Distant, place: Place) -> None:
    """It is told, in bytes, and fetched again."""
    distant.shortens = 2
    told = fetch_all({"2482": place}, TODAY)["2482"]
    assert (told.code, told.parameters["bytes"], told.parameters["promised"]) == ("SOURCE_SHORT", "3", "5")
    assert copied(place) == {}
    distant.shortens = 0
    assert fetch_all({"2482": place}, TODAY) == {}
    assert copied(place) == {f"HT2025/{SEALED}": b"first"}


def test_a_place_that_cannot_be_reached_keeps_its_copy(distant: Distant, place: Place, tmp_path: Path) -> None:
    """And no other provider's place is left out for it."""
    fetch_all({"2482": place}, TODAY)
    before, distant.down = copied(place), True
    gone = Place(tmp_path / "other", target="s3://bucket/other")
    problems = fetch_all({"2482": place, "2480": gone}, TODAY)
    assert {provider: one.code for provider, one in problems.items()} == {"2482": "TARGET_LOST", "2480": "TARGET_MISSING"}
    assert copied(place) == before


@pytest.mark.parametrize("error", [ValueError("19990101-1234"), AssertionError(), RecursionError(), EOFError(), OSError()])
def test_whatever_a_place_ends_with_is_its_own(
    distant: Distant, place: Place, error: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its kind is told, none of its words, and what lies at the other places is copied."""
    odd, good = Distant({}), distant
    odd.where, odd.error = "https://odd/2480/", error

    @contextmanager
    def opens(where: str, access: Access) -> Iterator[Distant]:  # noqa: ARG001  what it stands for has it
        yield odd if where == odd.where else good

    monkeypatch.setattr(fetched, "opened", opens)
    problems = fetch_all({"2480": Place(tmp_path / "other", target=odd.where), "2482": place}, TODAY)
    assert list(problems) == ["2480"]
    assert problems["2480"].code == "TARGET_FAILED"
    assert problems["2480"].parameters == {"target": odd.where, "kind": type(error).__name__}
    assert copied(place) == {f"HT2025/{SEALED}": b"first"}


@pytest.mark.usefixtures("distant")
def test_a_full_disk_is_no_places(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be told to a provider who can do nothing about it; a name that a disk cannot take is the place's."""

    def failing(number: int) -> None:
        def write(*_: object, **__: object) -> None:
            raise OSError(number, "as the system says")

        monkeypatch.setattr(atomic, "write_bytes", write)

    failing(errno.ENOSPC)
    with pytest.raises(BadInput, match="DISK_FULL"):
        fetch_all({"2482": place}, TODAY)
    failing(errno.ENAMETOOLONG)
    assert fetch_all({"2482": place}, TODAY)["2482"].code == "TARGET_FAILED"


def test_two_runs_do_not_copy_at_once(distant: Distant, place: Place) -> None:
    """The second takes what is there."""
    place.folder.mkdir()
    with holding(place.folder / ".lock") as held:
        assert held
        assert fetch_all({"2482": place}, TODAY) == {}
    assert distant.fetched == []


def test_more_files_than_are_looked_at(distant: Distant, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are refused before any is copied."""
    monkeypatch.setattr(fetched, "MOST_FILES", 1)
    distant.content["HT2025"]["x"] = b""
    assert fetch_all({"2482": place}, TODAY)["2482"].code == "LAID_TOO_MANY"
    assert copied(place) == {}


def test_more_bytes_than_are_copied(distant: Distant, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there is room for is copied; a file in the place of another needs room for the difference alone."""
    monkeypatch.setattr(fetched, "MOST_BYTES", 12)
    more = SEALED.replace("0001", "0002")
    distant.content["HT2025"][more] = b"x" * 8
    assert fetch_all({"2482": place}, TODAY)["2482"].code == "SOURCE_TOO_LARGE"
    assert copied(place) == {f"HT2025/{SEALED}": b"first"}
    distant.content["HT2025"][more] = b"x" * 7
    assert fetch_all({"2482": place}, TODAY) == {}
    distant.content["HT2025"][more] = b"y" * 7
    assert fetch_all({"2482": place}, TODAY) == {}
    assert copied(place)[f"HT2025/{more}"] == b"y" * 7
    distant.content["HT2025"] = {more: b"z" * 12}
    assert fetch_all({"2482": place}, TODAY) == {}
    assert copied(place) == {f"HT2025/{more}": b"z" * 12}


@pytest.mark.parametrize(
    ("source", "code", "key"),
    [
        ("{folder: a, target: 's3://bucket/a'}", "SOURCES_KEYS", "target"),
        ("{plain: true}", "SOURCES_KEYS", "folder"),
        ("{target: 's3://bucket/a', plain: true}", "SOURCES_KEYS", "plain"),
        ("{target: 's3://bucket/a', host_key: 'SHA256:x'}", "SOURCES_KEYS", "host_key"),
        ("{target: 'sftp://a@b/c', token: file}", "SOURCES_KEYS", "token"),
        ("{folder: a, profile: x}", "SOURCES_KEYS", "profile"),
        ("{target: 'sftp://a:hemligt@b/c'}", "SOURCES_TARGET", None),
        ("{target: in/a}", "SOURCES_TARGET", None),
        ("{target: 'ftp://a/b'}", "SOURCES_TARGET", None),
    ],
)
def test_a_source_that_contradicts_itself_is_told(
    source: str, code: str, key: str | None, tmp_path: Path, contracts: Contracts
) -> None:
    """By file, line and key, and never with a password."""
    home = Home(tmp_path)
    home.sources.write_text(f'sources:\n  "2480": {{folder: b}}\n  "2482": {source}\n')
    with pytest.raises(BadInput) as told:
        read_sources(home, contracts.suppliers)
    assert (told.value.code, told.value.parameters["line"]) == (code, "3")
    assert key is None or told.value.parameters["key"] == f"sources.2482.{key}"
    assert "hemligt" not in str(told.value)


def test_distant_places_are_not_shared(tmp_path: Path, contracts: Contracts) -> None:
    """As folders are not: nor does one lie in the other, however its port and its slashes are written."""
    home = Home(tmp_path)
    for one, other in (("sftp://h@s/in", "sftp://h@s:22/in/a/"), ("s3://bucket", "s3://bucket/b/")):
        home.sources.write_text(f'sources:\n  "2480": {{target: "{one}"}}\n  "2482": {{target: "{other}"}}\n')
        with pytest.raises(BadInput, match="SOURCES_SHARED"):
            read_sources(home, contracts.suppliers)
    home.sources.write_text('sources:\n  "2480": {target: "s3://bucket/a"}\n  "2482": {target: "s3://bucket/b"}\n')
    places = read_sources(home, contracts.suppliers)
    assert {place.folder for place in places.values()} == {home.fetched("2480"), home.fetched("2482")}
