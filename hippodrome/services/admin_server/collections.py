"""Collections: they exist by the products that name them; here are their names and what is said of them."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.identity import Admin, Everything, Reader
from hippodrome.services.admin_server.rules import index_id
from hippodrome.services.common.api import Body, FreeObject
from hippodrome.services.common.outgoing import passed

router = APIRouter(prefix="/api/v1/indexes/{name}/collections")
FIELD = "productCollections"
LISTED_MAX = 1000


class Collection(Body):
    id: str = Field(min_length=1, max_length=200)
    display_name: str = Field(default="", max_length=200)
    metadata: FreeObject = Field(default_factory=dict)


@router.get("")
def every(name: Name, caller: Reader, context: Everything) -> dict[str, Any]:
    """Those that products name, with how many do, and those that something is said of."""
    index = index_id(context, caller.account, name)
    facets = {"fields": {FIELD: {"type": "array", "maxResults": LISTED_MAX}}}
    asked = {"q": "*", "searchMethod": "HYBRID", "limit": 1, "facets": facets}
    told = passed(context.cell.ask("POST", f"/indexes/{index}/search", json=asked))
    counts = {each: count["count"] for each, count in told["facets"][FIELD].items()}
    items = context.items.query(context.names.aliases, f"INDEX#{index}", "COLLECTION#")
    said = {item["collection"]["id"]: item["collection"] for item in items}
    names = sorted(counts.keys() | said.keys())
    bare = {"displayName": "", "metadata": {}}
    return {
        "collections": [{"id": each, **bare, **said.get(each, {}), "products": counts.get(each, 0)} for each in names]
    }


@router.post("", status_code=201)
def put(name: Name, body: Collection, caller: Admin, context: Everything) -> dict[str, Any]:
    """Says something of a collection, whether or not a product names it yet."""
    index = index_id(context, caller.account, name)
    told = body.model_dump(by_alias=True, mode="json")
    item = {"pk": f"INDEX#{index}", "sk": f"COLLECTION#{body.id}", "collection": told}
    context.items.put(context.names.aliases, item)
    return told
