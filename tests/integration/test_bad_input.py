"""Bad input through the command line: told in Swedish and English with its place, an exit code, and nothing lost.

One county holds every fault of a delivery at once, each at a provider of its own; the rest of the county goes on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
import yaml

from avbrott.home import Home
from avbrott.registry import packaged_contracts
from tests import stored
from tests.integration.running import Ended, avbrott, write_sources

pytestmark = pytest.mark.xdist_group("bad_input")

TERM = "HT2024"
PERSONNUMMER = "20060102-2384"
FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"
GONE = "fri-midvinter"
"""A provider whose membership ended years before ``TERM``."""


def _empty(outbox: Path) -> None:
    (outbox / "enrolments.csv").write_bytes(b"")


def _utf32(outbox: Path) -> None:
    file = outbox / "enrolments.csv"
    file.write_bytes(file.read_text("utf-8").encode("utf-32"))


def _without_column(outbox: Path) -> None:
    file = outbox / "enrolments.csv"
    pl.read_csv(file, infer_schema=False).drop("sex").write_csv(file)


def _twice(outbox: Path) -> None:
    file = outbox / "enrolments.csv"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, lines[1]]))


def _corrupt(outbox: Path) -> None:
    (outbox / "enrolments.csv").unlink()
    (outbox / "enrolments.parquet").write_bytes(b"PAR1" + b"\x07" * 60 + b"PAR1")


def _personnummer(outbox: Path) -> None:
    file = outbox / "enrolments.csv"
    frame = pl.read_csv(file, infer_schema=False)
    first = pl.when(pl.int_range(pl.len()) == 3).then(pl.lit(PERSONNUMMER)).otherwise("study_path")
    frame.with_columns(first.alias("study_path")).write_csv(file)


def _no_member(outbox: Path) -> None:
    shutil.copytree(outbox.parents[2] / "2482" / "outbox" / TERM, outbox)


def _no_date(outbox: Path) -> None:
    (outbox / "datapackage.json").write_text('{"created": "yesterday"}')


REFUSED: dict[str, tuple[str, Callable[[Path], None]]] = {
    "2401": ("FILE_EMPTY", _empty),
    "2404": ("FILE_ENCODING", _utf32),
    "2417": ("COLUMN_MISSING", _without_column),
    "2421": ("FILE_UNREADABLE", _corrupt),
    "2460": ("IDENTITY_CONTENT", _personnummer),
    GONE: ("NOT_A_MEMBER", _no_member),
}
QUARANTINED, NO_DATE, NO_FOLDER = "2480", "2462", "2463"


@dataclass
class Faulty:
    home: Home
    ran: Ended
    before: dict[str, dict[str, str]] = field(default_factory=dict)
    """By provider, the sums of the files that it offered."""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    """A county in which eight providers have one fault each, after ``avbrott run``."""
    home = Home(tmp_path_factory.mktemp("faulty") / "home")
    made = avbrott("synth", "--pupils", 500, "--years", 1, "--flaws", "none", "--home", home.root)
    assert made.code == 0, made.output
    for provider, (_, plant) in REFUSED.items():
        plant(home.outbox(provider, TERM))
    _twice(home.outbox(QUARANTINED, TERM))
    _no_date(home.outbox(NO_DATE, TERM))
    sources = yaml.safe_load(home.sources.read_text("utf-8"))
    sources["sources"][NO_FOLDER]["folder"] = "not/mounted"
    home.sources.write_text(yaml.safe_dump(sources), "utf-8")
    before = {provider: _sums(home.outbox(provider, TERM)) for provider in (*REFUSED, QUARANTINED)}
    return Faulty(home, avbrott("run", "--home", home.root), before)


def test_the_run_goes_on_and_says_that_some_were_refused(faulty: Faulty) -> None:
    """Exit code 4, a release, and it passes its audit."""
    assert faulty.ran.code == 4, faulty.ran.output
    assert faulty.home.current.is_dir()
    audited = avbrott("audit", "current", "--home", faulty.home.root)
    assert audited.code == 0, audited.output


@pytest.mark.parametrize("provider", REFUSED)
def test_a_refused_delivery_is_told_whole(faulty: Faulty, provider: str) -> None:
    """Provider, term, extract, rule and how to mend it, in both languages."""
    parts = faulty.ran.output.split("Leveransen från ")
    (told,) = [part for part in parts if part.startswith(f"{provider} ")]
    assert REFUSED[provider][0] in told
    assert f"för {TERM} avvisades" in told
    assert f"for {TERM} was refused" in told
    assert "Så rättar du" in told
    assert provider == GONE or "enrolments" in told
    assert REFUSED[provider][0] not in ("COLUMN_MISSING", "IDENTITY_CONTENT") or "Rader i filen: " in told


def test_an_unreadable_folder_is_told_and_does_not_stop_the_others(faulty: Faulty) -> None:
    """A folder that is not there, and a package without a date."""
    output = faulty.ran.output
    assert "not/mounted för lämnaren 2463 finns inte" in output
    assert "not/mounted of the provider 2463 is not there" in output
    package = faulty.home.outbox(NO_DATE, TERM) / "datapackage.json"
    assert f"{package} går inte att läsa" in output
    assert f"{package} cannot be read" in output


def test_a_repeated_key_sets_its_rows_aside_and_no_more(faulty: Faulty) -> None:
    """The rows with the key are in quarantine; every other row of the file is accepted."""
    aside = stored.rows(faulty.home, faulty.home.quarantine("enrolments", QUARANTINED, TERM))
    kept = stored.rows(faulty.home, faulty.home.accepted("enrolments", QUARANTINED, TERM))
    lines = (faulty.home.outbox(QUARANTINED, TERM) / "enrolments.csv").read_bytes().count(b"\n") - 1
    assert aside.height >= 1
    assert kept.height + aside.height == lines
    assert "rader sattes i karantän" in faulty.ran.output
    assert "rows were set aside" in faulty.ran.output


def test_nothing_delivered_is_lost(faulty: Faulty) -> None:
    """The store has every byte that was offered, of what was refused as well, and the offer itself is untouched."""
    for provider, sums in faulty.before.items():
        assert _sums(faulty.home.outbox(provider, TERM)) == sums
        kept = [file for file in faulty.home.delivered(provider, TERM).iterdir() if file.name != "delivery.json"]
        held = {file.name: hashlib.sha256(stored.content(faulty.home, file)).hexdigest() for file in kept}
        assert {name: digest for name, digest in sums.items() if name != "datapackage.json"} == held


def test_a_refused_delivery_is_seen_as_not_delivered(faulty: Faulty) -> None:
    """The published coverage says so of every expected extract, and of no other provider that delivered."""
    coverage = pl.read_csv(faulty.home.current / "tables" / "coverage.csv", infer_schema=False)
    term = coverage.filter(measure="delivered", term=TERM, extract="enrolments")
    not_delivered = set(term.filter(status="not_delivered")["provider"])
    assert not_delivered >= {*REFUSED, NO_DATE} - {GONE}
    assert QUARANTINED not in not_delivered
    assert "2482" not in not_delivered


def test_a_refused_delivery_is_told_from_a_missing_one(faulty: Faulty) -> None:
    """What came and was refused says so in the published table and on its page; what never came does not."""
    coverage = pl.read_csv(faulty.home.current / "tables" / "coverage.csv", infer_schema=False)
    term = coverage.filter(measure="refused", term=TERM, extract="enrolments")
    assert set(term.filter(value="1")["provider"]) == {*REFUSED} - {GONE}
    assert dict(term.select("provider", "status").rows())[NO_DATE] == "not_delivered"
    page = (faulty.home.current / "site" / "leveranser.html").read_text("utf-8")
    assert '<span class="state state-refused">avvisat</span>' in page


def test_no_row_is_printed(faulty: Faulty) -> None:
    """Neither a pseudonym nor the personnummer, and no traceback."""
    assert "Traceback" not in faulty.ran.output
    assert PERSONNUMMER not in faulty.ran.output
    for file in sorted(faulty.home.root.glob(f"providers/*/outbox/{TERM}/events.csv")):
        for pseudonym in pl.read_csv(file, infer_schema=False)["pseudonym"].unique().to_list():
            assert pseudonym not in faulty.ran.output


@pytest.mark.parametrize(
    ("provider", "code"), [("2401", 2), ("2404", 2), ("2417", 1), ("2421", 2), ("2460", 1), (QUARANTINED, 1), ("2482", 0)]
)
def test_the_data_owner_is_told_the_same_at_home(faulty: Faulty, provider: str, code: int) -> None:
    """``avbrott check`` on the very files: 2 cannot be read, 1 findings, 0 none."""
    (file,) = faulty.home.outbox(provider, TERM).glob("enrolments.*")
    checked = avbrott("check", file, "--provider", provider, "--term", TERM)
    assert checked.code == code, checked.output
    assert str(file) in checked.output
    assert REFUSED.get(provider, ("",))[0] in checked.output
    assert PERSONNUMMER not in checked.output
    assert "Traceback" not in checked.output


def test_mended_deliveries_are_taken_in_by_the_next_run(faulty: Faulty, tmp_path: Path) -> None:
    """What was refused is pulled again once it is right; the first release stays as it was."""
    home = Home(tmp_path / "home")
    shutil.copytree(faulty.home.root, home.root, symlinks=True)
    for provider in REFUSED:
        shutil.rmtree(home.outbox(provider, TERM))
    good = home.outbox("2417", TERM)
    good.mkdir()
    frame = pl.read_csv(faulty.home.outbox("2417", TERM) / "enrolments.csv", infer_schema=False)
    columns = pl.read_csv(home.outbox("2482", TERM) / "enrolments.csv", infer_schema=False).columns
    frame.with_columns(sex=pl.lit("Kvinna")).select(columns).write_csv(good / "enrolments.csv")
    (good / "datapackage.json").write_text('{"created": "2026-09-01", "key_epoch": "1"}')
    sealed = _sums(home.current)
    first = home.current.resolve().name
    ran = avbrott("run", "--home", home.root)
    assert ran.code == 4, ran.output  # two folders still cannot be read
    assert "COLUMN_MISSING" not in ran.output
    assert home.accepted("enrolments", "2417", TERM).is_file()
    assert _sums(home.release(first)) == sealed
    assert home.current.resolve().name == "2026-09-01"


def _refused(home: Path, text: bytes) -> Ended:
    home.mkdir()
    (home / "sources.yaml").write_bytes(text)
    return avbrott("run", "--home", home)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"sources: \xff\xfe", "sources.yaml"),
        (b"sources:\n  '2480': {folder: here\n", "sources.yaml, rad 3"),
        (b"sources:\n  '2480': {mapp: here}\n", "sources.yaml, rad 2"),
        (b"sources:\n  nobody: {folder: here}\n", "sources.yaml, rad 2"),
        (b"- here\n", "sources.yaml, rad 1"),
    ],
)
def test_sources_that_cannot_be_used_are_told_by_line(tmp_path: Path, text: bytes, place: str) -> None:
    """Not text, not YAML, a wrong key, an unknown provider, a list."""
    _is_told(_refused(tmp_path / "home", text), place)


def test_a_home_without_deliveries_is_told(tmp_path: Path) -> None:
    """There is nothing to pull, and how to mend that; no release is begun."""
    _is_told(avbrott("run", "--home", tmp_path / "home"), str(tmp_path / "home"))
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", [("run",), ("demo", "--pupils", "50", "--years", "2"), ("synth", "--pupils", "50")])
def test_a_home_that_is_a_file_is_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    """The file is left as it was."""
    home = tmp_path / "home"
    home.write_text("mine")
    _is_told(avbrott(*command, "--home", home), str(home))
    assert home.read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda folder: (folder / "systems.yaml").write_text("systems: [\n  - name: pupils\n"), "systems.yaml"),
        (lambda folder: (folder / "policies.yaml").write_text("policies: 5\n"), "policies.yaml"),
        (lambda folder: (folder / "extracts" / "events.yaml").unlink(), "events"),
        (shutil.rmtree, "contracts"),
    ],
)
def test_a_broken_contract_is_told_by_file(tmp_path: Path, change: Callable[[Path], object], place: str) -> None:
    """Not YAML, a wrong type, an extract that others lean on, no folder at all."""
    folder = tmp_path / "contracts"
    shutil.copytree(packaged_contracts(), folder)
    change(folder)
    _is_told(avbrott("check", tmp_path / "enrolments.csv", "--contracts", folder), place)


def test_a_day_that_no_calendar_has_is_a_finding(tmp_path: Path) -> None:
    """In Parquet a day is a number: one out of range is a value in the wrong form, on its row, and no library's panic."""
    clean = pl.read_csv(FIXTURES / "clean.csv", infer_schema=False)
    day = pl.when(pl.int_range(pl.len()) == 1).then(2**31 - 1).otherwise(15_000).cast(pl.Int32).cast(pl.Date)
    clean.with_columns(start_date=day).write_parquet(tmp_path / "enrolments.parquet")
    checked = avbrott("check", tmp_path / "enrolments.parquet", "--json")
    assert checked.code == 1, checked.output
    (found,) = [one for one in json.loads(checked.output)["files"][0]["findings"] if one["field"] == "start_date"]
    assert (found["code"], found["rows"]) == ("VALUE_FORMAT", [2])
    assert "panicked" not in checked.output


