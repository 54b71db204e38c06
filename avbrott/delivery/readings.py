"""Every extract of several deliveries of a term, opened and given its contract's columns. What they hold is not judged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from avbrott import atomic
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.opened import table_of
from avbrott.delivery.read import Reading, fit_each
from avbrott.delivery.record import Delivery, Extract
from avbrott.delivery.scan import Scanner
from avbrott.delivery.table import Table
from avbrott.delivery.translate import with_own_headers
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.retention.persons import Persons, erased_persons
from avbrott.retention.reduced import write_rest


def readings_of(
    home: Home, contracts: Contracts, scanner: Scanner, deliveries: list[Delivery]
) -> dict[str, dict[str, Reading]]:
    """The readings of every extract, by extract (in the order of the contracts) and provider."""
    known = contracts.extracts
    wanted = [(delivery, extract) for delivery in deliveries for extract in delivery.extracts if extract.name in known]
    gone = erased_persons(home)

    def opened(one: tuple[Delivery, Extract]) -> Table:
        delivery, extract = one
        table = table_of(home, delivery, extract, contracts.extracts[extract.name].terms)
        return _without(home, delivery, extract, table, gone)

    with ThreadPoolExecutor(atomic.THREADS) as threads:
        tables = list(threads.map(opened, wanted))
    by_extract: dict[str, dict[str, Table]] = {name: {} for name in contracts.extracts}
    for (delivery, extract), table in zip(wanted, tables, strict=True):
        named = with_own_headers(table, contracts.extracts[extract.name], contracts, delivery.provider)
        by_extract[extract.name][delivery.provider] = named
    return {
        name: fit_each(found, contracts.extracts[name], scanner.contract.headers, contracts.glossary, contracts.mappings)
        for name, found in by_extract.items()
        if found
    }


def _without(home: Home, delivery: Delivery, extract: Extract, table: Table, gone: Persons) -> Table:
    """The table without persons who are erased; where there were any, the file that brought them in goes as well."""
    left = gone.without(table.frame)
    if left.height < table.frame.height:
        table = replace(table, frame=left, below=())
        write_rest(vault_of(home), home.delivered(delivery.provider, str(delivery.term)), extract, table)
    return table
