"""Cutting a text into the pieces that get a vector each."""

import re
from collections.abc import Callable
from typing import Any

SENTENCES = re.compile(r"(?<=[.!?])\s+")
PASSAGES = re.compile(r"\n\s*\n")

CUTTERS: dict[str, tuple[Callable[[str], list[str]], str]] = {  # how it is cut, what joins the parts again
    "character": (list, ""),
    "word": (str.split, " "),
    "sentence": (lambda text: SENTENCES.split(text.strip()), " "),
    "passage": (lambda text: PASSAGES.split(text.strip()), "\n\n"),
}


def chunks(text: str, how: dict[str, Any]) -> list[str]:
    """Groups of `splitLength` parts, each group sharing `splitOverlap` with the one before; never none."""
    cut, joint = CUTTERS[how.get("splitMethod", "sentence")]
    length, overlap = how.get("splitLength", 2), how.get("splitOverlap", 0)
    parts = [part for part in cut(text) if part]
    groups = [parts[start : start + length] for start in range(0, max(len(parts) - overlap, 1), length - overlap)]
    return [joint.join(group) for group in groups if group] or [text]
