"""The settings of an index: what may be said, what holds when nothing is, how wide its vectors are."""

import copy
import re
from typing import Any

from hippodrome.services.common.errors import ApiError

DEFAULTS: dict[str, Any] = {
    "type": "unstructured",
    "treatUrlsAndPointersAsImages": False,
    "treatUrlsAndPointersAsMedia": False,
    "filterStringMaxLength": 50,
    "model": "hf/e5-base-v2",
    "normalizeEmbeddings": True,
    "textPreprocessing": {"splitLength": 2, "splitOverlap": 0, "splitMethod": "sentence"},
    "imagePreprocessing": {},
    "videoPreprocessing": {"splitLength": 20, "splitOverlap": 3},
    "audioPreprocessing": {"splitLength": 10, "splitOverlap": 3},
    "vectorNumericType": "float",
    "annParameters": {"spaceType": "prenormalized-angular", "parameters": {"efConstruction": 512, "m": 16}},
}
KINDS: dict[str, type | tuple[type, ...]] = {
    "type": str,
    "treatUrlsAndPointersAsImages": bool,
    "treatUrlsAndPointersAsMedia": bool,
    "filterStringMaxLength": int,
    "model": str,
    "modelProperties": dict,
    "normalizeEmbeddings": bool,
    "textPreprocessing": dict,
    "imagePreprocessing": dict,
    "videoPreprocessing": dict,
    "audioPreprocessing": dict,
    "vectorNumericType": str,
    "annParameters": dict,
    "textQueryPrefix": str,
    "textChunkPrefix": str,
}
LATER = ("allFields", "tensorFields", "collapseFields")  # of structured indexes
UNSTRUCTURED = {"unstructured", "semi-structured"}
SPLIT_METHODS = {"character", "word", "sentence", "passage"}
DIMENSIONS: tuple[tuple[str, int], ...] = (  # longest names first
    ("hf/all_datasets_v4_MiniLM-L6", 384),
    ("hf/all-MiniLM-L6", 384),
    ("hf/e5-small", 384),
    ("hf/e5-large", 1024),
    ("hf/e5-base", 768),
    ("open_clip/ViT-L-14", 768),
    ("open_clip/ViT-H-14", 1024),
    ("open_clip/ViT-B-", 512),
    ("ViT-L/14", 768),
    ("ViT-B/", 512),
    ("random/small", 32),
    ("random/medium", 128),
    ("random/large", 768),
)
NAME = re.compile(r"[a-zA-Z_-][a-zA-Z0-9_-]*\Z")


def check_name(name: str) -> str:
    """Raises ApiError for what no index can be called."""
    if not NAME.match(name) or name.startswith("marqo__"):
        message = f"'{name}' is not a valid index name. It must match {NAME.pattern[:-2]} and not begin with marqo__."
        raise ApiError(400, "invalid_argument", message)
    return name


def complete(said: dict[str, Any]) -> dict[str, Any]:
    """The settings as the index will report them. Raises ApiError for what cannot be."""
    for key, value in said.items():
        _check(key, value)
    settings = copy.deepcopy(DEFAULTS) | {key: value for key, value in said.items() if value is not None}
    settings["type"] = "unstructured"
    _check_media(settings)
    _check_splitting(settings["textPreprocessing"])
    dimension_of(settings)
    return settings


def _check(key: str, value: Any) -> None:
    if key in LATER or (key == "type" and value not in UNSTRUCTURED):
        message = f"{key}: structured indexes are not supported by this fake cell yet."
        raise ApiError(400, "invalid_argument", message)
    if key not in KINDS:
        raise ApiError(422, "unprocessable_entity", f"Unknown setting '{key}'. Known: {', '.join(KINDS)}.")
    kind = KINDS[key]
    is_wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if value is not None and is_wrong:
        raise ApiError(422, "unprocessable_entity", f"'{key}' has a value of the wrong type.")


def _check_media(settings: dict[str, Any]) -> None:
    if settings["treatUrlsAndPointersAsMedia"] and not settings["treatUrlsAndPointersAsImages"]:
        message = "treatUrlsAndPointersAsImages cannot be false when treatUrlsAndPointersAsMedia is true."
        raise ApiError(400, "invalid_argument", message)


def _check_splitting(said: dict[str, Any]) -> None:
    length, overlap = said.get("splitLength", 2), said.get("splitOverlap", 0)
    numbers = all(isinstance(each, int) and not isinstance(each, bool) for each in (length, overlap))
    if not numbers or not 0 <= overlap < length or said.get("splitMethod", "sentence") not in SPLIT_METHODS:
        message = "textPreprocessing: splitLength must be above splitOverlap, both whole numbers, and splitMethod one"
        raise ApiError(400, "invalid_argument", f"{message} of {', '.join(sorted(SPLIT_METHODS))}.")


def dimension_of(settings: dict[str, Any]) -> int:
    """How wide its vectors are. Raises ApiError for a model that nobody knows."""
    own = (settings.get("modelProperties") or {}).get("dimensions")
    if isinstance(own, int) and not isinstance(own, bool) and 0 < own <= 10_000:
        return own
    model = settings["model"]
    for name, dimension in DIMENSIONS:
        if model.startswith(name):
            return dimension
    message = f"Unknown model '{model}'. Give modelProperties with its dimensions, or use hf/e5-base-v2."
    raise ApiError(400, "bad_request", message)
