"""The settings of an index: what may be said, and what holds when nothing is."""

import copy
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, fitted, is_of, known, none_of, unprocessable, wanted
from hippodrome.services.fake_cell.models import dimension_of
from hippodrome.services.fake_cell.names import field_mistake, index_mistake
from hippodrome.services.fake_cell.schema import COMBINATION, POINTERS, VECTOR, Field, read_field

UNSTRUCTURED_ALONE: dict[str, Any] = {
    "treatUrlsAndPointersAsImages": False,
    "treatUrlsAndPointersAsMedia": False,
    "filterStringMaxLength": 50,
}
DEFAULTS: dict[str, Any] = {
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
    "allFields": list,
    "tensorFields": list,
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
STRUCTURED_ALONE = ("allFields", "tensorFields")
TYPES = {"structured", "unstructured", "semi-structured"}
PARTS: dict[str, dict[str, Kinds]] = {
    "textPreprocessing": {"splitLength": int, "splitOverlap": int, "splitMethod": str},
    "imagePreprocessing": {"patchMethod": str},
    "videoPreprocessing": {"splitLength": int, "splitOverlap": int},
    "audioPreprocessing": {"splitLength": int, "splitOverlap": int},
    "annParameters": {"spaceType": str, "parameters": dict},
}
NUMERIC_TYPES = {"float", "bfloat16"}
SPACE_TYPES = {"euclidean", "angular", "dotproduct", "prenormalized-angular", "geodegrees", "hamming"}
ANN_MAX = {"efConstruction": 4096, "m": 4096}
SPLIT_METHODS = {"character", "word", "sentence", "passage"}
PATCH_METHODS = {"simple", "frcnn", "dino-v1", "dino-v2", "marqo-yolo"}
MIN_GROUPS = 500
PREFIXES = {"textQueryPrefix", "textChunkPrefix"}


def check_name(name: str) -> str:
    """Raises ApiError for what no index can be called."""
    if mistake := index_mistake(name):
        raise _refused(mistake)
    return name


def complete(said: dict[str, Any]) -> dict[str, Any]:
    """The settings as the index will report them. Raises ApiError for what cannot be."""
    given = {key: _taken(key, value) for key, value in said.items() if value is not None}
    _check_one_of("type", given.get("type", "unstructured"), TYPES)
    is_structured = given.get("type") == "structured"
    _check_kind(given, is_structured=is_structured)
    settings: dict[str, Any] = {"type": "structured" if is_structured else "unstructured"}
    settings |= {} if is_structured else UNSTRUCTURED_ALONE
    settings |= copy.deepcopy(DEFAULTS) | {key: value for key, value in given.items() if key != "type"}
    for part in PARTS:
        settings[part] = _filled(part, given.get(part, {}))
    _check_values(settings)
    if is_structured:
        settings |= _structured(given)
    else:
        _settle_media(settings, given)
    if "collapseFields" in given:
        settings["collapseFields"] = _collapse(given["collapseFields"])
    _check_model(settings)
    return settings


def told(settings: dict[str, Any]) -> dict[str, Any]:
    """As the index reports them: the server keeps prefixes to itself."""
    return {key: value for key, value in settings.items() if key not in PREFIXES}


def _taken(key: str, value: Any) -> Any:
    if key not in KINDS:
        if "_" in key:
            raise unprocessable(f"Invalid field name '{key}'.", key)
        raise unprocessable(f"'{key}': extra fields not permitted. Known: {', '.join(KINDS)}.", key)
    found = fitted(value, KINDS[key])
    if not is_of(found, KINDS[key]):
        raise unprocessable(f"'{key}': {wanted(KINDS[key])}.", key)
    if isinstance(found, int) and found < 0:
        raise unprocessable(f"'{key}' cannot be below 0.", key)
    return found


def _check_model(settings: dict[str, Any]) -> None:
    own = settings.get("modelProperties")
    if own and "dimensions" not in own and not own.get("isMarqtuneModel"):
        raise _refused("The given model properties does not contain a 'dimensions' key")
    dimension_of(settings)


def _check_kind(given: dict[str, Any], *, is_structured: bool) -> None:
    """What belongs to the other kind of index is refused, not ignored."""
    if is_structured and given.get("collapseFields") is not None:
        raise _refused("collapseFields is only supported for unstructured indexes")
    foreign, kind = (UNSTRUCTURED_ALONE, "structured") if is_structured else (STRUCTURED_ALONE, "unstructured")
    for key in foreign:
        if key in given:
            raise _refused(f"{key} is not a valid parameter for {kind} indexes")


def _filled(part: str, said: dict[str, Any]) -> dict[str, Any]:
    """What is not said of a part is as it is by default."""
    default: dict[str, Any] = copy.deepcopy(DEFAULTS[part])
    return default | known(said, PARTS[part], part)


def _check_values(settings: dict[str, Any]) -> None:
    _check_one_of("vectorNumericType", settings["vectorNumericType"], NUMERIC_TYPES)
    _check_one_of("textPreprocessing.splitMethod", settings["textPreprocessing"]["splitMethod"], SPLIT_METHODS)
    if "patchMethod" in settings["imagePreprocessing"]:
        _check_one_of("imagePreprocessing.patchMethod", settings["imagePreprocessing"]["patchMethod"], PATCH_METHODS)
    for part in ("textPreprocessing", "videoPreprocessing", "audioPreprocessing"):
        if settings[part]["splitLength"] < 1:
            what = "ensure this value is greater than 0"
            raise unprocessable(f"{part}.splitLength: {what}", part, "splitLength")
        if settings[part]["splitOverlap"] < 0:
            what = "ensure this value is greater than or equal to 0"
            raise unprocessable(f"{part}.splitOverlap: {what}", part, "splitOverlap")
    _check_ann(settings["annParameters"])


def _check_ann(said: dict[str, Any]) -> None:
    _check_one_of("annParameters.spaceType", said["spaceType"], SPACE_TYPES)
    parameters = said["parameters"]
    if parameters.keys() != ANN_MAX.keys():
        message = f"annParameters.parameters must have {' and '.join(ANN_MAX)}, and nothing else."
        raise unprocessable(message, "annParameters", "parameters")
    for key, most in ANN_MAX.items():
        parameters[key] = fitted(parameters[key], int)
        if not is_of(parameters[key], int) or not 0 < parameters[key] <= most:
            message = f"annParameters.parameters.{key} must be a whole number from 1 to {most}."
            raise unprocessable(message, "annParameters", "parameters", key)


def _settle_media(settings: dict[str, Any], given: dict[str, Any]) -> None:
    """Images are media."""
    if settings["treatUrlsAndPointersAsMedia"]:
        if given.get("treatUrlsAndPointersAsImages") is False:
            what = "'treatUrlsAndPointersAsImages' cannot be False when 'treatUrlsAndPointersAsMedia' is True."
            raise _refused(f"Invalid combination: {what}")
        settings["treatUrlsAndPointersAsImages"] = True


def _structured(given: dict[str, Any]) -> dict[str, Any]:
    """Its fields and tensor fields as they are reported."""
    for key in STRUCTURED_ALONE:
        if key not in given:
            raise _refused(f"{key} is required for structured indexes")
    fields = {field.name: field for field in map(read_field, given["allFields"])}
    tensors = given["tensorFields"]
    if len(fields) != len(given["allFields"]):
        raise _refused("allFields: each name can be given once.")
    if not all(isinstance(name, str) for name in tensors):
        raise unprocessable("tensorFields must be a list of field names.", "tensorFields")
    for name in tensors:
        if name not in fields:
            raise _refused(f"Tensor field '{name}' is not a defined field. Field names: [{', '.join(fields)}]")
    for field in fields.values():
        _check_tensor(field, fields, tensors)
    return {"allFields": [field.told for field in fields.values()], "tensorFields": list(dict.fromkeys(tensors))}


def _check_tensor(field: Field, fields: dict[str, Field], tensors: list[str]) -> None:
    if field.type in (COMBINATION, VECTOR) and field.name not in tensors:
        raise _refused(f"Field '{field.name}' has type '{field.type}' and must be a tensor field.")
    if field.name in tensors and field.type not in {"text", *POINTERS, COMBINATION, VECTOR}:
        raise _refused(f"Field '{field.name}' has type '{field.type}' and cannot be a tensor field.")
    for part, _ in field.parts:
        if part not in fields:
            raise _refused(f"Field '{part}', of which '{field.name}' is made, is not a defined field.")
        if fields[part].type == VECTOR:
            what = f"cannot be a dependent field of multimodal field '{field.name}'."
            raise _refused(f"Field '{part}' is a custom vector field and {what}")
        if fields[part].type not in {"text", *POINTERS}:
            raise _refused(f"Field '{part}' has type '{fields[part].type}' and cannot be part of '{field.name}'.")


def _collapse(said: list[Any]) -> list[dict[str, Any]]:
    if len(said) != 1:
        raise _refused("collapseFields must name exactly one field.")
    for each in said:
        is_object = (
            isinstance(each, dict) and is_of(each.get("name"), str) and not each.keys() - {"name", "minGroups"}
        )
        groups = fitted(each.get("minGroups", MIN_GROUPS), int) if is_object else 0
        if not is_of(groups, int) or groups < 1:
            message = "collapseFields must be a list of objects with the name of a field each, and minGroups above 0."
            raise unprocessable(message, "collapseFields")
        if mistake := field_mistake(each["name"]):
            raise _refused(mistake)
    return [{"name": each["name"], "minGroups": fitted(each.get("minGroups", MIN_GROUPS), int)} for each in said]


def _check_one_of(key: str, value: str, known: set[str]) -> None:
    if value not in known:
        raise none_of(key, sorted(known), *key.split("."))


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
