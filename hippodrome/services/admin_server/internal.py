"""What the search gateway asks: whose key it is, where a name leads, what others searched for."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from hippodrome.services.admin_server.aliases import targets_of
from hippodrome.services.admin_server.analytics import normal
from hippodrome.services.admin_server.events import recorded
from hippodrome.services.admin_server.identity import Callers, Everything
from hippodrome.services.common.api import Body
from hippodrome.services.common.errors import ApiError

router = APIRouter(prefix="/internal")


class Asked(Body):
    """Either an index id, which shoppers may know, or a key and the name of an index or alias."""

    index_id: str | None = Field(default=None, max_length=64)
    key: str | None = Field(default=None, max_length=2000)
    index: str | None = Field(default=None, max_length=32)


@router.post("/resolve")
def resolve(body: Asked, request: Request, context: Everything) -> dict[str, Any]:
    """Account, scopes, and the indexes that the name stands for."""
    if body.index_id:
        account, dash, name = body.index_id.partition("-")
        if not dash:
            raise ApiError(404, "index_not_found", f"There is no index with the id `{body.index_id}`.")
        scopes: tuple[str, ...] = ("read",)
    else:
        callers: Callers = request.app.state.callers
        caller = callers.of(context, body.key or "")
        account, scopes, name = caller.account, caller.scopes, body.index or ""
    return {"account": account, "scopes": scopes, "targets": targets_of(context, account, name)}


@router.get("/suggestions")
def suggestions(
    index_id: Annotated[str, Query(alias="indexId")],
    context: Everything,
    q: str = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> dict[str, Any]:
    """Queries of others that begin so and found something, the most frequent first."""
    begin, counts = normal(q), Counter[str]()
    for event in recorded(context, index_id):
        query = normal(event.get("query", ""))
        if event["type"] == "search" and query.startswith(begin) and event.get("resultCount", 1):
            counts[query] += 1
    ordered = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return {"suggestions": [{"suggestion": query, "count": count} for query, count in ordered[:limit]]}
