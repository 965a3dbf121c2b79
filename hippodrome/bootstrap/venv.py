"""Python environments, made by venv and filled by pip. Standard library only.

pip and not a quicker tool, because pip's own configuration (index, proxy, certificates) is what companies rely on.
"""

import os
import re
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path

LAST_LINES = 8
PACKAGE = re.compile(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")

Report = Callable[[str], None]


class VenvError(Exception):
    """It could not be made; the text ends with the tool's last lines."""


def make_venv(product: Path, requirements: Path, python: str, report: Report, log: Path | None = None) -> None:
    """A new environment at `product` with what the file names; `report` hears each package. Raises VenvError."""
    report("pip")
    _run([python, "-m", "venv", str(product)], lambda _: None, log)
    install(product, requirements, report, log)


def install(product: Path, requirements: Path, report: Report, log: Path | None = None) -> None:
    """Brings an environment to what the file names; hashes in it are checked. Raises VenvError."""
    flags = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-warn-script-location"]
    pip = [str(product / "bin" / "python"), "-I", "-m", "pip", "install", *flags, "-r", requirements.name]

    def hear(line: str) -> None:
        if found := PACKAGE.match(line):
            report(found[1])

    _run(pip, hear, log, folder=requirements.parent)


def _run(command: list[str], hear: Report, log: Path | None, folder: Path | None = None) -> None:
    last: deque[str] = deque(maxlen=LAST_LINES)
    with (log.open("a", encoding="utf-8") if log else open(os.devnull, "w")) as copy:  # noqa: PTH123 - no Path for it
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert child.stdout is not None
        with child:
            for line in child.stdout:
                copy.write(line)
                last.append(line)
                hear(line)
    if child.returncode:
        raise VenvError(f"`{' '.join(command[:4])} …` exited with {child.returncode}:\n{''.join(last).rstrip()}")
