"""One file with what is known of a stack, masked: for an issue, or what a CI run leaves behind."""

import io
import json
import tarfile
import time
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hippodrome.diagnose.masking import Masker
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import write_atomically


@dataclass(frozen=True)
class Document:
    """One file of the pack: a text, or a value that is written as JSON."""

    path: str
    content: Any

    def masked(self, masker: Masker) -> str:
        if isinstance(self.content, str):
            return masker.text(self.content)
        return json.dumps(masker.value(self.content), indent=1, ensure_ascii=False, default=str) + "\n"


def write_pack(path: Path, documents: Iterable[Document], masker: Masker) -> None:
    """A zip where the name ends so, else a compressed tar; for this user alone. Raises UserError."""
    folder = path.name.removesuffix(".zip").removesuffix(".gz").removesuffix(".tgz").removesuffix(".tar")
    files = {f"{folder}/{each.path}": each.masked(masker).encode(errors="replace") for each in documents}
    packed = _zipped(files) if path.suffix == ".zip" else _tarred(files)
    try:
        write_atomically(path, packed)
    except OSError as error:
        what = f"{path} cannot be written: {error.strerror}"
        problem = Problem("unwritable-report", what, "Name a file in a folder that is there: `hd report FILE`.")
        raise UserError(problem, exit_code=ExitCode.FAILED) from error


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def _tarred(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
