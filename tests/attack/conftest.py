"""What several tests of forged proofs start from."""

from __future__ import annotations

import pytest

from tests.certificate_case import Certificate, ruled_certificate


@pytest.fixture(scope="module")
def ruled() -> Certificate:
    return ruled_certificate()
