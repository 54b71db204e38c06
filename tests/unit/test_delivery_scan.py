"""The scanner finds identities in every written form, and leaves what a contract's fields hold alone."""

from __future__ import annotations

import polars as pl
import pytest

from avbrott.delivery.check import scanner_of
from avbrott.delivery.scan import Scanner
from avbrott.periods import Term
from avbrott.registry import Contracts

IDENTITIES = [
    *("199705031234", "19970503-1234", "970503-1234", "970503+1234", "9705031234", "970503 1234", "1997-05-03-1234"),
    *("1997 05 03 1234", "19970503/1234", "970503–1234", "９７０５０３-1234", "1 9 9 7 0 5 0 3 1 2 3 4", "P9705031234"),
    *("9705631234", "19970563-1234", "970503TF12", "19970503-TF12", "19970503-T123", "200112240123", "200901872385"),
    *(
        "pnr: 970503-1234.",
        "anna@example.se",
        "fornamn.efternamn@skola.umea.se",
        "anna (at) skola.se",
        "070-123 45 67",
        "0701234567",
    ),
    *("+46 70 123 45 67", "0046701234567", "090-12 34 56", "08-123 456 78", "Anna", "Anna Andersson", "anna andersson"),
    *("ANDERSSON, ANNA", "Khadra Nuur Xasan", "Eleven har slutat och flyttat till sin pappa", "19970503", "1997-05-03"),
    *("03/05/1997", "3.5.1997", "1997-05-03 00:00", "19970503AB", "EK19970503", "NA970503", "03051997AB", "970503X"),
    *("SVENSSON", "Svensson", "MUHAMMED", "KALLEANKA", "SJÖBERG", "SJOBERG", "LOFGREN25", "ANNA04", "ERIKSVENSSON"),
    *("mailto: a1 @ skola.se", "a1@skola,se", "A1[AT]SKOLA.SE", "JENSENOLSEN", "VIRTANEN", "Korhonen", "ZLATAN", "DEMIR04"),
    *("SANDRALUNDGREN", "SVENSSONERIK", "HANSSON-OLOFSSON", "STORHOLMSTRÖM", "KARLSDOTTER", "LINDKVIST"),
]

DISGUISED = [
    *(
        "١٩٩٧٠٥٠٣-١٢٣٤",
        "۹۷۰۵۰۳۱۲۳۴",
        "⑨⑦⓪⑤⓪③-①②③④",
        "❾❼⓿❺⓿❸❶❷❸❹",
        "9\u03017\u03010\u03015\u03010\u03013\u03011\u03012\u03013\u03014",
    ),
    *(
        "970503\u200b-\u200b1234",
        "9\u200d7\u200d0\u200d5\u200d0\u200d3\u200d1\u200d2\u200d3\u200d4",
        "970503\u20111234",
        "970503\u20131234",
    ),
    *(
        "970503 / 1234",
        "97.05.03.1234",
        "9.7.0.5.0.3.1.2.3.4",
        "970503--1234",
        "970503\u00b71234",
        "970503|1234",
        "97/05/03/1234",
    ),
    *(
        "970503-1234A",
        "9705031234elev",
        "P970503-1234x",
        "97O5O3-l234",
        "I99705O3 1234",
        "elev 97О5О3-1234",
        "pnr 9 7 0 5 0 3 1 2 3 4",
    ),
]

HEALTH = [
    *("ADHD", "adhd", "IMAADHD", "ADHD2", "DEPRESSION", "depression", "Deprimerad", "AUTISM", "BIPOLÄR", "BIPOLAR", "Ångest"),
    *("ANGEST", "F90", "f90", "F900", "F90.0", "F90.0B", "F900B", "G40", "E10,9", "J45", "Psykisk ohälsa", "sjuk", "SJUK-2"),
    *(
        "långvarigt sjukskriven",
        "hiv-positiv",
        "BUP",
        "LSS",
        "ADD",
        "Aspergers syndrom",
        "självmordsförsök",
        "gravid",
        "Anorexi",
    ),
]

