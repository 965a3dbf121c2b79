"""What the gateway is told by its environment."""

import os
from dataclasses import dataclass

GENEROUS = 2000.0


@dataclass(frozen=True)
class Gates:
    """Whom it asks, and how many requests a second an account may make. `worker_url` is empty without a worker."""

    admin_url: str
    worker_url: str
    rate_per_s: float

    @classmethod
    def read(cls) -> "Gates":
        """ADMIN_SERVER_URL, GLOBAL_WORKER_URL, RATE_LIMIT_PER_S. Raises ValueError for a rate that lets nobody in."""
        rate = float(os.environ.get("RATE_LIMIT_PER_S") or GENEROUS)
        if not rate > 0:
            raise ValueError(f"RATE_LIMIT_PER_S must be above 0, not {rate:g}")
        return cls(
            admin_url=os.environ.get("ADMIN_SERVER_URL", "http://localhost:9004"),
            worker_url=os.environ.get("GLOBAL_WORKER_URL", ""),
            rate_per_s=rate,
        )
