"""Requests made up from what a service says of itself at `/openapi.json`."""

from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok

from tests.examples import examples


def ask_all(
    url: str,
    *,
    many: int = 15,
    headers: dict[str, str] | None = None,
    is_wanted: Callable[[str], bool] = lambda _: True,
) -> list[str]:
    """The operations, each of which was asked that many times and never failed: `POST /path`.

    `is_wanted` is asked with such a name.
    """
    asked = []
    for found in schemathesis.openapi.from_url(f"{url}/openapi.json").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        name = f"{operation.method.upper()} {operation.path}"
        if not is_wanted(name):
            continue

        @given(case=operation.as_strategy())
        @settings(max_examples=examples(many), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        ask()
        asked.append(name)
    return asked
