"""A check as one HTML page that opens anywhere: no script, no other file, no network. Swedish first, English beside it.

Row numbers, counts and names of fields; never a value, so that the page can be passed on to whoever mends the export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from avbrott.delivery.at_home import Checked
from avbrott.delivery.report import Told, told, where
from avbrott.delivery.translate import translation
from avbrott.findings import Severity
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts

_LANGUAGES: tuple[Language, ...] = ("sv", "en")


def as_html(checked: Sequence[Checked], contracts: Contracts, texts: Texts, provider: str | None, term: str | None) -> str:
    """The whole page."""
    facts = [(head, value) for head, value in (("PROVIDER", provider), ("TERM", term)) if value]
    head = [*said("p", "REPORT_NO_VALUES", texts), *facts_list(facts, texts)]
    body = (line for place, entry in enumerate(checked) for line in _file(entry, place, contracts, texts, provider))
    return page("REPORT_TITLE", head, body, texts)


def page(title: str, head: Iterable[str], body: Iterable[str], texts: Texts) -> str:
    """A whole page: the text ``title`` above ``head``, and ``body`` below."""
    style = files("avbrott.delivery").joinpath("report_page.css").read_text("utf-8")
    named = {language: escape(texts.get(title, language)) for language in _LANGUAGES}
    begin = (
        f'<!doctype html>\n<html lang="sv"><head><meta charset="utf-8">{title_of(title, texts)}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
        f"<style>\n{style}</style></head><body>"
    )
    heading = [f"<header><h1>{named['sv']}</h1>", f'<p lang="en">{named["en"]}</p>']
    return "\n".join([begin, *heading, *head, "</header><main>", *body, "</main>", "</body></html>", ""])


def title_of(title: str, texts: Texts) -> str:
    """The element by which a page is told from other pages."""
    return f"<title>{escape(texts.get(title, 'sv'))}</title>"


def _file(entry: Checked, place: int, contracts: Contracts, texts: Texts, provider: str | None) -> Iterator[str]:
    yield f'<section aria-labelledby="file-{place}"><h2 id="file-{place}">{escape(entry.file_name)}</h2>'
    facts = [("CONTRACT", f"{entry.contract.name} {entry.contract.version}"), ("READ_AS", entry.reading.encoding)]
    yield from facts_list([*facts, ("ROWS", str(entry.rows))] if entry.is_read else facts[:1], texts)
    yield from _verdict(entry, texts)
    if did := translation(entry.findings, entry.contract.name, contracts.mappings.get(provider or "")):
        yield from said("p", "REPORT_MAPPING", texts, provider=provider, **did.counts)
    yield '<ul class="summary">'
    for severity in Severity:
        if count := entry.count(severity):
            name = f"REPORT_{severity.value.upper()}"
            words = " / ".join(
                f'<span lang="{language}">{escape(texts.get(name, language))}</span>' for language in _LANGUAGES
            )
            yield f"<li>{words}: {count}</li>"
    yield "</ul>"
    for found in told(entry.findings, contracts, texts):
        yield from finding_article(found, texts)
    if entry.is_read:
        for key, codes in (("REPORT_SKIPPED", entry.unjudged), ("REPORT_SKIPPED_ALONE", entry.alone)):
            if codes:
                yield from said("p", key, texts, missing="--provider / --term", codes=", ".join(codes))
    yield "</section>"


def _verdict(entry: Checked, texts: Texts) -> Iterator[str]:
    blocking, quarantine = entry.count(Severity.BLOCKING), entry.count(Severity.QUARANTINE)
    if not entry.is_read:
        yield from said('p class="verdict"', "REPORT_UNREAD", texts, file=entry.file_name)
    elif blocking or quarantine:
        yield from said('p class="verdict"', "REPORT_FAILED", texts, blocking=blocking, quarantine=quarantine)
    else:
        yield from said('p class="verdict"', "REPORT_WARNED" if entry.count(Severity.WARNING) else "REPORT_CLEAN", texts)


def finding_article(entry: Told, texts: Texts, extract: str = "") -> Iterator[str]:
    """One finding with its rule, its rows and how to mend it; ``extract``: whose it is, where others stand beside it."""
    finding = entry.finding
    key = f"REPORT_{finding.severity.value.upper()}"
    words = " / ".join(f'<span lang="{language}">{escape(texts.get(key, language))}</span>' for language in _LANGUAGES)
    code = " ".join(filter(None, (extract, finding.code, finding.field)))
    yield f'<article class="{finding.severity.value}"><p class="severity">{words}</p>'
    yield f"<h3>{escape(entry.rule['sv'])}</h3>"
    for language in _LANGUAGES:
        lines = [*([entry.rule["en"]] if language == "en" else []), *where(entry, language, texts)]
        if entry.mend[language]:
            lines.append(texts.get("REPORT_MEND", language, mend=entry.mend[language]))
        yield from (f'<p lang="{language}">{escape(line)}</p>' for line in lines)
    yield f"<p><code>{escape(code)}</code></p></article>"


def facts_list(facts: Sequence[tuple[str, str]], texts: Texts) -> Iterator[str]:
    """Facts by the text ``REPORT_HEAD_...`` of each."""
    if facts:
        heads = [
            (" / ".join(texts.get(f"REPORT_HEAD_{head}", language) for language in _LANGUAGES), value)
            for head, value in facts
        ]
        yield "<dl>" + "".join(f"<dt>{escape(head)}</dt><dd>{escape(value)}</dd>" for head, value in heads) + "</dl>"


def said(tag: str, key: str, texts: Texts, **parameters: object) -> Iterator[str]:
    """A text in both languages, each in an element of its own."""
    name, _, _ = tag.partition(" ")
    for language in _LANGUAGES:
        yield f'<{tag} lang="{language}">{escape(texts.get(key, language, **parameters))}</{name}>'
