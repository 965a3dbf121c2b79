"""Reading requests: JSON whatever the content type, held against the fields that a route knows."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request

from hippodrome.services.common.errors import ApiError

MISSING_AUTH = "Missing authentication object. An authentic object, for example `s3` or  `hf`, must be provided. "
Kinds = type | tuple[type, ...]
WANTED: dict[type, str] = {
    str: "str type expected",
    bool: "value could not be parsed to a boolean",
    float: "value is not a valid float",
    int: "value is not a valid integer",
    list: "value is not a valid list",
    dict: "value is not a valid dict",
}
TRUE = {"true", "1"}
WORDS = dict.fromkeys(("true", "on", "yes", "t", "y", "1"), True)
WORDS |= dict.fromkeys(("false", "off", "no", "f", "n", "0"), False)
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DEVICES = ["cpu", "cuda"]
BYTES_MAX = 64 * 2**20  # five times the largest batch of documents
DEPTH_MAX = 32
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


async def json_body(request: Request) -> Any:
    """The body; None when there is none. Raises ApiError 400 for what is not JSON, 413 for what is too much."""
    raw = await _read(request)
    if not raw.strip():
        return None
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_finite, parse_float=_finite)
        if SURROGATE.search(raw):
            json.dumps(body, ensure_ascii=False).encode("utf-8")  # fails for half a pair, which no answer can hold
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "bad_request", f"The body is not JSON: {error}") from error
    if _is_deeper(body, DEPTH_MAX):
        raise ApiError(400, "bad_request", f"The body is nested more than {DEPTH_MAX} deep.")
    return body


async def _read(request: Request) -> bytes:
    """All of it: a client that is refused in the middle of sending would not hear why."""
    parts, size = list[bytes](), 0
    async for part in request.stream():
        size += len(part)
        if size <= BYTES_MAX:
            parts.append(part)
        else:
            parts.clear()
    if size > BYTES_MAX:
        raise ApiError(413, "payload_too_large", f"A request has at most {BYTES_MAX} bytes, this one {size}.")
    return b"".join(parts)


def _finite(text: str) -> float:
    """Numbers that JSON has no way to write, such as NaN or 1e999, would spoil every answer they come into."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number")
    return number


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    held = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(each, depth - 1) for each in held)


async def json_object(request: Request, fields: Mapping[str, Kinds], *, nulls: str = "") -> dict[str, Any]:
    """An object with no other fields than these, each null or of its type. Raises ApiError 400, 413 or 422.

    A null is as good as nothing, but for the field `nulls`.
    """
    body = await json_body(request)
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise unprocessable("The body must be a JSON object.")
    found = dict[str, Any]()
    for name, value in body.items():
        if name not in fields:
            raise unprocessable(f"'{name}': extra fields not permitted. Known: {', '.join(fields)}.", name)
        found[name] = _taken(value, fields[name], f"Field '{name}'", name)
    return {name: value for name, value in found.items() if value is not None or name == nulls}


def known(said: Any, fields: Mapping[str, Kinds], *where: str) -> dict[str, Any]:
    """The same as `json_object` of an object within a body; `where` is its path. Raises ApiError 422."""
    path = ".".join(where)
    if not isinstance(said, dict):
        raise unprocessable(f"{path} must be an object.", *where)
    found = dict[str, Any]()
    for name, value in said.items():
        if name not in fields:
            raise unprocessable(f"{path}: extra fields not permitted: '{name}'.", *where, name)
        found[name] = _taken(value, fields[name], f"{path}.{name}", *where, name)
    return {name: value for name, value in found.items() if value is not None}


def _taken(value: Any, kinds: Kinds, shown: str, *field: str) -> Any:
    """A null, or a value of one of these types. Raises ApiError 422."""
    found = fitted(value, kinds)
    if found is not None and not is_of(found, kinds):
        raise unprocessable(f"{shown}: {wanted(kinds)}.", *field)
    return found


