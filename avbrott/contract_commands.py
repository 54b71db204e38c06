"""The commands ``avbrott contracts ...``: what is promised, as people and other programs use it. No work is done here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from avbrott.commands import Commands, ContractsOption, console
from avbrott.errors import BadInput, ExitCode
from avbrott.help_texts import LANGUAGES

if TYPE_CHECKING:
    from avbrott.contract import ExtractContract
    from avbrott.registry import Contracts

contracts_group = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@contracts_group.command(epilog="avbrott contracts docs --out kontrakt --format html")
def docs(
    out: Annotated[Path, typer.Option("--out")] = Path("kontrakt"),
    form: Annotated[Literal["html", "markdown"], typer.Option("--format")] = "html",
    contracts: ContractsOption = None,
) -> None:
    """Write the pages of the contracts and the glossary."""
    from avbrott.documentation.html import INDEX, html_pages
    from avbrott.documentation.pages import README, pages
    from avbrott.documentation.words import Words
    from avbrott.forms.files import write_pages
    from avbrott.registry import load_contracts

    promised = load_contracts(contracts)
    made = pages(promised)
    write_pages(out, html_pages(made, Words(promised.folder)) if form == "html" else made)
    _say("DOCS_WRITTEN", promised, count=len(made), file=out / (INDEX if form == "html" else README))


@contracts_group.command(epilog="avbrott contracts template enrolments --format xlsx --out enrolments.xlsx")
def template(
    name: Annotated[str, typer.Argument(metavar="CONTRACT")],
    out: Annotated[Path, typer.Option("--out")],
    form: Annotated[Literal["xlsx", "csv"] | None, typer.Option("--format")] = None,
    prepared: Annotated[bool, typer.Option("--prepared")] = False,
    contracts: ContractsOption = None,
) -> None:
    """Write an empty template of an extract."""
    from avbrott.forms.files import form_of, write_new
    from avbrott.forms.template import template_bytes
    from avbrott.registry import load_contracts

    promised = load_contracts(contracts)
    forms: tuple[Literal["xlsx", "csv"], ...] = ("xlsx", "csv") if form is None else (form,)
    write_new(out, template_bytes(_named(name, promised), promised, form_of(out, forms), prepared=prepared))
    _say("FORM_WRITTEN", promised, file=out)


@contracts_group.command(epilog="avbrott contracts export --format odcs --out odcs")
def export(
    out: Annotated[Path, typer.Option("--out")] = Path("odcs"),
    form: Annotated[Literal["odcs"], typer.Option("--format")] = "odcs",  # noqa: ARG001  the one there is
    contracts: ContractsOption = None,
) -> None:
    """Write the extracts' contracts in a standard's form."""
    from avbrott.forms.files import write_pages
    from avbrott.odcs import odcs_pages
    from avbrott.registry import load_contracts

    promised = load_contracts(contracts)
    made = odcs_pages(promised)
    write_pages(out, made)
    _say("FORM_WRITTEN", promised, file=", ".join(str(out / name) for name in made))


@contracts_group.command(epilog="avbrott contracts questionnaire --out fragor.xlsx")
def questionnaire(
    out: Annotated[Path, typer.Option("--out")] = Path("fragor.xlsx"),
    contracts: ContractsOption = None,
) -> None:
    """Write the questions that a new provider answers."""
    from avbrott.forms.files import form_of, write_new
    from avbrott.forms.questionnaire import questionnaire_bytes
    from avbrott.registry import load_contracts

    promised = load_contracts(contracts)
    write_new(out, questionnaire_bytes(promised, form_of(out, ["xlsx", "md"])))
    _say("FORM_WRITTEN", promised, file=out)


@contracts_group.command(epilog="avbrott contracts answers fragor.xlsx --contracts contracts --write")
def answers(
    answered: Annotated[Path, typer.Argument(metavar="FILE")],
    write: Annotated[bool, typer.Option("--write")] = False,
    contracts: ContractsOption = None,
) -> None:
    """Make the provider's entry and mapping of a questionnaire that is filled in."""
    from avbrott.contract_folder import contracts_of_setting
    from avbrott.forms.answers import read_answers
    from avbrott.forms.joining import SUPPLIERS, mapping_yaml, supplier_yaml, write_answers
    from avbrott.registry import MAPPINGS, load_contracts

    if write and contracts is None and contracts_of_setting() is None:
        raise BadInput("ANSWERS_NEED_FOLDER")
    promised = load_contracts(contracts)
    found = read_answers(answered, promised)
    if write:
        _say("ANSWERS_WRITTEN", promised, files=", ".join(map(str, write_answers(found, promised))))
        who = {"name": found.supplier.name, "id": found.supplier.id, "first": found.supplier.member[0].first}
        _say("ANSWERS_NEXT", promised, **who, folder=promised.folder, folder_name=promised.folder.name)
        return
    texts = {f"{MAPPINGS}/{found.supplier.id}.yaml": mapping_yaml(found), SUPPLIERS: supplier_yaml(found, promised)}
    for name, text in texts.items():
        console().print(f"# {name}\n{text}", markup=False, soft_wrap=True)
    _say("ANSWERS_NOT_WRITTEN", promised)


@contracts_group.command(epilog="avbrott contracts diff contracts-2025 contracts")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD")],
    new: Annotated[Path, typer.Argument(metavar="NEW")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Tell what changed between two sets of contracts, and for whom it breaks."""
    from avbrott.atomic import json_bytes
    from avbrott.changes.compare import compare
    from avbrott.changes.told import as_json, print_changes
    from avbrott.texts import load_messages

    changes, texts = compare(old, new), load_messages()
    if json:
        console().print(json_bytes(as_json(changes, texts)).decode("utf-8"), markup=False, soft_wrap=True, end="")
    else:
        print_changes(changes, texts, console())
    raise typer.Exit(ExitCode.FINDINGS if any(change.breaks for change in changes) else ExitCode.DONE)


def _named(name: str, contracts: Contracts) -> ExtractContract:
    """The contract of this name; ``BadInput`` with those that there are."""
    from avbrott.contract_names import contract_named

    return contract_named(name, contracts, "CONTRACT_NAME_UNKNOWN")


def _say(key: str, contracts: Contracts, **parameters: object) -> None:
    """Print a text, Swedish and then English."""
    from avbrott.texts import load_messages

    texts = load_messages(contracts.folder)
    for language in LANGUAGES:
        style = "dim" if language == "en" else ""
        console().print(texts.get(key, language, **parameters), markup=False, soft_wrap=True, style=style)
