"""Cutting a text into the pieces that get a vector each."""

from collections.abc import Callable
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.texts import sentences, words

CUTTERS: dict[str, Callable[[str], list[str]]] = {
    "character": list,
    "word": words,
    "sentence": sentences,
    "passage": lambda text: text.split("\n\n"),
}


def chunks(text: str, how: dict[str, Any]) -> list[str]:
    """Groups of `splitLength` parts, each group sharing `splitOverlap` with the one before; never none.

    Raises ApiError 400 for an overlap that leaves nothing to go on by.
    """
    if not text or text.isspace():
        return [" "]
    method = how.get("splitMethod", "sentence")
    length, overlap = how.get("splitLength", 2), how.get("splitOverlap", 0)
    if len(text) == 1:
        return [text]
    if overlap >= length:
        message = f"splitOverlap ({overlap}) must be less than splitLength ({length}) for a text to be cut"
        raise ApiError(400, "invalid_argument", message)
    parts = CUTTERS[method](text)
    groups = [parts[start : start + length] for start in range(0, max(len(parts) - overlap, 1), length - overlap)]
    joint = "" if method == "character" else " "
    return [chunk for group in groups if (chunk := joint.join(group))]
