"""The command ``avbrott synth``: options in, one call, a summary out."""

from __future__ import annotations

from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from avbrott.texts import load_messages


def synth_command(
    home: Home, contracts: Contracts, *, pupils: int, years: int, seed: int, flaws: str, console: Console
) -> ExitCode:
    """Invent a county and tell what was written."""
    summary = generate(home, contracts, pupils=pupils, years=years, seed=seed, flaws=flaws)
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
    }
    told |= {"planted": ", ".join(f"{flaw} {count}" for flaw, count in summary.planted.items())}
    keys = ["SYNTH_DONE", "SYNTH_PLANTED"] if summary.planted else ["SYNTH_DONE"]
    for key in keys:
        console.print(texts.get(key, "sv", **told), markup=False)
        console.print(texts.get(key, "en", **told), markup=False, style="dim")
    return ExitCode.DONE
