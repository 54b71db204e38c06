"""Deliveries taken up by several workers at a time: the stages of ``delivered`` and ``accepted``, each in lanes of terms.

A term knows nothing of another until persons are joined. A lane is a step, so that whichever executor runs the steps spreads
them over processes or machines that share the home; no row passes between steps, only which terms there are. How many lanes
there are is fixed, as Dask's executor plans all steps before the first one runs.
"""

import dagster as dg

from assets.accepted import accepted
from assets.delivered import delivered
from assets.guard import spoken
from assets.resources import Installation
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.many import alone, check_terms
from avbrott.delivery.pull import pull_many
from avbrott.identity.rekey import hub_names
from avbrott.periods import Term
from avbrott.receipts.write import answer
from pipelines.offers import awaiting, in_lanes

LANES = 4

Wanted = dict[str, list[str]]
"""Providers by term; words alone, since it passes between processes."""


@dg.op
def offers(installation: Installation) -> list[Wanted]:
    """Which terms each lane has. What all lanes share is made here: the keys, and copies of what lies in distant places."""
    home, contracts = installation.place, installation.promised()
    with spoken("offers"):
        vault_of(home)
        found = awaiting(home, contracts, installation.last_term())
        hub_names(home, contracts)
    return [{str(term): found.providers for term in lane} for lane in in_lanes(found.terms, LANES)]


def _pulling(lane: int) -> dg.OpDefinition:
    @dg.op(name=f"delivered_{lane}")
    def pull(installation: Installation, wanted: list[Wanted]) -> None:
        with spoken(f"delivered_{lane}"):
            pull_many(installation.place, installation.promised(), _terms(wanted[lane]))

    return pull


def _checking(lane: int) -> dg.OpDefinition:
    @dg.op(name=f"accepted_{lane}", ins={"pulled": dg.In(dg.Nothing)})
    def check(installation: Installation, wanted: list[Wanted]) -> int:
        with spoken(f"accepted_{lane}"):
            return len(check_terms(installation.place, installation.promised(), _terms(wanted[lane])))

    return check


@dg.op(ins={"pulled": dg.In(dg.Nothing)})
def all_delivered(wanted: list[Wanted]) -> list[Wanted]:
    """How persons are named depends on every delivery: none is checked before all are there."""
    return wanted


@dg.op
def receipts(context: dg.OpExecutionContext, installation: Installation, wanted: list[Wanted], checked: list[int]) -> None:
    """Say that both assets are made, and answer the providers."""
    home, contracts = installation.place, installation.promised()
    with spoken("receipts"), alone(home):
        answered = answer(home, contracts, {term: of for lane in wanted for term, of in _terms(lane).items()})
    for asset in (delivered, accepted):
        context.log_event(
            dg.AssetMaterialization(asset.key, metadata={"lanes": LANES, "checked": sum(checked)} | answered.metadata())
        )


@dg.job(name="spread", description="Pull and check deliveries as the job deliveries does, several terms at a time.")
def spread_job() -> None:
    """``offers``, then each lane's pull, then each lane's check, then receipts."""
    wanted = offers()
    there = all_delivered(wanted, pulled=[_pulling(lane)(wanted) for lane in range(LANES)])
    receipts(there, [_checking(lane)(there) for lane in range(LANES)])


def _terms(wanted: Wanted) -> dict[Term, list[str]]:
    return {Term.parse(term): sorted(providers) for term, providers in wanted.items()}
