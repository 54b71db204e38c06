"""DCAT-AP-SE 3: the newest release's tables as data sets of a catalogue, each with its formats. RDF/XML.

A format's address is that of its release, so that what a portal points at does not change; the newest takes its place.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET

from avbrott.model import Text
from avbrott.open_data.files import CATALOGUE, INDEX, MEDIA_TYPES
from avbrott.open_data.history import Entry, History
from avbrott.open_data.times import days_of

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "dcatap": "http://data.europa.eu/r5r/",
}
_XSD = "http://www.w3.org/2001/XMLSchema#"
_EU = "http://publications.europa.eu/resource/authority"
_LANGUAGES = {"sv": f"{_EU}/language/SWE", "en": f"{_EU}/language/ENG"}
_STANDARDS = {
    "csv": "http://www.w3.org/ns/csvw",
    "jsonstat_sv": "https://json-stat.org/full/",
    "jsonstat_en": "https://json-stat.org/full/",
    "px": "https://www.scb.se/en/services/statistical-programs-for-px-files/px-file-format/",
}


def dcat(past: History) -> ET.Element:
    """The catalogue of ``past``'s newest release."""
    catalogue, newest = past.catalogue, past.entries[0]
    root = ET.Element(_name("rdf:RDF"))
    main = _thing(root, "dcat:Catalog", _here(past, "catalogue"))
    _words(main, "dcterms:title", catalogue.title)
    _words(main, "dcterms:description", catalogue.description)
    _to(main, "dcterms:publisher", catalogue.publisher.address)
    _to(main, "dcterms:license", catalogue.licence.address)
    _to(main, "foaf:homepage", f"{catalogue.base}/{INDEX['sv']}")
    _to(main, "dcat:themeTaxonomy", f"{_EU}/data-theme")
    _typed(main, "dcterms:issued", past.entries[-1].day.isoformat(), "date")
    _typed(main, "dcterms:modified", newest.day.isoformat(), "date")
    for language in _LANGUAGES.values():
        _to(main, "dcterms:language", language)
    for place in catalogue.spatial:
        _to(main, "dcterms:spatial", place)
    tables = sorted(newest.downloads())
    for table in tables:
        _to(main, "dcat:dataset", _here(past, table))
    agent = _thing(root, "foaf:Agent", catalogue.publisher.address)
    _words(agent, "foaf:name", catalogue.publisher.name)
    _to(agent, "foaf:homepage", catalogue.publisher.address)
    contact = _thing(root, "vcard:Organization", _here(past, "contact"))
    ET.SubElement(contact, _name("vcard:fn")).text = catalogue.contact.name.sv
    _to(contact, "vcard:hasEmail", f"mailto:{catalogue.contact.email}")
    for table in tables:
        _data_set(root, past, newest, table)
    return root


def _data_set(root: ET.Element, past: History, entry: Entry, table: str) -> None:
    catalogue = past.catalogue
    resource = next(one for one in entry.public.package["resources"] if one["name"] == table)
    made = _thing(root, "dcat:Dataset", _here(past, table))
    ET.SubElement(made, _name("dcterms:identifier")).text = table
    _words(made, "dcterms:title", entry.title(table))
    _words(made, "dcterms:description", Text(sv=resource["description"], en=resource["description_en"]))
    _to(made, "dcterms:publisher", catalogue.publisher.address)
    _to(made, "dcat:contactPoint", _here(past, "contact"))
    for language, words in (("sv", catalogue.keywords.sv), ("en", catalogue.keywords.en)):
        for word in words:
            _tagged(made, "dcat:keyword", word, language)
    for theme in catalogue.themes:
        _to(made, "dcat:theme", theme)
    for place in catalogue.spatial:
        _to(made, "dcterms:spatial", place)
    for language in _LANGUAGES.values():
        _to(made, "dcterms:language", language)
    _to(made, "dcterms:accrualPeriodicity", catalogue.frequency)
    _to(made, "dcterms:accessRights", f"{_EU}/access-right/PUBLIC")
    _to(made, "dcat:landingPage", f"{catalogue.base}/{INDEX['sv']}")
    _typed(made, "dcterms:issued", past.first_with(table).day.isoformat(), "date")
    _typed(made, "dcterms:modified", past.last_changed(table).day.isoformat(), "date")
    ET.SubElement(made, _name("dcat:version")).text = entry.identifier
    codes = [code for name in catalogue.time for code in entry.public.tables[table].codes.get(name, ())]
    if days := sorted(day for code in codes for day in days_of(code)):
        period = ET.SubElement(ET.SubElement(made, _name("dcterms:temporal")), _name("dcterms:PeriodOfTime"))
        _typed(period, "dcat:startDate", days[0].isoformat(), "date")
        _typed(period, "dcat:endDate", days[-1].isoformat(), "date")
    for form, path in entry.downloads()[table].items():
        if form in MEDIA_TYPES:
            _to(made, "dcat:distribution", _here(past, f"{table}-{form}"))
            _distribution(root, past, entry, form, path, _here(past, f"{table}-{form}"))


def _distribution(root: ET.Element, past: History, entry: Entry, form: str, path: str, about: str) -> None:
    made = _thing(root, "dcat:Distribution", about)
    content = (entry.folder / path).read_bytes()
    address = f"{past.catalogue.base}/{entry.identifier}/{path}"
    ET.SubElement(made, _name("dcterms:title")).text = path.rpartition("/")[2]
    _to(made, "dcat:accessURL", address)
    _to(made, "dcat:downloadURL", address)
    ET.SubElement(made, _name("dcterms:format")).text = MEDIA_TYPES[form]
    _to(made, "dcterms:license", past.catalogue.licence.address)
    _to(made, "dcatap:availability", f"{_EU}/planned-availability/STABLE")
    if form in _STANDARDS:
        _to(made, "dcterms:conformsTo", _STANDARDS[form])
    for language in [form[-2:]] if form.startswith("jsonstat") else _LANGUAGES:
        _to(made, "dcterms:language", _LANGUAGES[language])
    _typed(made, "dcterms:issued", entry.day.isoformat(), "date")
    _typed(made, "dcat:byteSize", str(len(content)), "nonNegativeInteger")
    check = ET.SubElement(ET.SubElement(made, _name("spdx:checksum")), _name("spdx:Checksum"))
    _to(check, "spdx:algorithm", f"{PREFIXES['spdx']}checksumAlgorithm_sha256")
    _typed(check, "spdx:checksumValue", hashlib.sha256(content).hexdigest(), "hexBinary")


def _here(past: History, name: str) -> str:
    return f"{past.catalogue.base}/{CATALOGUE}#{name}"


def _name(prefixed: str) -> str:
    prefix, _, name = prefixed.partition(":")
    return f"{{{PREFIXES[prefix]}}}{name}"


def _thing(root: ET.Element, kind: str, about: str) -> ET.Element:
    return ET.SubElement(root, _name(kind), {_name("rdf:about"): about})


def _to(thing: ET.Element, name: str, address: str) -> None:
    ET.SubElement(thing, _name(name), {_name("rdf:resource"): address})


def _words(thing: ET.Element, name: str, text: Text) -> None:
    for language in _LANGUAGES:
        _tagged(thing, name, getattr(text, language), language)


def _tagged(thing: ET.Element, name: str, text: str, language: str) -> None:
    ET.SubElement(thing, _name(name), {"{http://www.w3.org/XML/1998/namespace}lang": language}).text = text


def _typed(thing: ET.Element, name: str, value: str, kind: str) -> None:
    ET.SubElement(thing, _name(name), {_name("rdf:datatype"): f"{_XSD}{kind}"}).text = value
