"""What shoppers do, recorded as they tell it, each event once."""

import time
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Everything, Reader
from hippodrome.services.admin_server.rules import index_id
from hippodrome.services.common.api import Body

router = APIRouter(prefix="/api/v1/indexes/{name}/events")
EVENTS_MAX = 500


class Event(Body):
    """`at`: seconds since the epoch; now when it is not said."""

    type: Literal["search", "click", "addToCart", "purchase"]
    id: str | None = Field(default=None, min_length=1, max_length=128)
    query: str | None = Field(default=None, max_length=1000)
    doc_id: str | None = Field(default=None, max_length=512)
    user_id: str | None = Field(default=None, max_length=128)
    session_id: str | None = Field(default=None, max_length=128)
    result_count: int | None = Field(default=None, ge=0)
    position: int | None = Field(default=None, ge=1)
    at: float | None = Field(default=None, ge=0, le=1e11)


class Events(Body):
    events: tuple[Event, ...] = Field(min_length=1, max_length=EVENTS_MAX)


@router.post("", status_code=202)
def record(name: Name, body: Events, caller: Reader, context: Everything) -> dict[str, int]:
    """An event that is told again with its id and time counts once."""
    index = index_id(context, caller.account, name)
    for event in body.events:
        at, event_id = event.at or time.time(), event.id or uuid.uuid4().hex
        told = event.model_dump(by_alias=True, exclude_none=True)
        item = {"pk": f"INDEX#{index}", "sk": f"EVENT#{at:020.6f}#{event_id}", "event": {**told, "at": at}}
        context.items.put(context.names.events, item)
    return {"accepted": len(body.events)}


def recorded(
    context: Context, index: str, since: float = 0.0, until: float = float("inf")
) -> Iterator[dict[str, Any]]:
    """In the order of their time, from `since` on and before `until`."""
    for item in context.items.query(context.names.events, f"INDEX#{index}", "EVENT#"):
        if since <= item["event"]["at"] < until:
            yield item["event"]
