"""A user's mistake, wherever it happens."""

from __future__ import annotations

import pickle

import pytest

from avbrott.errors import AvbrottError, BadInput, StageFailed


@pytest.mark.parametrize("error", [BadInput("CODE", file="a.csv", line=3), StageFailed("KeyError")])
def test_an_error_passes_between_processes_whole(error: AvbrottError) -> None:
    """Its kind, code and parameters are what they were."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert type(again) is type(error)
    assert (again.code, again.parameters, str(again)) == (error.code, error.parameters, str(error))
