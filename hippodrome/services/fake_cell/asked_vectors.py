"""Reading `q` and `context` of a search: what its vector is made of."""

from collections.abc import Iterable
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, fitted, known, number, unprocessable
from hippodrome.services.fake_cell.vectors import Context, ContextDocuments, Given, Words

TENSORS_MAX = 64
CONTEXT: dict[str, Kinds] = {"tensor": list, "documents": dict}
DOCUMENTS: dict[str, Kinds] = {"ids": (dict, list), "parameters": dict}
PARAMETERS: dict[str, Kinds] = {
    "tensorFields": list,
    "excludeInputDocuments": bool,
    "allowMissingDocuments": bool,
    "allowMissingEmbeddings": bool,
}


def read_words(q: Any, where: str = "q") -> Words:
    """Text, texts with weights, or a vector with its text. Raises ApiError."""
    if q is None or isinstance(q, str):
        return q
    if not isinstance(q, dict):
        raise unprocessable(f"'{where}' must be a string, an object, or null.", where)
    if isinstance(q.get("customVector"), dict):
        if len(q) > 1:
            raise unprocessable(f"{where}: extra fields not permitted beside customVector.", where)
        given = known(q["customVector"], {"vector": list, "content": str}, where, "customVector")
        vector = read_vector(given.get("vector"))
        if not vector:
            raise unprocessable(f"{where}.customVector.vector must be a list of numbers.", where, "customVector")
        return Given(vector, given.get("content"))
    if not q:
        raise _refused("Multi-term query requires at least one query. Received empty dictionary.")
    weights = {text: number(weight) for text, weight in q.items()}
    if None in weights.values():
        raise unprocessable(f"'{where}' must hold <string>:<float> pairs: value is not a valid float.", where)
    return {text: weight for text, weight in weights.items() if weight is not None}


def echoed(q: Any) -> Any:
    """`q` as the answer repeats it: a vector with a null where it has no content."""
    if not isinstance(q, dict) or not isinstance(q.get("customVector"), dict):
        return q
    return {"customVector": {"content": None, **q["customVector"]}}


def read_vector(said: Any) -> tuple[float, ...] | None:
    """None for what is no list of numbers."""
    if not isinstance(said, list):
        return None
    numbers = [number(each) for each in said]
    return None if None in numbers else tuple(each for each in numbers if each is not None)


def read_context(said: dict[str, Any] | None) -> Context:
    """Raises ApiError 400."""
    if said is None:
        return Context()
    given = _known(said, CONTEXT, "context")
    if not given:
        raise _refused("At least 1 form of context (tensor or documents) must be provided")
    return Context(tuple(_tensors(given["tensor"])) if "tensor" in given else (), _documents(given.get("documents")))


def _tensors(said: list[Any]) -> Iterable[tuple[tuple[float, ...], float]]:
    if not 1 <= len(said) <= TENSORS_MAX:
        raise _refused(f"context.tensor: The number of tensors must be between 1 and {TENSORS_MAX}")
    for each in said:
        given = _known(each, {"vector": list, "weight": (int, float)}, "context.tensor")
        vector, weight = read_vector(given.get("vector")), number(given.get("weight"))
        if vector is None or weight is None:
            raise _refused("context.tensor must hold objects with a vector of numbers and a weight")
        yield vector, weight


def _documents(said: dict[str, Any] | None) -> ContextDocuments | None:
    if said is None:
        return None
    given = _known(said, DOCUMENTS, "context.documents")
    parameters = _known(given.get("parameters") or {}, PARAMETERS, "context.documents.parameters")
    fields = parameters.get("tensorFields")
    if fields is not None and not (fields and all(isinstance(name, str) for name in fields)):
        raise _refused("context document tensorFields parameter must be non-empty list of field names.")
    return ContextDocuments(
        ids=read_weighed_ids(given.get("ids"), 'context["documents"]["ids"]'),
        tensor_fields=tuple(fields) if fields else None,
        excludes=parameters.get("excludeInputDocuments", True),
        allows_missing=parameters.get("allowMissingDocuments", False),
        allows_bare=parameters.get("allowMissingEmbeddings", False),
    )


def read_weighed_ids(said: Any, where: str) -> dict[str, float]:
    """Ids, each with a weight; of a list each counts the same. Raises ApiError 400."""
    if not said:
        raise _refused(f"No document IDs provided: {where} must be a list of ids, or ids with a weight each.")
    if isinstance(said, list):
        said = [fitted(name, str) for name in said]
        if not all(isinstance(name, str) for name in said):
            raise _refused(f"{where} must hold strings.")
        if len(set(said)) < len(said):
            raise _refused(f"Duplicate document IDs found in {where}.")
        return dict.fromkeys(said, 1.0)
    weights = {name: number(weight) for name, weight in said.items()}
    if None in weights.values():
        raise _refused(f"{where}: each id needs a number as its weight.")
    if not any(weights.values()):
        raise _refused("No documents with non-zero weight provided")
    return {name: weight for name, weight in weights.items() if weight is not None}


def _known(said: Any, fields: dict[str, Kinds], where: str) -> dict[str, Any]:
    """As the server, which reads a context by itself: what does not fit is a 400."""
    try:
        return known(said, fields, *where.split("."))
    except ApiError as error:
        raise _refused(error.message) from error


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
