"""Requests made up from what a service says of itself at `/openapi.json`."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok


def ask_all(url: str, *, examples: int = 15, headers: dict[str, str] | None = None) -> list[str]:
    """The operations, each of which was asked that many times and never failed: `POST /path`."""
    asked = []
    for found in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        ask()
        asked.append(f"{operation.method.upper()} {operation.path}")
    return asked
