"""A provider's own words are read as the glossary's before any rule is judged, row numbers stay, and all of it is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.pull import pull_many
from avbrott.delivery.read import fit, fit_each, read_table
from avbrott.delivery.table import Table, of_cells
from avbrott.delivery.translate import Translation, translation, with_codes
from avbrott.findings import Finding, Severity
from avbrott.glossary import Code, Glossary
from avbrott.home import Home
from avbrott.identity.keys import Key
from avbrott.identity.prepare import prepare
from avbrott.mapping import ProviderMapping, Translated
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.sending.prepared import read_prepared
from avbrott.sending.send import to_send
from tests import stored
from tests.export_case import ANNA, SECRET, export, key_file

TERM = Term("HT", 2012)
PROVIDER = "2480"
MAPPING = ProviderMapping(
    provider=PROVIDER,
    headers={"enrolments": {"Elevens kön": "sex", "Enhet (nr)": "school_unit", "Id-begrepp": "personnummer"}},
    codes={"sex": {"F": "Kvinna", "P": "Man", "kv": "Kvinna"}, "school_type": {"Gymnasiet": "GY"}},
    readings={"dropout": "left_within_term", "pause": "same"},
)
HEADER = (
    "pseudonym,birth_year,Elevens  KÖN,home_municipality,enhet nr,school_type,study_path,study_year,start_date,end_date,"
    "cancelled\n"
)


def row(number: int, sex: str = "F", kind: str = "Gymnasiet", end: str = "") -> str:
    """A row in the provider's own words."""
    return f"{number:064x},1996,{sex},2480,99248001,{kind},EKJUR,1,2012-08-20,{end},false\n"


@pytest.fixture
def own(contracts: Contracts) -> Contracts:
    """The contracts with the provider's words; it reads one disputed term otherwise than the statistics, one alike."""
    one, other = (contracts.glossary.terms[name] for name in ("dropout", "pause"))
    differs = next(reading.id for reading in one.readings if reading.id != one.used)
    assert other.used is not None
    mapping = MAPPING.model_copy(update={"readings": {"dropout": differs, "pause": other.used}})
    return replace(contracts, mappings={PROVIDER: mapping})


def outcome_of(content: str, home: Home, contracts: Contracts) -> Outcome:
    """What becomes of a file of enrolments."""
    outbox = home.outbox(PROVIDER, str(TERM))
    outbox.mkdir(parents=True)
    (outbox / "enrolments.csv").write_text(content, "utf-8")
    home.sources.write_text(f'sources:\n  "{PROVIDER}": {{folder: providers/{PROVIDER}/outbox, plain: true}}\n')
    pull_many(home, contracts, {TERM: [PROVIDER]})
    return check_term(home, contracts, TERM, [PROVIDER])[0]


def told(outcome: Outcome, code: str) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Count and rows of a finding by field."""
    return {one.field: (one.count, one.rows) for one in outcome.findings if one.code == code}


def test_own_headers_and_codes_are_read_as_the_glossarys(tmp_path: Path, own: Contracts) -> None:
    """Rows in the provider's words are accepted as the rows that they mean, and what was translated is told by field."""
    outcome = outcome_of(HEADER + row(1) + row(2, sex="P") + row(3, sex="Kvinna", kind="GY"), Home(tmp_path), own)
    assert outcome.status is Status.ACCEPTED
    home = Home(tmp_path)
    accepted = stored.rows(home, home.accepted("enrolments", PROVIDER, str(TERM)))
    assert accepted["sex"].to_list() == ["Kvinna", "Man", "Kvinna"]
    assert accepted["school_type"].unique().to_list() == ["GY"]
    assert told(outcome, "MAPPED_HEADER") == {"school_unit": (1, (1,)), "sex": (1, (1,))}
    assert told(outcome, "MAPPED_CODE") == {"school_type": (2, (2, 3)), "sex": (2, (2, 3))}
    assert told(outcome, "READ_HEADER") == {}


def test_rules_are_judged_afterwards_and_rows_keep_their_numbers(tmp_path: Path, own: Contracts) -> None:
    """A value that is no word of the provider's is set aside, with the line on which it stands in the file."""
    outcome = outcome_of(HEADER + row(1) + row(2, sex="X") + row(3, end="2012-01-01"), Home(tmp_path), own)
    assert told(outcome, "VALUE_CODE") == {"sex": (1, (3,))}
    assert told(outcome, "END_BEFORE_START") == {"": (1, (4,))}
    assert outcome.accepted == {"enrolments": 1}


