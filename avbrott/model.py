"""The base of every contract model: strict, frozen, and two languages. What a contract says stands in its own module."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of a contract: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """A text a person reads: Swedish first, English beside it."""

    sv: str
    en: str
