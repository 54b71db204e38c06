"""The audit finds every tampering, names it by code and file, and says what it could not check."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from avbrott.errors import BadInput, ExitCode
from avbrott.release.audit import audit
from avbrott.release.command import audit_command
from tests import release_case as case
from tests.release_case import Case


@pytest.fixture(scope="module")
def sealed(tmp_path_factory) -> Case:
    """One release, for all tests to copy."""
    made = Case(tmp_path_factory.mktemp("sealed"))
    made.release(case.engine())
    return made


@pytest.fixture
def folder(sealed, tmp_path) -> Path:
    """A copy of the release that can be written to."""
    copy = tmp_path / "copy"
    shutil.copytree(sealed.home.release("2016-02-01"), copy)
    for file in copy.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return copy


def rewrite(folder: Path, name: str, old: str, new: str, *, reseal: bool = True) -> None:
    """Replace ``old`` in a file by ``new``; ``reseal`` gives the manifest the new digest, as a skilled forger would."""
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    if reseal:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def codes(folder: Path) -> set[str]:
    return {fault.code for fault in audit(folder).faults}


def test_a_copy_of_a_release_holds_without_the_confidential_folder(folder):
    """Anyone can check it, and the result says that the proof was not read."""
    result = audit(folder)
    assert result.holds
    assert result.proved == ()
    assert (result.tables, result.release) == (4, "2016-02-01")
    assert result.sums > 50


def test_changed_missing_and_added_files_are_found(folder):
    """Each by its own code and name."""
    rewrite(folder, "site/index.html", "Avbrott", "Avbrutet", reseal=False)
    (folder / "codelists" / "provider.csv").rename(folder / "codelists" / "provider.txt")
    shutil.copy(folder / "codelists" / "provider.txt", folder / "codelists" / "provider.csv")
    (folder / "site" / "data" / "index.js").unlink()
    found = {(fault.code, fault.where) for fault in audit(folder).faults}
    assert found == {
        ("FILE_CHANGED", "site/index.html"),
        ("FILE_UNKNOWN", "codelists/provider.txt"),
        ("FILE_MISSING", "site/data/index.js"),
    }


HIDDEN_ROW = "2012/13,n2,dropout,persons,,hidden"
RETURNS = "tables/returns.csv"
BY_AREA = "tables/by_area.csv"


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (BY_AREA, HIDDEN_ROW, "2012/13,n2,dropout,persons,3,hidden", "VALUE_NOT_EMPTY"),
        (BY_AREA, HIDDEN_ROW, "2012/13,n2,dropout,persons,,shown", "VALUE_EMPTY"),
        (BY_AREA, HIDDEN_ROW, "2012/13,n2,dropout,persons,3,shown", "UNSAFE_SHOWN"),
        (BY_AREA, "2012/13,n1,dropout,persons,,hidden", "2012/13,n1,dropout,persons,35,shown", "UNSAFE_DERIVABLE"),
        (BY_AREA, HIDDEN_ROW, "2012/13,n2,dropout,persons,,secret", "STATUS_UNKNOWN"),
        (BY_AREA, HIDDEN_ROW, "2012/13,n2,dropout,persons,,unreliable", "UNRELIABLE_NOT_A_SHARE"),
        (BY_AREA, HIDDEN_ROW + "\n", "", "COMBINATION_MISSING"),
        (BY_AREA, HIDDEN_ROW, HIDDEN_ROW + "\n" + HIDDEN_ROW, "ROW_TWICE"),
        (BY_AREA, HIDDEN_ROW, "2012/13,x9,dropout,persons,,hidden", "COMBINATION_UNKNOWN"),
        (BY_AREA, "2012/13,Total,Total,persons,452,shown", "2012/13,Total,Total,persons,453,shown", "SUM_WRONG"),
        (BY_AREA, "2012/13,Total,dropout,persons,60,shown", "2012/13,Total,dropout,persons,6 0,shown", "VALUE_MALFORMED"),
        (BY_AREA, "2012/13,Total,dropout,share,0.1327,shown", "2012/13,Total,dropout,share,0.1328,shown", "SHARE_WRONG"),
        (BY_AREA, "2012/13,n2,dropout,share,,hidden", "2012/13,n2,dropout,share,0.0448,shown", "SHARE_OF_UNSHOWN"),
        (BY_AREA, "2012/13,n2,dropout,share,,hidden", "2012/13,n2,dropout,share,,unreliable", "SHARE_STATUS_WRONG"),
        (BY_AREA, "2013/14,s1,dropout,share,,unreliable", "2013/14,s1,dropout,share,0.1136,shown", "SHARE_UNRELIABLE"),
        (RETURNS, "2012/13,Total,persons,60,shown", "2012/13,Total,persons,61,shown", "CELLS_DISAGREE"),
        (RETURNS, "2012/13,back,persons,25,shown", "2012/13,back,people,25,shown", "MEASURE_UNKNOWN"),
        ("codelists/area.csv", "s1,south,area", "s9,south,area", "CODE_NOT_LISTED"),
        ("audit.json", '"hidden": ', '"hidden": 1', "STATEMENT_WRONG"),
        ("site/data/index.js", '{"y": [1, null]}', '{"value": [3], "status": ["hidden"]}', "VALUE_NOT_EMPTY"),
        ("site/data/index.js", '"y"', '"complementary"', "CONFIDENTIAL_NAME"),
        ("site/index.html", "<title>", '<td class="absent absent-hidden"><b>3</b></td><title>', "VALUE_NOT_EMPTY"),
        ("site/index.html", "Avbrott", "ab" * 32, "PSEUDONYM_FOUND"),
    ],
)  # fmt: skip
def test_a_forged_file_is_found_even_with_a_forged_manifest(folder, name, old, new, code):
    """Each rule finds its own forgery from the public files alone."""
    rewrite(folder, name, old, new)
    assert code in codes(folder)


def test_swapped_tables_are_found(folder):
    """Two files that changed names: each is a table, and neither is the right one."""
    one, other = folder / "tables" / "by_area.csv", folder / "tables" / "pooled.csv"
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert {"FILE_CHANGED", "COMBINATION_MISSING", "COMBINATION_UNKNOWN"} <= codes(folder)


@pytest.mark.parametrize("name", ["datapackage.json", "manifest.json", BY_AREA, "codelists/area.csv"])
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[1, 2]", b'{"a": 1}', b"[" * 200_000, b'{"a": ' + b"1" * 5000 + b"}"]
)
def test_a_file_that_cannot_be_read_is_named(folder, name, content):
    """No traceback: the error says which file, and the exit code is 2."""
    (folder / name).write_bytes(content)
    with pytest.raises(BadInput, match="RELEASE_FILE_UNREADABLE") as raised:
        audit(folder)
    assert name in raised.value.parameters["file"]
    assert raised.value.exit_code == ExitCode.BAD_INPUT


def test_the_record_tells_what_the_public_files_cannot(tmp_path):
    """A number that adds up but was never counted is found beside the record, and a changed proof is no proof."""
    home = Case(tmp_path)
    home.release(case.engine())
    record = home.home.confidential("2016-02-01") / "pupils"
    public = home.home.release("2016-02-01")
    for file in (*public.rglob("*.csv"), *public.glob("*.json"), *record.iterdir()):
        file.chmod(0o644)
    # Two parts of one total trade a pupil: every sum still holds, and the shares are not shown.
    for old, new in (
        ("2012/13,back,persons,25", "2012/13,back,persons,26"),
        ("2012/13,away,persons,35", "2012/13,away,persons,34"),
    ):
        rewrite(public, RETURNS, old, new)
    rewrite(public, RETURNS, "0.4167", "0.4333")
    rewrite(public, RETURNS, "0.5833", "0.5667")
    assert audit(public).holds
    assert {fault.code for fault in audit(public, home.home).faults} == {"SHOWN_DIFFERS"}
    pl.read_parquet(record / "witnesses.parquet").clear().write_parquet(record / "witnesses.parquet")
    found = {fault.code for fault in audit(public, home.home).faults}
    assert {"PROOF_FILE_CHANGED", "PROOF_COUNT_BELOW_THRESHOLD"} <= found
    shutil.copy(record / "earlier.parquet", record / "witnesses.parquet")
    with pytest.raises(BadInput, match="RECORD_UNREADABLE"):
        audit(public, home.home)


@pytest.mark.parametrize(("old", "new"), [('"threshold": 5', '"threshold": 4'), ('"width": 5', '"width": 1')])
def test_a_proof_made_for_another_policy_is_found(tmp_path, old, new):
    """A lower threshold in the record asks less of the proof than the release says."""
    home = Case(tmp_path)
    home.release(case.engine())
    file = home.home.confidential("2016-02-01") / "pupils" / "system.json"
    file.chmod(0o644)
    public = home.home.release("2016-02-01")
    assert audit(public, home.home).holds
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    assert {fault.code for fault in audit(public, home.home).faults} == {"POLICY_DIFFERS"}


def test_the_command_tells_in_swedish_and_english_and_returns_the_exit_code(sealed, folder, capsys):
    """0 where it holds, 1 where it does not, and the fault's code is in the text."""
    screen = Console(width=200)
    assert audit_command("current", sealed.home, sealed.contracts, screen) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "Utgåvan håller." in told
    assert "The release holds." in told
    assert "pupils" in told
    rewrite(folder, BY_AREA, HIDDEN_ROW, "2012/13,n2,dropout,persons,3,hidden")
    assert audit_command(str(folder), sealed.home, sealed.contracts, screen) == ExitCode.FINDINGS
    told = capsys.readouterr().out
    assert "VALUE_NOT_EMPTY: tables/by_area.csv" in told
    assert f"Ingen konfidentiell del i {sealed.home.root} hör till den här mappen." in told
    with pytest.raises(BadInput, match="RELEASE_NOT_FOUND"):
        audit_command("2011-01-01", sealed.home, sealed.contracts, screen)


def test_every_fault_has_a_text():
    """A code that the checks can raise is told in both languages."""
    from avbrott.open_data import verify
    from avbrott.release import audit as audit_module
    from avbrott.release import checks, leaks, record
    from avbrott.texts import load_messages

    texts = load_messages()
    sources = "".join(Path(module.__file__).read_text("utf-8") for module in (checks, leaks, record, verify, audit_module))
    keys = texts.keys()
    named = {key.removeprefix("FAULT_") for key in keys if key.startswith("FAULT_")} - {"PROOF"}
    assert all(f'"{code}"' in sources for code in named)
    raised = set(re.findall(r'"([A-Z]{4,}(?:_[A-Z]+)+)"', sources)) - {
        "RELEASE_FILE_UNREADABLE",
        "RECORD_UNREADABLE",
        "AUDIT_NEEDS_HUB",
        "EARLIER_READER_UNKNOWN",
        "EARLIER_READERS_FORGOTTEN",
    }
    assert raised <= named
