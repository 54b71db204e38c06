"""A page for each provider, of its own deliveries alone, and the Data Docs that Great Expectations makes of them.

Reads the figures' files, which hold nobody else's. Such a page stands alone in its folder, as a school's does (``private``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from markupsafe import Markup

from avbrott.expectations.contract import Frame
from avbrott.expectations.docs import SuiteDocs
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.release.providers import PROVIDERS
from avbrott.release.public import read_json
from avbrott.release.schools import FIGURES
from dashboards.breaks import runs
from dashboards.figures.sketch import Plane, dots, drawing, line, steps
from dashboards.private import Row, write_private
from dashboards.site import environment
from dashboards.words import LANGUAGES, NO_BREAK, Words, site_texts

Json = dict[str, Any]

DOCS = {"sv": "data_docs.html", "en": "data_docs_en.html"}
SUITES: dict[Frame, str] = {"coverage": "docs.suite.coverage", "rows": "docs.suite.rows", "shares": "docs.suite.shares"}
SEVERITIES = {
    "blocking": "provider.severity.blocking",
    "quarantine": "provider.severity.quarantine",
    "warning": "provider.severity.warning",
}
DAYS = 2
"""So many cells of a delivery, after its term, are days."""
TERMS_SHOWN = 6
"""The newest terms that have a column each among the findings; the others have one together."""


def build_provider_pages(private: Path, contracts: Contracts, day: date, docs: Mapping[str, Sequence[SuiteDocs]]) -> int:
    """Make the pages of every provider whose figures lie under ``private``, in both languages; how many providers.

    ``day`` is the release's, ``docs`` what Great Expectations says by provider. The same figures give the same bytes.
    """
    texts, templates = site_texts(contracts), environment()
    made = sorted((private / PROVIDERS).glob(f"*/{FIGURES}"))
    for file in made:
        content = read_json(file)
        name, suites = content["provider"]["name"], docs.get(content["provider"]["code"], ())
        for language in LANGUAGES:
            words = Words(language, texts)
            view = _view(content, words) | {"title": name, "docs_href": DOCS[language] if suites else ""}
            write_private(file.parent, templates.get_template("provider.html"), words, day, view)
            if suites:
                page = {
                    "title": words("docs.title", name=name),
                    "name": name,
                    "suites": _suites(suites, contracts, words),
                    "up_href": "index.html" if language == "sv" else "en.html",
                }
                write_private(file.parent, templates.get_template("data_docs.html"), words, day, page, names=DOCS)
    return len(made)


def _suites(suites: Sequence[SuiteDocs], contracts: Contracts, words: Words) -> list[Json]:
    by_name = {suite.name: suite for suite in contracts.expectations.suites}
    found = []
    for one in suites:
        suite, said = by_name[one.suite], {watch.code: watch for watch in one.watches}
        expectations = [
            {
                "code": expected.code,
                "text": getattr(expected.text, words.language),
                "mend": getattr(expected.mend, words.language),
                "looked_at": said[expected.code].looked_at,
                "places": ", ".join(_places(said[expected.code].keys, said[expected.code].failing)),
            }
            for expected in suite.expectations
        ]
        title = words(SUITES[suite.frame])
        found.append({"title": title, "html": one.html, "expectations": expectations})
    return found


def _places(keys: Sequence[str], failing: Sequence[Sequence[str]]) -> list[str]:
    """Where an expectation does not hold, without the provider's own name."""
    return [" ".join(part for key, part in zip(keys, one, strict=True) if key != "provider") for one in failing]


def _view(content: Json, words: Words) -> Json:
    extracts, terms = content["extracts"], content["terms"]
    if not terms:
        return {"terms": []}
    newest = terms[::-1]
    counted = [_aside(term) for term in terms]
    aside, every = sum(part for part, _ in counted), sum(whole for _, whole in counted)
    states = [one["state"] for term in terms for one in term["extracts"].values()]
    told = {state: words.whole(states.count(state)) for state in ("in_time", "late", "refused", "missing")}
    return {
        "extracts": [said[words.language] for said in extracts.values()],
        "summary": [words("coverage.summary", expected=words.whole(len(states)), **told), *_days_said(terms, words)],
        "terms": [_came(term, list(extracts), words) for term in newest],
        "days_figure": _days_figure(terms, words),
        "rows": [
            (_term(term["term"], words), tuple(_rows_of(term, extract, words) for extract in extracts)) for term in newest
        ],
        "rows_summary": [
            words("provider.rows.summary", **_parts(aside, every, words, "aside")),
            *_highest(terms, counted, words),
        ]
        if every
        else [words("provider.rows.no_summary")],
        "rows_figure": _rows_figure(terms, counted, words),
        "break_after": Markup("_<wbr>"),
        "findings": _findings(content, [term["term"] for term in newest], words),
        "findings_heads": _heads([term["term"] for term in newest], words),
        "compared": [_compared(one, extracts, words) for one in content["compared"]],
    }


