"""Settings of an index: what is searched, counted, sorted, rewritten."""

import time
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Everything, Reader
from hippodrome.services.common.api import Body, FreeObject
from hippodrome.services.common.errors import ApiError

router = APIRouter(prefix="/api/v1/indexes/{name}/settings")
TRIES = 3

Word = Annotated[str, Field(min_length=1, max_length=200)]
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$", max_length=100)]


class Redirect(Body):
    query: Word
    url: Word


class Sort(Body):
    field_name: FieldName
    order: str = Field(default="desc", pattern="^(asc|desc)$")


class Settings(Body):
    """All of them have a value, also when nobody has said one."""

    searchable_fields: dict[FieldName, Annotated[float, Field(ge=0, le=100)]] = Field(
        default_factory=lambda: {"productTitle": 3.0, "variantTitle": 1.0, "description": 1.0}
    )
    facets: dict[FieldName, FreeObject] = Field(default_factory=dict)
    default_sort: tuple[Sort, ...] | None = Field(default=None, max_length=3)
    collapse: bool = True
    synonyms: tuple[Annotated[tuple[Word, ...], Field(min_length=2, max_length=50)], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    tensor_fields: tuple[FieldName, ...] = ("productTitle",)


@router.get("")
def get(name: Name, caller: Reader, context: Everything) -> dict[str, Any]:
    """As they are, with the version that a change of them must follow."""
    return told(item_of(context, caller.account, name))


@router.put("")
def put(name: Name, body: Settings, caller: Admin, context: Everything) -> dict[str, Any]:
    """Replaces all; what is not said is as it is by default."""
    item = item_of(context, caller.account, name)
    return _changed(context, item, body.model_dump(by_alias=True, mode="json"))


@router.patch("")
def patch(name: Name, body: Settings, caller: Admin, context: Everything) -> dict[str, Any]:
    """Replaces what is said; the rest stays."""
    said = body.model_dump(by_alias=True, mode="json", exclude_unset=True)
    for attempt in range(TRIES):
        item = item_of(context, caller.account, name)
        try:
            return _changed(context, item, {**item["settings"], **said})
        except ApiError as error:
            if error.code != "conflict" or attempt == TRIES - 1:
                raise
    raise AssertionError


def item_of(context: Context, account: str, name: str) -> dict[str, Any]:
    """Raises ApiError 404."""
    item = context.items.get(context.names.settings, account, f"INDEX#{name}")
    if item is None:
        raise ApiError(404, "index_not_found", f"There is no index `{name}`.")
    return item


def told(item: dict[str, Any]) -> dict[str, Any]:
    """As the API answers them."""
    return {**item["settings"], "version": item["version"], "updatedAt": item["updatedAt"]}


def fresh_item(account: str, name: str, settings: dict[str, Any], model: str) -> dict[str, Any]:
    """Of an index that is being made."""
    return {
        "pk": account,
        "sk": f"INDEX#{name}",
        "indexId": f"{account}-{name}",
        "model": model,
        "settings": settings,
        "version": 1,
        "createdAt": time.time(),
        "updatedAt": time.time(),
    }


def _changed(context: Context, item: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Raises ApiError 409 where another has written since the item was read."""
    new = {**item, "settings": settings, "version": item["version"] + 1, "updatedAt": time.time()}
    context.items.put(context.names.settings, new, version=item["version"])
    return told(new)
