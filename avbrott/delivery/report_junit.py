"""A check as JUnit XML, for a system that runs it on a schedule: a suite for each file, a case a rule. Never a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from avbrott.delivery.at_home import Checked
from avbrott.delivery.report import Told, lines_of, told
from avbrott.findings import Severity
from avbrott.registry import Contracts
from avbrott.texts import Texts

SUITES = "avbrott check"
"""What the suites are called together."""
_FAILING = (Severity.BLOCKING, Severity.QUARANTINE)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(checked: Sequence[Checked], contracts: Contracts, texts: Texts) -> str:
    """One suite a file. A rule that holds is a case that passes, a warning too, with its words; one not judged is skipped."""
    suites = ET.Element("testsuites", name=SUITES)
    for entry in checked:
        suites.append(_suite(entry, contracts, texts))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(entry: Checked, contracts: Contracts, texts: Texts) -> ET.Element:
    found = told(entry.findings, contracts, texts)
    broken = {each.finding.code for each in found}
    skipped = (*entry.unjudged, *entry.alone)
    kept = [rule.code for rule in entry.contract.rules if rule.code not in broken and rule.code not in skipped]
    kept = kept if entry.is_read else []
    failing = [each for each in found if each.finding.severity in _FAILING]
    counts = {"tests": len(found) + len(kept) + len(skipped), "failures": len(failing), "skipped": len(skipped), "errors": 0}
    suite = ET.Element("testsuite", {"name": _xml(entry.file_name), **{key: str(count) for key, count in counts.items()}})
    for each in found:
        _case(suite, entry, each, texts)
    for code in kept:
        ET.SubElement(suite, "testcase", name=code, classname=entry.contract.name)
    for code in skipped:
        ET.SubElement(ET.SubElement(suite, "testcase", name=code, classname=entry.contract.name), "skipped")
    return suite


def _case(suite: ET.Element, entry: Checked, each: Told, texts: Texts) -> None:
    finding = each.finding
    name = " ".join(filter(None, (finding.code, finding.field)))
    case = ET.SubElement(suite, "testcase", name=_xml(name), classname=entry.contract.name)
    words = _xml("\n".join(lines_of(each, "sv", texts) + lines_of(each, "en", texts)))
    if finding.severity in _FAILING:
        ET.SubElement(case, "failure", type=finding.severity.value, message=_xml(each.rule["sv"])).text = words
    else:
        ET.SubElement(case, "system-out").text = words


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)
