"""Keeping mistakes of ours from ending supervisord, which would leave every program without a keeper."""

import functools
import traceback
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Logger(Protocol):
    """supervisord's own."""

    def critical(self, message: str) -> None: ...


def guarded(logger: Logger, function: Callable[P, T]) -> Callable[P, T | None]:
    """`function`, whose exceptions go to supervisord's log. For whatever supervisord calls."""

    @functools.wraps(function)
    def guard(*arguments: P.args, **named: P.kwargs) -> T | None:
        try:
            return function(*arguments, **named)
        except Exception:
            report(logger, function)
            return None

    return guard


def report(logger: Logger, function: Callable[..., Any]) -> None:
    """Writes the present exception to supervisord's log."""
    text = traceback.format_exc()
    logger.critical(f"hippodrome: {getattr(function, '__qualname__', function)} failed\n{text}")
