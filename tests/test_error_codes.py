"""docs/errors.md and the codes that the product can print."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*\Z")
MADE_OF_TWO = {"unknown-profile", "unknown-cell"}  # f"unknown-{kind}"


def _printed() -> set[str]:
    files = [path for path in (ROOT / "hippodrome").rglob("*.py") if "services" not in path.parts]
    return {code for path in files for code in _codes(ast.parse(path.read_text(encoding="utf-8")))} | MADE_OF_TWO


def _codes(tree: ast.AST) -> Iterator[str]:
    """What Problem and Missing are given first, Mistake after the path, `_report` after the node or path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = {"Problem": 0, "Missing": 0, "Mistake": 1, "_report": 1}.get(name)
            given = node.args[place] if place is not None and len(node.args) > place else None
            if isinstance(given, ast.Constant) and CODE.match(str(given.value)):
                yield str(given.value)


def test_every_code_is_explained_once_and_no_other() -> None:
    explained = re.findall(r"^### (.+)$", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == _printed()
