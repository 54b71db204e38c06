"""``python -m avbrott.documentation [--check]``: write the generated pages under ``docs/``, or fail where they are stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from avbrott.cli import tell
from avbrott.documentation.pages import pages
from avbrott.documentation.written import stale, write
from avbrott.errors import AvbrottError, DoesNotHold
from avbrott.receipts.receipt import json_schema
from avbrott.registry import load_contracts

RECEIPT = "receipt.schema.json"
"""What a receipt of a delivery looks like. It is no contract's, and so no page of ``avbrott contracts docs``."""


def main(arguments: list[str] | None = None) -> int:
    """Write or compare; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m avbrott.documentation", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is stale")
    parser.add_argument("--contracts", type=Path, help="contracts of your own")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="the folder of the pages")
    options = parser.parse_args(arguments)
    try:
        made = pages(load_contracts(options.contracts)) | {RECEIPT: json_schema()}
        if options.check:
            found = stale(options.docs, made)
            if found:
                raise DoesNotHold("DOCUMENTATION_STALE", files=", ".join(found))
            return 0
        for name in write(options.docs, made):
            print(options.docs / name)
    except AvbrottError as error:
        tell(error, Console(stderr=True, highlight=False))
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
