"""The worker, as the gateway asks it, and what there is to do where there is none."""

import httpx

from hippodrome.services.common.api import Body
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import async_client, headers

LATE_S = 2.0
MISSING = (
    "Searches need global_worker, which is not there. `hd start global_worker` starts it; "
    "where it was left out: `hd up --profile ecom` without `--without global_worker`, and Node on the machine."
)


class Worker:
    """For one event loop. An empty `url` stands for a stack without one."""

    def __init__(self, url: str) -> None:
        self._client = async_client(url, timeout_s=LATE_S) if url else None

    async def ask(self, index: str, what: str, body: Body) -> httpx.Response:
        """The answer, whatever its status. Raises ApiError 503 where nobody is, 504 where the answer is late."""
        if self._client is None:
            raise ApiError(503, "global_worker_missing", MISSING, kind="unavailable")
        said = body.model_dump(mode="json", by_alias=True, exclude_none=True)
        try:
            return await self._client.post(f"/indexes/{index}/{what}", json=said, headers=headers())
        except httpx.TimeoutException as error:
            message = f"global_worker did not answer within {LATE_S:g} s."
            raise ApiError(504, "upstream_timeout", message, kind="timeout") from error
        except httpx.TransportError as error:
            raise ApiError(503, "global_worker_missing", MISSING, kind="unavailable") from error

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()
