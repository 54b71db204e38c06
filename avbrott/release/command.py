"""What ``avbrott audit`` prints: Swedish first, English beside it. The audit itself is in ``audit``."""

from __future__ import annotations

from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.release.audit import AuditResult, audit
from avbrott.release.ledger import find_release
from avbrott.texts import Language, Texts, load_messages

LANGUAGES: tuple[Language, Language] = ("sv", "en")


def audit_command(release: str, home: Home, contracts: Contracts, console: Console) -> ExitCode:
    """Audit a release by id, folder or ``current``, and tell what was found. ``BadInput`` where it cannot be read.

    A release is held against its own files; ``contracts`` have the words.
    """
    result = audit(find_release(home, release), home)
    show_audit(result, home, console, load_messages(contracts.folder))
    return ExitCode.DONE if result.holds else ExitCode.FINDINGS


def show_audit(result: AuditResult, home: Home, console: Console, texts: Texts) -> None:
    """Print what was checked, every fault with its code, and what was not checked."""
    for language in LANGUAGES:
        style = "dim" if language == "en" else None

        def say(key: str, language: Language = language, style: str | None = style, **parameters: object) -> None:
            console.print(texts.get(key, language, **parameters), style=style, markup=False)

        say("AUDIT_CHECKED", release=result.release, files=result.files, tables=result.tables, sums=result.sums)
        for fault in result.faults:
            say(_text_of(fault.code), code=fault.code, where=fault.where, count=fault.count)
        if result.proved:
            say("AUDIT_PROVED" if result.holds else "AUDIT_PROOF_READ", systems=", ".join(result.proved))
        else:
            say("AUDIT_PUBLIC_ONLY", home=home.root)
        say("AUDIT_HOLDS" if result.holds else "AUDIT_DOES_NOT_HOLD", count=len(result.faults))


def _text_of(code: str) -> str:
    """The text of a fault: proofs' faults share one, the code says which."""
    return "FAULT_PROOF" if code.startswith("PROOF_") else f"FAULT_{code}"
