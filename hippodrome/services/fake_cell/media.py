"""Pictures, films and sounds: this cell fetches nothing, and says so where the server would say what went wrong.

A pointer is embedded from its own text, so that the same pointer always lies in the same place. What no server could
fetch either is refused: a host that ends in `.invalid`, and a last part of the path that holds `doesnt_exist`.
"""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from hippodrome.services.fake_cell.models import Modality

ENDINGS: dict[str, Modality] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tiff", ".svg"), "image"),
    **dict.fromkeys((".mp4", ".avi", ".mkv", ".mov", ".webm"), "video"),
    **dict.fromkeys((".mp3", ".wav", ".ogg", ".flac", ".m4a", ".aac"), "audio"),
}
SCHEMES = {"http", "https", "s3", "gs"}
DATA = re.compile(r"data:(image|video|audio)/")


def modality_of(text: str) -> Modality:
    """What a text points at: an address without a telling ending counts as a picture, any other text as itself."""
    if data := DATA.match(text):
        return "video" if data[1] == "video" else "audio" if data[1] == "audio" else "image"
    if any(character.isspace() for character in text) or not text:
        return "text"
    scheme, path = _parts(text)
    ending = PurePosixPath(path).suffix.lower()
    if scheme in SCHEMES:
        return ENDINGS.get(ending, "image")
    return ENDINGS.get(ending, "text") if "/" in text and not scheme else "text"


def why_not(pointer: str) -> str | None:
    """Why nothing can be fetched from there; None when it can be pretended."""
    try:
        host = urlsplit(pointer).hostname or ""
    except ValueError as error:
        return str(error)
    if host.endswith(".invalid"):
        return f"the host {host} does not exist"
    if "doesnt_exist" in PurePosixPath(_parts(pointer)[1]).name:
        return "404, there is nothing"
    return None


def _parts(text: str) -> tuple[str, str]:
    """Scheme and path; of what is no address the text itself."""
    try:
        split = urlsplit(text)
    except ValueError:
        return "", text
    return split.scheme.lower(), split.path
