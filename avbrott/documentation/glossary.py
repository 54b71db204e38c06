"""The page of the glossary: every term in both languages, its codes, its source, and where readings compete."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.documentation.markdown import code, page, table
from avbrott.documentation.words import Words
from avbrott.glossary import Code, Glossary, Term
from avbrott.model import Text
from avbrott.texts import Language


def glossary_page(glossary: Glossary, words: Words) -> str:
    """``docs/glossary.md``: terms by their Swedish name."""
    terms = sorted(glossary.terms.values(), key=lambda term: (swedish(term.name.sv), term.id))
    disputed = [_link(term) for term in terms if term.status == "disputed"]
    forbidden = [_link(term) for term in terms if term.sensitive]
    return page(
        [
            f"# {words.both('DOC_GLOSSARY_TITLE')}",
            words.beside("DOC_GENERATED"),
            words.beside("DOC_GLOSSARY_INTRO"),
            f"{words.both('DOC_DISPUTED_LIST')}: {', '.join(disputed)}." if disputed else "",
            f"{words.both('DOC_FORBIDDEN_LIST')}: {', '.join(forbidden)}." if forbidden else "",
            *(part for term in terms for part in _term(term, glossary, words)),
        ]
    )


def swedish(text: str) -> str:
    """A key that sorts as Swedish does: å, ä, ö last."""
    return text.casefold().translate(str.maketrans("åäö", "{|}"))


def both(text: Text) -> str:
    """Swedish and English beside each other; one of them where they are the same."""
    return text.sv if text.sv == text.en else f"{text.sv} / {text.en}"


def _link(term: Term) -> str:
    return f"[{term.name.sv}](#{term.id})"


def _term(term: Term, glossary: Glossary, words: Words) -> Iterator[str]:
    yield f'<a id="{term.id}"></a>\n\n## {both(term.name)}'
    yield f"{term.definition.sv}\n\n*{term.definition.en}*"
    if term.synonyms:
        yield f"{words.both('DOC_SYNONYMS')}: {', '.join(term.synonyms)}."
    if term.valid_from is not None:
        yield words.beside("DOC_TERM_FROM", day=term.valid_from)
    if term.valid_to is not None:
        yield words.beside("DOC_TERM_UNTIL", day=term.valid_to)
    if term.sensitive:
        yield f"**{words.both('DOC_FORBIDDEN_LIST')}.**"
    elif term.type != "concept":
        yield f"{code(term.id)}: {_form(term, glossary, words, 'sv')} / {_form(term, glossary, words, 'en')}."
    if term.status == "disputed":
        yield f"**{words.both('DOC_DISPUTED')}:**"
        yield "\n".join(
            f"- {reading.sv} *{reading.en}* ({reading.source})"
            + (f" **← {words.both('DOC_USED')}**" if reading.id == term.used else "")
            for reading in term.readings
        )
    if term.codes_of is not None:
        other = glossary.terms[term.codes_of]
        link = f"[{both(other.name)}](#{other.id})"
        yield f"{words.beside('DOC_CODES_OF', name=link)}"
    if term.known_beside is not None:
        beside = glossary.terms[term.known_beside]
        yield words.beside("DOC_KNOWN_BESIDE", name=f"[{both(beside.name)}](#{beside.id})")
    if term.open_list:
        yield words.beside("DOC_OPEN_LIST")
    if term.codes:
        yield _codes(term, words)
    yield f"{words.both('DOC_SOURCE')}: {term.source}"


def _form(term: Term, glossary: Glossary, words: Words, language: Language) -> str:
    """What a value looks like, and what it begins with."""
    if term.begins_with is None:
        return words.form(term, language)
    other = glossary.terms[term.begins_with]
    link = f"[{getattr(other.name, language)}](#{other.id})"
    return f"{words.form(term, language)}, {words.one('DOC_BEGINS_WITH', language, name=link)}"


def _codes(term: Term, words: Words) -> str:
    levels = len({found.level for found in term.codes}) > 1
    header = [words.both("DOC_CODE"), *([words.both("DOC_LEVEL"), words.both("DOC_PARENT")] if levels else [])]
    rows = (
        [
            code(found.code),
            *([code(found.level), code(found.parent or "")] if levels else []),
            found.sv + remark(found, words, "sv"),
            found.en + remark(found, words, "en"),
        ]
        for found in term.codes
    )
    return table([*header, "Svenska", "English"], rows)


def remark(found: Code, words: Words, language: Language) -> str:
    """When a code is valid and what it counts as, what it adds up, when it is known, and whether it is shown."""
    remarks = []
    if found.valid_from is not None:
        remarks.append(words.one("DOC_VALID_FROM", language, day=found.valid_from))
    if found.counts_as is not None:
        remarks.append(words.one("DOC_COUNTS_AS", language, code=found.counts_as))
    if found.valid_to is not None and found.replaced_by is not None:
        remarks.append(words.one("DOC_VALID_TO", language, day=found.valid_to, code=found.replaced_by))
    elif found.valid_to is not None:
        remarks.append(words.one("DOC_VALID_UNTIL", language, day=found.valid_to))
    if found.sum_of:
        remarks.append(words.one("DOC_SUM_OF", language, codes=" + ".join(map(code, found.sum_of))))
    if found.horizon is not None:
        remarks.append(words.one("DOC_HORIZON", language, years=found.horizon))
    if not found.published:
        remarks.append(words.one("DOC_NOT_PUBLISHED", language))
    return f" ({', '.join(remarks)})" if remarks else ""