def wanted(kinds: Kinds) -> str:
    """In the words of the server's models."""
    among = kinds if isinstance(kinds, tuple) else (kinds,)
    return next(said for kind, said in WANTED.items() if kind in among)


def fitted(value: Any, kinds: Kinds) -> Any:
    """What the server's models take for a value of one of these types: `"10"` and 10.0 for 10, `"yes"` for true.

    And 10 for `"10"`, where a text may stand.

    Whatever does not fit is given back as it is. As pydantic converts, in each of its versions:
    https://docs.pydantic.dev/latest/concepts/conversion_table/
    """
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if is_of(value, wanted) or not isinstance(value, str | int | float):
        return value
    if str in wanted:
        return str(value)
    if bool in wanted:
        return WORDS.get(str(value).lower(), value)
    if int in wanted and (whole := _whole(value)) is not None:
        return whole
    if float in wanted and (found := number(value)) is not None:
        return found
    return value


def _whole(value: str | float) -> int | None:
    """What is written as a whole number, or is one."""
    if isinstance(value, str):
        return int(value) if WHOLE.fullmatch(value) else None
    return int(value) if not isinstance(value, bool) and value % 1 == 0 and abs(value) < 2**53 else None


def names_in(body: Mapping[str, Any], field: str) -> tuple[str, ...] | None:
    """A list of names of fields; None when it is not there. Raises ApiError 422."""
    given = body.get(field)
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(name, str | int | float) for name in given):
        raise unprocessable(f"Field '{field}' must be a list of field names.", field)
    return tuple(map(str, given))


def is_of(value: Any, kinds: Kinds) -> bool:
    """isinstance, with true and false no numbers."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    return isinstance(value, wanted) and (not isinstance(value, bool) or bool in wanted)


def number(value: Any) -> float | None:
    """A finite number, text of digits among them as the server takes it; None for anything else."""
    if not is_of(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def unprocessable(message: str, *field: str) -> ApiError:
    """The error of a body that does not fit. `field` is the path of what is wrong in it."""
    return ApiError(422, "unprocessable_entity", message, at=("body", *field))


def none_of(shown: str, known: Iterable[str], *field: str) -> ApiError:
    """The error of a word that is none of those known."""
    words = ", ".join(f"'{each}'" for each in known)
    return unprocessable(f"{shown}: value is not a valid enumeration member; permitted: {words}.", *field)


def check_model_auth(body: Mapping[str, Any]) -> None:
    """Raises ApiError 400 when `modelAuth` has none or both of the ways in that there are."""
    said = body.get("modelAuth")
    if said is None:
        return
    ways = [each for each in ("s3", "hf") if said.get(each) is not None]
    if not ways:
        raise ApiError(400, "invalid_argument", MISSING_AUTH)
    if len(ways) > 1:
        what = "Only one model authentication object is allowed"
        raise ApiError(400, "invalid_argument", f"More than one model authentication was provided. {what}")


def flag(request: Request, name: str) -> bool:
    """A query parameter as a truth value; `?&name=True` is said too."""
    return request.query_params.get(name, "").lower() in TRUE


def check_device(request: Request) -> None:
    """There is no GPU here. Raises ApiError 400."""
    device = request.query_params.get("device")
    if device is None:
        return
    kind = next((each for each in DEVICES if device.lower().startswith(each)), None)
    if kind is None:
        what = f"doesn't start with a known device type. Acceptable device types: {DEVICES}"
        raise ApiError(400, "invalid_argument", f"Given device `{device}` {what}")
    number = device.lower().removeprefix(kind)
    if number and not WHOLE.fullmatch(number):
        what = f"not recognised. Acceptable devices: {DEVICES}"
        raise ApiError(400, "invalid_argument", f"Given device `{device}` {what}")
    if kind == "cuda":
        asked = f"Requested device: `{kind}{number and ':'}{number}`"
        message = f"Requested device is not available to this Marqo instance. {asked}"
        raise ApiError(400, "hardware_compatability_error", message)
