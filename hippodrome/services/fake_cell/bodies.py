"""Reading requests: JSON whatever the content type, held against the fields that a route knows."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from hippodrome.services.common.errors import ApiError

Kinds = type | tuple[type, ...]
TRUE = {"true", "1"}


async def json_body(request: Request) -> Any:
    """The body; None when there is none. Raises ApiError 400 for what is not JSON."""
    raw = await request.body()
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "bad_request", f"The body is not JSON: {error}") from error


async def json_object(request: Request, fields: Mapping[str, Kinds]) -> dict[str, Any]:
    """An object with no other fields than these, each null or of its type. Raises ApiError 400 or 422."""
    body = await json_body(request)
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise unprocessable("The body must be a JSON object.")
    for name, value in body.items():
        if name not in fields:
            raise unprocessable(f"Unknown field '{name}'. Known: {', '.join(fields)}.")
        if value is not None and not is_of(value, fields[name]):
            raise unprocessable(f"Field '{name}' has a value of the wrong type.")
    return {name: value for name, value in body.items() if value is not None}


def is_of(value: Any, kinds: Kinds) -> bool:
    """isinstance, with true and false no numbers."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    return isinstance(value, wanted) and (not isinstance(value, bool) or bool in wanted)


def unprocessable(message: str) -> ApiError:
    """The error of a body that does not fit."""
    return ApiError(422, "unprocessable_entity", message)


def flag(request: Request, name: str) -> bool:
    """A query parameter as a truth value; `?&name=True` is said too."""
    return request.query_params.get(name, "").lower() in TRUE


def check_device(request: Request) -> None:
    """There is no GPU here. Raises ApiError 400."""
    if request.query_params.get("device", "cpu").startswith("cuda"):
        raise ApiError(
            400, "hardware_compatability_error", "Requested device is not available: there is no cuda here."
        )
