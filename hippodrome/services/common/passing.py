"""What a request hands on to those that are asked for its sake."""

from contextvars import ContextVar

passed_on: ContextVar[dict[str, str]] = ContextVar("passed_on")  # headers, while a request is being answered