STUDY_PATHS = [
    *("BAANL0", "BAHUS", "BAHUS0", "BAMAL0", "BAMAR0", "BAPLA0", "BFFRI0", "BFPED", "BFPED0", "BFSOC0", "EEAUT0", "EEDAT0"),
    *("EEELT0", "EEENE0", "EKEKO0", "EKJUR0", "EKJURV", "ESBIL0", "ESDAN0", "ESEST0", "ESMED0", "ESMUS0", "ESTEA0", "FTGOD0"),
    *("FTKAR0", "FTLAC0", "FTPER0", "FTTRA0", "FTDIAGNOS", "HAADM0", "HAHAN0", "HTHOT0", "HTTUR0", "HUKUL0", "HUSPR0"),
    *("HVFIN0", "HVFLO0", "HVFRI0", "HVSTY0", "HVTEX0", "HVOVR0", "INDRI0", "INPRO0", "INPRC0", "INSVE0", "NANAT0", "NASAM0"),
    *(
        "NBDJU0",
        "NBLAN0",
        "NBNAT0",
        "NBSKO0",
        "NBTRA0",
        "RLBAG0",
        "RLFAR0",
        "RLKOK11",
        "RLKOK1A",
        "SABET0",
        "SAMED0",
        "SASAM0",
    ),
    *("TEDES0", "TEINF0", "TEPRO0", "TESAM0", "TETEK0", "VFFAS0", "VFKYL0", "VFVEN0", "VFVVS0", "VO000", "VOPSYK", "VOHALSA"),
    *(
        "IM",
        "IMA",
        "IMV",
        "IMVBA",
        "IMVSAM",
        "IMY",
        "IMYFT",
        "IMS",
        "IMPRE",
        "IMPRO",
        "IMYRK",
        "IMIND",
        "IMSPR",
        "IB",
        "IBDIP",
    ),
    *("SP", "SPSAM", "SPEKO", "NVNAT", "OP", "ECDAT", "MPTRY", "IV", "FS25SKOLFORLAGD", "BA25", "TE25DES", "DS25", "SJ25"),
    *("ALLMANKURS", "SMFKURS", "EKJUR2011", "SA2025", "HV250101"),
]
"""As schools write them: programme, orientation and variant of three curricula, and names for courses of their own."""

HARMLESS = [
    *("Kvinna", "kvinna", "K", "Okänt", "2480", "684", "umeå", "Umeå", "EKJURV", "RLKOK11", "FS25SKOLFORLAGD", "EK"),
    *("99248001", "2013-10", "2013-10-15", "15/10/2013", "01-10-2013", "2013-10-15 08:00", "2013-10-15T00:00:00"),
    *("20131015", "13-10-15", "a" * 64, "AB12" * 16, "f8bd4423-9693-51ed-a854-6e9984e6c2f7", "Umeå kommun"),
    *("Dragonskolan", "Norra Gymnasiet", "Barn- och fritid", "5400", "12345", "1,5", "true", "FALSKT", "AVB", "-", "NULL"),
    *(
        "2013-10-15T08:00:00Z",
        "2013-10-15T08:00:00+02:00",
        "15/10/2013 08.00",
        "08:00\u201309:30",
        "1 234 567,50",
        "2012\u20132013",
    ),
    *("RL-0934O5", "Olavägen 12", "5566778899", "BA25", "Ekonomi", "EJ_ANGIVET", "grp_umea"),
]


@pytest.fixture(scope="module")
def scanner(contracts: Contracts) -> Scanner:
    """The scanner for a delivery of the autumn of 2013."""
    return scanner_of(contracts, Term("HT", 2013))


@pytest.mark.parametrize("value", [*IDENTITIES, *DISGUISED])
def test_an_identity_is_found_in_every_form(value: str, scanner: Scanner) -> None:
    """Numbers with and without separators, century or sixty more days; names, addresses, birth dates."""
    assert scanner.identities(pl.Series([value, "Kvinna"])).to_list() == [value]


@pytest.mark.parametrize("value", HARMLESS)
def test_what_extracts_hold_is_left_alone(value: str, scanner: Scanner) -> None:
    """Codes, dates of schooling, pseudonyms, minutes and names of places are no identities, and say nothing of health."""
    assert list(scanner.scan(pl.Series([value]))) == []


@pytest.mark.parametrize("value", HEALTH)
def test_what_tells_of_health_is_found(value: str, scanner: Scanner) -> None:
    """A diagnosis as a word, inside a code, or by its own code; illness and care; whatever the case and the dots."""
    assert scanner.health(pl.Series([value, "Kvinna"])).to_list() == [value]
    assert [code for code, _ in scanner.scan(pl.Series([value]))][-1] == "HEALTH_CONTENT"


def test_no_study_path_is_taken_for_a_person_or_an_illness(contracts: Contracts) -> None:
    """In any year of delivery: what is 2011 or 2025 in a code is no year of birth."""
    for year in (2012, 2019, 2026):
        assert list(scanner_of(contracts, Term("HT", year)).scan(pl.Series(STUDY_PATHS), "string")) == []


@pytest.mark.parametrize(
    "code", ["ANNAKRUSBERG", "KRUSBERGANNA", "ANNAK", "KRUSBERGPETERSEN", "NIEMELÄKRUS", "INGRIDX", "SVENSKAANNA"]
)
def test_a_code_of_letters_that_begins_or_ends_with_a_name_is_found_where_no_list_has_codes(
    code: str, scanner: Scanner
) -> None:
    """In a field of codes that anybody may make up; elsewhere its code list tells it."""
    assert scanner.identities(pl.Series([code, "EKJUR"]), "string").to_list() == [code]
    assert scanner.identities(pl.Series([code]), "code").is_empty()


