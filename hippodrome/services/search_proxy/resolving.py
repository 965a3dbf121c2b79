"""Where a name leads and whose it is, as the back office says; remembered for a moment, so that it may be away."""

import asyncio
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
        self._under_way: dict[str, asyncio.Task[Place]] = {}

    async def place(self, said: Mapping[str, str]) -> Place:
        """`said`: indexId, or key and index. Raises ApiError 401, 404, or 503 when nobody knows any more."""
        name = "\0".join(f"{key}={value}" for key, value in sorted(said.items()))
        since, known = self._known.get(name, (0.0, None))
        age = time.monotonic() - since
        if known and age < FRESH_S:
            return known
        try:
            return await self._fetched(name, said)
        except ApiError as error:
            if known and age < USABLE_S and error.status >= 500:
                return known
            raise

    async def _fetched(self, name: str, said: Mapping[str, str]) -> Place:
        """Asked once, however many wait for it."""
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.create_task(self._asked(name, said))
            task.add_done_callback(lambda _: self._under_way.pop(name))
        return await asyncio.shield(task)

    async def _asked(self, name: str, said: Mapping[str, str]) -> Place:
        with said_by_name("admin_server", self._url):
            answer = await self._client.post("/internal/resolve", json=dict(said), headers=headers())
        told: dict[str, Any] = passed(answer)
        found = Place(told["account"], tuple((each["indexId"], float(each["weight"])) for each in told["targets"]))
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[name] = (time.monotonic(), found)
        return found
