"""Small events of our own that go the whole path from time to time, and when the last one arrived."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hippodrome.files import write_atomically

PROOF_PK, PROOF_SK = "HIPPODROME#PROOF", "PROOF"
USER_AGENT = "hippodrome-probe/1"  # as of health checks: whoever keeps a log leaves these out
EVERY_S = 60.0
OLD_S = 3 * EVERY_S + 10  # an age at which something on the path is broken


@dataclass(frozen=True)
class Proof:
    """The last one that arrived. `at` in Unix seconds; `service`: where it ended, `status` what that answered."""

    at: float
    origin: str
    detail_type: str
    service: str
    status: int


def is_proof(body: Mapping[str, Any]) -> bool:
    """Whether an event is one of ours: by the key of its item."""
    detail = body.get("detail")
    keys = detail.get("keys") if isinstance(detail, Mapping) else None
    return isinstance(keys, Mapping) and keys.get("pk") == {"S": PROOF_PK}


class Record:
    """The last proof in a file of its own, which `hd ps` reads without a database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, proof: Proof) -> None:
        """Raises OSError."""
        write_atomically(self._path, json.dumps(asdict(proof)) + "\n")


def last_proof(path: Path) -> Proof | None:
    """None before the first."""
    try:
        return Proof(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
