"""Names that stand for indexes: one, or several by weight."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Everything, Reader
from hippodrome.services.common.api import Body
from hippodrome.services.common.errors import ApiError

router = APIRouter(prefix="/api/v1/aliases")
NAME = r"^[a-z][a-z0-9-]{0,18}$"
Name = Annotated[str, Path(pattern=NAME)]


class Target(Body):
    index: str = Field(pattern=NAME)
    weight: float = Field(default=1.0, ge=0)


class Targets(Body):
    targets: tuple[Target, ...] = Field(min_length=1, max_length=10)


@router.get("")
def every(caller: Reader, context: Everything) -> dict[str, Any]:
    """All aliases of the account."""
    return {"aliases": [_told(item) for item in context.items.query(context.names.aliases, caller.account, "ALIAS#")]}


@router.put("/{name}")
def put(name: Name, body: Targets, caller: Admin, context: Everything) -> dict[str, Any]:
    """Points the name at these indexes, in one step."""
    if has_index(context, caller.account, name):
        raise ApiError(409, "name_taken", f"`{name}` is an index; an alias needs a name of its own.")
    for target in body.targets:
        if not has_index(context, caller.account, target.index):
            raise ApiError(404, "index_not_found", f"There is no index `{target.index}`.", at=("targets",))
    if not any(target.weight for target in body.targets):
        raise ApiError(422, "unprocessable_entity", "At least one target needs a weight above 0.", at=("targets",))
    item = {
        "pk": caller.account,
        "sk": f"ALIAS#{name}",
        "targets": [target.model_dump() for target in body.targets],
        "updatedAt": time.time(),
    }
    context.items.put(context.names.aliases, item)
    return _told(item)


@router.get("/{name}")
def get(name: Name, caller: Reader, context: Everything) -> dict[str, Any]:
    """Where the name leads."""
    item = context.items.get(context.names.aliases, caller.account, f"ALIAS#{name}")
    if item is None:
        raise ApiError(404, "alias_not_found", f"There is no alias `{name}`.")
    return _told(item)


@router.delete("/{name}")
def delete(name: Name, caller: Admin, context: Everything) -> dict[str, bool]:
    """The name leads nowhere any more; the indexes stay."""
    if context.items.delete(context.names.aliases, caller.account, f"ALIAS#{name}") is None:
        raise ApiError(404, "alias_not_found", f"There is no alias `{name}`.")
    return {"acknowledged": True}


def has_index(context: Context, account: str, name: str) -> bool:
    """Whether the account has an index of that name."""
    return context.items.get(context.names.settings, account, f"INDEX#{name}") is not None


def targets_of(context: Context, account: str, name: str) -> list[dict[str, Any]]:
    """Index, index id and weight of each index that the name stands for. Raises ApiError 404."""
    if has_index(context, account, name):
        return [{"index": name, "indexId": f"{account}-{name}", "weight": 1.0}]
    item = context.items.get(context.names.aliases, account, f"ALIAS#{name}")
    if item is None:
        raise ApiError(404, "index_not_found", f"There is no index `{name}`.")
    return [{**target, "indexId": f"{account}-{target['index']}"} for target in item["targets"]]


def used_by(context: Context, account: str, index: str) -> list[str]:
    """Names of the aliases that lead to an index."""
    items = context.items.query(context.names.aliases, account, "ALIAS#")
    return [_told(item)["name"] for item in items if any(target["index"] == index for target in item["targets"])]


def _told(item: dict[str, Any]) -> dict[str, Any]:
    return {"name": item["sk"].removeprefix("ALIAS#"), "targets": item["targets"]}
