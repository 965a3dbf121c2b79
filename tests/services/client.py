"""The published client, for tests that speak through it."""

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is written for an older pydantic, and says so
    from marqo import Client
    from marqo.errors import MarqoWebError

__all__ = ["Client", "MarqoWebError", "codes_of"]


def codes_of(error: Any) -> tuple[int, str, str]:
    """Status, code and type as the client has read them."""
    return error.status_code, error.code, error.error_type