def _days_said(terms: list[Json], words: Words) -> list[str]:
    """Between how many days from the last one deliveries came, and the newest."""
    came = [term for term in terms if term["days_late"] is not None]
    if not came:
        return []
    days = [int(term["days_late"]) for term in came]
    low, high, last = (_signed(day, words.whole(abs(day))) for day in (min(days), max(days), days[-1]))
    count, term = words.whole(len(came)), _term(came[-1]["term"], words)
    return [words("provider.days.summary", count=count, low=low, high=high, term=term, last=last)]


def _highest(terms: list[Json], counted: list[tuple[int, int]], words: Words) -> list[str]:
    """The term with the largest share of rows set aside; nothing where none was."""
    shares = [(Decimal(part) / whole, part, whole, term) for (part, whole), term in zip(counted, terms, strict=True) if part]
    if not shares:
        return []
    _, part, whole, term = max(shares, key=lambda one: one[0])
    return [words("provider.rows.highest", term=_term(term["term"], words), share=_parts(part, whole, words)["share"])]


def _term(code: str, words: Words) -> str:
    """A term as its readers call it, on one line."""
    return words.term(Term.parse(code)).replace(" ", NO_BREAK)


def _came(term: Json, extracts: list[str], words: Words) -> Row:
    days = term["days_late"]
    none = words("provider.none")
    cells = [term["due"], term["created"] or none, none if days is None else _signed(days, words.whole(abs(days)))]
    held = term["extracts"]
    cells += [
        words(f"coverage.{held[one]['state']}") if one in held else words("status.not_applicable.mark") for one in extracts
    ]
    return _term(term["term"], words), tuple((cell, "day" if place < DAYS else "text") for place, cell in enumerate(cells))


def _rows_of(term: Json, extract: str, words: Words) -> tuple[str, str]:
    held = term["extracts"].get(extract, {})
    if held.get("accepted") is None:
        return words("provider.none"), "text"
    return _of(held["quarantined"], held["accepted"] + held["quarantined"], words), "text"


def _aside(term: Json) -> tuple[int, int]:
    """Rows set aside, and all rows, of the extracts of a term that were taken in."""
    held = [one for one in term["extracts"].values() if one["accepted"] is not None]
    return sum(one["quarantined"] for one in held), sum(one["accepted"] + one["quarantined"] for one in held)


def _parts(part: int, whole: int, words: Words, name: str = "part") -> dict[str, str]:
    share = words.share(str(Decimal(part) / whole)) if whole else ""
    if part and 2000 * part < whole:
        share = words("provider.under", share=words.share("0.001"))
    return {name: words.whole(part), "all": words.whole(whole), "share": share}


def _of(part: int, whole: int, words: Words) -> str:
    """``3 av 120 (2,5 %)``; the share left out where there is nothing to take it of, or nothing of it."""
    return words("provider.of_share" if part else "provider.of", **_parts(part, whole, words))


def _signed(value: int | Decimal, told: str) -> str:
    return f"+{told}" if value > 0 else f"\u2212{told}" if value < 0 else told


def _heads(newest: list[str], words: Words) -> list[str]:
    earlier = [words("provider.earlier")] if len(newest) > TERMS_SHOWN else []
    return [words("provider.rule"), *(_term(code, words) for code in newest[:TERMS_SHOWN]), *earlier]


