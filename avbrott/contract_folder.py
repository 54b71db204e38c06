"""A folder of contracts: which file of it is meant, and what YAML stands there. What a contract says is ``contract_files``'.

Some files need not be repeated in a folder that replaces the packaged contracts: the packaged one then counts.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from avbrott import yaml_text
from avbrott.errors import BadInput

SETTING = "AVBROTT_CONTRACTS"
"""The setting of the environment that names a county's own contracts."""


def packaged_contracts() -> Path:
    """The contracts that come with the program: beside it in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_contracts"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "contracts"


def chosen_contracts(folder: Path | None) -> Path:
    """``folder`` where a command names one, else the folder of the setting ``AVBROTT_CONTRACTS``, else the packaged one."""
    return folder or contracts_of_setting() or packaged_contracts()


def contracts_of_setting() -> Path | None:
    """The folder of a county's own contracts, for every command and for Dagster's services; None where nothing says so."""
    named = os.environ.get(SETTING)
    return Path(named) if named else None


def own_or_packaged(folder: Path, name: str) -> Path:
    """``<folder>/<name>`` where it is, otherwise the packaged file of that name."""
    own = folder / name
    return own if own.is_file() else packaged_contracts() / name


def read_yaml(file: Path) -> Any:
    """What stands in a file; ``BadInput`` where there is none, or names the line that is not YAML."""
    if not file.is_file():
        raise BadInput("CONTRACT_FILE_MISSING", file=file)
    try:
        return yaml_text.read_yaml(file.read_text("utf-8"))
    except yaml_text.NotYaml as error:
        raise BadInput("CONTRACT_NOT_YAML", file=file, line=error.line) from None
    except (OSError, UnicodeDecodeError):
        raise BadInput("CONTRACT_NOT_YAML", file=file, line=1) from None
