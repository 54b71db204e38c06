"""What a run tells to whoever collects logs at its end: what was refused or is out of the ordinary, and its release."""

from __future__ import annotations

from avbrott import logs
from avbrott.home import Home
from avbrott.registry import Contracts
from pipelines.headless import Ran
from pipelines.screen import refusals


def log_run(home: Home, contracts: Contracts, ran: Ran) -> None:
    """Write the lines that a run ends with; those of its stages are written as they begin and end."""
    for problem in ran.problems:
        logs.write("warning", problem.code, about=problem.parameters)
    refused = list(refusals(home, contracts, ran.refused))
    for one in refused:
        codes = sorted({finding.code for finding in one.findings})
        about = {"provider": one.provider, "term": one.term, "codes": codes}
        logs.write("warning", "DELIVERY_REFUSED" if one.is_whole else "FILES_REFUSED", about=about)
    watches = [watch for watch in ran.watches if not watch.success]
    for watch in watches:
        counts = {"failing": len(watch.failing), "looked_at": watch.looked_at}
        logs.write("warning", "OUT_OF_THE_ORDINARY", counts=counts, about={"suite": watch.suite, "codes": [watch.code]})
    made = ran.metadata["released"]
    logs.write("info", "RELEASED" if made["new"] else "RELEASED_ALREADY", about={"release": made["release"]})
    counts = {"refused": len(refused), "problems": len(ran.problems), "watches": len(watches)}
    logs.write("info", "RUN_DONE", counts=counts)
