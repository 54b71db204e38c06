"""From codes as delivered to codes as counted: successors of replaced codes, and a study path's programme.

Everything follows from the glossary's code lists; which code stands for an unlisted value is ``rules``'.
"""

from __future__ import annotations

import polars as pl

from avbrott.glossary import Glossary

_SCHEMA = {"delivered": pl.String, "code": pl.String}


def leaf_codes(glossary: Glossary, term: str) -> list[str]:
    """The codes of ``term`` that persons are counted by: nobody's parent, and counted as themselves. In the list's order."""
    codes = glossary.codes(term)
    parents = {code.parent for code in codes}
    return [code.code for code in codes if code.code not in parents and code.counted_as is None]


def counted_codes(glossary: Glossary, term: str) -> pl.DataFrame:
    """One row a listed code: ``delivered`` and the ``code`` it counts as in the end. Empty without the term."""
    if term not in glossary.terms:
        return pl.DataFrame(schema=_SCHEMA)
    successor = {code.code: code.counted_as for code in glossary.codes(term)}
    leaves = set(leaf_codes(glossary, term))
    rows = []
    for delivered in successor:
        code, seen = delivered, {delivered}
        while (following := successor.get(code)) is not None and following not in seen:
            code = following
            seen.add(code)
        if code in leaves:
            rows.append((delivered, code))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
