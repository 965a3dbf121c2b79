"""EventBridge's envelope: reading one that comes to the webhook, making one by hand."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeGuard

from hippodrome.events.names import SOURCE

BYTES_MAX = 1 << 20
TYPE_MAX = 128  # characters, as EventBridge has it
ID_MAX = 200
IMAGES = {"INSERT": ("newImage",), "MODIFY": ("newImage", "oldImage"), "REMOVE": ("oldImage",)}

Body = dict[str, Any]


class NotAnEventError(Exception):
    """The reasons are for whoever has sent it."""


@dataclass(frozen=True)
class Event:
    """`body` as it came; `id` its own, or one made for it.

    What has one `lane`, table and primary key, is delivered in the order of its arrival; without keys an event has a
    lane of its own. `key` is the primary key as people read it: `local/INDEX#shop`.
    """

    id: str
    detail_type: str
    lane: str
    key: str
    body: Body

    @property
    def shown(self) -> str:
        """As people call it: type and key."""
        return f"{self.detail_type} {self.key}".rstrip()


def parse_event(raw: bytes) -> Event:
    """Raises NotAnEventError with what is wrong."""
    try:
        body = json.loads(raw, parse_constant=_refuse)
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise NotAnEventError(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise NotAnEventError("the body must be a JSON object")
    detail_type, said = body.get("detail-type"), body.get("id")
    if not _is_name(detail_type, TYPE_MAX):
        raise NotAnEventError(f"`detail-type` must be a text of 1 to {TYPE_MAX} printable characters")
    identifier = said if _is_name(said, ID_MAX) else str(uuid.uuid4())
    keys = _keys(body)
    table = body["detail"].get("tableName", "") if keys else ""
    lane = json.dumps([table, keys], sort_keys=True) if keys else identifier
    return Event(identifier, detail_type, lane, shown_key(keys), body)


def shown_key(keys: Mapping[str, Any]) -> str:
    """The values of a primary key in DynamoDB JSON, partition key first, as people read them."""
    ordered = sorted(keys.items(), key=lambda each: (each[0] != "pk", each[0]))
    return "/".join(str(next(iter(value.values()), "")) if isinstance(value, dict) else "" for _, value in ordered)


def made(detail_type: str, table: str, keys: Mapping[str, str], images: Mapping[str, Body]) -> Body:
    """An envelope as the pipe of a table makes it. `keys`: plain text; `images`: DynamoDB JSON by `newImage` and
    `oldImage`, each the keys alone where it is not said and the event has one."""
    name = detail_type.rpartition(".")[2]
    told = {key: {"S": value} for key, value in keys.items()}
    has = IMAGES.get(name, ())
    detail = {"eventName": name, "tableName": table, "keys": told, **dict.fromkeys(has, told), **images}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": SOURCE,
        "account": "123456789012",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


def image(values: Mapping[str, str]) -> Body:
    """An item in DynamoDB JSON, of values that are JSON or else text."""
    return {name: _attribute(_value(value)) for name, value in values.items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text


def _attribute(value: Any) -> Body:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if isinstance(value, list):
        return {"L": [_attribute(each) for each in value]}
    if isinstance(value, dict):
        return {"M": {name: _attribute(each) for name, each in value.items()}}
    return {"S": str(value)}


def _keys(body: Body) -> Body:
    detail = body.get("detail")
    keys = detail.get("keys") if isinstance(detail, dict) else None
    return keys if isinstance(keys, dict) else {}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _is_name(value: Any, longest: int) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
