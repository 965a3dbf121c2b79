"""Reading what a request says."""

import json
import math
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest

from .errors import ApiError

NAME = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*\Z")
NAME_MAX = 32
ACCOUNT = re.compile(r"[a-z][a-z0-9]{0,11}\Z")
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


def allow(request: HttpRequest, *methods: str) -> None:
    """Raises ApiError 405."""
    if request.method not in methods:
        raise ApiError(405, "method_not_allowed", f"{request.method} is not for this path; {', '.join(methods)} is.")


def text_field(body: dict[str, Any], name: str, length: int, default: str | None = None) -> str:
    """Raises ApiError 422 for what is missing, no text, empty or longer than `length` characters."""
    value = body.get(name, default)
    if not isinstance(value, str) or (not value and default is None) or len(value) > length:
        raise ApiError(422, "unprocessable_entity", f"{name} must be text of at most {length} characters.")
    return value


def email_field(body: dict[str, Any]) -> str:
    """Empty where none is said. Raises ApiError 422."""
    value = text_field(body, "email", 254, default="")
    try:
        if value:
            validate_email(value)
    except ValidationError as error:
        raise ApiError(422, "unprocessable_entity", "email must be an address of mail.") from error
    return value


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