def test_a_release_that_is_none_is_told(tmp_path: Path) -> None:
    """A name that is no release, a folder that holds something else, and no folder."""
    _is_told(avbrott("audit", "2020-01-01", "--home", tmp_path), "2020-01-01")
    (tmp_path / "other").mkdir()
    _is_told(avbrott("audit", tmp_path / "other", "--home", tmp_path), "other")
    _is_told(avbrott("site", "current", "--out", tmp_path / "out", "--home", tmp_path), "current")


def test_a_wrong_option_is_told(tmp_path: Path) -> None:
    """A term that is none, a year that no calendar has, a date that is none, a county larger than any."""
    _is_told(avbrott("run", "--until", "autumn", "--home", tmp_path), "autumn")
    _is_told(avbrott("check", FIXTURES / "clean.csv", "--term", "HT0000"), "HT0000")
    _is_told(avbrott("release", "--date", "soon", "--home", tmp_path), "soon")
    _is_told(avbrott("synth", "--years", 3000, "--home", tmp_path / "home"), "--years 3000")
    assert not (tmp_path / "home").exists()


def test_a_screen_without_letters_is_written_to_all_the_same(tmp_path: Path) -> None:
    """What it cannot show is a question mark there: errors and reports alike."""
    missing = avbrott("audit", "2020-01-01", "--home", tmp_path, PYTHONIOENCODING="ascii")
    assert missing.code == 2, missing.output
    assert "utg?va 2020-01-01" in missing.output
    checked = avbrott("check", FIXTURES / "missing_column.csv", PYTHONIOENCODING="ascii")
    assert checked.code == 1, checked.output
    assert "S? r?ttar du" in checked.output
    assert "Traceback" not in missing.output + checked.output


