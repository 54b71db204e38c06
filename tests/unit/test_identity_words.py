"""A word in the place of a study path, which can be a name that no list has, does not leave home, and is told by its rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from avbrott.identity.words import without_words
from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_delivery_scan import STUDY_PATHS
from tests.unit.test_identity_prepare import Prepare


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def rows(*paths: str) -> list[str]:
    """An enrolment on each study path."""
    return [
        case.row("Anna", case.number(f"2009{1 + place // 28:02d}{1 + place % 28:02d}", 240 + place)).replace("EKJUR", path)
        for place, path in enumerate(paths)
    ]


def cut(contracts: Contracts, *paths: str) -> list[str]:
    """What is left of study paths."""
    term = contracts.glossary.terms["study_path"]
    return without_words(pl.DataFrame({"study_path": paths}), [term], contracts.glossary).frame["study_path"].to_list()


def test_surnames_that_no_list_has_are_cut_to_the_programmes_code(prepare: Prepare) -> None:
    """They are told at home, with their rows; codes stay, and the programme that is counted is the same."""
    names = ("TOLLIN", "KRÅK", "EKWALL", "BACKMAN", "TORSELL04", "FS25KRUSBERG")
    ended = prepare(rows=rows(*names, "EKJUR", "RLKOK11", "IB", "BA25"))
    assert ended.code == 0, ended.out
    kept = prepare.written["study_path"].to_list()
    assert sorted(kept) == sorted(["TO", "KR", "EK", "BA", "TO", "FS25", "EKJUR", "RLKOK11", "IB", "BA25"])
    assert "kortade till programmets kod, så att inget namn lämnar er: 6 (Studievägskod 6)" in ended.out
    assert "CODE_WORD" in ended.out
    assert "Rader i filen: 2, 3, 5, 6, 7" in ended.out
    assert not [name for name in names if name in ended.out + ended.err]


def test_no_code_with_its_orientation_is_cut(contracts: Contracts) -> None:
    """Of today's programmes and those before; what schools make up is cut to a code that counts alike."""
    official = [path for path in STUDY_PATHS if path[:2] != "IB" and not _has_letters(path, contracts)]
    assert len(official) > 80
    assert cut(contracts, *official) == official
    assert cut(contracts, "EKJURV", "VOHALSA", "ALLMANKURS", "IBDIP", "IMVBAHUS") == ["EK", "VO", "AL", "IB", "IMV"]


def _has_letters(path: str, contracts: Contracts) -> bool:
    """Whether four letters follow each other behind the longest programme's code that it begins with."""
    codes = [code.code for code in contracts.glossary.codes("programme") if path.startswith(code.code)]
    rest = path.removeprefix(max(codes, key=len, default=""))
    return any(rest[place : place + 4].isalpha() and len(rest[place : place + 4]) == 4 for place in range(len(rest)))


def test_a_name_that_is_known_refuses_the_export_and_is_told_once(prepare: Prepare) -> None:
    """Its row is to be mended; the other's is told as a word."""
    ended = prepare(rows=rows("SVENSSON", "TOLLIN"))
    assert ended.code == 1
    assert "IDENTITY_CONTENT" in ended.out
    assert ended.out.count("Rader i filen: 3") == 2, "as a word, and as no programme"
    assert "Rader i filen: 2, 3" not in ended.out
