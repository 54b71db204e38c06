"""The command ``avbrott synth``: options in, one call, a summary out."""

from __future__ import annotations

from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.screen import showing_progress
from avbrott.synthetic.generate import SynthSummary, generate
from avbrott.synthetic.nationwide import generate_nation
from avbrott.texts import load_messages


def synth_command(
    home: Home, contracts: Contracts, *, pupils: int, years: int, seed: int, flaws: str, console: Console
) -> ExitCode:
    """Invent a county and tell what was written."""
    summary = generate(home, contracts, pupils=pupils, years=years, seed=seed, flaws=flaws)
    return _tell(home, contracts, summary, "SYNTH_DONE", console)


def synth_nation_command(
    home: Home,
    contracts: Contracts,
    *,
    counties: int | None,
    pupils: int | None,
    years: int,
    seed: int,
    flaws: str,
    processes: int | None,
    console: Console,
) -> ExitCode:
    """Invent a country and tell what was written, and with which contracts it is run."""
    with showing_progress(console, load_messages(contracts.folder)):
        summary = generate_nation(
            home,
            contracts,
            counties=counties,
            pupils=pupils,
            years=years,
            seed=seed,
            flaws=flaws,
            processes=processes,
        )
    return _tell(home, contracts, summary, "SYNTH_NATION_DONE", console)


def _tell(home: Home, contracts: Contracts, summary: SynthSummary, done: str, console: Console) -> ExitCode:
    texts = load_messages(contracts.folder)
    told = {
        "first": summary.terms[0],
        "last": summary.terms[-1],
        "persons": summary.persons,
        "deliveries": summary.deliveries,
        "rows": sum(summary.rows.values()),
        "files": summary.files,
        "megabytes": summary.size // 1_000_000,
        "folder": home.root / "providers",
        "home": home.root,
        "contracts": home.invented_contracts,
    }
    told |= {"planted": ", ".join(f"{flaw} {count}" for flaw, count in summary.planted.items())}
    keys = [done, "SYNTH_PLANTED"] if summary.planted else [done]
    for key in keys:
        console.print(texts.get(key, "sv", **told), markup=False)
        console.print(texts.get(key, "en", **told), markup=False, style="dim")
    return ExitCode.DONE
