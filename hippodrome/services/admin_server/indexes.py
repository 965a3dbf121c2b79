"""Indexes: made by the control plane, with settings of ours."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from hippodrome.services.admin_server import aliases, settings
from hippodrome.services.admin_server.aliases import NAME, Name
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Caller, Everything, Reader
from hippodrome.services.admin_server.settings import Settings
from hippodrome.services.common.api import Body
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import passed

router = APIRouter(prefix="/api/v1/indexes")
MODEL = "hf/all-MiniLM-L6-v2"  # small vectors are enough for titles of products
GROUPS = {"name": "parentProductId", "minGroups": 500}  # as the data plane reports it


class NewIndex(Body):
    name: str = Field(pattern=NAME)
    model: str = Field(default=MODEL, max_length=200)
    settings: Settings = Field(default_factory=Settings)


@router.post("", status_code=201)
def create(body: NewIndex, caller: Admin, context: Everything) -> dict[str, Any]:
    """An empty index."""
    made = body.settings.model_dump(by_alias=True, mode="json")
    return make(context, caller, settings.fresh_item(caller.account, body.name, made, body.model))


@router.get("")
def every(caller: Reader, context: Everything) -> dict[str, Any]:
    """All indexes of the account."""
    return {
        "indexes": [_told(item) for item in context.items.query(context.names.settings, caller.account, "INDEX#")]
    }


@router.get("/{name}")
def get(name: Name, caller: Reader, context: Everything) -> dict[str, Any]:
    """With how many documents it has."""
    item = settings.item_of(context, caller.account, name)
    stats = passed(context.cell.ask("GET", f"/indexes/{item['indexId']}/stats"))
    return {**_told(item), "documents": stats["numberOfDocuments"]}


@router.delete("/{name}")
def delete(name: Name, caller: Admin, context: Everything) -> dict[str, bool]:
    """With its documents, settings and rules; not while an alias leads to it."""
    item = settings.item_of(context, caller.account, name)
    if users := aliases.used_by(context, caller.account, name):
        raise ApiError(
            409, "index_in_use", f"Aliases lead to `{name}`: {', '.join(users)}. Point them elsewhere first."
        )
    remove(context, caller, item)
    return {"acknowledged": True}


def make(context: Context, caller: Caller, item: dict[str, Any]) -> dict[str, Any]:
    """The index of this item. Raises ApiError 409 for a name that is taken.

    What an earlier try left half-made, as an answer was lost, is made whole.
    """
    name = item["sk"].removeprefix("INDEX#")
    if context.items.get(context.names.aliases, caller.account, f"ALIAS#{name}"):
        raise ApiError(409, "name_taken", f"`{name}` is an alias; an index needs a name of its own.")
    asked = {"type": "unstructured", "model": item["model"], "collapseFields": [GROUPS]}
    path, key = f"/api/v2/indexes/{item['indexId']}", {"x-api-key": caller.key}
    answer = context.controller.ask("POST", path, json=asked, headers=key)
    if answer.status_code != 409 or not _is_half_made(context, item, asked, key):
        passed(answer)
    try:
        context.items.put(context.names.settings, item, version=0)
    except ApiError as error:
        if error.code == "table_missing":  # else it may be somebody's by now, and the next try needs it
            context.controller.ask("DELETE", path, headers=key)
        raise
    return _told(item)


def _is_half_made(context: Context, item: dict[str, Any], asked: dict[str, Any], key: dict[str, str]) -> bool:
    """Whether the control plane has just this index, and nobody here knows of it."""
    if context.items.get(context.names.settings, item["pk"], item["sk"]):
        return False
    there = context.controller.ask("GET", f"/api/v2/indexes/{item['indexId']}/settings", headers=key)
    return there.is_success and asked.items() <= there.json().items()


def remove(context: Context, caller: Caller, item: dict[str, Any]) -> None:
    """What the control plane has of it first: while that fails, the index is still there as a whole."""
    answer = context.controller.ask("DELETE", f"/api/v2/indexes/{item['indexId']}", headers={"x-api-key": caller.key})
    if answer.status_code != 404:
        passed(answer)
    for rule in list(context.items.query(context.names.merchandising, f"INDEX#{item['indexId']}", "RULE#")):
        context.items.delete(context.names.merchandising, rule["pk"], rule["sk"])
    context.items.delete(context.names.settings, item["pk"], item["sk"])


def _told(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": item["sk"].removeprefix("INDEX#"),
        "indexId": item["indexId"],
        "model": item["model"],
        "status": "READY",
        "createdAt": item["createdAt"],
        "settings": settings.told(item),
    }
