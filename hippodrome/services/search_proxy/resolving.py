"""Where a name leads and whose it is, as the back office says; remembered for a moment, so that it may be away."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import headers, passed, said_by_name

FRESH_S, USABLE_S = 1.0, 10.0
REMEMBERED_MAX = 5000


@dataclass(frozen=True)
class Place:
    """An account, and the indexes that a name stands for: (index id, weight) each."""

    account: str
    targets: tuple[tuple[str, float], ...]

    def target_for(self, who: str) -> str:
        """The index that this shopper is sent to, always the same one; anybody's guess for nobody."""
        total = sum(weight for _, weight in self.targets)
        chance = int.from_bytes(sha256(who.encode()).digest()[:8]) / 2**64 if who else random.random()
        at = chance * total
        for name, weight in self.targets:
            at -= weight
            if at < 0:
                return name
        return self.targets[-1][0]


class Resolver:
    """By what a request says of itself. For one event loop."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client, self._url = client, url
        self._known: dict[str, tuple[float, Place]] = {}

    async def place(self, said: Mapping[str, str]) -> Place:
        """`said`: indexId, or key and index. Raises ApiError 401, 404, or 503 when nobody knows any more."""
        name = "\0".join(f"{key}={value}" for key, value in sorted(said.items()))
        since, known = self._known.get(name, (0.0, None))
        age = time.monotonic() - since
        if known and age < FRESH_S:
            return known
        try:
            found = await self._asked(said)
        except ApiError as error:
            if known and age < USABLE_S and error.status >= 500:
                return known
            raise
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[name] = (time.monotonic(), found)
        return found

    async def _asked(self, said: Mapping[str, str]) -> Place:
        with said_by_name("admin_server", self._url):
            answer = await self._client.post("/internal/resolve", json=dict(said), headers=headers())
        told: dict[str, Any] = passed(answer)
        return Place(told["account"], tuple((each["indexId"], float(each["weight"])) for each in told["targets"]))
