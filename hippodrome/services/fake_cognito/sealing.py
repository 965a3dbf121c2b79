"""What the service hands out and only it can read again: sessions, secret blocks, refresh tokens."""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken


@dataclass(frozen=True)
class Seal:
    """One key, kept with the data, so that what was handed out outlives a restart."""

    key: str

    @staticmethod
    def new_key() -> str:
        return Fernet.generate_key().decode()

    def close(self, kind: str, held: dict[str, Any]) -> bytes:
        """Text in ASCII. `kind` keeps what was made for one use from being good for another."""
        return Fernet(self.key).encrypt(json.dumps({**held, "kind": kind}).encode())

    def open(self, kind: str, text: str | bytes, *, age_s: int | None = None) -> dict[str, Any] | None:
        """None for what was not made here, for another use, or longer ago than `age_s`."""
        try:
            held: dict[str, Any] = json.loads(Fernet(self.key).decrypt(text, ttl=age_s))
        except (InvalidToken, ValueError):
            return None
        return held if held["kind"] == kind else None
