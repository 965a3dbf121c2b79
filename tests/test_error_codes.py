"""docs/errors.md and the codes that the product can print."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from hippodrome.cli.main import hd
from hippodrome.cli.output import print_problems
from hippodrome.errors import Problem

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


def test_every_message_says_where_there_is_more_and_it_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    for code in sorted(_printed()):
        print_problems([Problem(code, "what is wrong", "what to do")])
        told = capsys.readouterr().err
        assert told.endswith(f"More: hd explain {code}\n")
        done = CliRunner().invoke(hd, ["explain", code])
        assert done.exit_code == 0
        assert done.output.startswith(f"{code}\n\n")
        assert all(len(line) < 80 for line in done.output.splitlines())


def test_of_several_messages_each_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems(Problem(code, "what", hint) for code, hint in (("syntax", "do"), ("bad-name", "do"), ("x", "")))
    assert capsys.readouterr().err.endswith("More: hd explain CODE\n")
