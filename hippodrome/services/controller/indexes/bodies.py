"""Reading what a request says."""

import json
import math
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from .errors import ApiError
from .models import Account, ApiKey

NAME = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*\Z")
NAME_MAX = 32
DEPTH_MAX = 32
NUMBERS = {
    "numberOfShards": "number_of_shards",
    "numberOfReplicas": "number_of_replicas",
    "numberOfInferences": "number_of_inferences",
}
CLASSES = {
    "inferenceType": ("inference_type", {"marqo.CPU.small", "marqo.CPU.large", "marqo.GPU"}),
    "storageClass": ("storage_class", {"marqo.basic", "marqo.balanced", "marqo.performance"}),
}
CELL_SETTINGS = (  # what the cell knows; the control plane passes over anything else
    "type",
    "model",
    "modelProperties",
    "normalizeEmbeddings",
    "textPreprocessing",
    "imagePreprocessing",
    "videoPreprocessing",
    "audioPreprocessing",
    "vectorNumericType",
    "annParameters",
    "treatUrlsAndPointersAsImages",
    "treatUrlsAndPointersAsMedia",
    "filterStringMaxLength",
    "allFields",
    "tensorFields",
    "textQueryPrefix",
    "textChunkPrefix",
    "collapseFields",
)


def account_of(request: HttpRequest, *, may_write: bool) -> Account:
    """Whose key the request has. Raises ApiError 401 without a known one, 403 where its scope does not reach."""
    key = ApiKey.objects.select_related("account").filter(key=request.headers.get("x-api-key", "")).first()
    if key is None:
        raise ApiError(401, "unauthorized", "A valid API key is needed in the header x-api-key.")
    if may_write and key.scope != "admin":
        raise ApiError(403, "forbidden", f"A key with scope {key.scope} may not do this.")
    return key.account


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The body, whatever its content type; an empty one is {}. Raises ApiError 400, 413 or 422."""
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise ApiError(413, "payload_too_large", "The body is too large for the settings of an index.") from error
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_finite, parse_float=_finite)
        json.dumps(body, ensure_ascii=False).encode("utf-8")  # fails for half a surrogate pair
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "bad_request", f"The body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ApiError(422, "unprocessable_entity", "The body must be a JSON object.")
    if _is_deeper(body, DEPTH_MAX):
        raise ApiError(400, "bad_request", f"The body is nested more than {DEPTH_MAX} deep.")
    return body


def _finite(text: str) -> float:
    """Neither the database nor the cell can be told a number that JSON has no way to write."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number")
    return number


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    held = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(each, depth - 1) for each in held)


def valid_name(name: str) -> str:
    """Raises ApiError 400."""
    if not NAME.match(name) or len(name) > NAME_MAX or name.startswith("marqo__"):
        message = f"indexName `{name[:80]}` must match {NAME.pattern[:-2]}, have at most {NAME_MAX} characters,"
        raise ApiError(400, "invalid_argument", f"{message} and not begin with marqo__.")
    return name


def capacity(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of an Index that the body sets. Raises ApiError 422 naming the field."""
    found: dict[str, Any] = {}
    for key, field in NUMBERS.items():
        if (value := body.get(key)) is not None:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
                raise ApiError(422, "unprocessable_entity", f"{key} must be a whole number from 0 to 100.")
            found[field] = value
    for key, (field, known) in CLASSES.items():
        if (value := body.get(key)) is not None:
            if value not in known if isinstance(value, str) else True:
                raise ApiError(422, "unprocessable_entity", f"{key} must be one of {', '.join(sorted(known))}.")
            found[field] = value
    return found


def for_the_cell(body: dict[str, Any]) -> dict[str, Any]:
    """The settings that the cell is given."""
    return {key: body[key] for key in CELL_SETTINGS if key in body}
