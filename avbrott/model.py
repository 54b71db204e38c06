"""The base of every contract model: strict, frozen, and two languages. What a contract says stands in its own module."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST = 10**9
"""The largest whole number that a contract or a SPEC may ask for: what is reckoned with it stays far below 2**63."""

Whole = Annotated[int, Field(strict=True, le=MOST)]
"""A whole number: ``yes``, ``"5"`` and ``5.0`` are none, or a slip would be read as another policy."""
Flag = Annotated[bool, Field(strict=True)]
"""``true`` or ``false``: 1 and ``"yes"`` are neither."""


class Model(BaseModel):
    """A part of a contract: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """A text a person reads: Swedish first, English beside it."""

    sv: str
    en: str
