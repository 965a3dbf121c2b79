"""YAML text as plain values beside the places of all keys and values. Nothing is lost, nothing is guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hippodrome.errors import Place, Problem

QUICK_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is not everywhere
NODES_MAX = 200_000  # an alias bomb is small text and huge values
SCALARS: tuple[tuple[re.Pattern[str], Any], ...] = (  # JSON's types; `on`, `yes` and `1:30` stay text
    (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda _: None),
    (re.compile(r"(?:true|True|TRUE)\Z"), lambda _: True),
    (re.compile(r"(?:false|False|FALSE)\Z"), lambda _: False),
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), int),
    (re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z"), float),
)
MERGE_TAGS = {"!reset": "reset", "!override": "override"}  # compose's own
STANDARD_TAG = re.compile(r"tag:yaml\.org,2002:(?:null|bool|int|float|str|seq|map|timestamp|merge|value)\Z")


@dataclass(frozen=True)
class Tagged:
    """A value that is marked for merging: `reset` drops what lies below, `override` replaces it."""

    how: str
    value: Any


@dataclass
class Document:
    """What a file says. `keys` and `values` give the place of each dotted path's key and value."""

    file: str
    value: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    values: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, path: str, value: Any, place: Place) -> None:
        """Sets the value at a dotted path, for what is not read from a file."""
        *above, last = path.split(".")
        inside = self.value
        for name in above:
            inside = inside.setdefault(name, {})
        inside[last] = value
        self.keys[path] = self.values[path] = place


def read(path: Path, shown: str) -> Document:
    """The document in the file, called `shown` in its places; problems are in it, none is raised."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("unreadable-file", f"cannot be read: {error}", "It must be UTF-8 text.", Place(shown, 1))
        return Document(shown, problems=[problem])
    return parse(text, shown)


def parse(text: str, shown: str, loader: type = QUICK_LOADER) -> Document:
    """The document in the text. `loader`: the C one is 15 times as quick."""
    document = Document(shown)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(error, shown))
        return document
    except yaml.YAMLError as error:  # a character that YAML has no place for
        problem = Problem("syntax", f"not YAML: {error}".splitlines()[0], "Remove that character.", Place(shown, 1))
        document.problems.append(problem)
        return document
    if node is not None:
        _Builder(document).build_root(node)
    return document


def _syntax_problem(error: yaml.MarkedYAMLError, shown: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown, 1)
    said = " ".join(part for part in (error.context, error.problem) if part)
    return Problem("syntax", f"not YAML: {said}", "Check indentation, quotes and brackets there.", place)


class _TooMuchError(Exception):
    """More values than any configuration has."""

    def __init__(self, node: yaml.Node) -> None:
        super().__init__()
        self.node = node


class _Builder:
    """Turns composed nodes into values, noting places as it goes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._built = 0
        self._open: list[int] = []  # nodes that are being built: an alias to one of them would never end

    def build_root(self, node: yaml.Node) -> None:
        if not isinstance(node, yaml.MappingNode):
            self._report(node, "wrong-type", "the file must hold a mapping", "Begin with `services:`.")
            return
        try:
            self._document.value = dict(self._members(node, ""))
        except _TooMuchError as error:
            self._report(error.node, "too-much", f"more than {NODES_MAX} values", "Do aliases multiply here?")

    def _build(self, node: yaml.Node, path: str) -> Any:
        self._built += 1
        if self._built > NODES_MAX:
            raise _TooMuchError(node)
        if id(node) in self._open:
            self._report(node, "endless-alias", "an alias holds itself", "Write the value out.")
            return None
        if path:
            self._document.values[path] = self._place(node)
        self._open.append(id(node))
        value = self._tagged(node, path)
        self._open.pop()
        return value

    def _tagged(self, node: yaml.Node, path: str) -> Any:
        if how := MERGE_TAGS.get(node.tag):
            return Tagged(how, None if how == "reset" else self._plain(node, path))
        if not STANDARD_TAG.match(node.tag):
            self._report(node, "unknown-tag", f"the tag `{node.tag}` means nothing here", "Known: !reset, !override.")
            return None
        return self._plain(node, path)

    def _plain(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            return dict(self._members(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self._build(each, f"{path}.{index}") for index, each in enumerate(node.value)]
        return _scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _members(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, Any]]:
        """Merge keys first, so that the mapping's own win."""
        pairs = node.value
        seen: dict[str, Place] = {}
        for key, value in pairs:
            if isinstance(key, yaml.ScalarNode) and key.value == "<<":
                yield from self._merged(value, path)
        for key, value in pairs:
            if not isinstance(key, yaml.ScalarNode):
                self._report(key, "wrong-type", "a key must be text", "Write a plain word.")
            elif key.value != "<<":
                yield self._member(key, value, path, seen)

    def _member(self, key: yaml.ScalarNode, value: yaml.Node, path: str, seen: dict[str, Place]) -> tuple[str, Any]:
        here = f"{path}.{key.value}" if path else str(key.value)
        place = self._place(key)
        if first := seen.get(key.value):
            said = f"`{key.value}` is set twice, first in line {first.line}"
            self._report(key, "duplicate-key", said, "Keep one of them.")
        seen.setdefault(key.value, place)
        self._document.keys[here] = place
        return key.value, self._build(value, here)

    def _merged(self, node: yaml.Node, path: str) -> Iterator[tuple[str, Any]]:
        nodes = reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        for each in nodes:
            if isinstance(each, yaml.MappingNode):
                yield from self._members(each, path)
            else:
                self._report(each, "wrong-type", "`<<` takes a mapping", "Write `<<: *name`.")

    def _place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        return Place(self._document.file, mark.line + 1, mark.column + 1)  # marks count from 0

    def _report(self, node: yaml.Node, code: str, what: str, hint: str) -> None:
        self._document.problems.append(Problem(code, what, hint, self._place(node)))


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.style in {"'", '"', "|", ">"}:
        return node.value
    for pattern, made in SCALARS:
        if pattern.match(node.value):
            return made(node.value)
    return node.value
