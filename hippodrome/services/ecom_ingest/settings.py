"""What the buffer is told by its environment, beside what every service is."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from hippodrome.services.ecom_ingest.memory import MemoryStore
from hippodrome.services.ecom_ingest.store import Store

CAPACITY = 50_000


@dataclass(frozen=True)
class Settings:
    """`capacity`: operations that are waiting or not confirmed. The URL is for Postgres alone."""

    store: str
    database_url: str = field(repr=False)
    capacity: int

    @classmethod
    def read(cls) -> "Settings":
        """HIPPODROME_ECOM_INGEST_STORE, HIPPODROME_ECOM_INGEST_DATABASE_URL, ECOM_INGEST_CAPACITY.

        Raises ValueError for a store that there is not, and for Postgres without a URL.
        """
        said = os.environ.get
        made = cls(
            store=said("HIPPODROME_ECOM_INGEST_STORE") or "memory",
            database_url=said("HIPPODROME_ECOM_INGEST_DATABASE_URL", ""),
            capacity=int(said("ECOM_INGEST_CAPACITY", str(CAPACITY))),
        )
        if made.store not in ("memory", "postgres"):
            raise ValueError(f"HIPPODROME_ECOM_INGEST_STORE is {made.store}: it can be memory or postgres")
        if made.store == "postgres" and not made.database_url:
            raise ValueError("HIPPODROME_ECOM_INGEST_DATABASE_URL must say where Postgres is")
        return made

    def open_store(self, data_dir: Path) -> Store:
        """Not connected yet: a database that is away for now is waited for."""
        if self.store == "postgres":
            # psycopg takes 0.2 s of a start, which only those who use it should pay
            from hippodrome.services.ecom_ingest.postgres import PostgresStore

            return PostgresStore(self.database_url, self.capacity)
        # who empties or replaces a stack's data restarts what has some: what waits here belongs to that data
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / "in-memory").touch()
        return MemoryStore(self.capacity)
