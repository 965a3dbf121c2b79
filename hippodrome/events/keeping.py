"""How long the record is kept: bounds of age and size, and what is dropped for them is said."""

import logging
import sqlite3
import time

from hippodrome.events.spool import Spool

log = logging.getLogger("events")
DAYS = 7
BYTES_MAX = 200 << 20
LARGEST = 2 * BYTES_MAX  # with what is not delivered yet; then no event is taken
PROOFS = 20
AT_ONCE = 1000  # dropped at a time, so that no event waits for it


def trim(spool: Spool) -> None:
    """Drops what is too old, then the oldest while the record is too large. What is not delivered yet stays."""
    try:
        _drop_proofs(spool)
        old = time.time() - DAYS * 86400
        _drop(spool, f"they are older than {DAYS} days", "received_at < ? AND is_proof = 0", old)
        while spool.size_bytes > BYTES_MAX:
            why = f"the record is larger than {BYTES_MAX >> 20} MiB"
            if not _drop(spool, why, "is_proof = 0", most=AT_ONCE):
                break
        spool.shrink()
    except sqlite3.Error as error:
        log.warning("the record could not be trimmed: %s", error)


def _drop_proofs(spool: Spool) -> None:
    kept = f"SELECT seq FROM events WHERE is_proof = 1 ORDER BY seq DESC LIMIT {PROOFS}"
    spool.drop(f"is_proof = 1 AND seq NOT IN ({kept})")


def _drop(spool: Spool, why: str, where: str, *values: float, most: int = -1) -> int:
    events, dead = spool.drop(where, *values, most=most)
    if events:
        log.warning("dropped %d events, %d of them dead letters: %s", events, dead, why)
        spool.note_drop(events, dead, why)
    return events
