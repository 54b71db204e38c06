"""The application held against its own OpenAPI by schemathesis: whatever is sent, no answer is an error of the program.

As nobody, and as somebody who is signed in, so that requests come behind the door too.
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from avbrott.access.app import application
from avbrott.registry import Contracts
from tests.access_case import SECRET, Server, server

CASES = int(os.environ.get("AVBROTT_SCHEMA_CASES", "8"))
"""So many requests a route and person; ``AVBROTT_SCHEMA_CASES=500`` tries more."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Server:
    return server(tmp_path_factory.mktemp("hub") / "home", contracts)


@pytest.mark.parametrize("who", ["nobody", "dag", "bo"])
def test_no_request_is_an_error_of_the_program(hub: Server, who: str) -> None:
    """Every answer is one that the description lists, and none to nobody holds a reader's page."""
    cookies = {} if who == "nobody" else dict(hub.signed_in(who).cookies)
    for found in schemathesis.openapi.from_asgi("/openapi.json", application(hub.hall)).get_all_operations():
        operation = found.ok()
        assert operation is not None
        try_requests(operation, {} if operation.path == "/sign-out" else cookies)  # which would end the session


def try_requests(operation: schemathesis.APIOperation, cookies: dict[str, str]) -> None:
    """Send requests to a route that its description allows, and others."""

    @given(case=operation.as_strategy())
    @settings(max_examples=CASES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def tried(case: schemathesis.Case) -> None:
        answer = case.call(cookies=cookies)
        case.validate_response(answer, checks=[not_a_server_error, status_code_conformance])
        assert cookies or SECRET not in answer.text

    tried()


def test_the_description_is_whole(hub: Server) -> None:
    """Every route of the application but the public files, each with who may: a cookie, or nothing."""
    told = hub.browser().get("/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    listed = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    from tests.attack.test_access_matrix import ALLOWED

    assert listed == {(method, path.replace(":path}", "}")) for method, path in ALLOWED if not path.startswith("/releases/")}
    opened = {
        operation["operationId"]
        for methods in told["paths"].values()
        for operation in methods.values()
        if not operation["security"]
    }
    assert opened == {"start", "style", "sign_in_page", "sign_in", "openapi"}
