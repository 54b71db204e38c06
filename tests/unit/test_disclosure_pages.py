"""Readers of pages of their own: what is hidden so that one cannot take its own cells away and read another's."""

from __future__ import annotations

import numpy as np

from avbrott.counting.spec import Table
from avbrott.disclosure.page_checks import page_faults
from avbrott.disclosure.proof import Proof
from avbrott.policy import PageRule, Policy
from tests.promise.axis import Axis
from tests.promise.case import Case, Protected
from tests.promise.tables import Stage

COUNTS = [[30, 3, 20], [41, 2, 22], [18, 33, 24], [26, 37, 28]]
"""Four schools by three kinds; of the second kind two schools have few."""


def protected(policy: Policy, *, latent: bool = False) -> Protected:
    axes = {"school": Axis("school", list("abcd"), {}), "kind": Axis("kind", ["p", "q", "r"])}
    tables = [Table("by_school", {"school": ("school",), "kind": ("kind",)}, latent=latent)]
    if latent:
        tables.append(Table("by_kind", {"kind": ("kind",)}))
    return Case([Stage(axes, tuple(tables), np.array(COUNTS))], policy).protect()


def shown(made: Protected) -> set[tuple[str, str]]:
    cells = made.protection.cells.filter(status="shown")
    return set(cells.select("school", "kind").iter_rows())


def test_without_a_page_two_small_cells_may_hide_each_other() -> None:
    """And then each of the two schools would know the other's: the total is shown, and the other schools are."""
    made = protected(Policy())
    assert {("a", "q"), ("b", "q")}.isdisjoint(shown(made))
    assert len({("c", "q"), ("d", "q"), ("Total", "q")} & shown(made)) == 3


def test_with_pages_a_third_is_hidden() -> None:
    """Whoever has the one cell cannot tell the other from the rest."""
    made = protected(Policy(pages=PageRule(dimension="school")))
    assert len({("c", "q"), ("d", "q"), ("Total", "q")} & shown(made)) < 3
    assert made.faults() == []


def test_two_readers_together_need_a_fourth() -> None:
    """A coalition has what each of its readers has."""
    alone = shown(protected(Policy(pages=PageRule(dimension="school"))))
    together = shown(protected(Policy(pages=PageRule(dimension="school", coalition=2))))
    assert len(together) < len(alone)


def test_the_proof_for_everybody_is_no_proof_for_readers() -> None:
    """The checker counts what is short before a reader."""
    made = protected(Policy())
    stage = made.case.last
    policy = Policy(pages=PageRule(dimension="school"))
    proof = Proof(stage.spec, policy, made.protection.cells, made.protection.witnesses, None, None)
    proof.keep_valid()
    assert page_faults(proof)["PAGE_COUNT_BELOW_THRESHOLD"] > 0


def test_a_rule_of_no_dimension_does_not_pass() -> None:
    """Then nobody was reckoned with."""
    made = protected(Policy())
    policy = Policy(pages=PageRule(dimension="nothing"))
    proof = Proof(made.case.last.spec, policy, made.protection.cells, made.protection.witnesses, None, None)
    assert page_faults(proof) == {"PAGE_DIMENSION_UNKNOWN": 1}


def test_cells_that_are_never_published_keep_the_promise_before_readers_too() -> None:
    """A table that only its readers see, each its own rows."""
    made = protected(Policy(pages=PageRule(dimension="school")), latent=True)
    assert made.faults() == []
    assert {code for code, _ in shown(made)} <= {"Total"}


def test_a_school_of_two_codes_has_the_pages_of_both() -> None:
    """Each page alone leaves the third school's number open; both together, and the total, would tell it."""
    axes = {"school": Axis("school", ["b", "x", "y"], {}), "kind": Axis("kind", ["p", "q"])}
    tables = (
        Table("by_school", {"school": ("school",), "kind": ("kind",)}, latent=True),
        Table("by_kind", {"kind": ("kind",)}),
    )
    stage = Stage(axes, tables, np.array([[30, 3], [40, 17], [50, 10]]))
    apart = Policy(pages=PageRule(dimension="school"))
    together = Policy(pages=PageRule(dimension="school", together=(("x", "y"),)))
    made = Case([stage], apart).protect()
    assert ("Total", "q") in shown(made)
    assert made.faults() == []
    proof = Proof(stage.spec, together, made.protection.cells, made.protection.witnesses, None, None)
    proof.keep_valid()
    assert page_faults(proof)["PAGE_COUNT_BELOW_THRESHOLD"] == 1
    made = Case([stage], together).protect()
    assert ("Total", "q") not in shown(made)
    assert made.faults() == []


def test_readers_who_have_all_but_one_do_not_see_the_sum() -> None:
    """It would tell the last one."""
    made = protected(Policy(pages=PageRule(dimension="school", coalition=3)), latent=True)
    assert made.faults() == []
    assert ("Total", "q") not in shown(made)