def test_the_words_of_one_provider_are_not_anothers(tmp_path: Path, own: Contracts) -> None:
    """Without a mapping of its own the same file lacks columns and is refused."""
    others = replace(own, mappings={"2482": own.mappings[PROVIDER].model_copy(update={"provider": "2482"})})
    outcome = outcome_of(HEADER + row(1), Home(tmp_path), others)
    assert outcome.status is Status.REFUSED
    assert set(told(outcome, "COLUMN_MISSING")) == {"sex", "school_unit"}


def test_a_reading_that_differs_is_told_and_one_that_does_not_is_not(tmp_path: Path, own: Contracts) -> None:
    """The reading that the provider follows is told where the statistics read otherwise."""
    outcome = outcome_of(HEADER + row(1), Home(tmp_path), own)
    assert set(told(outcome, "READING_OTHER")) == {"dropout"}
    did = translation(outcome.findings, "enrolments", own.mappings[PROVIDER])
    readings = {"dropout": own.mappings[PROVIDER].readings["dropout"]}
    assert did == Translation(headers=2, values={"school_type": 1, "sex": 1}, readings=readings)
    assert did.counts == {"headers": 2, "values": 2, "readings": 1}


@pytest.mark.parametrize(
    ("text", "meant", "code"),
    [
        ("kvinna", "Kvinna", "READ_CODE_LETTERS"),
        ("OKÄNT", "Okänt", "READ_CODE_LETTERS"),
        (" Man\u00a0", "Man", "READ_CODE_LETTERS"),
        ("f", "Kvinna", "MAPPED_CODE"),
        (" P ", "Man", "MAPPED_CODE"),
        ("KV", "Kvinna", "MAPPED_CODE"),
        ("\nMan", "\nMan", None),
        (" ", " ", None),
        ("x", "x", None),
    ],
)
def test_a_code_in_other_letters_is_read_where_it_can_be_one_code_alone(text, meant, code, contracts) -> None:
    """Capitals, small letters and blanks around a code do not count; a break of the line does, and is left for the rules."""
    frame = pl.DataFrame({"sex": [text], "row": [2]}, schema_overrides={"row": pl.Int64})
    read, assumed = with_codes(frame, [contracts.glossary.terms["sex"]], contracts.glossary, MAPPING)
    assert read["sex"].to_list() == [meant]
    assert [(one.code, one.field, one.rows) for one in assumed] == ([(code, "sex", (2,))] if code else [])


@pytest.mark.parametrize(
    ("field", "text", "meant", "code"),
    [
        *(("sex", text, "Kvinna", "READ_CODE_SYNONYM") for text in ("K", "k", "F", "Flicka", "FEMALE ")),
        *(("sex", text, "Man", "READ_CODE_SYNONYM") for text in ("M", "m", "P", "pojke", "Male")),
        *(("sex", text, text, None) for text in ("1", "2", "0", "X", "KM")),
        *(
            ("home_municipality", f"2482{apart}Skellefteå", "2482", "READ_CODE_NAMED")
            for apart in (" ", " - ", ", ", ": ", "  ")
        ),
        ("home_municipality", "2482 (SKELLEFTEÅ)", "2482", "READ_CODE_NAMED"),
        ("home_municipality", "Skellefteå", "2482", "READ_CODE_NAME_ALONE"),
        ("home_municipality", " skellefteå ", "2482", "READ_CODE_NAME_ALONE"),
        ("school_type", "Gymnasieskola", "GY", "READ_CODE_NAME_ALONE"),
        ("school_type", "Folk high school", "FHS", "READ_CODE_NAME_ALONE"),
        ("school_type", "Skola", "Skola", None),
        ("home_municipality", "2482 Umeå", "2482 Umeå", None),
        ("home_municipality", "2482 hos farmor", "2482 hos farmor", None),
    ],
)
def test_other_words_for_a_code_are_read_and_told(field, text, meant, code, contracts) -> None:
    """Of any provider; digits for sex are not, as systems differ on them, and a code beside another's name is not."""
    frame = pl.DataFrame({field: [text], "row": [2]}, schema_overrides={"row": pl.Int64})
    read, assumed = with_codes(frame, [contracts.glossary.terms[field]], contracts.glossary, None)
    assert read[field].to_list() == [meant]
    assert [one.code for one in assumed] == ([code] if code else [])