def test_codes_that_schools_make_up_are_no_names(scanner: Scanner) -> None:
    """Words of subjects and places that begin or end as a name does."""
    words = (
        "EKONOMI GASTRONOMI SVENSKA SVENSKASOMANDRASPRÅK FRANSKA ORKESTER SEMESTER NATIONELLA INDIVIDUELLA KULTURELLA "
        "ALLMÄNNA ANNAT VIDAREUTBILDNING THEATRE SINGERSONGWRITER UNGDOMAR EXAMINA ELINSTALLATION STORA KARLSTAD NATURE"
    )
    assert scanner.identities(pl.Series(words.split()), "string").is_empty()


def test_no_code_of_the_glossary_is_taken_for_a_person_or_an_illness(contracts: Contracts) -> None:
    """Of every term, as written and in capitals, since an export may write them so; and no example."""
    terms = contracts.glossary.terms
    codes = {code.code for name in terms for code in contracts.glossary.codes(name)}
    examples = {term.example for term in terms.values() if term.example and not term.sensitive}
    assert len(codes) > 100
    for year in (2012, 2026):
        values = pl.Series(sorted({*codes, *map(str.upper, codes), *examples}))
        assert list(scanner_of(contracts, Term("HT", year)).scan(values, "date")) == []
        assert list(scanner_of(contracts, Term("HT", year)).scan(pl.Series(sorted(map(str.upper, codes))), "string")) == []


def test_a_surname_that_is_also_a_place_counts_beside_another_name_alone(scanner: Scanner) -> None:
    """Lund and Berg are municipalities; Eva Lund is somebody."""
    assert scanner.identities(pl.Series(["LUND", "Berg", "NORBERG"])).is_empty()
    assert len(scanner.identities(pl.Series(["EVA LUND", "EVALUND"]))) == 2


def test_a_date_inside_a_code_is_no_birth_date_where_nobody_was_born_then(scanner: Scanner) -> None:
    """A day of schooling, an old one, and figures that go on."""
    assert scanner.identities(pl.Series(["EK20131015", "NA131015", "EK19500101", "A197005030", "1997050312345"])).is_empty()


def test_where_only_a_year_belongs_any_date_is_one_too_many(scanner: Scanner) -> None:
    """Also six digits, and a date too old or too young for a pupil."""
    dates = ["1997-05-03", "970503", "19970503", "2013-10-15", "3/5/1997"]
    assert set(scanner.identities(pl.Series([*dates, "1997", "97"]), "year")) == set(dates)


def test_without_a_term_a_date_elsewhere_is_no_birth_date(contracts: Contracts) -> None:
    """How old a person would be cannot be judged."""
    assert scanner_of(contracts, None).identities(pl.Series(["1997-05-03"])).is_empty()


def test_only_open_forms_are_scanned_on_clean_data(scanner: Scanner, contracts: Contracts) -> None:
    """Of the packaged contracts' fields these alone could hide an identity and still keep their form."""
    fields = {name for contract in contracts.extracts.values() for name in contract.terms}
    assert {name for name in fields if scanner.is_open(contracts.glossary.terms[name])} == {"study_path", "school_unit"}


def test_a_birth_date_in_the_place_of_a_school_unit_is_found(scanner: Scanner, contracts: Contracts) -> None:
    """It keeps the form of a unit's code; no unit of the suppliers is taken for one."""
    units = [unit.code for supplier in contracts.suppliers.suppliers for unit in supplier.units]
    assert scanner.identities(pl.Series(["19970503", *units])).to_list() == ["19970503"]


def test_no_study_path_of_the_programmes_is_taken_for_a_name(scanner: Scanner, contracts: Contracts) -> None:
    """Every code of the programme list, alone and with an orientation, passes."""
    codes = [code.code for code in contracts.glossary.codes("programme")]
    paths = [*codes, *(f"{code}{more}" for code in codes for more in ("JUR", "25", "HUS0", "PED11"))]
    orientations = {path[2:5] for path in STUDY_PATHS if path[:2] in codes and path[2:5].isalpha() and len(path) in (5, 6)}
    assert len(orientations) > 50
    paths += [f"{code}{one}{more}" for code in codes for one in orientations for more in ("", "0", "V", "X")]
    assert scanner.identities(pl.Series(paths), "string").is_empty()


@pytest.mark.parametrize("value", ["NA25200901272385", "NA250901272385", "NA25090127", "NA25EBBABERGLUND"])
def test_what_stands_behind_a_programmes_code_of_2025_is_looked_at_by_itself(value: str, contracts: Contracts) -> None:
    """Its figures join those of a number, and part a name from the code."""
    scanner = scanner_of(contracts, Term.parse("HT2025"))
    assert scanner.identities(pl.Series([value]), "string").to_list() == [value]
    assert not scanner.identities(pl.Series(["NA25", "NA25NAT", "EE25ELE"]), "string").len()
