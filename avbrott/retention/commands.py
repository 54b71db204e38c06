"""The command ``avbrott retain``: options in, a plan, and where that is confirmed its erasure; counts out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avbrott.asking import DryRunOption, YesOption
from avbrott.commands import ContractsOption, HomeOption, console
from avbrott.home import DEFAULT_HOME, Home

if TYPE_CHECKING:
    from rich.console import Console

    from avbrott.retention.plan import Plan
    from avbrott.texts import Texts


def register(application: typer.Typer) -> None:
    """Add the command to ``avbrott``."""
    application.command(epilog="avbrott retain --home var --date 2026-01-01")(retain)


def retain(
    day: Annotated[str, typer.Option("--date")],
    provider: Annotated[str | None, typer.Option("--provider")] = None,
    term: Annotated[str | None, typer.Option("--term")] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    home: HomeOption = DEFAULT_HOME,
    contracts: ContractsOption = None,
) -> None:
    """Erase what has been kept for its period, or what a provider asks for."""
    from avbrott.installed import need_hub

    need_hub("HUB_NOT_INSTALLED", command="retain")
    _retain(Home(home), contracts, day, (provider, term), dry_run=dry_run, yes=yes)


def _retain(
    home: Home, folder: Path | None, day: str, of: tuple[str | None, str | None], *, dry_run: bool, yes: bool
) -> None:
    from avbrott.access import log
    from avbrott.asking import Asked
    from avbrott.configuration.look import configured
    from avbrott.errors import BadInput
    from avbrott.identity.keys_command import say
    from avbrott.periods import Term
    from avbrott.retention import plan as planning
    from avbrott.retention.erase import erase, is_unfinished
    from avbrott.texts import load_messages

    promised, (provider, term) = configured(home, folder), of
    texts, screen = load_messages(promised.folder), console()
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise BadInput("DATE_UNREADABLE", date=day) from None
    if (provider is None) != (term is None):
        raise BadInput("RETAIN_OPTIONS")
    if provider is not None and term is not None:
        plan = planning.asked(home, promised, on, provider, Term.said(term))
    else:
        plan = planning.due(home, promised, on)
    _tell(home, plan, screen, texts)
    if not plan.deliveries and not plan.school_years and not is_unfinished(home):
        return
    if Asked(screen, texts, dry_run, yes).is_confirmed():
        what = f"{provider} {term}" if provider is not None else f"due {on}"
        log.add(home, log.Done("erasure", "done", what=what, address=log.at_terminal()))
        erase(home, promised, plan)
        say(screen, texts, "RETAIN_DONE", folder=home.erased("-", "-").parents[1])


def _tell(home: Home, plan: Plan, screen: Console, texts: Texts) -> None:
    """How much, of which terms and school years."""
    from avbrott.identity.keys_command import say
    from avbrott.retention.erase import is_unfinished

    whole = [place for place, one in plan.deliveries.items() if "delivered" in one.layers]
    aside = [one for one in plan.deliveries.values() if "delivered" not in one.layers]
    if not plan.deliveries and not plan.school_years:
        say(screen, texts, "RETAIN_REST" if is_unfinished(home) else "RETAIN_NOTHING")
    if whole:
        terms = sorted({term for _, term in whole})
        rows = sum(sum(plan.deliveries[place].accepted.values()) for place in whole)
        rows += sum(sum(plan.deliveries[place].quarantined.values()) for place in whole)
        say(screen, texts, "RETAIN_DELIVERIES", deliveries=len(whole), rows=rows, terms=", ".join(map(str, terms)))
    if aside:
        rows = sum(sum(one.quarantined.values()) for one in aside)
        say(screen, texts, "RETAIN_QUARANTINE", deliveries=len(aside), rows=rows)
    if plan.school_years:
        rows = sum(sum(one.rows.values()) for one in plan.school_years.values())
        say(screen, texts, "RETAIN_SCHOOL_YEARS", years=", ".join(plan.school_years), rows=rows)
