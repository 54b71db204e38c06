"""What ``avbrott protect`` and ``avbrott audit`` (of its outputs) print: Swedish first, English beside it. No work here."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.progress import listening, report
from avbrott.tabular.attack import attack
from avbrott.tabular.audit import audit_output, below_threshold, shared_shown
from avbrott.tabular.output import output_id, public_digest, read_output
from avbrott.tabular.protect import protect_table
from avbrott.tabular.spec_file import read_spec
from avbrott.texts import Language, Texts, grouped, load_messages, one_or

LANGUAGES: tuple[Language, Language] = ("sv", "en")
QUIET_SECONDS = 2.0
SECONDS_BETWEEN = 2.0


def protect_command(source: Path, spec: Path, target: Path, console: Console) -> ExitCode:
    """Protect ``source`` and tell how many cells are shown and hidden: nothing of which are unsafe."""
    texts = load_messages()
    before, replaced = public_digest(target), output_id(target)
    with listening(_Screen(texts)):
        made = protect_table(source, spec, target)
    if before not in {"", public_digest(target)} and replaced not in made.previous:
        _say(console, texts, "OUTPUT_REPLACED", folder=target)
    for note in made.notes:
        _say(console, texts, note.code, **note.parameters)
    hidden = int(made.public["hidden"].sum())
    _say(console, texts, "PROTECT_DONE", folder=target, shown=made.public.height - hidden, hidden=hidden)
    if hidden == made.public.height > 0:
        _say(console, texts, "PUBLIC_NOTHING")
    _say_below(console, texts, below_threshold(made.public, made.policy.threshold), made.policy.threshold)
    shared = shared_shown(made.public, made.policy.complement, made.policy.threshold) if made.previous else 0
    if shared:
        _say(console, texts, one_or("PUBLIC_SHARED", shared), cells=shared, threshold=made.policy.threshold)
    two, one = int(made.two_values.sum()), int(made.one_value.sum())
    _say_witnesses(console, texts, len(made.systems), two, one, hidden)
    _say(console, texts, "PROTECT_CONFIDENTIAL", folder=target)
    return ExitCode.DONE


def audit_output_command(
    folder: Path, console: Console, *, attacked: bool, seconds: float, spec: Path | None = None
) -> ExitCode:
    """Verify an output, ``spec`` given against that SPEC, ``attacked`` by bounding hidden cells; tell what was found."""
    texts = load_messages()
    output = read_output(folder)
    asked = None if spec is None else read_spec(spec)
    result = audit_output(output, asked)
    _say(console, texts, "OUTPUT_CHECKED", folder=folder, cells=result.cells, hidden=result.hidden)
    for fault in result.faults:
        key = "OUTPUT_FAULT_PROOF" if fault.code.startswith("PROOF_") else f"OUTPUT_FAULT_{fault.code}"
        _say(console, texts, key, code=fault.code, where=fault.where, count=fault.number)
    if result.systems_checked:
        _say_witnesses(console, texts, result.systems, result.two_values, result.one_value, result.hidden)
    elif result.hidden:
        _say(console, texts, "PUBLIC_UNCHECKED")
    if result.holds:
        _say_below(console, texts, result.below, result.threshold)
    if spec is not None and result.holds:
        _say(console, texts, "OUTPUT_SPEC_COMPARED", spec=spec)
    if asked is not None and asked.spec.latent and not result.proved:
        _say(console, texts, "OUTPUT_SPEC_LATENT")
    if result.proved:
        for kind, number in result.facts.items():
            if number:
                _say(console, texts, f"OUTPUT_FACTS_{kind.upper()}", cells=number)
        _say(console, texts, "OUTPUT_PROVED" if result.holds else "OUTPUT_PROOF_READ", witnesses=result.witnesses)
    else:
        _say(console, texts, "OUTPUT_PUBLIC_ONLY")
    narrowed = 0
    if attacked and result.holds:
        record = output.record() if output.has_record else None
        with listening(_Screen(texts)):
            found = attack(output.public(), record, seconds, lambda done, of: report("attack", done, of))
        narrowed = found.narrowed or 0
        key = "ATTACK_PUBLIC" if found.narrowed is None else "ATTACK_UNSAFE"
        _say(console, texts, key, bounded=found.bounded, of=found.of, exact=found.exact, narrowed=narrowed)
    holds = result.holds and not narrowed
    _say(console, texts, "OUTPUT_HOLDS" if holds else "OUTPUT_DOES_NOT_HOLD", count=len(result.faults) + narrowed)
    return ExitCode.DONE if holds else ExitCode.FINDINGS


def _say_below(console: Console, texts: Texts, below: int, threshold: int) -> None:
    """That figures are shown which the policy would hide: who asks more than last time cannot take them back."""
    if below:
        _say(console, texts, one_or("PUBLIC_BELOW", below), cells=below, threshold=threshold)


def _say_witnesses(console: Console, texts: Texts, systems: int, two: int, one: int, hidden: int) -> None:
    """For how many hidden cells public systems show two values, and what the others are."""
    if hidden:
        found = "PUBLIC_WITNESSES" if systems else "PUBLIC_NOT_SOUGHT"
        _say(console, texts, found, systems=systems, cells=two, of=hidden)
    if one:
        _say(console, texts, one_or("PUBLIC_ONE_VALUE", one), cells=one)
    undecided = hidden - two - one
    if undecided:
        _say(console, texts, one_or("PUBLIC_UNDECIDED", undecided), cells=undecided)


class _Screen:
    """Tells on standard error how far a run has come, once it has taken longer than two seconds."""

    def __init__(self, texts: Texts) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._texts = texts
        self._next = time.monotonic() + QUIET_SECONDS

    def __call__(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + SECONDS_BETWEEN
        key = f"PROGRESS_{stage.upper()}"
        percent = 100 * done // max(of, 1)
        line = " / ".join(
            self._texts.get(key, language, **grouped({"done": done, "of": of, "percent": percent}, language))
            for language in LANGUAGES
        )
        self._console.print(line, style="dim", markup=False)


def _say(console: Console, texts: Texts, key: str, **parameters: object) -> None:
    for language in LANGUAGES:
        style = "dim" if language == "en" else None
        console.print(texts.get(key, language, **grouped(parameters, language)), style=style, markup=False, soft_wrap=True)
