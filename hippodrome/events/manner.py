"""How an event came here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ORIGIN_HEADER = "X-Hippodrome-Origin"  # by which our own programs say which way they bring an event
ORIGINS = ("streams", "tunnel", "sqs", "hand")


@dataclass(frozen=True)
class Manner:
    """How an event came. `origin`: one of ORIGINS; `headers` go along to the services; `is_awaited`: its sender waits
    for the first try."""

    origin: str = "hand"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_awaited: bool = True
