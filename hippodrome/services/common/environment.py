"""What every service is told by its environment."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """Where to listen, how much to say, where to keep data."""

    port: int
    host: str
    log_level: str
    data_dir: Path

    @classmethod
    def read(cls, *, port: int) -> "Environment":
        """PORT, HOST, LOG_LEVEL and DATA_DIR; `port` when none is said."""
        said = os.environ.get
        return cls(
            port=int(said("PORT", str(port))),
            host=said("HOST", "127.0.0.1"),
            log_level=said("LOG_LEVEL", "info").upper(),
            data_dir=Path(said("DATA_DIR", "data")),
        )
