"""Words that mean the same in any table: codes of sums, names of columns of counts (``contracts/protect.yaml``)."""

from __future__ import annotations

from functools import cache

from avbrott.contract_files import read_contract
from avbrott.contract_folder import packaged_contracts
from avbrott.model import Model


class Words(Model):
    """Words in lower case."""

    sums: tuple[str, ...]
    """Codes of rows that are sums of other rows."""
    counts: tuple[str, ...]
    """Names of columns that hold counts."""


@cache
def words() -> Words:
    """The words that come with the program."""
    return read_contract(packaged_contracts() / "protect.yaml", Words)
