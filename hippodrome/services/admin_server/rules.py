"""Merchandising rules of an index."""

import time
import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field, model_validator

from hippodrome.services.admin_server import settings
from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Everything, Reader
from hippodrome.services.common.api import Body
from hippodrome.services.common.errors import ApiError

router = APIRouter(prefix="/api/v1/indexes/{name}/rules")
Id = Annotated[str, Field(min_length=1, max_length=512)]


class Scope(Body):
    """Which searches a rule is about."""

    kind: Literal["query", "collection", "global"]
    value: str | None = Field(default=None, max_length=200)
    match: Literal["exact", "contains"] = "exact"

    @model_validator(mode="after")
    def _has_value(self) -> "Scope":
        if self.kind != "global" and not self.value:
            raise ValueError(f"a scope of kind {self.kind} needs a value")
        return self


class Pin(Body):
    id: Id
    position: int = Field(ge=1, le=1000)


class Rule(Body):
    name: str = Field(min_length=1, max_length=200)
    type: Literal["pin", "boost", "bury", "hide", "redirect"]
    enabled: bool = True
    scope: Scope
    pins: tuple[Pin, ...] = Field(default=(), max_length=100)
    document_ids: tuple[Id, ...] = Field(default=(), max_length=1000)
    filter: str | None = Field(default=None, max_length=4000)
    strength: float = Field(default=2.0, gt=1, le=100)
    url: str | None = Field(default=None, max_length=2000)
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> "Rule":
        needed = {
            "pin": bool(self.pins),
            "boost": bool(self.filter or self.document_ids),
            "bury": bool(self.filter or self.document_ids),
            "hide": bool(self.filter or self.document_ids),
            "redirect": bool(self.url),
        }
        if not needed[self.type]:
            what = {"pin": "pins", "redirect": "a url"}.get(self.type, "a filter or documentIds")
            raise ValueError(f"a rule of type {self.type} needs {what}")
        if len({pin.position for pin in self.pins}) < len(self.pins) or len({pin.id for pin in self.pins}) < len(
            self.pins
        ):
            raise ValueError("each pin needs a place and a product of its own")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("a rule ends after it starts")
        return self


@router.get("")
def every(name: Name, caller: Reader, context: Everything) -> dict[str, Any]:
    """All, also those that are switched off."""
    return {"rules": [told(item) for item in items_of(context, index_id(context, caller.account, name))]}


@router.post("", status_code=201)
def create(name: Name, body: Rule, caller: Admin, context: Everything) -> dict[str, Any]:
    """Acts on the next searches."""
    index = index_id(context, caller.account, name)
    _check_filter(context, index, body.filter)
    return store(context, index, uuid.uuid4().hex[:12], plain(body))


@router.get("/{rule_id}")
def get(name: Name, rule_id: str, caller: Reader, context: Everything) -> dict[str, Any]:
    """One of them."""
    return told(_item(context, index_id(context, caller.account, name), rule_id))


@router.put("/{rule_id}")
def put(name: Name, rule_id: str, body: Rule, caller: Admin, context: Everything) -> dict[str, Any]:
    """Replaces it."""
    index = index_id(context, caller.account, name)
    known = _item(context, index, rule_id)
    _check_filter(context, index, body.filter)
    return store(context, index, rule_id, plain(body), version=known["version"])


@router.delete("/{rule_id}")
def delete(name: Name, rule_id: str, caller: Admin, context: Everything) -> dict[str, bool]:
    """It acts no more."""
    index = index_id(context, caller.account, name)
    if context.items.delete(context.names.merchandising, f"INDEX#{index}", f"RULE#{rule_id}") is None:
        raise _no_such(rule_id)
    return {"acknowledged": True}


def index_id(context: Context, account: str, name: str) -> str:
    """Of an index that is there. Raises ApiError 404."""
    return str(settings.item_of(context, account, name)["indexId"])


def items_of(context: Context, index: str) -> list[dict[str, Any]]:
    """Of all rules of an index."""
    return list(context.items.query(context.names.merchandising, f"INDEX#{index}", "RULE#"))


def plain(rule: Rule) -> dict[str, Any]:
    """As it is stored: what nobody has said is left out."""
    return rule.model_dump(by_alias=True, mode="json", exclude_none=True)


def store(context: Context, index: str, rule_id: str, rule: dict[str, Any], version: int = 0) -> dict[str, Any]:
    """With the next version. Raises ApiError 409 when somebody else was quicker."""
    item = {
        "pk": f"INDEX#{index}",
        "sk": f"RULE#{rule_id}",
        "rule": {**rule, "id": rule_id},
        "version": version + 1,
        "updatedAt": time.time(),
    }
    context.items.put(context.names.merchandising, item, version=version)
    return told(item)


def told(item: dict[str, Any]) -> dict[str, Any]:
    """As the API answers it."""
    return {**item["rule"], "version": item["version"], "updatedAt": item["updatedAt"]}


def _item(context: Context, index: str, rule_id: str) -> dict[str, Any]:
    item = context.items.get(context.names.merchandising, f"INDEX#{index}", f"RULE#{rule_id}")
    if item is None:
        raise _no_such(rule_id)
    return item


def _no_such(rule_id: str) -> ApiError:
    return ApiError(404, "rule_not_found", f"There is no rule `{rule_id}`.")


def _check_filter(context: Context, index: str, text: str | None) -> None:
    """The data plane knows its own language. Raises ApiError 422 with what it says."""
    if text:
        asked = {"q": "*", "searchMethod": "LEXICAL", "limit": 1, "filter": text}
        answer = context.cell.ask("POST", f"/indexes/{index}/search", json=asked)
        if answer.is_client_error:
            raise ApiError(422, "unprocessable_entity", f"filter: {answer.json().get('message')}", at=("filter",))
