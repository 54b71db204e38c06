"""Named disclosure policies: a frozen value that is passed in and recorded with the release.

The rules' code is in ``disclosure``; the words (count, complement, base, provider, width) are defined in ``docs/method``.

File: ``contracts/policies.yaml``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from avbrott.model import Flag, Model, Text, Whole


class BaseRule(Model):
    """A base (the total over ``dimension``) of fewer than ``minimum`` persons is not shown, nor what it is divided into."""

    dimension: str
    minimum: Whole
    known: Flag = False
    """The attacker knows every base from elsewhere (enrolment is a public record): it is a fact even where hidden."""
    record: tuple[str, ...] = ()
    """The dimensions by which that public record divides (empty: all). A base that other dimensions divide is no fact."""


class ProviderRule(Model):
    """At least ``minimum`` other providers behind a cell, or what is left is not known to ``coalition`` of them together."""

    column: str
    minimum: Whole = Field(2, ge=1)
    coalition: Whole = Field(1, ge=1)
    share: float = Field(0.1, gt=0, le=1, strict=True)
    """What is left must be able to be more than this share above its value, and more than it below."""
    level: str | None = None
    """The level of a dimension that ``column`` is, None where it is none: a code below it is one provider's alone."""


class PageRule(Model):
    """Readers who have a page of their own: ``coalition`` of them together know each other's, and no more of anybody else."""

    dimension: str
    """Each of its codes is a reader, and every cell of the code is a fact to it."""
    coalition: Whole = Field(1, ge=1)
    together: tuple[tuple[str, ...], ...] = ()
    """Codes that are one reader's: a school that has changed its code has the pages of both."""
    quartiles_over: Whole = Field(10, ge=4)
    """A page tells the quartiles of no fewer readers than this."""

    def reckons_with(self, other: PageRule) -> bool:
        """Whether each coalition of ``other``'s readers is one of these, or within one."""
        groups = [set(codes) for codes in self.together]
        has_groups = all(any(group.issuperset(codes) for group in groups) for codes in other.together)
        return self.dimension == other.dimension and self.coalition >= other.coalition and has_groups


class Retention(Model):
    """How many years rows of persons are kept; then they are erased (``avbrott retain``)."""

    deliveries: Whole = Field(ge=1)
    """What was delivered and what was accepted of it, after the last day of its term."""
    quarantine: Whole = Field(ge=1)
    """Rows that were set aside, after the last day of their term."""
    school_years: Whole = Field(ge=1)
    """Linked rows and those that releases are frozen with, after the last day of a school year's first term."""


class Policy(Model):
    """What makes a cell unsafe, and how far from the truth it must be able to lie."""

    name: str = "default"
    title: Text | None = None
    threshold: Whole = 5
    """A count of 1..threshold-1 is unsafe (the count rule)."""
    width: Whole = 5
    """How far the values that an unsafe item can have must reach."""
    zeros: Literal["may_hide", "shown"] = "may_hide"
    complement: dict[str, tuple[str, ...]] = {}
    """By sensitive dimension, the codes whose complement must not be small (empty tuple: every code)."""
    base: BaseRule | None = None
    providers: ProviderRule | None = None
    pages: PageRule | None = None
    insiders: Flag = False
    reliability: Whole = 45
    """A rate on a smaller base is not published: chance decides it (Statistics Finland's limit)."""
    approvals: Whole = 0
    """How many persons must approve a release that the policy has a part in (``release.approvals``)."""

    @property
    def ruled(self) -> frozenset[str]:
        """The dimensions of the complement and base rules."""
        return frozenset({*self.complement, *([self.base.dimension] if self.base else [])})