def _findings(content: Json, newest: list[str], words: Words) -> list[Json]:
    found = []
    for one in content["findings"]:
        counts = [one["terms"].get(term, 0) for term in newest[:TERMS_SHOWN]]
        if len(newest) > TERMS_SHOWN:
            counts.append(sum(one["terms"].get(term, 0) for term in newest[TERMS_SHOWN:]))
        extract = content["extracts"].get(one["extract"], {}).get(words.language, one["extract"])
        where = ", ".join(part for part in (extract, one["field"]) if part)
        said = {name: one[name][words.language] for name in ("what", "mend")}
        told = [words.whole(count) if count else words("provider.none") for count in counts]
        severity = words(SEVERITIES[one["severity"]])
        found.append({"code": one["code"], "severity": severity, "where": where, "found": told, **said})
    return found


def _compared(one: Json, extracts: Json, words: Words) -> Row:
    share, none = one["share"], words("provider.none")
    name = extracts.get(one["extract"], {}).get(words.language, one["extract"])
    label = share[words.language] if share else words("provider.rows_of", extract=name)

    def told(part: int | None, whole: int | None) -> str:
        if part is None:
            return none
        return words.whole(part) if not share or whole is None else _of(part, whole, words)

    before = _term(one["before"], words) if one["before"] else none
    cells = [_term(one["term"], words), told(one["now"], one["of"]), before, told(one["then"], one["then_of"])]
    return label, tuple((cell, "text") for cell in (*cells, _change(one, words)))


def _change(one: Json, words: Words) -> str:
    """In per cent of rows, in percentage points of shares; none where there is nothing to take it of."""
    wholes = (one["of"], one["then_of"]) if one["share"] else (1, one["then"])
    if one["then"] is None or not all(wholes):
        return words("provider.none")
    if one["share"]:
        points = 100 * (Decimal(one["now"]) / one["of"] - Decimal(one["then"]) / one["then_of"])
        return words("provider.points", points=_signed(points, words.decimal(abs(points))))
    change = Decimal(one["now"] - one["then"]) / one["then"]
    return _signed(change, words.share(str(abs(change))))


def _days_figure(terms: list[Json], words: Words) -> str:
    came = [(place, term) for place, term in enumerate(terms) if term["days_late"] is not None]
    counts = {place for place, term in came if any(one["state"] != "refused" for one in term["extracts"].values())}
    points = [(place, float(term["days_late"])) for place, term in came]
    days = [day for _, day in points]
    low, high = min([*days, -7.0]) * 1.15, max([*days, 7.0]) * 1.15
    ticks = tuple((float(at), _signed(at, words.whole(abs(at)))) for at in _both_ways(low, high))
    plane = Plane((-0.4, len(terms) - 0.6), (low, high), _term_ticks(terms, words), ticks)
    marks = (line(plane, [(-0.4, 0.0), (len(terms) - 0.6, 0.0)], "sketch-limit"),)
    taken = dots(plane, [point for point in points if point[0] in counts])
    refused = dots(plane, [point for point in points if point[0] not in counts], "sketch-ring")
    title = words("provider.days_figure") + (words("provider.days_refused") if refused else "")
    return drawing(title, plane, *marks, taken, refused)


def _rows_figure(terms: list[Json], counted: list[tuple[int, int]], words: Words) -> str:
    points = [(place, 100 * part / whole) for place, (part, whole) in enumerate(counted) if whole]
    top = max([*(value for _, value in points), 1.0]) * 1.15
    ticks = tuple((float(value), words.whole(value) + words.percent) for value in steps(top))
    plane = Plane((-0.4, len(terms) - 0.6), (0, top), _term_ticks(terms, words), ticks)
    at = dict(points)
    joined = [line(plane, [(float(place), at[place]) for place in run]) for run in runs(at, ())]
    return drawing(words("provider.rows_figure"), plane, *joined, dots(plane, points))


def _term_ticks(terms: list[Json], words: Words) -> tuple[tuple[float, str], ...]:
    """Every so many terms, the newest among them; season and year below each other where a term is called by two words."""
    every = 1 + (len(terms) - 1) // 5
    places = range((len(terms) - 1) % every, len(terms), every)
    return tuple((place, words.term(Term.parse(terms[place]["term"])).replace(" ", "\n")) for place in places)


def _both_ways(low: float, high: float) -> list[int]:
    """Level lines from ``low`` to ``high``, zero among them."""
    every = steps(max(high, -low))[1]
    return list(range(-int(-low // every) * every, int(high) + 1, every))
