"""Python environments, made by venv and filled by pip. Standard library only.

pip and not a quicker tool, because pip's own configuration (index, proxy, certificates) is what companies rely on.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from hippodrome.bootstrap.tools import Tools

PACKAGE = re.compile(
    r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)"
    r"|Processing (?:.*/)?([A-Za-z0-9._]+)-"  # from a folder of wheels
)

Report = Callable[[str], None]


def make_venv(product: Path, requirements: Path, python: str, report: Report, tools: Tools) -> None:
    """A new environment at `product` with what the file names; `report` hears each package. Raises ToolError."""
    report("pip")
    tools.run([python, "-I", "-m", "venv", str(product)])
    install(product, requirements.name, report, tools, folder=requirements.parent)


def move_scripts(copy: Path, made: Path, product: Path) -> None:
    """In a copy of the environment `made`, scripts name `product` instead. Raises OSError."""
    before, after = os.fsencode(made), os.fsencode(product)
    for path in (copy / "pyvenv.cfg", *(copy / "bin").iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        content, mode = path.read_bytes(), path.stat().st_mode
        if before in content and b"\0" not in content:
            path.unlink()  # the file is the first environment's as well
            path.write_bytes(content.replace(before, after))
            path.chmod(mode)


def install(product: Path, requirements: str, report: Report, tools: Tools, *, folder: Path) -> None:
    """Brings an environment to what the file (relative to `folder`) names. Raises ToolError."""

    def hear(line: str) -> None:
        if found := PACKAGE.match(line):
            report(found[1] or found[2])

    run_pip(product, ["-r", requirements], tools, folder=folder, hear=hear)


def run_pip(
    product: Path, what: list[str], tools: Tools, *, folder: Path | None = None, hear: Report = lambda _: None
) -> None:
    """`pip install` into an environment; never asks. Raises ToolError."""
    flags = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-warn-script-location"]
    pip = [str(product / "bin" / "python"), "-I", "-m", "pip", "install", *flags]
    tools.run([*pip, *what], folder=folder, hear=hear)
