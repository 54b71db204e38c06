"""What all tests share: the contracts, and the folder of real and benchmark data where it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from avbrott.registry import Contracts, load_contracts

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The packaged contracts."""
    return load_contracts()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real and benchmark data: the setting AVBROTT_SHARED_DATA, else ``../shared/data``; skips where there is none."""
    folder = Path(os.environ.get("AVBROTT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no benchmark data at {folder}; set AVBROTT_SHARED_DATA")
    return folder
