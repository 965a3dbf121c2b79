"""Ids and codes: the same in each run where HIPPODROME_RANDOM_SEED says so. Keys and secrets never come from here."""

import random
import string
import uuid


class Chance:
    """Not for two threads at once."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed) if seed else random.SystemRandom()

    def text(self, length: int) -> str:
        """Small letters and digits."""
        return "".join(self._random.choices(string.ascii_lowercase + string.digits, k=length))

    def code(self) -> str:
        """Six digits."""
        return f"{self._random.randrange(1_000_000):06d}"

    def sub(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
