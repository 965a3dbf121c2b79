"""The settings of an index: what may be said, what holds when nothing is, how wide its vectors are."""

import copy
import re
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, is_of, unprocessable

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
KINDS: dict[str, Kinds] = {
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
    "collapseFields": list,
}
LATER = ("allFields", "tensorFields")  # of structured indexes
UNSTRUCTURED = {"unstructured", "semi-structured"}
PARTS = ("textPreprocessing", "videoPreprocessing", "audioPreprocessing", "annParameters")
NUMERIC_TYPES = {"float", "bfloat16"}
SPACE_TYPES = {"euclidean", "angular", "dotproduct", "prenormalized-angular", "geodegrees", "hamming"}
ANN_MAX = {"efConstruction": 4096, "m": 4096}
DIMENSION_MAX = 10_000
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
    given = {key: value for key, value in said.items() if value is not None}
    for key, value in given.items():
        _check(key, value)
    settings = copy.deepcopy(DEFAULTS) | given
    for part in PARTS:
        settings[part] = _filled(part, given.get(part, {}))
    settings["type"] = "unstructured"
    _settle_media(settings, given)
    _check_one_of("vectorNumericType", settings["vectorNumericType"], NUMERIC_TYPES)
    _check_splitting(settings["textPreprocessing"])
    _check_ann(settings["annParameters"])
    _check_collapse(settings.get("collapseFields", []))
    dimension_of(settings)
    return settings


def _check(key: str, value: Any) -> None:
    if key in LATER or (key == "type" and isinstance(value, str) and value not in UNSTRUCTURED):
        raise _refused(f"{key}: structured indexes are not supported by this fake cell yet.")
    if key not in KINDS:
        raise unprocessable(f"Unknown setting '{key}'. Known: {', '.join(KINDS)}.", key)
    if not is_of(value, KINDS[key]):
        raise unprocessable(f"'{key}' has a value of the wrong type.", key)
    if isinstance(value, int) and value < 0:
        raise unprocessable(f"'{key}' cannot be below 0.", key)


def _filled(part: str, said: dict[str, Any]) -> dict[str, Any]:
    """What is not said of a part is as it is by default."""
    known: dict[str, Any] = DEFAULTS[part]
    for key, value in said.items():
        if key not in known:
            raise unprocessable(f"Unknown setting '{part}.{key}'. Known: {', '.join(known)}.", part, key)
        if value is not None and not is_of(value, type(known[key])):
            raise unprocessable(f"'{part}.{key}' has a value of the wrong type.", part, key)
    return copy.deepcopy(known) | {key: value for key, value in said.items() if value is not None}


def _settle_media(settings: dict[str, Any], given: dict[str, Any]) -> None:
    """Images are media."""
    if settings["treatUrlsAndPointersAsMedia"]:
        if given.get("treatUrlsAndPointersAsImages") is False:
            raise _refused("treatUrlsAndPointersAsImages cannot be false when treatUrlsAndPointersAsMedia is true.")
        settings["treatUrlsAndPointersAsImages"] = True


def _check_splitting(said: dict[str, Any]) -> None:
    if not 0 <= said["splitOverlap"] < said["splitLength"]:
        raise _refused("textPreprocessing: splitLength must be above splitOverlap, and neither below 0.")
    _check_one_of("textPreprocessing.splitMethod", said["splitMethod"], SPLIT_METHODS)


def _check_ann(said: dict[str, Any]) -> None:
    _check_one_of("annParameters.spaceType", said["spaceType"], SPACE_TYPES)
    parameters = said["parameters"]
    if parameters.keys() != ANN_MAX.keys():
        raise _refused(f"annParameters.parameters must have {' and '.join(ANN_MAX)}, and nothing else.")
    for key, most in ANN_MAX.items():
        if not is_of(parameters[key], int) or not 0 < parameters[key] <= most:
            raise _refused(f"annParameters.parameters.{key} must be a whole number from 1 to {most}.")


def _check_collapse(said: list[Any]) -> None:
    if not all(isinstance(each, dict) and each.keys() == {"name"} and is_of(each["name"], str) for each in said):
        raise _refused("collapseFields must be a list of objects with the name of a field each.")


def _check_one_of(key: str, value: str, known: set[str]) -> None:
    if value not in known:
        raise _refused(f"{key} must be one of {', '.join(sorted(known))}, not {value}.")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)


def dimension_of(settings: dict[str, Any]) -> int:
    """How wide its vectors are. Raises ApiError for a model that nobody knows."""
    own = (settings.get("modelProperties") or {}).get("dimensions")
    if isinstance(own, int) and not isinstance(own, bool) and 0 < own <= DIMENSION_MAX:
        return own
    model = settings["model"]
    for name, dimension in DIMENSIONS:
        if model.startswith(name):
            return dimension
    message = f"Unknown model '{model}'. Give modelProperties with its dimensions, or use hf/e5-base-v2."
    raise ApiError(400, "bad_request", message)
