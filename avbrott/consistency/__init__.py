"""Whether contracts fit together: what one names, another must hold. Reading is ``registry``'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from avbrott.consistency.extracts import extract_mistakes
from avbrott.consistency.mappings import mapping_mistakes
from avbrott.consistency.suppliers import supplier_mistakes
from avbrott.consistency.tables import table_mistakes
from avbrott.consistency.terms import term_mistakes
from avbrott.consistency.texts import text_mistakes
from avbrott.consistency.watched import watch_mistakes
from avbrott.mistakes import Mistake

if TYPE_CHECKING:
    from avbrott.registry import Contracts


def inconsistencies(contracts: Contracts, term_files: Mapping[str, str]) -> list[Mistake]:
    """Every mistake between contracts; ``term_files`` says which file each term of the glossary stands in."""
    return [
        *term_mistakes(contracts.glossary, term_files),
        *extract_mistakes(contracts),
        *supplier_mistakes(contracts),
        *mapping_mistakes(contracts),
        *table_mistakes(contracts),
        *watch_mistakes(contracts),
        *text_mistakes(contracts.folder),
    ]
