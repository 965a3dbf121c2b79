"""docs/faults.md and the tests that are marked so hold each other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def marked() -> Iterator[str]:
    """Every test with the mark, on itself or on its whole file."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marks = (node for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node))
        is_all = any("mark.faults" in ast.unparse(node) for node in marks)
        for node in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            own = any("mark.faults" in ast.unparse(each) for each in node.decorator_list)
            if node.name.startswith("test_") and (is_all or own):
                yield f"{path.relative_to(ROOT)}::{node.name}"


def test_every_test_of_a_fault_is_in_the_document_and_every_one_there_exists() -> None:
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(tests/[^`]+::[^`]+)`", text)) == set(marked())