def test_a_damaged_record_of_the_store_is_told(faulty: Faulty, tmp_path: Path) -> None:
    """Which file, and how to mend it; a run does not guess at what was delivered."""
    home = Home(tmp_path / "home")
    shutil.copytree(faulty.home.root, home.root, symlinks=True)
    record = home.delivered("2482", TERM) / "delivery.json"
    record.write_text("{")
    for command in ("run", "release"):
        _is_told(avbrott(command, "--home", home.root), str(record))


def _is_told(ended: Ended, place: str) -> None:
    """Exit code 2, Swedish before English, the place, and no traceback."""
    assert ended.code == 2, ended.output
    assert place in ended.output
    assert -1 < ended.output.index("Fel:") < ended.output.index("Error:")
    assert "Traceback" not in ended.output


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_where_nothing_is_accepted_it_is_told_why(tmp_path: Path) -> None:
    """A hub that has not yet got its only provider's key: the rows need no mending."""
    outbox = tmp_path / "navet" / "providers" / "2482" / "outbox" / TERM
    outbox.mkdir(parents=True)
    (outbox / f"2482-{TERM.lower()}-enrolments-0001.zip.age").write_bytes(b"sealed")
    write_sources(tmp_path / "navet", ["2482"])
    ended = avbrott("run", "--home", tmp_path / "navet")
    assert ended.code == 2, ended.output
    assert "Lämnaren har ingen registrerad nyckel" in ended.output
    assert ended.output.index("keys/providers") < ended.output.index("Ingen leverans i ")
