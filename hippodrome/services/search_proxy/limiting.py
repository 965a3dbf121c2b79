"""How many requests an account may make."""

import time
from dataclasses import dataclass, field

from hippodrome.services.common.errors import ApiError


class TooManyError(ApiError):
    """`retry_s`: when it is worth trying again."""

    def __init__(self, retry_s: float) -> None:
        message = f"Too many requests; try again in {retry_s:.1f} s."
        super().__init__(429, "too_many_requests", message, kind="throttled")
        self.retry_s = retry_s


@dataclass
class Limiter:
    """A bucket of tokens for each account: a second's worth, but one at least, filled again at `per_s`."""

    per_s: float
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, account: str) -> None:
        """Raises TooManyError."""
        now, full = time.monotonic(), max(1.0, self.per_s)
        left, since = self._left.get(account, (full, now))
        left = min(full, left + (now - since) * self.per_s)
        if left < 1:
            self._left[account] = (left, now)
            raise TooManyError((1 - left) / self.per_s)
        self._left[account] = (left - 1, now)
