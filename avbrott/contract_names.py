"""What extracts' contracts are called in commands: by the name of their file, or by their Swedish or English title."""

from __future__ import annotations

from avbrott.contract import ExtractContract
from avbrott.errors import BadInput
from avbrott.headers import normal_header
from avbrott.registry import Contracts


def contract_named(name: str, contracts: Contracts, code: str = "CHECK_CONTRACT_UNKNOWN") -> ExtractContract:
    """The contract that is called so, in any letters; ``BadInput`` with ``code`` and the names that there are."""
    if name in contracts.extracts:
        return contracts.extracts[name]
    called = {normal_header(said): one for one in contracts.extracts.values() for said in (one.name, *titles(one))}
    found = called.get(normal_header(name))
    if found is None:
        raise BadInput(code, contract=name, known=known_contracts(contracts))
    return found


def known_contracts(contracts: Contracts) -> str:
    """Every name that a contract can be called by."""
    return ", ".join(f"{one.name} ({one.title.sv})" for one in contracts.extracts.values())


def titles(contract: ExtractContract) -> tuple[str, str]:
    """What a contract is called in Swedish and English."""
    return contract.title.sv, contract.title.en