def test_a_name_that_two_codes_have_is_left(contracts: Contracts) -> None:
    """Nobody can tell which is meant; one that another code has as its word is that code's."""
    codes = (Code(code="A1", sv="Lika", en="Alike"), Code(code="B2", sv="Lika", en="Other", synonyms=("alike",)))
    term = contracts.glossary.terms["sex"].model_copy(update={"codes": codes})
    frame = pl.DataFrame({"sex": ["Lika", "Alike", "Other"], "row": [2, 3, 4]}, schema_overrides={"row": pl.Int64})
    read, assumed = with_codes(frame, [term], Glossary(terms={"sex": term}), None)
    assert read["sex"].to_list() == ["Lika", "B2", "B2"]
    assert [(one.code, one.rows) for one in assumed] == [("READ_CODE_NAME_ALONE", (4,)), ("READ_CODE_SYNONYM", (3,))]


def test_a_provider_s_own_word_goes_before_the_glossary_s(contracts: Contracts) -> None:
    """F is Fiktiv kille somewhere."""
    mapping = ProviderMapping(provider=PROVIDER, codes={"sex": {"F": "Man"}})
    frame = pl.DataFrame({"sex": ["F", "f", "K"], "row": [2, 3, 4]}, schema_overrides={"row": pl.Int64})
    read, assumed = with_codes(frame, [contracts.glossary.terms["sex"]], contracts.glossary, mapping)
    assert read["sex"].to_list() == ["Man", "Man", "Kvinna"]
    assert {one.code: one.count for one in assumed} == {"MAPPED_CODE": 2, "READ_CODE_SYNONYM": 1}


def test_a_code_that_could_be_two_is_left(contracts: Contracts) -> None:
    """Own codes that differ in their letters alone and mean different things are read to the letter, and nothing else is."""
    mapping = ProviderMapping(provider=PROVIDER, codes={"sex": {"a": "Man", "A": "Kvinna", "ab": "Man", "AB": "Kvinna"}})
    frame = pl.DataFrame({"sex": ["a", "A", "aB"], "row": [2, 3, 4]}, schema_overrides={"row": pl.Int64})
    read, assumed = with_codes(frame, [contracts.glossary.terms["sex"]], contracts.glossary, mapping)
    assert read["sex"].to_list() == ["Man", "Kvinna", "aB"]
    assert [(one.code, one.rows) for one in assumed] == [("MAPPED_CODE", (2, 3))]


def test_an_export_is_prepared_from_its_own_words(tmp_path: Path, own: Contracts) -> None:
    """The identity too is found by the provider's own header, and the delivery that is written is in the glossary's words."""
    columns = (
        "Id-begrepp,Elevens kön,home_municipality,Enhet nr,school_type,study_path,study_year,start_date,end_date,cancelled"
    )
    rows = [f"{ANNA},f,2480,99248001,gymnasiet,EKJUR,1,2025-08-18,,false"]
    table = read_table(export(tmp_path / "export.csv", rows, columns))
    term, key = Term("HT", 2025), Key("county", "2025", SECRET)
    made = prepare(table, own, own.extracts["enrolments"], PROVIDER, term, key)
    assert not made.is_refused
    assert made.frame.select("sex", "school_type", "school_unit").rows() == [("Kvinna", "GY", "99248001")]
    found = {(one.code, one.field) for one in made.findings}
    assert {("MAPPED_HEADER", "personnummer"), ("MAPPED_CODE", "sex"), ("READING_OTHER", "dropout")} <= found


