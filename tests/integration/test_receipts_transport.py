"""Receipts are laid and fetched alike in a folder, over SFTP and in S3, by the hub's function and the owner's command."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.home import Home
from avbrott.receipts.command import Wanted, receipts_command
from avbrott.receipts.receipt import receipt_names
from avbrott.receipts.write import lay
from avbrott.registry import Contracts
from avbrott.transport.target import Access, opened
from tests.receipt_case import ACCEPTED, BEFORE, PROVIDER, SET_ASIDE, TERM, deliver, receive


def test_what_the_hub_lays_its_provider_fetches(reached: tuple[str, Access], tmp_path: Path, contracts: Contracts) -> None:
    """Without a term every term's, in their order; what is copied is what was laid."""
    home, (target, access) = Home(tmp_path / "hub"), reached
    for term, files in ((BEFORE, ACCEPTED), (TERM, SET_ASIDE)):
        deliver(home, files, term=term)
        receive(home, contracts, term=term)
        with opened(target, access) as there:
            names = receipt_names(PROVIDER, term)
            lay(there, term, {name: (home.receipts(str(term)) / name).read_bytes() for name in names})
    screen = io.StringIO()
    wanted = Wanted(target, home.hub_public, None, PROVIDER, tmp_path / "kvitton", date(2014, 5, 1))
    assert receipts_command(wanted, contracts, Console(file=screen, width=300), access) is ExitCode.DONE
    first, last = (screen.getvalue().index(f"{term}: Leveransen") for term in (BEFORE, TERM))
    assert first < last
    for term in (BEFORE, TERM):
        for name in receipt_names(PROVIDER, term):
            assert (tmp_path / "kvitton" / str(term) / name).read_bytes() == (home.receipts(str(term)) / name).read_bytes()
