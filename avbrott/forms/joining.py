"""A provider's answers as contracts: its mapping, and its entry in ``suppliers.yaml``. Reading them is ``answers``'.

The list of suppliers is written by hand: an entry is put in or exchanged, and every other line is left as it is. What is
written is first held against all other contracts, in a copy.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from avbrott.atomic import write_text
from avbrott.errors import BadInput
from avbrott.forms.answers import Answers
from avbrott.registry import MAPPINGS, Contracts, load_contracts
from avbrott.suppliers import Supplier

SUPPLIERS = "suppliers.yaml"


def mapping_yaml(answers: Answers) -> str:
    """The content of ``mappings/<provider>.yaml``."""
    return _yaml(answers.mapping.model_dump(mode="json", exclude_defaults=True))


def supplier_yaml(answers: Answers, contracts: Contracts) -> str:
    """The provider's entry in ``suppliers.yaml``, indented as there; one that is there keeps its periods of membership."""
    supplier = answers.supplier
    if supplier.id in contracts.suppliers.by_id:
        supplier = supplier.model_copy(update={"member": contracts.suppliers[supplier.id].member})
    lines = _yaml([_entry(supplier)]).splitlines()
    return "".join(f"  {line}\n" for line in lines)


def write_answers(answers: Answers, contracts: Contracts) -> list[Path]:
    """Write both into the folder of the contracts; return the files. ``BadInput`` where they do not fit the others."""
    listed = contracts.folder / SUPPLIERS
    texts = {
        SUPPLIERS: _with_entry(listed.read_text("utf-8"), answers.supplier.id, supplier_yaml(answers, contracts)),
        f"{MAPPINGS}/{answers.supplier.id}.yaml": mapping_yaml(answers),
    }
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(shutil.copytree(contracts.folder, Path(folder) / "contracts"))
        _write(copied, texts)
        load_contracts(copied)
    return _write(contracts.folder, texts)


def _write(folder: Path, texts: dict[str, str]) -> list[Path]:
    for name, text in texts.items():
        try:
            write_text(folder / name, text)
        except OSError:
            raise BadInput("FORM_UNWRITABLE", file=folder / name) from None
    return [folder / name for name in texts]


def _entry(supplier: Supplier) -> dict[str, Any]:
    """The keys in the order of the file; what is not said is left out."""
    said = supplier.model_dump(mode="python", exclude_defaults=True)
    order = ("id", "name", "kind", "municipality", "extracts", "units", "member", "may_deliver")
    return {name: _plain(said[name]) for name in order if name in said}


def _plain(value: Any) -> Any:
    """Tuples as lists; days stay days, and are written without quotation marks."""
    if isinstance(value, dict):
        return {name: _plain(inside) for name, inside in value.items()}
    return [_plain(inside) for inside in value] if isinstance(value, tuple | list) else value


class _AsWritten(yaml.SafeDumper):
    """YAML as the contracts are written: lists are indented, pairs of single values stand on one line, codes in quotes."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  the library's signature
        super().increase_indent(flow, False)

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = all(isinstance(value, yaml.ScalarNode) for _, value in node.value)
        return node


def _text(dumper: _AsWritten, text: str) -> yaml.ScalarNode:
    resolve: Callable[..., str] = dumper.resolve
    plain = resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_AsWritten.add_representer(str, _text)


def _yaml(content: Any) -> str:
    return yaml.dump(content, Dumper=_AsWritten, allow_unicode=True, sort_keys=False, default_flow_style=None, width=1000)


def _with_entry(text: str, identifier: str, entry: str) -> str:
    """The text of the list with ``entry`` in the place of the provider's, or last."""
    lines = text.splitlines(keepends=True)
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    assert isinstance(root, yaml.MappingNode)
    listed = next(node for key, node in root.value if key.value == "suppliers")
    for node in listed.value:
        named = {key.value: inside.value for key, inside in node.value}
        if named.get("id") == identifier:
            return "".join([*lines[: node.start_mark.line], entry, *lines[_last_line(node) + 1 :]])
    last = max(_last_line(node) for node in listed.value)
    before = "".join(lines[: last + 1])
    return (before if before.endswith("\n") else before + "\n") + entry + "".join(lines[last + 1 :])


def _last_line(node: yaml.Node) -> int:
    """The line on which the last value of a node ends: the node's own end is where the next one begins."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return max(_last_line(inside) for _, inside in node.value)
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return max(_last_line(inside) for inside in node.value)
    return int(node.end_mark.line)