def test_check_says_what_the_mapping_did(tmp_path: Path, contracts_folder: Path, run) -> None:
    """On the screen, as HTML and as JSON: how many headers and values, in Swedish and English, and no value of a row."""
    (contracts_folder / "mappings").mkdir()
    words = MAPPING.model_dump(mode="json", exclude={"readings"}, exclude_defaults=True)
    (contracts_folder / "mappings" / f"{PROVIDER}.yaml").write_text(json.dumps(words), "utf-8")
    file = tmp_path / "terminens elever.csv"
    file.write_text(HEADER + row(1) + row(2, sex="P"), "utf-8")
    asked = ("check", file, "--provider", PROVIDER, "--term", TERM, "--contracts", contracts_folder)
    shown = run(*asked, "--report", tmp_path / "r.html")
    assert shown.code == 0
    assert "2 rubriker och 4 värden är översatta" in shown.out
    assert "2 headers and 4 values were translated" in shown.out
    assert "2 rubriker och 4 värden är översatta" in (tmp_path / "r.html").read_text("utf-8")
    content = json.loads(run(*asked, "--json").out)["files"][0]
    assert content["contract"] == "enrolments"
    assert content["mapping"] == {"headers": 2, "values": {"school_type": 2, "sex": 2}, "readings": {}}
    assert "Gymnasiet" not in shown.out


def test_prepare_says_what_the_mapping_did(tmp_path: Path, contracts_folder: Path, run) -> None:
    """An export in the provider's own words becomes a delivery in the glossary's, and the screen says so."""
    (contracts_folder / "mappings").mkdir()
    words = MAPPING.model_dump(mode="json", exclude={"readings"}, exclude_defaults=True)
    (contracts_folder / "mappings" / f"{PROVIDER}.yaml").write_text(json.dumps(words), "utf-8")
    columns = (
        "Id-begrepp,Elevens kön,home_municipality,Enhet nr,school_type,study_path,study_year,start_date,end_date,cancelled"
    )
    file = export(tmp_path / "export.csv", [f"{ANNA},F,2480,99248001,GY,EKJUR,1,2025-08-18,,false"], columns)
    of = ("--contract", "enrolments", "--provider", PROVIDER, "--term", "HT2025", "--contracts", contracts_folder)
    ended = run("prepare", file, *of, "--key", key_file(tmp_path / "2025.key"), "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert "3 rubriker och 1 värden är översatta" in ended.out
    assert ",Kvinna," in (tmp_path / "out" / "enrolments.csv").read_text("utf-8")
    (told,) = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))["resources"]
    assert told["translated"] == {"headers": 3, "values": {"sex": 1}}
    prepared = read_prepared(tmp_path / "out", load_contracts(contracts_folder))
    (to,) = to_send(prepared)
    assert to.statement.translated == Translated(3, (("sex", 1),))


def test_words_of_another_extract_say_nothing() -> None:
    """What was translated is counted by extract."""
    finding = Finding(PROVIDER, str(TERM), "events", "MAPPED_CODE", Severity.ASSUMED, "event", 3)
    assert not translation([finding], "enrolments", MAPPING)
    assert translation([finding], "events", MAPPING).values == {"event": 3}


def test_tables_read_together_are_read_as_each_alone(own: Contracts) -> None:
    """Whatever stands in one of them: days in two orders, blanks, codes in other letters, its own words, or no row at all."""
    contract = own.extracts["enrolments"]
    plain = {"sex": "Kvinna", "school_type": "GY", "start_date": "2012-08-20", "study_path": "EKJUR", "cancelled": "false"}
    odd: dict[str, list[dict[str, str]]] = {
        "2401": [{}, {}],
        "2404": [{"start_date": "20/08/2012"}, {"start_date": "03/04/2012"}],
        "2418": [{"start_date": "08/20/2012"}, {"start_date": "03/04/2012"}, {"sex": " kvinna"}],
        "2480": [{"sex": "F"}, {"school_type": "Gymnasiet"}],
        "2482": [{"study_path": " EKJUR"}, {"cancelled": "J"}, {"sex": ""}],
        "2481": [],
    }
    tables = {}
    for provider, rows in odd.items():
        cells = [[{**plain, **row}.get(term) or None for term in contract.terms] for row in rows]
        tables[provider] = Table(contract.terms, of_cells(contract.terms, cells, range(2, 2 + len(cells))))
    together = fit_each(tables, contract, (), own.glossary, own.mappings)
    for provider, table in tables.items():
        alone = fit(table, contract, (), own.glossary, own.mappings.get(provider))
        assert together[provider].frame.equals(alone.frame), provider
        assert together[provider].assumed == alone.assumed, provider
    assert [provider for provider, one in together.items() if not one.assumed] == ["2401", "2481"]
