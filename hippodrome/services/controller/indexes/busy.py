"""Which indexes are being made or deleted at this moment: one request at a time for each."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import ApiError

_names: set[str] = set()
_lock = threading.Lock()


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Nobody else makes or deletes an index of this name meanwhile. Raises ApiError 409 when somebody does."""
    with _lock:
        if name in _names:
            raise ApiError(409, "operation_conflict_error", f"Index {name} is being made or deleted already.")
        _names.add(name)
    try:
        yield
    finally:
        with _lock:
            _names.remove(name)
