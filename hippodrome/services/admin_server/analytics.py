"""Questions about what shoppers did. docs/services/admin_server.md says what is counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query

from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.events import recorded
from hippodrome.services.admin_server.identity import Everything, Reader
from hippodrome.services.admin_server.rules import index_id

router = APIRouter(prefix="/api/v1/indexes/{name}/analytics")
Limit = Annotated[int, Query(ge=1, le=1000)]
Since = Annotated[float, Query(alias="from", ge=0)]
Until = Annotated[float, Query(alias="to", ge=0)]
FOREVER = 1e12

Events = Iterable[dict[str, Any]]


@router.get("/top-queries")
def top_queries(
    name: Name, caller: Reader, context: Everything, limit: Limit = 10, since: Since = 0, until: Until = FOREVER
) -> dict[str, Any]:
    """What is searched for most."""
    found = recorded(context, index_id(context, caller.account, name), since, until)
    return {"queries": _counted((each for each in found if each["type"] == "search"), limit)}


@router.get("/no-results")
def no_results(
    name: Name, caller: Reader, context: Everything, limit: Limit = 10, since: Since = 0, until: Until = FOREVER
) -> dict[str, Any]:
    """What is searched for most and not found."""
    found = recorded(context, index_id(context, caller.account, name), since, until)
    vain = (each for each in found if each["type"] == "search" and each.get("resultCount") == 0)
    return {"queries": _counted(vain, limit)}


@router.get("/ctr")
def click_through(
    name: Name, caller: Reader, context: Everything, limit: Limit = 10, since: Since = 0, until: Until = FOREVER
) -> dict[str, Any]:
    """Searches that were followed by a click, of all searches; and by query."""
    return clicked(recorded(context, index_id(context, caller.account, name), since, until), limit)


@router.get("/conversion")
def conversion(
    name: Name, caller: Reader, context: Everything, since: Since = 0, until: Until = FOREVER
) -> dict[str, Any]:
    """Sessions that bought, of all sessions that searched."""
    return converted(recorded(context, index_id(context, caller.account, name), since, until))


def normal(query: str) -> str:
    """Without regard to case and to spaces."""
    return " ".join(query.casefold().split())


def clicked(events: Events, limit: int) -> dict[str, Any]:
    """In one session no more searches for a query are clicked than there are clicks from it."""
    searches: dict[str, Counter[str]] = defaultdict(Counter)
    clicks: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        query, session = normal(event.get("query", "")), event.get("sessionId", "")
        if event["type"] == "search":
            searches[query][session] += 1
        elif event["type"] == "click":
            clicks[query][session] += 1
    rows = []
    for query, sessions in searches.items():
        total = sessions.total()
        hit = sum(min(count, clicks[query][session]) for session, count in sessions.items())
        rows.append({"query": query, "searches": total, "clicks": hit, "ctr": hit / total})
    rows.sort(key=lambda row: (-int(str(row["searches"])), str(row["query"])))
    total, hits = sum(each.total() for each in searches.values()), sum(int(str(row["clicks"])) for row in rows)
    return {"searches": total, "clicks": hits, "ctr": hits / total if total else 0.0, "queries": rows[:limit]}


def converted(events: Events) -> dict[str, Any]:
    """Each session counts once, whatever it buys."""
    did: dict[str, set[str]] = defaultdict(set)
    for event in events:
        did[event["type"]].add(event.get("sessionId", ""))
    searched = did["search"]
    bought = did["purchase"] & searched
    rate = len(bought) / len(searched) if searched else 0.0
    carts = len(did["addToCart"] & searched)
    return {"sessions": len(searched), "addToCart": carts, "purchases": len(bought), "conversion": rate}


def _counted(events: Events, limit: int) -> list[dict[str, Any]]:
    counts = Counter(normal(event.get("query", "")) for event in events)
    ordered = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return [{"query": query, "count": count} for query, count in ordered[:limit]]
